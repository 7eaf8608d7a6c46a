"""A whole number as one picture of a line: all digits as high as those of MNIST, however wide it is."""

import numpy as np

from mnist_core.numbers.pieces import Strip, resize

ROWS, HEIGHT = 28, 20
"""Rows of the picture, and of its digits."""
MARGIN = 14
"""Empty columns on the left and on the right."""
WIDEST = 1300
"""Columns at most. `pieces.cut` refuses what is wider than 60 heights; setting upright makes it a little wider."""
FAINT = 0.2
"""Ink from which on a column is part of the line."""


def line_image(strip: Strip) -> np.ndarray | None:
    """float32 [28, w] in 0..1, the digits of the strip in the middle, 20 rows high; None if it is empty or too long."""
    scale = HEIGHT / strip.height
    if strip.ink.shape[1] * scale > WIDEST:
        return None
    ink = resize(strip.ink, scale)
    top = round((strip.line[0] + strip.line[1]) / 2 * scale - ROWS / 2)
    first, last = max(0, top), min(len(ink), top + ROWS)
    if last <= first:
        return None
    line = np.zeros((ROWS, ink.shape[1]), np.float32)
    line[first - top : last - top] = ink[first:last]
    columns = np.flatnonzero(line.max(axis=0) > FAINT)
    if not len(columns):
        return None
    return np.pad(np.clip(line[:, columns[0] : columns[-1] + 1], 0, 1), ((0, 0), (MARGIN, MARGIN)))
