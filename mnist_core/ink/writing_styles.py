"""How a recorded digit was written: the ways that readers who know MNIST alone take for something else."""

from collections.abc import Sequence

import numpy as np

STYLES = ("plain 1", "1 with a flag", "1 with a foot", "0 with a slash", "7 with a bar", "5 in two strokes")


def style_of(strokes: Sequence[np.ndarray], digit: int) -> str | None:
    """One of `STYLES`, or None for any other digit or way. strokes: each [points, 2], x and y (down)."""
    if digit == 1:
        return _one(strokes)
    if digit == 0:
        return "0 with a slash" if any(_is_straight(stroke, strokes) for stroke in strokes[1:]) else None
    if digit == 7:
        return "7 with a bar" if any(_is_bar(stroke, strokes) for stroke in strokes[1:]) else None
    if digit == 5 and len(strokes) > 1:
        return "5 in two strokes"
    return None


def _one(strokes: Sequence[np.ndarray]) -> str:
    points, height = np.concatenate(strokes).astype(float), _height(strokes)
    highest = int(points[:, 1].argmin())
    # A flag may begin as low as a foot lies, but it comes first.
    rest = points[highest:]
    bottom = rest[rest[:, 1] > points[:, 1].max() - 0.15 * height]
    if len(bottom) and np.ptp(bottom[:, 0]) > 0.25 * height:
        return "1 with a foot"
    top, start = points[highest], points[0]
    rises = start[1] - top[1] > 0.1 * height and top[0] - start[0] > 0.08 * height
    return "1 with a flag" if rises else "plain 1"


def _is_straight(stroke: np.ndarray, strokes: Sequence[np.ndarray]) -> bool:
    """Whether a stroke is a line, not an arc of the 0, and no speck."""
    length, reach = _length(stroke), float(np.hypot(*(stroke[-1].astype(float) - stroke[0])))
    return length > 0.25 * _height(strokes) and reach > 0.8 * length


def _is_bar(stroke: np.ndarray, strokes: Sequence[np.ndarray]) -> bool:
    """Whether a stroke lies across the middle, neither at the top nor at the bottom."""
    points = np.concatenate(strokes).astype(float)
    middle = (stroke[:, 1].mean() - points[:, 1].min()) / max(_height(strokes), 1)
    return bool(np.ptp(stroke[:, 0]) > np.ptp(stroke[:, 1]) and 0.25 < middle < 0.8)


def _height(strokes: Sequence[np.ndarray]) -> float:
    return float(np.ptp(np.concatenate(strokes)[:, 1].astype(float)))


def _length(stroke: np.ndarray) -> float:
    return float(np.hypot(*np.diff(stroke.astype(float), axis=0).T).sum())
