"""Where touching digits may be cut: along seams from top to bottom that cross as little ink as can be.

The cheapest path through each column in the middle is found by dynamic programming, from the top down and from the
bottom up, as seam carving does (Avidan and Shamir 2007). Where it costs less than on either side, a cut is considered.
"""

import numpy as np

SIDEWAYS = 0.3
"""What a step to the side costs, in pixels of ink."""


def seams(ink: np.ndarray, dearest: float, apart: int) -> list[tuple[float, np.ndarray]]:
    """Candidate cuts of float32 [h, w] ink, from left to right: (ink that is crossed in pixels, int [h] columns).

    dearest: a cut through more ink is none. apart: the least distance between two cuts, in pixels.
    """
    height, width = ink.shape
    if height < 3 or width < 2 * apart:
        return []
    middle = height // 2
    down, from_above = _cheapest(ink[: middle + 1])
    up, from_below = _cheapest(ink[middle:][::-1])
    cost = down + up - ink[middle]
    found: list[int] = []
    order = np.argsort(cost, kind="stable")
    for column in order:
        if cost[column] > dearest:
            break
        if apart <= column < width - apart and all(abs(column - other) >= apart for other in found):
            around = cost[max(0, column - apart) : column + apart + 1]
            if cost[column] <= around.min() + 1e-6:
                found.append(int(column))
    cuts: list[tuple[float, np.ndarray]] = []
    for column in sorted(found):
        above = _trace(from_above, column)[::-1]
        below = _trace(from_below, column)
        way = np.array(above + below[1:])
        if cuts:
            way = np.maximum(way, cuts[-1][1])
        cuts.append((float(ink[np.arange(height), way].sum()), way))
    return cuts


def _cheapest(ink: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Cost [w] of the cheapest way from the first row to each column of the last; and the steps [h, w], -1, 0 or 1."""
    height, width = ink.shape
    steps = np.zeros((height, width), np.int8)
    cost = ink[0].astype(np.float64)
    choices = np.empty((3, width))
    for row in range(1, height):
        choices[0] = cost
        choices[1, 0], choices[1, 1:] = np.inf, cost[:-1] + SIDEWAYS
        choices[2, -1], choices[2, :-1] = np.inf, cost[1:] + SIDEWAYS
        best = choices.argmin(axis=0)
        steps[row] = np.array([0, -1, 1], np.int8)[best]
        cost = choices.min(axis=0) + ink[row]
    return cost, steps


def _trace(steps: np.ndarray, column: int) -> list[int]:
    """The columns of the cheapest way, from the last row back to the first."""
    way = [column]
    for row in range(len(steps) - 1, 0, -1):
        column += int(steps[row, column])
        way.append(column)
    return way
