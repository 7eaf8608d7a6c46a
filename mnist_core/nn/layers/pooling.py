"""Layers that make pictures smaller, or lay them out as rows of numbers."""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from mnist_core.errors import InputError
from mnist_core.nn.layers.base import Layer, Shape, Tape, array, array_like, check_range, picture, planes


@dataclass(eq=False)
class MaxPool2D(Layer):
    """Shrinks a picture: of every size x size block only the largest value goes on.

    X [N, H, W, C] to Y [N, H // size, W // size, C]; rows and columns that fill no block are left out.

        Y  = max of X over each block
        dX = dY at the position of that maximum (the first, row by row, of several equal ones); 0 everywhere else

    Computes the same as plain.MaxPool2D.
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
        n, height, width, channels = x.shape
        y = picture(array(tape, "y", (channels, height // self.size, width // self.size, n), x.dtype))
        first, *others = self._corners(x)
        np.copyto(y, first)
        for corner in others:
            np.maximum(y, corner, out=y)
        if tape is not None:
            tape.saved["x"], tape.saved["y"] = x, y
        return y

    def backward(self, dy: np.ndarray, tape: Tape) -> np.ndarray:
        x, y = tape.saved["x"], tape.saved["y"]
        dx = array_like(tape, "dx", x)
        dx[:, self.size * dy.shape[1] :] = 0
        dx[:, :, self.size * dy.shape[2] :] = 0
        # The gradient goes to the one value that was passed on: the first of them where several are equal.
        chosen, waiting = (array_like(tape, name, y, np.dtype(bool)) for name in ("chosen", "waiting"))
        waiting[...] = True
        for corner, dcorner in zip(self._corners(x), self._corners(dx), strict=True):
            np.equal(corner, y, out=chosen)
            chosen &= waiting
            waiting ^= chosen
            np.multiply(dy, chosen, out=dcorner)
        return dx

    def _corners(self, x: np.ndarray) -> list[np.ndarray]:
        """size * size views of x: the upper left values of all blocks, then their right neighbors, and so on."""
        height, width = (side // self.size * self.size for side in x.shape[1:3])
        return [x[:, i : height : self.size, j : width : self.size] for i in range(self.size) for j in range(self.size)]


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
