"""Layers for pictures: convolution, pooling, and the way from a picture to a row of numbers."""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from mnist_core import initializers
from mnist_core.errors import InputError
from mnist_core.layers.base import (
    MAX_PARAMETERS,
    MAX_VALUES,
    Layer,
    Shape,
    Tape,
    check_count,
    check_range,
    column_sums,
    output_array,
)


@dataclass(eq=False)
class Conv2D(Layer):
    """A small window slides over the picture; at each place every filter gives one weighted sum of what it sees.

    X [N, H, W, C], weights [size, size, C, filters], Y [N, H', W', filters]. padding="valid" keeps the window
    inside (H' = H - size + 1); padding="same" surrounds the picture with zeros (H' = H; size must be odd).

    The windows are copied into the rows of one matrix ("im2col", Chellapilla et al. 2006), so that the whole
    convolution is a single matrix product. As in every network library the window is not mirrored
    (cross-correlation).
    """

    name: ClassVar[str] = "conv"
    filters: int
    size: int = 3
    padding: str = "valid"
    weights: str = "he_normal"
    biases: str = "zeros"

    def __post_init__(self) -> None:
        super().__post_init__()
        check_range("conv", "filters", self.filters, 1, 512)
        check_range("conv", "size", self.size, 1, 28)
        if self.padding not in ("valid", "same") or (self.padding == "same" and self.size % 2 == 0):
            raise InputError(
                f"conv: padding is valid, or same with an odd size; found {self.padding}, size {self.size}."
            )
        initializers.check(self.weights)
        if self.biases != "none":
            initializers.check(self.biases)

    def build(self, shape: Shape, rng: np.random.Generator, dtype: np.dtype) -> Shape:
        if len(shape) != 3:
            raise InputError(f"conv {self.filters}: expected height x width x channels, found shape {shape}.")
        height, width, channels = shape
        fan_in, fan_out = self.size**2 * channels, self.size**2 * self.filters
        check_count(f"conv {self.filters}", "weights", fan_in * self.filters, MAX_PARAMETERS)
        values = height * width * max(fan_in, self.filters)
        check_count(f"conv {self.filters}", "values for an image", values, MAX_VALUES)
        kernel = (self.size, self.size, channels, self.filters)
        self.parameters = {"weights": initializers.initialize(self.weights, kernel, fan_in, fan_out, rng, dtype)}
        if self.biases != "none":
            self.parameters["biases"] = initializers.initialize(
                self.biases, (self.filters,), fan_in, fan_out, rng, dtype
            )
        if self.padding == "same":
            return height, width, self.filters
        if min(height, width) < self.size:
            raise InputError(f"conv: a window of {self.size}x{self.size} does not fit into {height}x{width}.")
        return height - self.size + 1, width - self.size + 1, self.filters

    def forward(self, x: np.ndarray, tape: Tape | None = None) -> np.ndarray:
        columns, (n, height, width) = self._windows(x, tape)
        kernel = self.parameters["weights"].reshape(-1, self.filters)
        y = output_array(tape, "y", (n * height * width, self.filters), x.dtype)
        np.matmul(columns, kernel, out=y)
        if "biases" in self.parameters:
            y += self.parameters["biases"]
        if tape is not None:
            tape.saved["x"], tape.saved["columns"] = x, columns
        return y.reshape(n, height, width, self.filters)

    def backward(self, dy: np.ndarray, tape: Tape) -> np.ndarray:
        self.backward_parameters(dy, tape)
        n, height, width, _ = dy.shape
        x = tape.saved["x"]
        # Each window's gradient, then added up wherever windows overlap: one shifted sum for each place in the window.
        dcolumns = tape.buffer("dcolumns", tape.saved["columns"].shape, dy.dtype)
        np.matmul(dy.reshape(-1, self.filters), self.parameters["weights"].reshape(-1, self.filters).T, out=dcolumns)
        windows = dcolumns.reshape(n, height, width, self.size, self.size, x.shape[3])
        margin = self._margin()
        padded = tape.buffer("dx", (n, x.shape[1] + 2 * margin, x.shape[2] + 2 * margin, x.shape[3]), dy.dtype)
        padded[...] = 0
        for i in range(self.size):
            for j in range(self.size):
                padded[:, i : i + height, j : j + width] += windows[:, :, :, i, j]
        return padded[:, margin : margin + x.shape[1], margin : margin + x.shape[2]]

    def backward_parameters(self, dy: np.ndarray, tape: Tape) -> None:
        flat = dy.reshape(-1, self.filters)
        columns = tape.saved["columns"]
        dkernel = tape.buffer("dW", (columns.shape[1], self.filters), dy.dtype)
        np.matmul(columns.T, flat, out=dkernel)
        tape.gradients["weights"] = dkernel.reshape(self.parameters["weights"].shape)
        if "biases" in self.parameters:
            tape.gradients["biases"] = column_sums(flat)

    def _margin(self) -> int:
        return self.size // 2 if self.padding == "same" else 0

    def _windows(self, x: np.ndarray, tape: Tape | None) -> tuple[np.ndarray, tuple[int, int, int]]:
        """The matrix whose rows are windows, [N H' W', size size C], and (N, H', W')."""
        margin = self._margin()
        if margin:
            n, height, width, channels = x.shape
            padded = output_array(tape, "padded", (n, height + 2 * margin, width + 2 * margin, channels), x.dtype)
            padded[...] = 0
            padded[:, margin : margin + height, margin : margin + width] = x
            x = padded
        view = sliding_window_view(x, (self.size, self.size), axis=(1, 2))
        n, height, width, channels = view.shape[:4]
        columns = output_array(tape, "columns", (n * height * width, self.size**2 * channels), x.dtype)
        columns.reshape(n, height, width, self.size, self.size, channels)[...] = view.transpose(0, 1, 2, 4, 5, 3)
        return columns, (n, height, width)


