"""Layers that make training steadier (batch normalization) and keep it from learning by heart (dropout)."""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from mnist_core.errors import InputError
from mnist_core.nn.layers.base import Layer, Shape, Tape, array_like, by_channel, row_sums


@dataclass(eq=False)
class BatchNorm(Layer):
    """Each channel is shifted and scaled to mean 0 and variance 1, then by two learned numbers (Ioffe, Szegedy 2015).

    Y = scale (X - mean) / sqrt(variance + epsilon) + shift. While training, mean and variance are the batch's own;
    a running average of them, new = momentum old + (1 - momentum) batch, is kept for inference.
    X [N, ..., C]; everything but the last axis is averaged over.

    Computes the same as plain.BatchNorm. In the paper's letters scale is gamma, shift is beta, mean is mu, variance is
    sigma^2, and x_hat = (X - mu) / sqrt(sigma^2 + epsilon); sums and means below go over all but the channels:

        dgamma = sum of dY * x_hat
        dbeta  = sum of dY
        dX     = gamma / sqrt(sigma^2 + epsilon) * (dY - mean of dY - x_hat * mean of (dY * x_hat))

    This dX is what the paper's dx_hat, dsigma^2 and dmu come to when each is put into the next: x_hat has mean 0, so
    that the sum over X - mu in dmu vanishes. In inference mu and sigma^2 are constants:
    dX = gamma / sqrt(sigma^2 + epsilon) * dY.
    """

    name: ClassVar[str] = "batchnorm"
    mixes_images: ClassVar[bool] = True
    momentum: float = 0.9
    epsilon: float = 1e-5

    def __post_init__(self) -> None:
        super().__post_init__()
        if not 0 <= self.momentum < 1 or not 0 < self.epsilon < 1:
            raise InputError("batchnorm: momentum is from 0 to below 1, epsilon between 0 and 1.")

    def parameter_shapes(self, shape: Shape) -> dict[str, Shape]:
        return {"scale": shape[-1:], "shift": shape[-1:]}

    def build(self, shape: Shape, rng: np.random.Generator, dtype: np.dtype) -> None:
        channels = shape[-1]
        self.parameters = {"scale": np.ones(channels, dtype), "shift": np.zeros(channels, dtype)}
        self.state = {"mean": np.zeros(channels, dtype), "variance": np.ones(channels, dtype)}

    def as_line(self) -> tuple[np.ndarray, np.ndarray]:
        """What the layer does in inference, y = factor x + offset: two arrays [C]."""
        factor = self.parameters["scale"] / np.sqrt(self.state["variance"] + self.epsilon)
        return factor, self.parameters["shift"] - self.state["mean"] * factor

    def forward(self, x: np.ndarray, tape: Tape | None = None) -> np.ndarray:
        scale, shift = self.parameters["scale"], self.parameters["shift"]
        if tape is None or not tape.training:
            factor, offset = self.as_line()
            y = np.multiply(x, factor, out=array_like(tape, "y", x))
            y += offset
            if tape is not None:
                tape.saved["factor"] = factor
            return y
        # Mean and squared deviations of this part of the batch, then of all parts together (Chan et al. 1979).
        rows = by_channel(x)
        count = rows.shape[1]
        mean = row_sums(rows) / count
        deviation = np.subtract(x, mean, out=array_like(tape, "deviation", x))
        rows = by_channel(deviation)
        parts = tape.all_gather(np.stack([np.full_like(mean, count), mean, np.einsum("cm,cm->c", rows, rows)]))
        total = sum(part[0] for part in parts)
        batch_mean = sum(part[0] * part[1] for part in parts) / total
        squares = sum(part[2] + part[0] * (part[1] - batch_mean) ** 2 for part in parts)
        variance = squares / total
        if tape.thread == 0:
            for key, batch_value in (("mean", batch_mean), ("variance", variance)):
                self.state[key] += (1 - self.momentum) * (batch_value - self.state[key])
        inverse = 1 / np.sqrt(variance + self.epsilon)
        offset = mean - batch_mean
        y = np.multiply(deviation, scale * inverse, out=array_like(tape, "y", x))
        y += scale * inverse * offset + shift
        tape.saved |= {"deviation": deviation, "offset": offset, "inverse": inverse, "total": total}
        return y

    def backward(self, dy: np.ndarray, tape: Tape) -> np.ndarray:
        if not tape.training:
            # Inference: mean and variance were constants that did not depend on x.
            return np.multiply(dy, tape.saved["factor"], out=dy)
        # x_hat is (deviation + offset) inverse: each part of the batch took off its own mean, not the whole batch's.
        deviation, offset, inverse = tape.saved["deviation"], tape.saved["offset"], tape.saved["inverse"]
        rows = by_channel(dy)
        dshift = row_sums(rows, out=tape.gradient("shift", (len(rows),), dy.dtype))
        dscale = tape.gradient("scale", (len(rows),), dy.dtype)
        np.einsum("cm,cm->c", rows, by_channel(deviation), out=dscale)
        dscale += offset * dshift
        dscale *= inverse
        # dX = gamma / sqrt(sigma^2 + epsilon) (dY - mean(dY) - x_hat mean(dY x_hat)): the batch's own mean and variance
        # move with every x, which takes these two averages out of the gradient.
        mean_dshift, mean_dscale = sum(tape.all_gather(np.stack([dshift, dscale]))) / tape.saved["total"]
        slope = self.parameters["scale"] * inverse
        per_deviation = -slope * inverse * mean_dscale
        deviation *= per_deviation
        dy *= slope
        dy += deviation
        dy += per_deviation * offset - slope * mean_dshift
        return dy


@dataclass(eq=False)
class Dropout(Layer):
    """While training, switches off each value with probability `rate` and scales up the rest (Srivastava et al. 2014).

    Y = X * R and dX = dY * R, where R is 0 with probability rate, else 1 / (1 - rate): the scaling keeps the expected
    value, so that inference needs no change. Computes the same as plain.Dropout.
    """

    name: ClassVar[str] = "dropout"
    rate: float = 0.5

    def __post_init__(self) -> None:
        super().__post_init__()
        if not 0 <= self.rate < 1:
            raise InputError(f"dropout: expected a rate from 0 to below 1, found {self.rate:g}.")

    def forward(self, x: np.ndarray, tape: Tape | None = None) -> np.ndarray:
        if tape is None or not tape.training:
            return x
        if tape.rng is None:
            raise ValueError("dropout needs a tape with a random source to train")
        kept = tape.rng.random(x.shape, dtype=np.float32) >= self.rate
        factor = tape.saved["factor"] = np.multiply(
            kept, x.dtype.type(1 / (1 - self.rate)), out=array_like(tape, "factor", x)
        )
        return np.multiply(x, factor, out=array_like(tape, "y", x))

    def backward(self, dy: np.ndarray, tape: Tape) -> np.ndarray:
        return np.multiply(dy, tape.saved["factor"], out=dy) if tape.training else dy
