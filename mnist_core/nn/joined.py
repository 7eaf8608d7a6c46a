"""Neighboring layers that a training step takes as one: batch normalization, ReLU and max pooling of pictures.

For speed alone: computes the same as the layers one after the other, up to rounding.

- The largest value of a block stays the largest when all are normalized with a positive scale, and the smallest becomes
  the largest with a negative one. So the deviations from the mean are pooled first, and only what is left is scaled,
  shifted and cut off by the ReLU.
- Going back, only what was passed on has a gradient: the sums that normalization needs go over these few.

Where several values of a block become equal only by what is done to them, one layer after the other chooses the first
of them for the gradient, and this the largest. Measured in docs/speed.md.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from mnist_core.nn.layers import Layer, Tape
from mnist_core.nn.layers.activations import ReLU, zeros_for
from mnist_core.nn.layers.base import picture, planes, row_sums
from mnist_core.nn.layers.pooling import MaxPool2D, choose_largest, corners, largest_of_blocks
from mnist_core.nn.layers.regularization import BatchNorm

KINDS = (BatchNorm, ReLU, MaxPool2D)
"""In this order. Each may be missing, but a run has two at least."""


@dataclass(frozen=True)
class Joined:
    """A run of layers. normalization: the first of them, or None; relu: whether it has one; size: of the blocks of its
    pooling, or 1.

    Takes the place of a layer in training: the tape is that of the first of the layers, which alone may have
    parameters. In the arrays below, channels come first and N last, as pictures lie in memory: [C, H, W, N].
    """

    normalization: BatchNorm | None
    relu: bool
    size: int

    def forward(self, x: np.ndarray, tape: Tape) -> np.ndarray:
        """Outputs [N, H', W', C] for pictures [N, H, W, C]."""
        x, get = planes(x), tape.buffers.get
        channels, height, width, n = x.shape
        values = x
        if self.normalization:
            rows = x.reshape(channels, -1)
            mean = row_sums(rows) / rows.shape[1]
            values = np.subtract(x, mean[:, None, None, None], out=get("deviation", x.shape, x.dtype))
            rows = values.reshape(channels, -1)
            squares = np.einsum("cm,cm->c", rows, rows)
        pooled = self._pool(values, tape)
        y = get("y", pooled.shape, x.dtype)
        if self.normalization:
            line = self.normalization.line_of_batch(mean, squares, height * width * n, tape)
            slope, constant = (array[:, None, None, None] for array in line)
            np.multiply(pooled, slope, out=y)
            y += constant
        if self.relu:
            np.maximum(y if self.normalization else pooled, zeros_for(picture(y), tape).transpose(3, 1, 2, 0), out=y)
        tape.saved |= {"values": values, "pooled": pooled, "y": y}
        return picture(y)

    def backward(self, dy: np.ndarray, tape: Tape) -> np.ndarray:
        """The gradient by the pictures, [N, H, W, C], given that by the outputs, [N, H', W', C].

        Gradients by parameters go to the tape.
        """
        values, pooled, y = (tape.saved[name] for name in ("values", "pooled", "y"))
        dy, get = dy.transpose(3, 1, 2, 0), tape.buffers.get
        gradient = get("gradient", y.shape, y.dtype)
        if self.relu:
            np.multiply(dy, np.greater(y, 0, out=get("passed", y.shape, np.dtype(bool))), out=gradient)
        else:
            np.copyto(gradient, dy)
        if not self.normalization:
            if self.size == 1:
                return picture(gradient)
            dx = get("dx", values.shape, y.dtype)
            dx[...] = 0
            np.multiply(gradient, self._chosen(values, pooled, tape), out=corners(dx, self.size))
            return picture(dx)
        rows = gradient.reshape(len(gradient), -1)
        sums = row_sums(rows), np.einsum("cm,cm->c", rows, pooled.reshape(rows.shape))
        factors = self.normalization.backward_of_batch(*sums, tape)
        slope, per_deviation, constant = (array[:, None, None, None] for array in factors)
        gradient *= slope
        if self.size > 1:
            chosen = self._chosen(values, pooled, tape)
            share = np.multiply(gradient, chosen, out=get("share", chosen.shape, y.dtype))
        # The deviations are used up.
        dx = np.multiply(values, per_deviation, out=values)
        dx += constant
        if self.size > 1:
            targets = corners(dx, self.size)
            targets += share
        else:
            dx += gradient
        return picture(dx)

    def backward_parameters(self, dy: np.ndarray, tape: Tape) -> None:
        """As that of a layer."""
        self.backward(dy, tape)

    def _pool(self, values: np.ndarray, tape: Tape) -> np.ndarray:
        """Of each block of values [C, H, W, N] the one that becomes the largest."""
        if self.size == 1:
            return values
        get, (channels, height, width, n) = tape.buffers.get, values.shape
        high, wide = height // self.size, width // self.size
        out = get("pooled", (channels, high, wide, n), values.dtype)
        rows = get("rows", (channels, high, wide * self.size, n), values.dtype)
        falling = self.normalization.parameters["scale"] < 0 if self.normalization else np.zeros(1, bool)
        if falling.any():
            # Few scales ever become negative. The smallest value is the largest of the negative ones.
            sign = np.where(falling, -1, 1).astype(values.dtype)[:, None, None, None]
            turned = np.multiply(values, sign, out=get("turned", values.shape, values.dtype))
            largest_of_blocks(turned, self.size, rows, out)
            out *= sign
        else:
            largest_of_blocks(values, self.size, rows, out)
        return out

    def _chosen(self, values: np.ndarray, pooled: np.ndarray, tape: Tape) -> np.ndarray:
        """Which values were passed on, as `choose_largest` tells it."""
        chosen = tape.buffers.get("chosen", (self.size, self.size, *pooled.shape), np.dtype(bool))
        choose_largest(values, pooled, self.size, chosen)
        return chosen


def training_steps(layers: Sequence[Layer], shapes: Sequence[tuple[int, ...]]) -> list[tuple[int, Layer | Joined]]:
    """What a training step goes through: layers and joined runs, each with the index of its (first) layer.

    shapes: of what goes into each layer, without N.
    """
    steps: list[tuple[int, Layer | Joined]] = []
    number = 0
    while number < len(layers):
        run: list[Layer] = []
        for kind in KINDS if len(shapes[number]) == 3 else ():
            # A subclass may compute something else.
            if number + len(run) < len(layers) and type(layers[number + len(run)]) is kind:
                run.append(layers[number + len(run)])
        if len(run) > 1:
            normalization = run[0] if isinstance(run[0], BatchNorm) else None
            size = run[-1].size if isinstance(run[-1], MaxPool2D) else 1
            steps.append((number, Joined(normalization, any(isinstance(layer, ReLU) for layer in run), size)))
        else:
            steps.append((number, layers[number]))
        number += max(1, len(run))
    return steps
