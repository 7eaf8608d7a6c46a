"""What the ways to compute a convolution have in common."""

import numpy as np

from mnist_core.nn.layers.base import Tape


class Way:
    """One way to compute a convolution of planes [C, H, W, N] with a kernel [r, r, C, F]; Y is [F, H', W', N].

    Its buffers and what backward needs are in the tape. Calls follow each other in this order: forward,
    backward_kernel, backward_input.
    """

    def __init__(self, x: np.ndarray, kernel: np.ndarray, margin: int) -> None:
        """x: planes [C, H, W, N]; kernel [r, r, C, F]; margin: zeros that surround the picture on each side."""
        self.size, _, self.channels, self.filters = kernel.shape
        self.margin, self.kernel, self.dtype = margin, kernel, kernel.dtype
        _, self.in_height, self.in_width, self.n = x.shape
        self.height = self.in_height + 2 * margin - self.size + 1
        self.width = self.in_width + 2 * margin - self.size + 1

    def forward(self, x: np.ndarray, tape: Tape | None) -> np.ndarray:
        """Y, planes [F, H', W', N]."""
        raise NotImplementedError

    def backward_kernel(self, dy: np.ndarray, tape: Tape, dkernel: np.ndarray) -> None:
        """Fill dkernel, [r, r, C, F], given dL/dY as contiguous planes [F, H', W', N]."""
        raise NotImplementedError

    def backward_input(self, dy: np.ndarray, tape: Tape) -> np.ndarray:
        """dL/dX, planes [C, H, W, N], after backward_kernel with the same dy."""
        raise NotImplementedError
