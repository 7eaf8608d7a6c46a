"""A convolution whose windows are exchanged for products of polynomials along the rows of the picture alone.

For speed alone: computes the same as plain.Conv2D, up to rounding. `winograd` tells how.

With r = 3 and m = 7, 9 multiplications do the work of 21. `tiles` saves more, but has more to do before and after. The
rows of the window need no work at all: in memory, the channels of a row of the picture, at one of the points, are
followed by those of the row below, so that the r rows under a window are one matrix.
"""

import math

import numpy as np
from numpy.lib.stride_tricks import as_strided

from mnist_core.nn.layers.base import Tape, array
from mnist_core.nn.layers.rows import add_up_products, under_windows
from mnist_core.nn.layers.ways import Way
from mnist_core.nn.layers.winograd import matrices

OUTPUTS = {3: (4, 7)}
"""m by r: how many outputs of a row one tile may give, for the sizes of kernel that are worth it."""


def outputs_of_tile(size: int, width: int) -> int:
    """The m with the fewest products of matrices for rows of `width` outputs; the smaller one of two that are equal."""
    return min(OUTPUTS[size], key=lambda m: math.ceil(width / m) * (m + size - 1))


def multiplications(size: int, shape: tuple[int, int, int], filters: int, images: int) -> float:
    """How many multiplications an image needs, in a batch of `images`, for an output of `shape` (H', W', channels)."""
    if size not in OUTPUTS:
        return math.inf
    height, width, channels = shape
    m = outputs_of_tile(size, width)
    t, tiles = m + size - 1, math.ceil(width / m)
    to_points = (height + size - 1) * t**2 * channels
    product, back = height * t * size * channels * filters, height * t * m * filters
    return tiles * (to_points + product + back) + t * size**2 * channels * filters / images


