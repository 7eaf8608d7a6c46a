"""A convolution as products of matrices, with the multiplications of its definition.

Computes the same as plain.Conv2D, up to rounding. What the windows of one row of outputs see is a matrix with a column
for each window: "im2col" (Chellapilla et al. 2006). Here, each row of the picture is copied only once for every column
of the window. In memory, the copies of a row are followed by those of the row below, [rows, r, C, W', N], so that the r
rows under a window are one matrix [r r C, W' N] without more copies.
"""

import numpy as np

from mnist_core.nn.layers.base import Tape, array
from mnist_core.nn.layers.rows import add_up_products, under_windows
from mnist_core.nn.layers.ways import Way


class Columns(Way):
    """Each row of the picture is copied once for each column of the window."""

    def forward(self, x: np.ndarray, tape: Tape | None) -> np.ndarray:
        margin = self.margin
        shape = self.height + self.size - 1, self.size, self.channels, self.width, self.n
        rows = array(tape, "rows", shape, self.dtype)
        rows[:margin] = 0
        rows[margin + self.in_height :] = 0
        inside = rows[margin : margin + self.in_height]
        for j in range(self.size):
            # Output column q sees column q + j - margin of the picture: one from `first` to `last`, or zeros.
            first = min(self.width, max(0, margin - j))
            last = max(first, min(self.width, self.in_width + margin - j))
            inside[:, j, :, :first] = 0
            seen = x[:, :, max(0, first + j - margin) :][:, :, : last - first]
            inside[:, j, :, first:last] = seen.transpose(1, 0, 2, 3)
            inside[:, j, :, last:] = 0
        rows = rows.reshape(len(rows), self.size * self.channels, -1)
        y = array(tape, "y", (self.filters, self.height, self.width, self.n), self.dtype)
        by_row = y.reshape(self.filters, self.height, -1).transpose(1, 0, 2)
        np.matmul(self.kernel.reshape(-1, self.filters).T, under_windows(rows, self.size, self.height), out=by_row)
        if tape is not None:
            tape.saved["columns"] = rows
        return y

    def backward_kernel(self, dy: np.ndarray, tape: Tape, dkernel: np.ndarray) -> None:
        seen = under_windows(tape.saved["columns"], self.size, self.height)
        by_row = dy.reshape(self.filters, self.height, -1).transpose(1, 2, 0)
        add_up_products(seen, by_row, dkernel.reshape(-1, self.filters), tape)

    def backward_input(self, dy: np.ndarray, tape: Tape) -> np.ndarray:
        get, by_row = tape.buffers.get, dy.reshape(self.filters, self.height, -1).transpose(1, 0, 2)
        columns = self.size * self.channels
        # Each row of the window gives its share to the row of the picture that it saw, for each column of the window.
        shares = get("shares", (self.height + self.size - 1, columns, self.width * self.n), self.dtype)
        share = get("share", (self.height, columns, self.width * self.n), self.dtype)
        shares[...] = 0
        for i in range(self.size):
            np.matmul(self.kernel[i].reshape(columns, self.filters), by_row, out=share)
            shares[i : i + self.height] += share
        shares = shares.reshape(len(shares), self.size, self.channels, self.width, self.n)
        inside = shares[self.margin : self.margin + self.in_height]
        dx = get("dx", (self.channels, self.in_height, self.in_width + 2 * self.margin, self.n), self.dtype)
        dx[...] = 0
        for j in range(self.size):
            dx[:, :, j : j + self.width] += inside[:, j].transpose(1, 0, 2, 3)
        return dx[:, :, self.margin : self.margin + self.in_width]
