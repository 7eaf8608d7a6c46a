"""Layers that make training steadier (batch normalization) and keep it from learning by heart (dropout)."""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from mnist_core.errors import InputError
from mnist_core.layers.base import Layer, Shape, Tape, array_like, by_channel, row_sums


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
        if tape is None or tape.rng is None:
            factor = scale / np.sqrt(self.state["variance"] + self.epsilon)
            return x * factor + (shift - self.state["mean"] * factor)
        rows = by_channel(x)
        # Sums over the whole batch, which may be spread over several tapes.
        count = tape.over_batch(np.array(float(rows.shape[1])))
        mean = (tape.over_batch(row_sums(rows)) / count).astype(x.dtype)
        y = array_like(tape, "y", x)
        normalized = array_like(tape, "normalized", x)
        np.subtract(x, mean, out=normalized)
        n_rows = by_channel(normalized)
        variance = (tape.over_batch(np.einsum("cm,cm->c", n_rows, n_rows)) / count).astype(x.dtype)
        inverse_deviation = 1 / np.sqrt(variance + self.epsilon)
        normalized *= inverse_deviation
        if tape.lane == 0:
            for key, batch_value in (("mean", mean), ("variance", variance)):
                self.state[key] += (1 - self.momentum) * (batch_value - self.state[key])
        np.multiply(normalized, scale, out=y)
        y += shift
        tape.saved |= {"normalized": normalized, "inverse deviation": inverse_deviation, "count": count}
        return y

    def backward(self, dy: np.ndarray, tape: Tape) -> np.ndarray:
        normalized = tape.saved["normalized"]
        count = tape.saved["count"]
        rows = by_channel(dy)
        dshift = row_sums(rows, out=tape.gradient("shift", (len(rows),), dy.dtype))
        dscale = np.einsum("cm,cm->c", rows, by_channel(normalized), out=tape.gradient("scale", (len(rows),), dy.dtype))
        # dX = scale / deviation (dY - mean(dY) - normalized mean(dY normalized)): the batch's own mean and variance
        # move with every x, which takes these two averages out of the gradient.
        both = tape.over_batch(np.stack([dscale, dshift])) / count
        both = both.astype(dy.dtype)
        dx = np.multiply(normalized, -both[0], out=normalized)
        dx += dy
        dx -= both[1]
        dx *= self.parameters["scale"] * tape.saved["inverse deviation"]
        return dx


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
        if tape is None or tape.rng is None:
            return x
        kept = tape.rng.random(x.shape, dtype=np.float32) >= self.rate
        factor = tape.saved["factor"] = np.multiply(
            kept, x.dtype.type(1 / (1 - self.rate)), out=array_like(tape, "factor", x)
        )
        return np.multiply(x, factor, out=array_like(tape, "y", x))

    def backward(self, dy: np.ndarray, tape: Tape) -> np.ndarray:
        return np.multiply(dy, tape.saved["factor"], out=dy)
