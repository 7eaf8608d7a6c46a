"""The bends between layers, without which a deep network could do no more than a single layer."""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from mnist_core.nn.layers.base import Layer, Tape, array_like


@dataclass(eq=False)
class ReLU(Layer):
    """Lets positive values through and stops the rest: Y = max(X, 0); dX = dY * (1 where X > 0, else 0).

    Computes the same as plain.ReLU. A training step may take it together with its neighbors (`nn/joined.py`). Y > 0
    says where X > 0, so that X need not be kept.
    """

    name: ClassVar[str] = "relu"

    def forward(self, x: np.ndarray, tape: Tape | None = None) -> np.ndarray:
        # NumPy compares two arrays several times faster than an array and a number.
        y = np.maximum(x, zeros_for(x, tape), out=array_like(tape, "y", x))
        if tape is not None:
            tape.saved["y"] = y
        return y

    def backward(self, dy: np.ndarray, tape: Tape) -> np.ndarray:
        y = tape.saved["y"]
        passed = np.greater(y, 0, out=array_like(tape, "passed", y, np.dtype(bool)))
        return np.multiply(dy, passed, out=dy)


@dataclass(eq=False)
class Sigmoid(Layer):
    """Squeezes every value between 0 and 1: Y = 1 / (1 + exp(-X)); dX = dY * Y * (1 - Y).

    Computes the same as plain.Sigmoid.
    """

    name: ClassVar[str] = "sigmoid"

    def forward(self, x: np.ndarray, tape: Tape | None = None) -> np.ndarray:
        y = sigmoid(x, out=array_like(tape, "y", x))
        if tape is not None:
            tape.saved["y"] = y
        return y

    def backward(self, dy: np.ndarray, tape: Tape) -> np.ndarray:
        y = tape.saved["y"]
        return np.multiply(dy, y * (1 - y), out=dy)


@dataclass(eq=False)
class Tanh(Layer):
    """Squeezes every value between -1 and 1: Y = tanh(X); dX = dY * (1 - Y * Y).

    Computes the same as plain.Tanh.
    """

    name: ClassVar[str] = "tanh"

    def forward(self, x: np.ndarray, tape: Tape | None = None) -> np.ndarray:
        y = np.tanh(x, out=array_like(tape, "y", x))
        if tape is not None:
            tape.saved["y"] = y
        return y

    def backward(self, dy: np.ndarray, tape: Tape) -> np.ndarray:
        y = tape.saved["y"]
        return np.multiply(dy, 1 - y * y, out=dy)


@dataclass(eq=False)
class Softmax(Layer):
    """Makes probabilities of scores, as a layer: Y = softmax(X); dX = Y * (dY - sum of dY * Y) in each row.

    Networks seldom need it: the usual loss contains the softmax already.
    """

    name: ClassVar[str] = "softmax"

    def forward(self, x: np.ndarray, tape: Tape | None = None) -> np.ndarray:
        y = softmax(x, out=array_like(tape, "y", x))
        if tape is not None:
            tape.saved["y"] = y
        return y

    def backward(self, dy: np.ndarray, tape: Tape) -> np.ndarray:
        y = tape.saved["y"]
        return y * (dy - (dy * y).sum(axis=1, keepdims=True))


def zeros_for(x: np.ndarray, tape: Tape | None) -> np.ndarray:
    """Zeros to compare x with: for one row, or one channel, of it; NumPy repeats them for the others."""
    shape = (x.shape[1], x.shape[2], len(x)) if x.ndim == 4 else x.shape[1:]
    zeros = tape.saved.get("zeros") if tape is not None else None
    if zeros is None or zeros.shape != shape or zeros.dtype != x.dtype:
        zeros = np.zeros(shape, x.dtype)
        if tape is not None:
            tape.saved["zeros"] = zeros
    return zeros.transpose(2, 0, 1)[..., None] if x.ndim == 4 else zeros


def sigmoid(x: np.ndarray, out: np.ndarray | None = None) -> np.ndarray:
    """1 / (1 + exp(-x)); very low x are raised to where exp(-x) cannot overflow: the result is next to 0 anyway."""
    y = np.maximum(x, -700 if x.dtype == np.float64 else -80, out=out)
    np.negative(y, out=y)
    np.exp(y, out=y)
    y += 1
    return np.reciprocal(y, out=y)


def softmax(logits: np.ndarray, out: np.ndarray | None = None) -> np.ndarray:
    """exp(z) / sum(exp(z)) in each row of [N, classes]; the row's maximum is taken off first, against overflow."""
    y = np.subtract(logits, logits.max(axis=1, keepdims=True), out=out)
    np.exp(y, out=y)
    y /= y.sum(axis=1, keepdims=True)
    return y
