"""A convolution whose windows are exchanged for products of polynomials, in both directions of the picture.

For speed alone: computes the same as plain.Conv2D, up to rounding. `winograd` tells how:

    Y = A^T [(G g G^T) * (B^T d B)] A

g is the kernel [r, r], d a tile of the picture [t, t], and Y its outputs [m, m]. With r = 5 and m = 4, 64
multiplications do the work of 400.
"""

import functools
import math

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from mnist_core.nn.layers.base import Tape, array
from mnist_core.nn.layers.ways import Way
from mnist_core.nn.layers.winograd import Matrices, matrices

OUTPUTS = {5: 4}
"""m by r: how many outputs one tile gives in each direction, for the sizes of kernel that are worth it."""


def multiplications(size: int, shape: tuple[int, int, int], filters: int, images: int) -> float:
    """How many multiplications an image needs, in a batch of `images`, for an output of `shape` (H', W', channels)."""
    if size not in OUTPUTS:
        return math.inf
    height, width, channels = shape
    m, t = OUTPUTS[size], OUTPUTS[size] + size - 1
    tiles = math.ceil(height / m) * math.ceil(width / m)
    to_points, product, back = t**4 * channels, t**2 * channels * filters, t**2 * m**2 * filters
    return tiles * (to_points + product + back) + t**2 * size**2 * channels * filters / images


@functools.lru_cache
def both_directions(size: int, dtype: np.dtype) -> Matrices:
    """A^T [m m, t t], G [t t, r r] and B^T [t t, t t], each for both directions at once (a Kronecker product);
    do not change them."""
    exact = matrices(size, OUTPUTS[size], np.dtype(np.float64))
    a, g, b = (np.ascontiguousarray(np.kron(matrix, matrix).astype(dtype)) for matrix in exact)
    return a, g, b


class Tiling(Way):
    """A padded picture is covered by `rows` x `columns` tiles, those of all pictures together by `tiles`."""

    def __init__(self, x: np.ndarray, kernel: np.ndarray, margin: int) -> None:
        super().__init__(x, kernel, margin)
        self.m = OUTPUTS[self.size]
        self.t = self.m + self.size - 1
        self.rows, self.columns = math.ceil(self.height / self.m), math.ceil(self.width / self.m)
        self.tiles = self.rows * self.columns * self.n
        self.output, self.kernel_to_points, self.tile_to_points = both_directions(self.size, kernel.dtype)

    def forward(self, x: np.ndarray, tape: Tape | None) -> np.ndarray:
        t, m, n, dtype = self.t, self.m, self.n, x.dtype
        padded = self._padded(x, tape)
        cut = array(tape, "tiles", (t, t, self.channels, self.rows, self.columns, n), dtype)
        windows = sliding_window_view(padded, (t, t), axis=(1, 2))[:, ::m, ::m]
        np.copyto(cut, windows.transpose(4, 5, 0, 1, 2, 3))
        picture = array(tape, "tiles at points", (t * t, self.channels, self.tiles), dtype)
        np.matmul(self.tile_to_points, cut.reshape(t * t, -1), out=picture.reshape(t * t, -1))
        weights = self.kernel_to_points @ self.kernel.reshape(self.size**2, -1)
        weights = weights.reshape(t * t, self.channels, self.filters)
        product = array(tape, "product", (t * t, self.filters, self.tiles), dtype)
        np.matmul(weights.transpose(0, 2, 1), picture, out=product)
        values = array(tape, "values", (m * m, self.filters * self.tiles), dtype)
        np.matmul(self.output, product.reshape(t * t, -1), out=values)
        y = array(tape, "y", (self.filters, self.rows * m, self.columns * m, n), dtype)
        np.copyto(self._blocks(y), self._values(values))
        if tape is not None:
            tape.saved["picture at points"], tape.saved["weights at points"] = picture, weights
        return y[:, : self.height, : self.width]

    def backward_kernel(self, dy: np.ndarray, tape: Tape, dkernel: np.ndarray) -> None:
        t, m, dtype = self.t, self.m, dy.dtype
        if dy.shape[1:3] != (self.rows * m, self.columns * m):
            whole = tape.buffers.get("whole dy", (self.filters, self.rows * m, self.columns * m, self.n), dtype)
            whole[:, self.height :] = 0
            whole[:, :, self.width :] = 0
            whole[:, : self.height, : self.width] = dy
            dy = whole
        values = tape.buffers.get("values", (m * m, self.filters * self.tiles), dtype)
        np.copyto(self._values(values), self._blocks(dy))
        dproduct = tape.buffers.get("product", (t * t, self.filters, self.tiles), dtype)
        np.matmul(self.output.T, values, out=dproduct.reshape(t * t, -1))
        picture = tape.saved["picture at points"]
        dweights = tape.buffers.get("dweights", (t * t, self.channels, self.filters), dtype)
        np.matmul(picture, dproduct.transpose(0, 2, 1), out=dweights)
        np.matmul(self.kernel_to_points.T, dweights.reshape(t * t, -1), out=dkernel.reshape(self.size**2, -1))

    def backward_input(self, dy: np.ndarray, tape: Tape) -> np.ndarray:
        t, m, n = self.t, self.m, self.n
        dproduct = tape.buffers.get("product", (t * t, self.filters, self.tiles), self.output.dtype)
        weights = tape.saved["weights at points"]
        dpicture = tape.buffers.get("dpicture", (t * t, self.channels, self.tiles), dproduct.dtype)
        np.matmul(weights, dproduct, out=dpicture)
        dcut = tape.buffers.get("tiles", (t, t, self.channels, self.rows, self.columns, n), dproduct.dtype)
        np.matmul(self.tile_to_points.T, dpicture.reshape(t * t, -1), out=dcut.reshape(t * t, -1))
        # Neighboring tiles overlap. Cut into pieces of m x m, the pieces (u, v) of all tiles lie side by side.
        pieces = math.ceil(t / m)
        shape = (self.channels, self.rows + pieces - 1, m, self.columns + pieces - 1, m, n)
        dx = tape.buffers.get("dx", shape, dproduct.dtype)
        dx[...] = 0
        for u in range(pieces):
            for v in range(pieces):
                piece = dcut[u * m : (u + 1) * m, v * m : (v + 1) * m]
                high, wide = piece.shape[:2]
                target = dx[:, u : u + self.rows, :high, v : v + self.columns, :wide]
                target += piece.transpose(2, 3, 0, 4, 1, 5)
        dx = dx.reshape(self.channels, shape[1] * m, shape[3] * m, n)
        return dx[:, self.margin :, self.margin :][:, : self.in_height, : self.in_width]

    def _padded(self, x: np.ndarray, tape: Tape | None) -> np.ndarray:
        """x with its margin, and with more zeros where the last tiles reach beyond that."""
        m, extra = self.m, self.size - 1
        height, width = self.rows * m + extra, self.columns * m + extra
        if (height, width) == x.shape[1:3]:
            return x
        padded = array(tape, "padded", (self.channels, height, width, self.n), x.dtype)
        padded[...] = 0
        margin = self.margin
        padded[:, margin : margin + self.in_height, margin : margin + self.in_width] = x
        return padded

    def _blocks(self, y: np.ndarray) -> np.ndarray:
        """Planes [F, rows m, columns m, N] seen as [m, m, F, rows, columns, N]."""
        blocks = y.reshape(self.filters, self.rows, self.m, self.columns, self.m, self.n)
        return blocks.transpose(2, 4, 0, 1, 3, 5)

    def _values(self, values: np.ndarray) -> np.ndarray:
        return values.reshape(self.m, self.m, self.filters, self.rows, self.columns, self.n)