@dataclass(eq=False)
class MaxPool2D(Layer):
    """Shrinks a picture: of every size x size block only the largest value goes on.

    X [N, H, W, C] to Y [N, H // size, W // size, C]; rows and columns that fill no block are left out.
    """

    name: ClassVar[str] = "maxpool"
    size: int = 2

    def __post_init__(self) -> None:
        super().__post_init__()
        check_range("maxpool", "size", self.size, 1, 28)

    def build(self, shape: Shape, rng: np.random.Generator, dtype: np.dtype) -> Shape:
        if len(shape) != 3 or min(shape[:2]) < self.size:
            raise InputError(f"maxpool {self.size}: expected a picture of at least that size, found shape {shape}.")
        return shape[0] // self.size, shape[1] // self.size, shape[2]

    def forward(self, x: np.ndarray, tape: Tape | None = None) -> np.ndarray:
        n, height, width, channels = x.shape
        y = output_array(tape, "y", (n, height // self.size, width // self.size, channels), x.dtype)
        first, *others = self._corners(x)
        np.copyto(y, first)
        for corner in others:
            np.maximum(y, corner, out=y)
        if tape is not None:
            tape.saved["x"], tape.saved["y"] = x, y
        return y

    def backward(self, dy: np.ndarray, tape: Tape) -> np.ndarray:
        x, y = tape.saved["x"], tape.saved["y"]
        dx = tape.buffer("dx", x.shape, dy.dtype)
        covered = self.size * dy.shape[1], self.size * dy.shape[2]
        dx[:, covered[0] :] = 0
        dx[:, :, covered[1] :] = 0
        # The gradient goes to the one value that was passed on: the first of them where several are equal.
        waiting = np.ones(y.shape, dtype=bool)
        for corner, dcorner in zip(self._corners(x), self._corners(dx), strict=True):
            chosen = corner == y
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
    """Lays a picture out as one row of numbers: [N, H, W, C] to [N, H W C]."""

    name: ClassVar[str] = "flatten"

    def build(self, shape: Shape, rng: np.random.Generator, dtype: np.dtype) -> Shape:
        size = 1
        for side in shape:
            size *= side
        return (size,)

    def forward(self, x: np.ndarray, tape: Tape | None = None) -> np.ndarray:
        if tape is not None:
            tape.saved["x"] = x
        return x.reshape(len(x), -1)

    def backward(self, dy: np.ndarray, tape: Tape) -> np.ndarray:
        return dy.reshape(tape.saved["x"].shape)
