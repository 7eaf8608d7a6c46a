"""Lines to learn from: numbers of MNIST's digits side by side, and any line as other paper and other pens make it.

A line is float32 [28, w] in 0..1, its digits about 20 rows high (`mnist_core/numbers/line.py`). Its text is a list of
classes.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy import ndimage

from mnist_core.numbers.line import HEIGHT, MARGIN, ROWS

LONGEST = 8
"""Digits of a line at most."""
AROUND = 8
"""Rows above and below a line while it is made."""
INKED = 0.3
"""Ink from which on a column belongs to a digit."""


@dataclass(frozen=True, eq=False)
class Digits:
    """MNIST's digits. images: uint8 [N, 28, 28]; by_digit: the indices of each digit."""

    images: np.ndarray
    by_digit: list[np.ndarray]

    @classmethod
    def of(cls, images: np.ndarray, labels: np.ndarray) -> "Digits":
        return cls(images, [np.flatnonzero(labels == digit) for digit in range(10)])

    def choose(self, digit: int, rng: np.random.Generator, scale: tuple[float, float]) -> np.ndarray:
        """One digit at another size (down, across), float32, its empty columns cut off."""
        edge = (28 - HEIGHT) // 2
        image = self.images[rng.choice(self.by_digit[digit]), edge:-edge, edge:-edge].astype(np.float32) / 255
        image = np.clip(ndimage.zoom(image, scale, order=1), 0, 1)
        inked = np.flatnonzero(image.max(axis=0) > INKED)
        return image[:, inked[0] : inked[-1] + 1]


def side_by_side(digits: Digits, rng: np.random.Generator) -> tuple[np.ndarray, list[int]]:
    """Digits by several people next to each other: overlapping, touching or far apart, some with dots or dashes."""
    text = rng.integers(0, 10, rng.integers(1, LONGEST + 1)).tolist()
    if rng.random() < 0.35:
        text = [0 if rng.random() < 0.5 else digit for digit in text]
    gap = rng.uniform(-3.5, 3) if rng.random() < 0.6 else rng.uniform(0, 12)
    unsteady, uneven, size = rng.uniform(0, 1.5), rng.uniform(0, 1.2), rng.uniform(0.8, 1.1)
    marked = rng.random() < 0.35
    high = ROWS + 2 * AROUND
    line = np.zeros((high, 2 * MARGIN + len(text) * 60), np.float32)
    right = float(MARGIN)
    for place, digit in enumerate(text):
        image = digits.choose(digit, rng, (size * rng.uniform(0.9, 1.1), size * rng.uniform(0.85, 1.1)))
        if place:
            right += gap + rng.normal(0, unsteady)
            if marked and rng.random() < 0.35:
                right = draw_mark(line, rng, right + rng.uniform(0, 3)) + rng.uniform(-1, 4)
        left = max(0, round(right))
        top = round((high - len(image)) / 2 + rng.normal(0, uneven))
        top = min(max(top, 0), high - len(image))
        window = line[top : top + len(image), left : left + image.shape[1]]
        np.maximum(window, image, out=window)
        right = float(left + image.shape[1])
    return line[AROUND:-AROUND, : int(right) + MARGIN], text


def draw_mark(line: np.ndarray, rng: np.random.Generator, left: float) -> float:
    """Draw a dot, a comma, a dash, two dashes or a slash into a line, in place; where it ends."""
    middle, width = len(line) / 2, rng.uniform(1.2, 2.6)
    kind = rng.integers(6)
    if kind == 0:
        draw_stroke(line, rng, [(left + 1, middle + 9), (left + 1.5, middle + 9)], 1.2 * width)
        return left + 3
    if kind == 1:
        tip = (left + 2 - rng.uniform(-0.5, 1.5), middle + 8 + rng.uniform(2, 6))
        draw_stroke(line, rng, [(left + 2, middle + 8), tip], width)
        return left + 4
    if kind == 2:
        right = left + rng.uniform(4, 9)
        draw_stroke(line, rng, [(right, middle - 10), (left, middle + 11)], width)
        return right
    right, level = left + rng.uniform(4, 11), middle + rng.uniform(-2, 5)
    apart = rng.uniform(3, 5)
    for down in (0, -apart) if kind == 3 else (0,):
        draw_stroke(line, rng, [(left, level + down), (right, level + down + rng.normal(0, 0.7))], width)
    return right


