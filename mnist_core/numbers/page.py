"""Where the numbers of a page stand: ink that stands together on a line, each group by itself.

Two parts belong together if they are about equally high, stand beside each other, and are close. Small parts, such as
the bar of a 5 or a dot, go to the group in whose place they are. What is far too large, or nothing but specks, is left
alone.
"""

from dataclasses import dataclass

import numpy as np
from scipy import ndimage
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components

from mnist_core.errors import InputError

INK = 0.35
LOWEST = 10
"""Pixels; a part that is lower is no digit."""
HIGHEST = 0.6
"""A digit's height at most, in heights of the picture."""
APART = 0.85
"""How far the digits of a number may be apart, in their heights."""
OVERLAP = 0.5
"""How much of the lower one's height two neighbors share at least."""
UNLIKE = 2.2
"""How many times as high as its neighbor a digit may be."""
MARK = 1.9
"""How many times as high as its marks a number is at least."""
MOST_PARTS = 6000
MOST_SPECKS = 50_000
"""So many parts are looked at, the smallest included: a photo of a sheet has some thousands."""
MOST_NUMBERS = 120
"""More numbers than these are not read at once."""


@dataclass(frozen=True, eq=False)
class Place:
    """One group of ink. ink: float32 [h, w], of its own parts alone. left, top: where it lies in the page's ink."""

    ink: np.ndarray
    left: int
    top: int


def find_places(ink: np.ndarray) -> list[Place]:
    """Groups of ink of float32 [h, w] that may be numbers, from top to bottom and from left to right.

    Raises InputError if there are too many.
    """
    labels, count = ndimage.label(ink > INK, np.ones((3, 3)))
    if count == 0:
        return []
    if count > MOST_SPECKS:
        raise InputError(
            f"the picture: expected at most {MOST_SPECKS:,} pieces of ink and specks, found {count:,}; "
            "show a clearer picture."
        )
    boxes = np.array([(s[1].start, s[0].start, s[1].stop, s[0].stop) for s in ndimage.find_objects(labels)])
    heights, widths = boxes[:, 3] - boxes[:, 1], boxes[:, 2] - boxes[:, 0]
    tall = np.flatnonzero((heights >= LOWEST) & (heights <= max(HIGHEST * len(ink), LOWEST)) & (widths <= 12 * heights))
    if len(tall) > MOST_PARTS:
        raise InputError(
            f"the picture: expected at most {MOST_PARTS:,} pieces of ink, found {len(tall):,}; show a part of the page."
        )
    if len(tall) == 0:
        return []
    group = _together(boxes[tall])
    owner = np.full(count, -1)
    owner[tall] = group
    around = np.array([_around(boxes[tall[group == each]]) for each in range(int(group.max()) + 1)])
    alone = _standing_alone(around)
    owner[tall] = np.where(alone[group], np.cumsum(alone)[group] - 1, -1)
    around = around[alone]
    total = len(around)
    if total > MOST_NUMBERS:
        raise InputError(
            f"the picture: expected at most {MOST_NUMBERS} numbers or words, found {total}; show a part of the page."
        )
    _give_small_parts(boxes, owner, around)
    places = []
    owners = np.concatenate([[-1], owner])
    for each in _reading_order(around):
        left, top, right, bottom = _around(boxes[owner == each])
        mine = owners[labels[top:bottom, left:right]] == each
        places.append(Place(np.where(mine, ink[top:bottom, left:right], np.float32(0)), left, top))
    return places


def _together(boxes: np.ndarray) -> np.ndarray:
    """int [parts]: which group each part belongs to."""
    order = np.argsort(boxes[:, 0], kind="stable")
    left, top, right, bottom = boxes[order].T.astype(np.float32)
    height = bottom - top
    farthest = float(height.max()) * APART
    pairs = []
    for i in range(len(order) - 1):
        # Parts that begin after it, as long as they can be near.
        last = int(np.searchsorted(left, right[i] + farthest, side="right"))
        j = np.arange(i + 1, max(last, i + 1))
        lower, higher = np.minimum(height[i], height[j]), np.maximum(height[i], height[j])
        shared = np.minimum(bottom[i], bottom[j]) - np.maximum(top[i], top[j])
        gap = left[j] - right[i]
        near = (gap <= APART * higher) & (shared >= OVERLAP * lower) & (higher <= UNLIKE * lower)
        pairs += [(i, int(each)) for each in j[near]]
    a, b = (np.array([pair[side] for pair in pairs], int) for side in (0, 1))
    graph = coo_matrix((np.ones(len(pairs)), (a, b)), shape=(len(order), len(order)))
    _, found = connected_components(graph, directed=False)
    groups = np.empty(len(order), int)
    groups[order] = found
    return groups


def _standing_alone(around: np.ndarray) -> np.ndarray:
    """bool [groups]: whether a group is more than a dot, a dash or a comma of a much higher one."""
    height = (around[:, 3] - around[:, 1]).astype(float)
    x, y = (around[:, 0] + around[:, 2]) / 2, (around[:, 1] + around[:, 3]) / 2
    alone = np.ones(len(around), bool)
    for each in range(len(around)):
        of_another = (
            (height >= MARK * height[each])
            & (around[:, 0] - 0.6 * height <= x[each])
            & (x[each] <= around[:, 2] + 0.6 * height)
            & (around[:, 1] - 0.2 * height <= y[each])
            & (y[each] <= around[:, 3] + 0.4 * height)
        )
        alone[each] = not of_another.any()
    return alone


def _give_small_parts(boxes: np.ndarray, owner: np.ndarray, around: np.ndarray) -> None:
    """Parts without a group go to the one in whose place, a little widened, their middle is."""
    height = (around[:, 3] - around[:, 1]).astype(float)
    for part in np.flatnonzero(owner < 0):
        x, y = (boxes[part, 0] + boxes[part, 2]) / 2, (boxes[part, 1] + boxes[part, 3]) / 2
        high, wide = boxes[part, 3] - boxes[part, 1], boxes[part, 2] - boxes[part, 0]
        fits = (
            (around[:, 0] - 0.6 * height <= x)
            & (x <= around[:, 2] + 0.6 * height)
            & (around[:, 1] - 0.2 * height <= y)
            & (y <= around[:, 3] + 0.4 * height)
            & (high <= height)
            & (wide <= 1.2 * height)
        )
        if fits.any():
            owner[part] = int(np.flatnonzero(fits)[height[fits].argmin()])


def _around(boxes: np.ndarray) -> tuple[int, int, int, int]:
    low, high = boxes[:, :2].min(axis=0), boxes[:, 2:].max(axis=0)
    return int(low[0]), int(low[1]), int(high[0]), int(high[1])


def _reading_order(boxes: np.ndarray) -> list[int]:
    """Line by line. From left to right, what is about as high up as the last of a line goes on with it.

    Lines of writing run up or down a little: only neighbors are compared.
    """
    lines: list[list[int]] = []
    for each in np.argsort(boxes[:, 0], kind="stable").tolist():
        best, line_of_it = 0.0, None
        for line in lines:
            top, bottom = boxes[line[-1], 1], boxes[line[-1], 3]
            shared = min(bottom, boxes[each, 3]) - max(top, boxes[each, 1])
            share = shared / max(1, min(bottom - top, boxes[each, 3] - boxes[each, 1]))
            if share > max(best, 0.4):
                best, line_of_it = share, line
        if line_of_it is None:
            lines.append([each])
        else:
            line_of_it.append(each)
    lines.sort(key=lambda line: float(np.mean([boxes[each, 1] + boxes[each, 3] for each in line])))
    return [each for line in lines for each in line]
