"""The convolution: one small window, the same everywhere in the picture."""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from mnist_core.errors import InputError
from mnist_core.nn import initializers
from mnist_core.nn.layers import row_tiles, tiles
from mnist_core.nn.layers.base import (
    MAX_PARAMETERS,
    MAX_VALUES,
    Layer,
    Shape,
    Tape,
    check_count,
    check_range,
    picture,
    planes,
    row_sums,
)
from mnist_core.nn.layers.columns import Columns
from mnist_core.nn.layers.ways import Way

WORTH_IT = 0.8
"""Tiles need several passes over memory: they have to save at least a fifth of the multiplications."""


@dataclass(eq=False)
class Conv2D(Layer):
    """A small window slides over the picture; at each position every filter gives one weighted sum of what it sees.

    X [N, H, W, C], weights [size, size, C, filters], Y [N, H', W', filters]. padding="valid" keeps the window
    inside (H' = H - size + 1); padding="same" surrounds the picture with zeros (H' = H; size must be odd). In the
    formulas X is the picture with these zeros; dX is then cut back.

        Y[n, h, w, f]  = sum over i, j, c of  X[n, h + i, w + j, c] W[i, j, c, f]  + b[f]
        dX[n, p, q, c] = sum over i, j, f of  dY[n, p - i, q - j, f] W[i, j, c, f]  where dY has such a position
        dW[i, j, c, f] = sum over n, h, w of  X[n, h + i, w + j, c] dY[n, h, w, f]
        db[f]          = sum over n, h, w of  dY[n, h, w, f]

    Computes the same as plain.Conv2D; columns and tiles are for speed alone. As in every network library the window is
    not mirrored (cross-correlation). `columns` makes products of matrices of it; where they save enough
    multiplications, `tiles` or `row_tiles` compute the same in another way.
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

    def output_shape(self, shape: Shape) -> Shape:
        if len(shape) != 3:
            raise InputError(f"conv {self.filters}: expected height x width x channels, found shape {shape}.")
        height, width, channels = shape
        fan_in = self.size**2 * channels
        check_count(f"conv {self.filters}", "weights", fan_in * self.filters, MAX_PARAMETERS)
        values = height * width * max(fan_in, self.filters)
        check_count(f"conv {self.filters}", "values for an image", values, MAX_VALUES)
        if self.padding == "same":
            return height, width, self.filters
        if min(height, width) < self.size:
            raise InputError(f"conv: a window of {self.size}x{self.size} does not fit into {height}x{width}.")
        return height - self.size + 1, width - self.size + 1, self.filters

    def parameter_shapes(self, shape: Shape) -> dict[str, Shape]:
        kernel = (self.size, self.size, shape[2], self.filters)
        return {"weights": kernel} | ({} if self.biases == "none" else {"biases": (self.filters,)})

    def build(self, shape: Shape, rng: np.random.Generator, dtype: np.dtype) -> None:
        fan_in, fan_out = self.size**2 * shape[2], self.size**2 * self.filters
        self.parameters = {
            name: initializers.initialize(getattr(self, name), size, fan_in, fan_out, rng, dtype)
            for name, size in self.parameter_shapes(shape).items()
        }

    def forward(self, x: np.ndarray, tape: Tape | None = None) -> np.ndarray:
        x = planes(x)
        y = self._way(x).forward(x, tape)
        if "biases" in self.parameters:
            y += self.parameters["biases"][:, None, None, None]
        if tape is not None:
            tape.saved["x"] = x
        return picture(y)

    def backward(self, dy: np.ndarray, tape: Tape) -> np.ndarray:
        dy, way = planes(dy), self._way(tape.saved["x"])
        self._parameters_from(dy, way, tape)
        return picture(way.backward_input(dy, tape))

    def backward_parameters(self, dy: np.ndarray, tape: Tape) -> None:
        self._parameters_from(planes(dy), self._way(tape.saved["x"]), tape)

    def _parameters_from(self, dy: np.ndarray, way: Way, tape: Tape) -> None:
        """Leave the gradients by weights and biases in the tape, given dL/dY as planes."""
        way.backward_kernel(dy, tape, tape.gradient("weights", self.parameters["weights"].shape, dy.dtype))
        if "biases" in self.parameters:
            row_sums(dy.reshape(self.filters, -1), out=tape.gradient("biases", (self.filters,), dy.dtype))

    @property
    def margin(self) -> int:
        """How many zeros are put around the picture, on each side."""
        return self.size // 2 if self.padding == "same" else 0

    def _way(self, x: np.ndarray) -> Way:
        """How to compute it for planes [C, H, W, N]: in tiles, if that saves enough multiplications."""
        channels, height, width, n = x.shape
        less = self.size - 1 - 2 * self.margin
        shape = (height - less, width - less, channels)
        direct = shape[0] * shape[1] * self.size**2 * channels * self.filters
        needed: dict[type[Way], float] = {Columns: WORTH_IT * direct}
        needed[tiles.Tiling] = tiles.multiplications(self.size, shape, self.filters, n)
        needed[row_tiles.RowTiling] = row_tiles.multiplications(self.size, shape, self.filters, n)
        kind = min(needed, key=lambda way: needed[way])
        return kind(x, self.parameters["weights"], self.margin)