class RowTiling(Way):
    """The rows of a padded picture are covered by `tiles` tiles each."""

    def __init__(self, x: np.ndarray, kernel: np.ndarray, margin: int) -> None:
        super().__init__(x, kernel, margin)
        self.m = outputs_of_tile(self.size, self.width)
        self.t = self.m + self.size - 1
        self.tiles = math.ceil(self.width / self.m)
        self.output, self.kernel_to_points, self.pixels_to_points = matrices(self.size, self.m, self.dtype)

    def forward(self, x: np.ndarray, tape: Tape | None) -> np.ndarray:
        t, m = self.t, self.m
        weights = self.kernel_to_points @ self.kernel.transpose(1, 0, 2, 3).reshape(self.size, -1)
        weights = weights.reshape(t, self.size * self.channels, self.filters)
        picture = self._at_points(x, tape)
        product = array(tape, "product", (t, self.height, self.filters, self.tiles * self.n), self.dtype)
        np.matmul(weights.transpose(0, 2, 1)[:, None], under_windows(picture, self.size, self.height), out=product)
        values = array(tape, "values", (m, self.height, self.filters, self.tiles, self.n), self.dtype)
        np.matmul(self.output, product.reshape(t, -1), out=values.reshape(m, -1))
        y = array(tape, "y", (self.filters, self.height, self.width, self.n), self.dtype)
        for j in range(m):
            column = y[:, :, j::m]
            column[...] = values[j, :, :, : column.shape[2]].transpose(1, 0, 2, 3)
        if tape is not None:
            tape.saved["rows at points"], tape.saved["weights at points"] = picture, weights
        return y

    def backward_kernel(self, dy: np.ndarray, tape: Tape, dkernel: np.ndarray) -> None:
        t, m, over = self.t, self.m, self.size - 1
        picture, get = tape.saved["rows at points"], tape.buffers.get
        values = get("values", (m, self.height, self.filters, self.tiles, self.n), self.dtype)
        for j in range(m):
            column = dy[:, :, j::m].transpose(1, 0, 2, 3)
            values[j, :, :, : column.shape[2]] = column
            values[j, :, :, column.shape[2] :] = 0
        # Rows of zeros above and below, for the windows that see only a part of the picture.
        dproduct = get("dproduct", (t, self.height + 2 * over, self.filters, self.tiles * self.n), self.dtype)
        dproduct[:, :over] = 0
        dproduct[:, over + self.height :] = 0
        inside = dproduct[:, over : over + self.height]
        np.matmul(self.output.T, values.reshape(m, -1), out=_flat(inside))
        dweights = get("dweights", (t, self.size * self.channels, self.filters), self.dtype)
        add_up_products(under_windows(picture, self.size, self.height), inside.transpose(0, 1, 3, 2), dweights, tape)
        by_column = self.kernel_to_points.T @ dweights.reshape(t, -1)
        np.copyto(dkernel, by_column.reshape(self.size, *dkernel.shape[1:]).transpose(1, 0, 2, 3))

    def backward_input(self, dy: np.ndarray, tape: Tape) -> np.ndarray:
        t, m, tiles, get = self.t, self.m, self.tiles, tape.buffers.get
        rows = self.height + 2 * (self.size - 1)
        dproduct = get("dproduct", (t, rows, self.filters, tiles * self.n), self.dtype)
        # A row of the picture was under the last row of the window first, and under the first one last.
        weights = tape.saved["weights at points"].reshape(t, self.size, self.channels, self.filters)
        weights = np.ascontiguousarray(weights[:, ::-1].transpose(0, 2, 1, 3)).reshape(t, 1, self.channels, -1)
        dpicture = get("product", (t, self.in_height, self.channels, tiles * self.n), self.dtype)
        np.matmul(weights, under_windows(dproduct[:, self.margin :], self.size, self.in_height), out=dpicture)
        dcut = get("cut", (t, self.in_height, self.channels, tiles, self.n), self.dtype)
        np.matmul(self.pixels_to_points.T, dpicture.reshape(t, -1), out=dcut.reshape(t, -1))
        # Neighboring tiles overlap by r - 1 columns.
        dx = get("dx", (self.channels, self.in_height, tiles + 1, m, self.n), self.dtype)
        columns = dcut.transpose(0, 2, 1, 3, 4)
        for j in range(m):
            dx[:, :, :tiles, j] = columns[j]
            dx[:, :, tiles, j] = 0
            if m + j < t:
                dx[:, :, 1:, j] += columns[m + j]
        dx = dx.reshape(self.channels, self.in_height, (tiles + 1) * m, self.n)
        return dx[:, :, self.margin : self.margin + self.in_width]

    def _at_points(self, x: np.ndarray, tape: Tape | None) -> np.ndarray:
        """[t, rows, C, tiles N]: the tiles of each row of x, with its margin, at the points."""
        t, m, margin, bottom = self.t, self.m, self.margin, self.margin + self.in_height
        cut = array(tape, "cut", (t, self.in_height, self.channels, self.tiles, self.n), self.dtype)
        x = x.transpose(1, 0, 2, 3)
        for j in range(t):
            # Column j of the tiles from `first` to `last` lies inside the picture.
            first = max(0, math.ceil((margin - j) / m))
            last = min(self.tiles, (self.in_width - 1 + margin - j) // m + 1)
            cut[j, :, :, :first] = 0
            cut[j, :, :, first:last] = x[:, :, first * m + j - margin :: m][:, :, : last - first]
            cut[j, :, :, last:] = 0
        shape = t, self.height + self.size - 1, self.channels, self.tiles * self.n
        picture = array(tape, "rows at points", shape, self.dtype)
        picture[:, :margin] = 0
        picture[:, bottom:] = 0
        np.matmul(self.pixels_to_points, cut.reshape(t, -1), out=_flat(picture[:, margin:bottom]))
        return picture


def _flat(rows: np.ndarray) -> np.ndarray:
    """Neighboring rows [t, rows, C, M] of a contiguous array seen as [t, rows C M]."""
    return as_strided(rows, (rows.shape[0], rows[0].size), (rows.strides[0], rows.itemsize))
