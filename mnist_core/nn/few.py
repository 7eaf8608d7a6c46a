"""Inference for a few images, for speed alone: computes the same as `Network.forward`, up to rounding.

The layers keep the N values of a pixel side by side in memory, which is fast for many images (see `layers.base`). With
one image or five there are no long runs to copy then. Here the channels come last, so that a row of a window is one
run. Measured in docs/speed.md.
"""

from collections.abc import Sequence

import numpy as np
from numpy.lib.stride_tricks import as_strided

from mnist_core.nn.layers import Layer, Tape
from mnist_core.nn.layers.activations import ReLU
from mnist_core.nn.layers.convolution import Conv2D
from mnist_core.nn.layers.pooling import MaxPool2D, largest

FEW = 5
"""Up to so many images go this way: the looks at one drawing. With more, tiles save more than this."""


def forward_few(layers: Sequence[Layer], x: np.ndarray, tapes: Sequence[Tape]) -> np.ndarray:
    """Scores [N, classes] of images x [N, 28, 28, 1]. tapes: whose buffers are used; nothing is saved in them."""
    for layer, tape in zip(layers, tapes, strict=True):
        if isinstance(layer, Conv2D):
            x = _conv(layer, x, tape)
        elif isinstance(layer, MaxPool2D):
            x = _maxpool(layer.size, x, tape)
        elif isinstance(layer, ReLU):
            x = np.maximum(x, 0, out=tape.buffers.get("few y", x.shape, x.dtype))
        else:
            x = layer.forward(x)
    return x


def _conv(layer: Conv2D, x: np.ndarray, tape: Tape) -> np.ndarray:
    n, height, width, channels = x.shape
    size, margin = layer.size, layer.margin
    if margin:
        inside, x = x, tape.buffers.get("few x", (n, height + 2 * margin, width + 2 * margin, channels), x.dtype)
        x[...] = 0
        x[:, margin : margin + height, margin : margin + width] = inside
    shape = (n, x.shape[1] - size + 1, x.shape[2] - size + 1)
    windows = as_strided(x, (*shape, size, size, channels), x.strides[:3] + x.strides[1:])
    if channels == 1:
        # A row of a window is short, but each place in the window sees whole rows of the picture.
        columns = tape.buffers.get("few windows", (size, size, *shape), x.dtype)
        np.copyto(columns, windows[..., 0].transpose(3, 4, 0, 1, 2))
        rows = columns.reshape(size * size, -1).T
    else:
        copied = tape.buffers.get("few windows", windows.shape, x.dtype)
        np.copyto(copied, windows)
        rows = copied.reshape(-1, size * size * channels)
    y = tape.buffers.get("few y", (*shape, layer.filters), x.dtype)
    np.matmul(rows, layer.parameters["weights"].reshape(-1, layer.filters), out=y.reshape(-1, layer.filters))
    if "biases" in layer.parameters:
        y += layer.parameters["biases"]
    return y


def _maxpool(size: int, x: np.ndarray, tape: Tape) -> np.ndarray:
    n, height, width, channels = x.shape
    high, wide = height // size, width // size
    rows = tape.buffers.get("few rows", (n, high, width, channels), x.dtype)
    y = tape.buffers.get("few y", (n, high, wide, channels), x.dtype)
    largest([x[:, i : high * size : size] for i in range(size)], rows)
    return largest([rows[:, :, j : wide * size : size] for j in range(size)], y)
