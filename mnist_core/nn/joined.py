"""Neighboring layers that a training step takes as one: batch normalization, ReLU and max pooling of pictures.

For speed alone: computes the same as the layers one after the other, up to rounding.

- The largest value of a block stays the largest when all are normalized with a positive scale, and the smallest becomes
  the largest with a negative one. So the deviations from the mean are pooled first, and only what is left is scaled,
  shifted and cut off by the ReLU.
- Going back, only what was passed on has a gradient: the sums that normalization needs go over these few.

Measured in docs/speed.md.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from mnist_core.nn.layers import Layer, Tape
from mnist_core.nn.layers.activations import ReLU
from mnist_core.nn.layers.base import picture, planes, row_sums
from mnist_core.nn.layers.pooling import MaxPool2D, choose_largest, corners, largest_of_blocks
from mnist_core.nn.layers.regularization import BatchNorm

KINDS = (BatchNorm, ReLU, MaxPool2D)
"""In this order; each may be missing, but two are needed."""


@dataclass(frozen=True)
class Joined:
    """A run of `count` layers. normalization: the first of them, or None; relu: whether it has one; size: of the blocks
    of its pooling, or 1.

    In the arrays below, channels come first and N last, as pictures lie in memory: [C, H, W, N].
    """

    count: int
    normalization: BatchNorm | None
    relu: bool
    size: int

    def forward(self, x: np.ndarray, tape: Tape) -> np.ndarray:
        """Outputs [N, H', W', C] for pictures [N, H, W, C]. tape: that of the first of the layers."""
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
            # NumPy compares two arrays several times faster than an array and a number.
            np.maximum(y if self.normalization else pooled, np.zeros(y.shape[1:], y.dtype), out=y)
        tape.saved |= {"values": values, "pooled": pooled, "y": y}
        return picture(y)

    def backward(self, dy: np.ndarray, tape: Tape) -> np.ndarray:
        """The gradient by the pictures, [N, H, W, C], given that by the outputs, [N, H', W', C].

        Gradients by parameters go to `tape`, that of the first of the layers.
        """
        values, pooled, y = (tape.saved[name] for name in ("values", "pooled", "y"))
        dy, get = dy.transpose(3, 1, 2, 0), tape.buffers.get
        slopes = get("slopes", y.shape, y.dtype)
        if self.relu:
            np.multiply(dy, np.greater(y, 0, out=get("passed", y.shape, np.dtype(bool))), out=slopes)
        else:
            np.copyto(slopes, dy)
        places = self.size, self.size, *pooled.shape
        if self.size > 1:
            chosen = get("chosen", places, np.dtype(bool))
            choose_largest(values, pooled, self.size, chosen)
        if self.normalization:
            rows = slopes.reshape(len(slopes), -1)
            sums = row_sums(rows), np.einsum("cm,cm->c", rows, pooled.reshape(rows.shape))
            line = self.normalization.backward_of_batch(*sums, tape)
            slope, per_deviation, constant = (array[:, None, None, None] for array in line)
            slopes *= slope
            # The deviations are used up; other values belong to the layer before.
            dx = np.multiply(values, per_deviation, out=values)
            dx += constant
        else:
            dx = get("dx", values.shape, y.dtype)
            dx[...] = 0
        if self.size > 1:
            targets = corners(dx, self.size)
            targets += np.multiply(slopes, chosen, out=get("shares", places, y.dtype))
        else:
            dx += slopes
        return picture(dx)

    def _pool(self, values: np.ndarray, tape: Tape) -> np.ndarray:
        """Of each block of values [C, H, W, N] the one that becomes the largest."""
        if self.size == 1:
            return values
        channels, height, width, n = values.shape
        high, wide = height // self.size, width // self.size
        out = tape.buffers.get("pooled", (channels, high, wide, n), values.dtype)
        rows = tape.buffers.get("rows", (channels, high, wide * self.size, n), values.dtype)
        falling = self.normalization.parameters["scale"] < 0 if self.normalization else np.zeros(1, bool)
        if falling.any():
            # Few scales ever become negative. The smallest value is the largest of the negative ones.
            sign = np.where(falling, -1, 1).astype(values.dtype)[:, None, None, None]
            largest_of_blocks(values * sign, self.size, rows, out)
            out *= sign
        else:
            largest_of_blocks(values, self.size, rows, out)
        return out


def joined_layers(layers: Sequence[Layer], shapes: Sequence[tuple[int, ...]]) -> dict[int, Joined]:
    """Each run of layers that can be taken as one, by the index of its first. shapes: of what goes into each layer."""
    found: dict[int, Joined] = {}
    start = 0
    while start < len(layers):
        run: list[Layer] = []
        for kind in KINDS if len(shapes[start]) == 3 else ():
            # A subclass may compute something else.
            if start + len(run) < len(layers) and type(layers[start + len(run)]) is kind:
                run.append(layers[start + len(run)])
        if len(run) > 1:
            normalization = run[0] if isinstance(run[0], BatchNorm) else None
            size = run[-1].size if isinstance(run[-1], MaxPool2D) else 1
            found[start] = Joined(len(run), normalization, any(isinstance(layer, ReLU) for layer in run), size)
        start += max(1, len(run))
    return found
