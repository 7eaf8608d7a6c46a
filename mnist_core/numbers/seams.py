"""Where touching digits may be cut: along seams from top to bottom that cross as little ink as can be.

The cheapest path through each column in the middle is found by dynamic programming, from the top down and from the
bottom up, as seam carving does (Avidan and Shamir 2007). Where it costs less than on either side, a cut is considered.
"""

import numpy as np

THIN, DEAREST = 1.6, 3.2
"""Ink that a cut may cross, in widths of the stroke: where strokes are thin, and at most."""
APART, FAR_APART = 0.1, 0.3
"""The least distance between two cuts, in heights: where strokes are thin, and elsewhere."""
NOTCH = 0.12
"""How deep a notch is, in heights of the line, from above and below together."""
SIDEWAYS = 0.3
"""What a step to the side costs, in pixels of ink."""


def seams(ink: np.ndarray, stroke: float, height: float) -> list[tuple[float, np.ndarray]]:
    """Candidate cuts of float32 [h, w] ink, from left to right: (ink that is crossed in pixels, int [h] columns).

    stroke: its width; height: of the line. Thin places may be near each other; where a seam crosses two strokes, as
    inside a 0, one is enough. Where two digits lean on each other there is no thin place, but a notch above and below.
    """
    rows, width = ink.shape
    apart = max(3, round(APART * height))
    if rows < 3 or width < 2 * apart:
        return []
    middle = rows // 2
    # Both ways in one go. The lower half may have a row less: the empty one that it begins with costs nothing.
    halves = np.zeros((2, middle + 1, width), ink.dtype)
    halves[0] = ink[: middle + 1]
    halves[1, middle - rows :] = ink[middle:][::-1]
    (down, up), (from_above, from_below) = _cheapest(halves)
    cost = down + up - ink[middle]
    ways: dict[int, np.ndarray] = {}

    def free(column: int, distance: int) -> bool:
        return apart <= column < width - apart and all(abs(column - other) >= distance for other in ways)

    for dearest, distance in ((THIN * stroke, apart), (0.0, 0), (DEAREST * stroke, round(FAR_APART * height))):
        if not dearest:
            for column in _notches(ink, NOTCH * height):
                if free(column, apart):
                    ways[column] = _near(ink, column, max(2, round(0.1 * height)))
            continue
        for column in np.argsort(cost, kind="stable").tolist():
            if cost[column] > dearest:
                break
            around = cost[max(0, column - apart) : column + apart + 1]
            if cost[column] <= around.min() + 1e-6 and free(column, distance):
                above, below = _trace(from_above, column)[::-1], _trace(from_below, column)
                ways[column] = np.array(above + below[1 : rows - middle])
    cuts: list[tuple[float, np.ndarray]] = []
    for column in sorted(ways):
        way = np.maximum(ways[column], cuts[-1][1]) if cuts else ways[column]
        cuts.append((float(ink[np.arange(rows), way].sum()), way))
    return cuts


def _notches(ink: np.ndarray, depth: float) -> list[int]:
    """Columns where the ink, from its highest to its lowest pixel, is less high than on both sides, by `depth`."""
    mask = ink > 0.3
    high = len(ink) - mask.argmax(axis=0) - mask[::-1].argmax(axis=0)
    high = np.where(mask.any(axis=0), high, 0).astype(float)
    left = np.maximum.accumulate(high)
    right = np.maximum.accumulate(high[::-1])[::-1]
    found: list[int] = []
    deep = np.minimum(left, right) - high
    for column in np.argsort(-deep, kind="stable").tolist():
        if deep[column] < depth:
            break
        # A notch of its own: between it and a deeper one the ink is higher again.
        if all(high[min(column, o) : max(column, o) + 1].max() - high[column] >= depth for o in found):
            found.append(column)
    return found


def _near(ink: np.ndarray, column: int, reach: int) -> np.ndarray:
    """The cheapest way from top to bottom that stays within `reach` of a column."""
    left = max(0, column - reach)
    cost, steps = _cheapest(ink[:, left : column + reach + 1])
    end = int(np.argmin(cost + 0.01 * np.abs(np.arange(len(cost)) - (column - left))))
    return np.array(_trace(steps, end)[::-1]) + left


def _cheapest(ink: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The cheapest ways down through ink [..., h, w].

    Their cost [..., w] from the first row to each column of the last, and their steps [..., h, w]: -1, 0 or 1.
    """
    steps = np.zeros(ink.shape, np.int8)
    # One column more on each side, where no way goes.
    cost = np.full((*ink.shape[:-2], ink.shape[-1] + 2), np.inf)
    straight, left, right = cost[..., 1:-1], cost[..., :-2], cost[..., 2:]
    straight[...] = ink[..., 0, :]
    for row in range(1, ink.shape[-2]):
        aside = np.minimum(left, right) + SIDEWAYS
        steps[..., row, :] = (aside < straight) * np.where(left <= right, -1, 1)
        straight[...] = np.minimum(straight, aside) + ink[..., row, :]
    return straight, steps


def _trace(steps: np.ndarray, column: int) -> list[int]:
    """The columns of the cheapest way, from the last row back to the first."""
    way = [column]
    for row in range(len(steps) - 1, 0, -1):
        column += int(steps[row, column])
        way.append(column)
    return way
