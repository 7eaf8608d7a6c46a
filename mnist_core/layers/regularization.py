"""Layers that make training steadier (batch normalization) and keep it from learning by heart (dropout)."""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from mnist_core.errors import InputError
from mnist_core.layers.base import Layer, Shape, Tape, column_sums


@dataclass(eq=False)
class BatchNorm(Layer):
    """Each channel is shifted and scaled to mean 0 and variance 1, then by two learned numbers (Ioffe, Szegedy 2015).

    Y = scale (X - mean) / sqrt(variance + epsilon) + shift. While training, mean and variance are the batch's own;
    a running average of them, new = momentum old + (1 - momentum) batch, is kept for reading.
    X [N, ..., C]; everything but the last axis is averaged over.
    """

    name: ClassVar[str] = "batchnorm"
    mixes_images: ClassVar[bool] = True
    momentum: float = 0.9
    epsilon: float = 1e-5

    def __post_init__(self) -> None:
        super().__post_init__()
        if not 0 <= self.momentum < 1 or not 0 < self.epsilon < 1:
            raise InputError("batchnorm: momentum is from 0 to below 1, epsilon between 0 and 1.")

    def build(self, shape: Shape, rng: np.random.Generator, dtype: np.dtype) -> Shape:
        channels = shape[-1]
        self.parameters = {"scale": np.ones(channels, dtype), "shift": np.zeros(channels, dtype)}
        self.state = {"mean": np.zeros(channels, dtype), "variance": np.ones(channels, dtype)}
        return shape

    def forward(self, x: np.ndarray, tape: Tape | None = None) -> np.ndarray:
        scale, shift = self.parameters["scale"], self.parameters["shift"]
        if tape is None:
            factor = scale / np.sqrt(self.state["variance"] + self.epsilon)
            return x * factor + (shift - self.state["mean"] * factor)
        rows = x.reshape(-1, x.shape[-1])
        mean = column_sums(rows) / len(rows)
        normalized = np.subtract(rows, mean, out=tape.buffer("normalized", rows.shape, x.dtype))
        variance = np.einsum("nc,nc->c", normalized, normalized) / len(rows)
        inverse_deviation = 1 / np.sqrt(variance + self.epsilon)
        normalized *= inverse_deviation
        for key, batch_value in (("mean", mean), ("variance", variance)):
            self.state[key] += (1 - self.momentum) * (batch_value - self.state[key])
        y = np.multiply(normalized, scale, out=tape.buffer("y", rows.shape, x.dtype))
        y += shift
        tape.saved["normalized"], tape.saved["inverse deviation"] = normalized, inverse_deviation
        return y.reshape(x.shape)

    def backward(self, dy: np.ndarray, tape: Tape) -> np.ndarray:
        normalized = tape.saved["normalized"]
        rows = dy.reshape(-1, dy.shape[-1])
        dshift = column_sums(rows)
        dscale = np.einsum("nc,nc->c", rows, normalized)
        tape.gradients["scale"], tape.gradients["shift"] = dscale, dshift
        # dX = scale / deviation (dY - mean(dY) - normalized mean(dY normalized)): the batch's own mean and variance
        # move with every x, which takes these two averages out of the gradient.
        dx = np.multiply(normalized, -dscale / len(rows), out=tape.buffer("dx", rows.shape, dy.dtype))
        dx += rows
        dx -= dshift / len(rows)
        dx *= self.parameters["scale"] * tape.saved["inverse deviation"]
        return dx.reshape(dy.shape)


@dataclass(eq=False)
class Dropout(Layer):
    """While training, switches off each value with probability `rate` and scales up the rest (Srivastava et al. 2014).

    The scaling by 1 / (1 - rate) keeps the expected value, so that reading needs no change.
    """

    name: ClassVar[str] = "dropout"
    rate: float = 0.5

    def __post_init__(self) -> None:
        super().__post_init__()
        if not 0 <= self.rate < 1:
            raise InputError(f"dropout: expected a rate from 0 to below 1, found {self.rate:g}.")

    def forward(self, x: np.ndarray, tape: Tape | None = None) -> np.ndarray:
        if tape is None:
            return x
        kept = tape.rng.random(x.shape, dtype=np.float32) >= self.rate
        factor = tape.saved["factor"] = np.multiply(
            kept, x.dtype.type(1 / (1 - self.rate)), out=tape.buffer("factor", x.shape, x.dtype)
        )
        return np.multiply(x, factor, out=tape.buffer("y", x.shape, x.dtype))

    def backward(self, dy: np.ndarray, tape: Tape) -> np.ndarray:
        return np.multiply(dy, tape.saved["factor"], out=tape.buffer("dx", dy.shape, dy.dtype))