def draw_stroke(line: np.ndarray, rng: np.random.Generator, ends: list[tuple[float, float]], width: float) -> None:
    """Draw a straight stroke between two points (x, y) into a line, in place."""
    start, end = (np.array(point) for point in ends)
    left = max(0, int(min(start[0], end[0])) - 4)
    right = min(line.shape[1], int(max(start[0], end[0])) + 5)
    if right <= left:
        return
    down, across = np.mgrid[: len(line), left:right]
    way, length = end - start, max(1e-6, float(((end - start) ** 2).sum()))
    share = np.clip(((across - start[0]) * way[0] + (down - start[1]) * way[1]) / length, 0, 1)
    far = np.hypot(across - start[0] - share * way[0], down - start[1] - share * way[1])
    inked = np.clip(width / 2 + 0.5 - far, 0, 1) * rng.uniform(0.7, 1)
    window = line[:, left:right]
    np.maximum(window, inked, out=window)


def varied(line: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """A line as it might have come from another pen and paper; its text stays."""
    if rng.random() < 0.25:
        line = _with_mark_at_an_end(line, rng)
    chance = rng.random()
    if chance < 0.12:
        line = ndimage.grey_dilation(line, (2, 2))
    elif chance < 0.2:
        line = ndimage.grey_erosion(line, (2, 1) if rng.random() < 0.5 else (1, 2))
    line = _moved(line, rng)
    if rng.random() < 0.25:
        line = ndimage.gaussian_filter(line, rng.uniform(0.2, 0.8))
    if rng.random() < 0.3:
        line = np.clip(line * rng.uniform(0.7, 1.8) - rng.uniform(0, 0.15), 0, 1)
    if rng.random() < 0.15:
        # What is left of a printed line.
        for _ in range(rng.integers(1, 3)):
            level, left = rng.uniform(1, ROWS - 1), rng.uniform(0, line.shape[1])
            right = min(line.shape[1], left + rng.uniform(8, line.shape[1]))
            draw_stroke(line, rng, [(left, level), (right, level + rng.normal(0, 1))], rng.uniform(0.5, 1.3))
    if rng.random() < 0.12:
        for _ in range(rng.integers(1, 6)):
            x, y = rng.uniform(0, line.shape[1]), rng.uniform(0, ROWS)
            draw_stroke(line, rng, [(x, y), (x + rng.normal(0, 2), y + rng.normal(0, 2))], rng.uniform(0.5, 1.5))
    if rng.random() < 0.15:
        # What a printed line took with it.
        line[rng.integers(3, ROWS - 3)] *= rng.uniform(0, 0.5)
    return line.astype(np.float32)


def _with_mark_at_an_end(line: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    more = np.zeros((ROWS, int(rng.uniform(10, 24))), np.float32)
    if rng.random() < 0.5:
        new = np.concatenate([line, more], axis=1)
        draw_mark(new, rng, line.shape[1] - MARGIN + rng.uniform(-1, 5))
    else:
        new = np.concatenate([more, line], axis=1)
        draw_mark(new, rng, MARGIN + rng.uniform(0, 4))
    return new


def _moved(line: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Wider or narrower, higher or lower, slanted, turned a little and moved up or down."""
    across, down = np.exp(rng.normal(0, 0.12)), np.exp(rng.normal(0, 0.1))
    width = int(line.shape[1] * across)
    matrix = np.array([[1 / down, rng.normal(0, 0.02)], [rng.normal(0, 0.15) / down, 1 / across]])
    middle, new_middle = (np.array([(ROWS - 1) / 2, (each - 1) / 2]) for each in (line.shape[1], width))
    start = middle - matrix @ new_middle + (rng.normal(0, 1.2), 0)
    return np.asarray(ndimage.affine_transform(line, matrix, start, (ROWS, width), order=1))


def as_batch(lines: Sequence[np.ndarray]) -> np.ndarray:
    """One batch float32 [N, 28, w]: each line from the left, nothing behind its end; w a multiple of 16."""
    width = -(-max(line.shape[1] for line in lines) // 16) * 16
    batch = np.zeros((len(lines), ROWS, width), np.float32)
    for row, line in zip(batch, lines, strict=True):
        row[:, : line.shape[1]] = line
    return batch
