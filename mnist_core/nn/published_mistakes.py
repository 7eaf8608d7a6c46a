"""Mistakes that published programs made, each as one small piece, so that a class can see what it costs.

None of them is the default of anything; only the recipes that reproduce those programs name them.
"""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from mnist_core.errors import InputError
from mnist_core.nn.layers import Layer, Tape, softmax
from mnist_core.nn.layers.base import Shape
from mnist_core.nn.layers.dense import Dense
from mnist_core.nn.losses import Loss, SoftmaxCrossEntropy, SquaredError, share


@dataclass(eq=False)
class OneBiasGradient(Dense):
    """A dense layer whose bias gradient is summed over the rows and, by mistake, over the units too.

    All biases of the layer get the same gradient, so they can only move together.
    """

    name: ClassVar[str] = "dense_one_bias_gradient"

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.biases == "none":
            raise InputError("dense_one_bias_gradient: expected biases, which its mistake is about; found none.")

    def backward_parameters(self, dy: np.ndarray, tape: Tape) -> None:
        super().backward_parameters(dy, tape)
        tape.gradients["biases"][...] = dy.sum()


@dataclass(eq=False)
class BatchSoftmax(Layer):
    """A softmax that is normalized, by mistake, over the pictures of the batch instead of over the classes.

    Y = exp(X - max of the whole batch), every column divided by its sum. The second mistake: backward uses the
    diagonal of the softmax's Jacobian alone, dX = dY Y (1 - Y).

    A picture alone would be 1 in every column. In inference, `level`, a running average of the logarithm of each
    column's mean, stands for the batch that is not there: the answer is softmax(X - level).
    """

    name: ClassVar[str] = "batch_softmax"
    mixes_images: ClassVar[bool] = True

    def build(self, shape: Shape, rng: np.random.Generator, dtype: np.dtype) -> None:
        self.state = {"level": np.zeros(shape, dtype)}

    def forward(self, x: np.ndarray, tape: Tape | None = None) -> np.ndarray:
        if tape is None or not tape.training:
            y = softmax(x - self.state["level"])
            if tape is not None:
                tape.saved["y"] = y
            return y
        highest = max(tape.all_gather(x.max()))
        y = np.exp(x - highest)
        sums = sum(tape.all_gather(y.sum(axis=0)))
        count = sum(tape.all_gather(np.array(len(x))))
        if tape.thread == 0:
            level = self.state["level"]
            level += 0.01 * (np.log(sums / count) + highest - level)
        y /= sums
        tape.saved["y"] = y
        return y

    def backward(self, dy: np.ndarray, tape: Tape) -> np.ndarray:
        y = tape.saved["y"]
        if not tape.training:
            # In inference the layer is a softmax over the classes, with its true derivative.
            return y * (dy - (dy * y).sum(axis=1, keepdims=True))
        return dy * y * (1 - y)


@dataclass(frozen=True)
class WrongDivisor(SoftmaxCrossEntropy):
    """Softmax cross-entropy whose gradient is divided by a fixed number instead of by the rows of the batch."""

    name: ClassVar[str] = "wrong_divisor"
    divisor: int

    def __call__(self, scores: np.ndarray, digits: np.ndarray, rows: int = 0) -> tuple[float, np.ndarray]:
        loss, gradient = super().__call__(scores, digits, rows)
        gradient *= (rows or len(scores)) / self.divisor
        return loss, gradient


@dataclass(frozen=True)
class DigitDifference(SquaredError):
    """Squared error, but what is shown as the loss is the mean squared difference of the digits themselves.

    A 9 taken for a 1 counts 64, an 8 taken for a 9 counts 1, as if digits were quantities.
    """

    name: ClassVar[str] = "digit_difference"

    def __call__(self, scores: np.ndarray, digits: np.ndarray, rows: int = 0) -> tuple[float, np.ndarray]:
        _, gradient = super().__call__(scores, digits, rows)
        difference = scores.argmax(axis=1) - digits.astype(np.int64)
        return float((difference * difference).mean()) * share(scores, rows), gradient


MISTAKEN_LAYERS: dict[str, type[Layer]] = {cls.name: cls for cls in (OneBiasGradient, BatchSoftmax)}
MISTAKEN_LOSSES: dict[str, type[Loss]] = {cls.name: cls for cls in (WrongDivisor, DigitDifference)}
