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

    Computes the same as plain.BatchNorm. A training step may take it together with its neighbors (`nn/joined.py`). In
    the paper's letters scale is gamma, shift is beta, mean is mu, variance is sigma^2, and
    x_hat = (X - mu) / sqrt(sigma^2 + epsilon); sums and means below go over all but the channels:

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
        slope, constant = self.line_of_batch(mean, np.einsum("cm,cm->c", rows, rows), count, tape)
        tape.saved["deviation"] = deviation
        y = np.multiply(deviation, slope, out=array_like(tape, "y", x))
        y += constant
        return y

    def line_of_batch(
        self, mean: np.ndarray, squares: np.ndarray, count: int, tape: Tape
    ) -> tuple[np.ndarray, np.ndarray]:
        """What training does to the deviations from `mean`, y = slope deviation + constant: two arrays [C].

        mean, squares: of this thread's part of the batch, the mean and the sum of squared deviations from it, [C];
        count: how many values they are of. Waits for the other threads; the running averages move.
        """
        parts = tape.all_gather(np.stack([np.full_like(mean, count), mean, squares]))
        total = sum(part[0] for part in parts)
        batch_mean = sum(part[0] * part[1] for part in parts) / total
        all_squares = sum(part[2] + part[0] * (part[1] - batch_mean) ** 2 for part in parts)
        variance = all_squares / total
        if tape.thread == 0:
            for key, batch_value in (("mean", batch_mean), ("variance", variance)):
                self.state[key] += (1 - self.momentum) * (batch_value - self.state[key])
        inverse = 1 / np.sqrt(variance + self.epsilon)
        # x_hat is (deviation + offset) inverse: each part of the batch took off its own mean, not the whole batch's.
        offset = mean - batch_mean
        tape.saved |= {"offset": offset, "inverse": inverse, "total": total}
        slope = self.parameters["scale"] * inverse
        return slope, slope * offset + self.parameters["shift"]

    def backward(self, dy: np.ndarray, tape: Tape) -> np.ndarray:
        if not tape.training:
            # Inference: mean and variance were constants that did not depend on x.
            return np.multiply(dy, tape.saved["factor"], out=dy)
        deviation = tape.saved["deviation"]
        rows = by_channel(dy)
        sums = row_sums(rows), np.einsum("cm,cm->c", rows, by_channel(deviation))
        slope, per_deviation, constant = self.backward_of_batch(*sums, tape)
        deviation *= per_deviation
        dy *= slope
        dy += deviation
        dy += constant
        return dy

    def backward_of_batch(
        self, dshift: np.ndarray, products: np.ndarray, tape: Tape
    ) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """What makes dX, which is slope dY + per_deviation deviation + constant: three arrays [C].

        dshift, products: the sum of dY and that of dY * deviation over this thread's part of the batch, [C]. Leaves the
        gradients by scale and shift in the tape, and waits for the other threads.
        """
        offset, inverse = tape.saved["offset"], tape.saved["inverse"]
        np.copyto(tape.gradient("shift", dshift.shape, dshift.dtype), dshift)
        dscale = tape.gradient("scale", dshift.shape, dshift.dtype)
        np.multiply(products + offset * dshift, inverse, out=dscale)
        # dX = gamma / sqrt(sigma^2 + epsilon) (dY - mean(dY) - x_hat mean(dY x_hat)): the batch's own mean and variance
        # move with every x, which takes these two averages out of the gradient.
        mean_dshift, mean_dscale = sum(tape.all_gather(np.stack([dshift, dscale]))) / tape.saved["total"]
        slope = self.parameters["scale"] * inverse
        per_deviation = -slope * inverse * mean_dscale
        return slope, per_deviation, per_deviation * offset - slope * mean_dshift


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
