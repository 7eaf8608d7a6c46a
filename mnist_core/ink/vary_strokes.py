"""Recorded strokes as other people might have drawn them, and drawings that are of nothing: more to learn from.

A drawing is a list of strokes, each float [points, 2] of x and y (down); its longer side is about 1000 long.
"""

import numpy as np

Drawing = list[np.ndarray]

SLANT, STRETCH = 15.0, 0.18
"""Degrees either way; natural logarithm of the aspect ratio either way."""
APART, TURNED, SIZED = 28.0, 6.0, 0.06
"""How far strokes stray from each other: shift (standard deviation), degrees and share of the size either way."""
BEND = 32.0
"""The largest displacement of a smooth warp."""
TRIM = 0.08
"""The largest share of a stroke that is lost at an end."""


def vary(drawing: Drawing, rng: np.random.Generator, label: str = "") -> Drawing:
    """The same character in another hand: slanted, stretched, bent, its strokes moved against each other, ends lost.

    label: a 5 in one stroke may come in two, its bar apart from its body, as many people write it.
    """
    strokes = [stroke.astype(np.float64) for stroke in drawing]
    if label == "5" and len(strokes) == 1 and rng.random() < 0.35:
        strokes = _bar_apart(strokes[0], rng)
    elif label == "5" and len(strokes) > 1 and rng.random() < 0.5:
        # The bar of a 5 in two strokes may float far off.
        strokes[-1] += np.array([rng.normal(0, 60), rng.uniform(-150, 30)])
    step = int(rng.integers(1, 4))
    strokes = [_trimmed(_sparser(stroke, step), rng) for stroke in strokes]
    if len(strokes) > 1:
        strokes = [_moved(stroke, rng) for stroke in strokes]
    slant, stretch = np.tan(np.radians(rng.uniform(-SLANT, SLANT))), np.exp(rng.uniform(-STRETCH, STRETCH))
    matrix = np.array([[stretch, slant], [0, 1 / stretch]])
    waves = _waves(rng)
    return [_bent(stroke @ matrix.T, waves) for stroke in strokes]


def scribble(rng: np.random.Generator) -> Drawing:
    """A drawing of nothing: one to four strokes of a hand that wanders about."""
    strokes = []
    for _ in range(rng.choice([1, 1, 2, 3, 4])):
        count = int(rng.integers(6, 80))
        turns = rng.normal(rng.uniform(-0.2, 0.2), rng.choice([0.15, 0.5, 1.2]), count)
        heading = rng.uniform(0, 2 * np.pi) + np.cumsum(turns)
        steps = np.stack([np.cos(heading), np.sin(heading)], axis=1) * rng.uniform(15, 80)
        strokes.append(rng.uniform(0, 700, 2) + np.cumsum(steps, axis=0))
    return strokes


def side_by_side(left: Drawing, right: Drawing, rng: np.random.Generator) -> Drawing:
    """Two drawings as one, next to each other: two digits are not a digit."""
    low = min(float(stroke[:, 0].min()) for stroke in right)
    high = max(float(stroke[:, 0].max()) for stroke in left)
    move = np.array([high - low + rng.uniform(60, 400), rng.uniform(-120, 120)])
    return [stroke.astype(np.float64) for stroke in left] + [stroke + move for stroke in right]


def _sparser(stroke: np.ndarray, step: int) -> np.ndarray:
    """Every `step`-th sample and the last: a faster hand."""
    return np.concatenate([stroke[:-1:step], stroke[-1:]]) if len(stroke) > 3 * step else stroke


def _trimmed(stroke: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    cut = rng.uniform(0, TRIM, 2) * len(stroke) * (rng.random(2) < 0.3)
    first, last = int(cut[0]), len(stroke) - int(cut[1])
    return stroke[first:last] if last - first > 1 else stroke


def _moved(stroke: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    angle = np.radians(rng.uniform(-TURNED, TURNED))
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    turn *= 1 + rng.uniform(-SIZED, SIZED)
    middle = stroke.mean(axis=0)
    return np.asarray((stroke - middle) @ turn.T + middle + rng.normal(0, APART, 2))


def _bar_apart(stroke: np.ndarray, rng: np.random.Generator) -> Drawing:
    """A 5 that starts at the right end of its bar: its bar, and the rest of it; as it was if there is no bar."""
    corner = int(stroke[: max(2, len(stroke) // 2), 0].argmin())
    bar = stroke[: corner + 1]
    if corner < 2 or np.ptp(bar[:, 0]) < 150 or np.ptp(bar[:, 1]) > np.ptp(bar[:, 0]):
        return [stroke]
    return [stroke[corner:], bar + rng.normal(0, 45, 2)]


def _waves(rng: np.random.Generator) -> np.ndarray:
    """Two waves for each direction, float [2, 2, 4]: along x, along y (radians for each unit), phase, height."""
    waves = np.empty((2, 2, 4))
    waves[..., :2] = rng.uniform(-2 * np.pi, 2 * np.pi, (2, 2, 2)) / 1000
    waves[..., 2] = rng.uniform(0, 2 * np.pi, (2, 2))
    waves[..., 3] = rng.uniform(0, BEND, (2, 2))
    return waves


def _bent(stroke: np.ndarray, waves: np.ndarray) -> np.ndarray:
    angles = np.einsum("abk,nk->nab", waves[..., :2], stroke) + waves[..., 2]
    return np.asarray(stroke + (waves[..., 3] * np.sin(angles)).sum(axis=2))
