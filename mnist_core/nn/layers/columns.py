"""A convolution as matrix products, with no more multiplications than its definition has and no fewer.

Computes the same as plain.Conv2D, up to rounding. What the windows of one row of outputs see is a matrix with a column
for each window: "im2col" (Chellapilla et al. 2006). Here, each row of the picture is copied only once for every column
of the window. In memory, the copies of a row are followed by those of the row below, so that the r rows under a window
are one matrix without more copies.
"""

import numpy as np

from mnist_core.nn.layers.base import Tape, array
from mnist_core.nn.layers.rows import add_up_products, under_windows


class Columns:
    """The steps of a convolution of pictures [C, H, W, N]."""

    def __init__(self, x: np.ndarray, kernel: np.ndarray, margin: int) -> None:
        """x: planes [C, H, W, N]; kernel [r, r, C, F]; margin: zeros that surround the picture on each side."""
        self.size, _, self.channels, self.filters = kernel.shape
        self.margin, self.dtype, self.kernel = margin, kernel.dtype, kernel
        _, self.in_height, self.in_width, self.n = x.shape
        self.height = self.in_height + 2 * margin - self.size + 1
        self.width = self.in_width + 2 * margin - self.size + 1

    def forward(self, x: np.ndarray, tape: Tape | None) -> np.ndarray:
        """Y, planes [F, H', W', N]."""
        margin = self.margin
        shape = self.height + self.size - 1, self.size, self.channels, self.width, self.n
        rows = array(tape, "rows", shape, self.dtype)
        rows[:margin] = 0
        rows[margin + self.in_height :] = 0
        inside = rows[margin : margin + self.in_height]
        for j in range(self.size):
            # Output column q sees column q + j - margin of the picture.
            first, last = max(0, margin - j), min(self.width, self.in_width + margin - j)
            inside[:, j, :, :first] = 0
            inside[:, j, :, first:last] = x[:, :, first + j - margin : last + j - margin].transpose(1, 0, 2, 3)
            inside[:, j, :, last:] = 0
        rows = rows.reshape(len(rows), self.size * self.channels, -1)
        y = array(tape, "y", (self.filters, self.height, self.width, self.n), self.dtype)
        by_row = y.reshape(self.filters, self.height, -1).transpose(1, 0, 2)
        np.matmul(self.kernel.reshape(-1, self.filters).T, under_windows(rows, self.size, self.height), out=by_row)
        if tape is not None:
            tape.saved["columns"] = rows
        return y

    def backward_kernel(self, dy: np.ndarray, tape: Tape, dkernel: np.ndarray) -> None:
        """Fill dkernel, [r, r, C, F], given dL/dY as planes [F, H', W', N]."""
        seen = under_windows(tape.saved["columns"], self.size, self.height)
        by_row = dy.reshape(self.filters, self.height, -1).transpose(1, 2, 0)
        add_up_products(seen, by_row, dkernel.reshape(-1, self.filters))

    def backward_input(self, dy: np.ndarray, tape: Tape) -> np.ndarray:
        """dL/dX, planes [C, H, W, N], given dL/dY as planes [F, H', W', N]."""
        over, get = self.size - 1, tape.buffers.get
        # Rows of zeros above and below, for the windows that see only a part of the picture.
        rows = get("dy rows", (self.height + 2 * over, self.filters, self.width * self.n), self.dtype)
        rows[:over] = 0
        rows[over + self.height :] = 0
        rows[over : over + self.height] = dy.reshape(self.filters, self.height, -1).transpose(1, 0, 2)
        # A row of the picture was under the last row of the window first, and under the first one last.
        kernel = self.kernel[::-1].transpose(1, 2, 0, 3).reshape(self.size * self.channels, -1)
        shape = self.in_height, self.size, self.channels, self.width, self.n
        shares = get("shares", shape, self.dtype)
        seen = under_windows(rows[self.margin :], self.size, self.in_height)
        np.matmul(kernel, seen, out=shares.reshape(self.in_height, self.size * self.channels, -1))
        wide = self.in_width + 2 * self.margin
        dx = get("dx", (self.channels, self.in_height, wide, self.n), self.dtype)
        dx[...] = 0
        for j in range(self.size):
            dx[:, :, j : j + self.width] += shares[:, j].transpose(1, 0, 2, 3)
        return dx[:, :, self.margin : self.margin + self.in_width]
