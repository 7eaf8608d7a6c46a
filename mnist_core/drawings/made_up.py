"""Digits drawn by a program in many ways of writing and many hands: strangers to measure with, that come with the app.

No person drew them. Each way of writing is a few strokes, through which a smooth line is laid; `vary` and `replay` give
each drawing a hand of its own.
"""

import functools

import numpy as np

from mnist_core.ink.canvas import BLACK, normalize
from mnist_core.ink.pen import ANY_HAND, replay
from mnist_core.ink.vary_strokes import vary

Points = tuple[tuple[int, int], ...]
SCALE = 10
"""From the numbers below to those of a pen file, in which a drawing is about 1000 long."""
BETWEEN = 12
"""So many points are laid between two."""
EACH = 10
"""Drawings of each way of writing."""
ROUND: dict[str, tuple[Points, ...]] = {
    "0": (
        ((55, 2), (20, 12), (6, 48), (18, 86), (50, 98), (82, 84), (92, 48), (78, 12), (50, 2)),
        ((48, 0), (24, 20), (22, 78), (50, 100), (76, 78), (74, 22), (52, 0), (62, 12)),
    ),
    "2": (
        ((14, 26), (34, 4), (68, 6), (76, 32), (50, 66), (12, 98), (46, 96), (88, 98)),
        ((16, 22), (48, 2), (78, 20), (62, 58), (26, 90), (14, 84), (28, 74), (52, 92), (90, 92)),
    ),
    "3": (
        ((16, 14), (46, 2), (74, 18), (62, 42), (38, 48), (70, 56), (80, 80), (48, 100), (12, 88)),
        ((14, 8), (50, 2), (72, 16), (56, 36), (34, 46), (72, 60), (72, 88), (40, 100), (14, 90)),
    ),
    "6": (
        ((76, 4), (36, 26), (14, 68), (34, 98), (70, 92), (74, 64), (44, 54), (18, 72)),
        ((58, 0), (30, 40), (26, 84), (52, 100), (74, 80), (58, 58), (30, 72)),
    ),
    "8": (
        ((72, 14), (40, 2), (22, 22), (50, 48), (78, 74), (50, 100), (20, 80), (46, 50), (76, 24), (66, 8)),
        ((50, 48), (22, 24), (50, 2), (78, 24), (50, 48), (18, 76), (50, 100), (82, 76), (50, 48)),
    ),
    "9": (
        ((76, 18), (44, 4), (20, 28), (40, 52), (70, 40), (78, 16), (74, 54), (66, 100)),
        ((74, 20), (46, 2), (22, 26), (46, 50), (74, 26), (76, 60), (56, 94), (24, 92)),
    ),
}
"""Ways of writing in one curved stroke: points on it."""
ANGULAR: dict[str, tuple[tuple[Points, ...], ...]] = {
    "0": ((((50, 2), (16, 20), (10, 70), (44, 98), (84, 78), (88, 26), (52, 2)), ((88, 4), (10, 98))),),
    "1": (
        (((50, 0), (48, 100)),),
        (((20, 34), (56, 0), (54, 100)),),
        (((26, 26), (54, 2), (54, 98)), ((24, 98), (84, 98))),
    ),
    "4": (
        (((30, 2), (12, 58), (88, 58)), ((66, 16), (64, 100))),
        (((64, 100), (64, 0), (10, 64), (90, 64)),),
        (((22, 4), (20, 50), (78, 50)), ((78, 2), (76, 100))),
    ),
    "5": (
        (((76, 4), (28, 4), (22, 46), (56, 40), (80, 66), (58, 96), (14, 92)),),
        (((30, 4), (24, 46), (58, 42), (78, 70), (52, 98), (14, 88)), ((30, 4), (84, 2))),
    ),
    "7": (
        (((12, 6), (86, 6), (44, 100)),),
        (((12, 6), (84, 6), (42, 100)), ((28, 52), (78, 52))),
        (((14, 24), (14, 6), (84, 8), (58, 50), (46, 100)),),
    ),
}
"""Ways of writing with corners, or in several strokes: the points of each stroke."""


@functools.cache
def made_up_drawings() -> tuple[np.ndarray, tuple[str, ...]]:
    """Pictures uint8 [N, 28, 28], and the digit that each is; the same every time, and never to be learned from."""
    rng = np.random.default_rng(20)
    images, labels = [], []
    for digit, strokes in _ways():
        for _ in range(EACH):
            image = normalize(replay(vary(strokes, rng), rng, ANY_HAND), BLACK)
            if image is not None:
                images.append(np.round(image * 255).astype(np.uint8))
                labels.append(digit)
    found = np.stack(images)
    found.setflags(write=False)
    return found, tuple(labels)


def _ways() -> list[tuple[str, list[np.ndarray]]]:
    """Every way of writing: the digit, and its strokes, float [points, 2]."""
    curved = [(digit, [_smooth(points)]) for digit, ways in ROUND.items() for points in ways]
    cornered = [(digit, [_straight(points) for points in way]) for digit, ways in ANGULAR.items() for way in ways]
    return sorted([*curved, *cornered], key=lambda way: way[0])


def _straight(points: Points) -> np.ndarray:
    """Straight lines from point to point."""
    corners = np.array(points, float) * SCALE
    places = np.linspace(0, len(corners) - 1, BETWEEN * (len(corners) - 1) + 1)
    return np.stack([np.interp(places, range(len(corners)), corners[:, axis]) for axis in (0, 1)], axis=1)


def _smooth(points: Points) -> np.ndarray:
    """A line through the points without corners: a Catmull-Rom spline."""
    known = np.array(points, float) * SCALE
    around = np.concatenate([2 * known[:1] - known[1:2], known, 2 * known[-1:] - known[-2:-1]])
    t = np.linspace(0, 1, BETWEEN, endpoint=False)[:, None]
    parts = []
    for before, start, end, after in zip(around, around[1:], around[2:], around[3:], strict=False):
        parts.append(
            start
            + 0.5 * t * (end - before)
            + t**2 * (before - 2.5 * start + 2 * end - 0.5 * after)
            + t**3 * (1.5 * (start - end) + 0.5 * (after - before))
        )
    return np.concatenate([*parts, known[-1:]])
