"""Ways of writing that MNIST hardly has, drawn on to its digits: 1 with a flag or a foot, slashed 0, crossed 7.

Most of MNIST's writers were Americans. Elsewhere a 1 has a long upstroke, a 7 a bar through its stem, and a 0 that
must not be an O a slash; a network that has never seen them takes them for a 7, a 4 and an 8.
"""

import math

import numpy as np

from mnist_core.ink.canvas import SIDE, center, find_box, fit

STYLED = (0, 1, 7)
LEAST_WIDTH = 10.0
"""Pixels: a 0 slimmer than this has no room for a slash."""
STEEPNESS = 0.6
"""How far a long flag must go down for each pixel of its length."""
_ROWS, _COLUMNS = np.mgrid[:SIDE, :SIDE].astype(np.float32)


def restyle(image: np.ndarray, digit: int, rng: np.random.Generator) -> np.ndarray | None:
    """The digit as others write it, or None if it cannot be. A 1 or a 7 that is written so already is left alone, too.

    image: float [28, 28] in 0..1, normalized; so is the result. digit: one of `STYLED`.
    """
    if find_box(image) is None:
        return None
    add = {0: _slash, 1: _flag, 7: _cross}[digit]
    styled = add(image.astype(np.float32), rng)
    if styled is None:
        return None
    box = find_box(styled)
    assert box is not None
    return center(fit(styled[box[0] : box[1], box[2] : box[3]]))


def stroke_width(image: np.ndarray) -> float:
    """How thick the ink of float [28, 28] is, in pixels: its area by half the length of its outline."""
    down, right = np.diff(image, axis=0, append=0), np.diff(image, axis=1, append=0)
    outline = float(np.hypot(down, right).sum())
    return max(1.0, 2 * float(image.sum()) / max(outline, 1e-6))


def draw_line(image: np.ndarray, start: np.ndarray, end: np.ndarray, width: float) -> np.ndarray:
    """A copy of float [28, 28] with a round-ended line from `start` to `end`, each (row, column)."""
    along = end - start
    share = ((_ROWS - start[0]) * along[0] + (_COLUMNS - start[1]) * along[1]) / max(float(along @ along), 1e-6)
    share = np.clip(share, 0, 1)
    away = np.hypot(_ROWS - start[0] - share * along[0], _COLUMNS - start[1] - share * along[1])
    return np.maximum(image, np.clip(width / 2 + 0.5 - away, 0, 1))


def _flag(image: np.ndarray, rng: np.random.Generator) -> np.ndarray | None:
    """A 1 that is a single stroke, with an upstroke, a foot, or both."""
    weight = image.sum()
    middle = np.array([(image * _ROWS).sum(), (image * _COLUMNS).sum()]) / weight
    rows, columns = _ROWS - middle[0], _COLUMNS - middle[1]
    cross = (image * rows * columns).sum() / weight
    spread = np.array([[(image * rows**2).sum() / weight, cross], [cross, (image * columns**2).sum() / weight]])
    thin, long = np.sqrt(np.maximum(np.linalg.eigvalsh(spread), 0))
    width = stroke_width(image)
    if thin > 0.42 * width + 0.35 or long < 3:
        # It has a flag, a foot or a bend already.
        return None
    stem = np.linalg.eigh(spread)[1][:, 1]
    stem = stem if stem[0] > 0 else -stem
    height = 12**0.5 * long
    top, bottom = middle - stem * (height - width) / 2, middle + stem * (height - width) / 2
    kind = rng.random()
    if kind < 0.85:
        # From the stem to the left and down: one that is long and nearly level would make a 7 of it.
        length = rng.uniform(0.15, 0.8)
        turn = math.radians(rng.uniform(22, 62))
        flag = np.array([[math.cos(turn), math.sin(turn)], [-math.sin(turn), math.cos(turn)]]) @ stem
        if length > 0.3 and flag[0] < STEEPNESS:
            flag = np.array([STEEPNESS, -((1 - STEEPNESS**2) ** 0.5)])
        image = draw_line(image, top, top + flag * length * height, width)
    if kind > 0.6:
        half, tilt = rng.uniform(0.12, 0.42) * height, rng.uniform(-0.15, 0.15)
        foot, off = np.array([tilt, 1.0]), rng.uniform(-0.25, 0.25)
        image = draw_line(image, bottom + foot * half * (off - 1), bottom + foot * half * (off + 1), width)
    return image


def _slash(image: np.ndarray, rng: np.random.Generator) -> np.ndarray | None:
    """A 0 with a slash, a bar, or a dot in it; or with another, if it has one."""
    box = find_box(image)
    width = stroke_width(image) * rng.uniform(0.7, 1)
    if box is None or box[3] - box[2] < max(LEAST_WIDTH, 4.5 * width):
        return None
    height, across = box[1] - box[0], box[3] - box[2]
    middle = np.array([(image * _ROWS).sum(), (image * _COLUMNS).sum()]) / image.sum()
    middle += rng.uniform(-0.08, 0.08, 2) * (height, across)
    kind = rng.random()
    if kind < 0.6:
        # A slash from the lower left to the upper right, often longer than the 0 is wide.
        reach = rng.uniform(0.5, 1.25) * across / 2
        rise = reach * math.tan(math.radians(rng.uniform(30, 68)))
        half = np.array([-min(rise, 0.62 * height), reach])
    elif kind < 0.65:
        half = np.array([rng.uniform(0.25, 0.45) * height, rng.uniform(0.3, 0.5) * across])
    elif kind < 0.93:
        half = np.array([rng.uniform(-0.06, 0.06) * height, rng.uniform(0.25, 0.65) * across])
    else:
        half = rng.uniform(-0.04, 0.04, 2) * height
    return draw_line(image, middle - half, middle + half, width)


def _cross(image: np.ndarray, rng: np.random.Generator) -> np.ndarray | None:
    """A 7 with a bar through its stem."""
    box = find_box(image)
    assert box is not None
    height, width = box[1] - box[0], stroke_width(image)
    row = box[0] + rng.uniform(0.42, 0.68) * height
    around = image[round(box[0] + 0.45 * height) : round(box[0] + 0.75 * height)] > 0.4
    ink = np.flatnonzero(image[round(row)] > 0.4)
    if (
        len(ink) == 0
        or max((np.ptp(np.flatnonzero(line)) for line in around if line.any()), default=0) > 2.6 * width + 1
    ):
        # No stem there, or a bar already.
        return None
    middle = np.array([row, ink.mean() + rng.uniform(-0.08, 0.08) * height])
    half = rng.uniform(0.16, 0.4) * height * np.array([rng.uniform(-0.35, 0.2), 1.0])
    return draw_line(image, middle - half, middle + half, width)
