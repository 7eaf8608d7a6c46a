"""Layers that make pictures smaller, or lay them out as rows of numbers."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from mnist_core.errors import InputError
from mnist_core.nn.layers.base import Layer, Shape, Tape, array, check_range, picture, planes


@dataclass(eq=False)
class MaxPool2D(Layer):
    """Shrinks a picture: of every size x size block only the largest value goes on.

    X [N, H, W, C] to Y [N, H // size, W // size, C]; rows and columns that fill no block are left out.

        Y  = max of X over each block
        dX = dY at the position of that maximum (the first, row by row, of several equal ones); 0 everywhere else

    Computes the same as plain.MaxPool2D. A training step may take it together with its neighbors (`nn/joined.py`).
    """

    name: ClassVar[str] = "maxpool"
    size: int = 2

    def __post_init__(self) -> None:
        super().__post_init__()
        check_range("maxpool", "size", self.size, 1, 28)

    def output_shape(self, shape: Shape) -> Shape:
        if len(shape) != 3 or min(shape[:2]) < self.size:
            raise InputError(f"maxpool {self.size}: expected a picture of at least that size, found shape {shape}.")
        return shape[0] // self.size, shape[1] // self.size, shape[2]

    def forward(self, x: np.ndarray, tape: Tape | None = None) -> np.ndarray:
        x = planes(x)
        channels, height, width, n = x.shape
        rows = array(tape, "rows", (channels, height // self.size, width // self.size * self.size, n), x.dtype)
        y = array(tape, "y", (channels, height // self.size, width // self.size, n), x.dtype)
        largest_of_blocks(x, self.size, rows, y)
        if tape is not None:
            tape.saved["x"], tape.saved["y"] = x, y
        return picture(y)

    def backward(self, dy: np.ndarray, tape: Tape) -> np.ndarray:
        x, y = tape.saved["x"], tape.saved["y"]
        dx = tape.buffers.get("dx", x.shape, dy.dtype)
        dx[:, self.size * y.shape[1] :] = 0
        dx[:, :, self.size * y.shape[2] :] = 0
        chosen = tape.buffers.get("chosen", (self.size, self.size, *y.shape), np.dtype(bool))
        choose_largest(x, y, self.size, chosen)
        np.multiply(dy.transpose(3, 1, 2, 0), chosen, out=corners(dx, self.size))
        return picture(dx)


def corners(x: np.ndarray, size: int) -> np.ndarray:
    """A view of planes [C, H, W, N] as [size, size, C, H // size, W // size, N]: by the place in a block.

    Rows and columns that fill no block are left out.
    """
    channels, height, width, n = x.shape
    high, wide = height // size, width // size
    blocks = x[:, : high * size, : wide * size].reshape(channels, high, size, wide, size, n)
    return blocks.transpose(2, 4, 0, 1, 3, 5)


def largest_of_blocks(x: np.ndarray, size: int, rows: np.ndarray, out: np.ndarray) -> None:
    """out, [C, H // size, W // size, N]: the largest value of each block in planes x [C, H, W, N].

    rows: room for the largest of each column of a block, [C, H // size, W // size * size, N].
    """
    channels, high, width, n = rows.shape
    x = x[:, : high * size, :width].reshape(channels, high, size, width, n)
    largest([x[:, :, i] for i in range(size)], rows)
    columns = rows.reshape(channels, high, width // size, size, n)
    largest([columns[:, :, :, j] for j in range(size)], out)


def largest(arrays: Sequence[np.ndarray], out: np.ndarray) -> np.ndarray:
    """The largest value at each place of arrays of the same shape."""
    np.maximum(arrays[0], arrays[-1], out=out)
    for other in arrays[1:-1]:
        np.maximum(out, other, out=out)
    return out


def choose_largest(x: np.ndarray, y: np.ndarray, size: int, chosen: np.ndarray) -> None:
    """chosen, bool, as `corners` of x: where the largest value y of a block is, the first where several are equal."""
    np.equal(corners(x, size), y, out=chosen)
    places = chosen.reshape(size * size, -1)
    before = places[0].copy()
    for place in places[1:]:
        # True > False: here, and not before.
        np.greater(place, before, out=place)
        np.logical_or(before, place, out=before)


@dataclass(eq=False)
class Flatten(Layer):
    """Lays a picture out as one row of numbers: Y is X [N, H, W, C] as [N, H W C]; dX is dY as [N, H, W, C].

    Computes the same as plain.Flatten; the order in memory is for speed alone.
    """

    name: ClassVar[str] = "flatten"

    def output_shape(self, shape: Shape) -> Shape:
        size = 1
        for side in shape:
            size *= side
        return (size,)

    def forward(self, x: np.ndarray, tape: Tape | None = None) -> np.ndarray:
        if tape is not None:
            tape.saved["x"] = x
        if x.ndim == 2:
            return x
        if x.flags.c_contiguous:
            return x.reshape(len(x), -1)
        # The N values of one pixel stay neighbors in memory; BLAS takes the matrix in either order.
        rows = array(tape, "rows", (*x.shape[1:], len(x)), x.dtype)
        np.copyto(rows, planes(x).transpose(1, 2, 0, 3))
        return rows.reshape(-1, len(x)).T

    def backward(self, dy: np.ndarray, tape: Tape) -> np.ndarray:
        shape = tape.saved["x"].shape
        if dy.flags.c_contiguous or len(shape) == 2:
            return dy.reshape(shape)
        return dy.T.reshape(*shape[1:], shape[0]).transpose(3, 0, 1, 2)
