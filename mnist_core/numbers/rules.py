"""Printed lines taken away: the rules and checks of paper, and the line that an amount stands on.

A line is a long thin run of ink, nearly level or nearly upright. It is looked for at several small slopes: the picture
is sheared until the line is level, and where most pixels of a long window are ink, it is a line. Where a stroke of the
pen crosses it, the ink is higher than the line is thick, or darker, and stays.
"""

import itertools
import math

import numpy as np

SLOPES = np.linspace(-0.12, 0.12, 13)
"""Rise for each pixel along the line."""
FULL = 0.93
"""The share of a window that a line fills at least."""
SHORTEST, LONGEST = 48, 120
"""A line fills a window of so many pixels at least, and of so many at most."""
LOOKED_AT = 1000
"""Lines are looked for in a picture whose longer side has at most so many pixels."""
DARKER = 0.3
"""Ink that is darker than the line by so much, 0 to 1, is a stroke."""
THICKEST = 7
"""Pixels; a line that is thicker is a stroke."""


def without_rules(ink: np.ndarray, inked: float) -> np.ndarray:
    """Ink, float32 [h, w] in 0..1, without lines; inked: from where on a pixel is ink."""
    mask, turned = ink > inked, np.ascontiguousarray(ink.T)
    gone = _level_lines(ink, mask) | _level_lines(turned, turned > inked).T
    if not gone.any():
        return ink
    # Faint edges of a line go with it, if they are next to no other ink.
    near = _wider(gone) & ~_wider(mask & ~gone)
    return np.where(gone | near, np.float32(0), ink)


def _level_lines(ink: np.ndarray, mask: np.ndarray) -> np.ndarray:
    """Pixels of bool [h, w], the mask of ink, that belong to a nearly level line and to nothing else."""
    step = math.ceil(max(mask.shape) / LOOKED_AT)
    on_line = _on_lines(_smaller(mask, step), step)
    if step > 1:
        on_line = np.repeat(np.repeat(on_line, step, axis=0), step, axis=1)[: mask.shape[0], : mask.shape[1]]
    on_line &= mask
    if not on_line.any():
        return on_line
    high = _run_heights(mask)
    usual, dark = float(np.median(high[on_line])), float(np.median(ink[on_line]))
    if usual > THICKEST:
        return np.zeros_like(mask)
    return on_line & (high <= usual + 1) & (ink <= dark + DARKER)


def _on_lines(mask: np.ndarray, step: int) -> np.ndarray:
    """Pixels of bool [h, w] in long runs, whatever else they belong to; step: what the picture was reduced by."""
    height, width = mask.shape
    window = int(min(LONGEST, max(SHORTEST, 0.6 * width * step))) // step
    if window < 1 or width < window or height < 3:
        return np.zeros_like(mask)
    # One pixel up or down does not matter: lines are bent, and a slope is only nearly met.
    thick = mask.copy()
    thick[1:] |= mask[:-1]
    thick[:-1] |= mask[1:]
    # Room above and below for what is sheared.
    room = math.ceil(float(np.abs(SLOPES).max()) * width / 2) + 1
    padded = np.pad(thick, ((room, room), (0, 0)))
    on_line = np.zeros_like(padded)
    least = math.ceil(FULL * window)
    sheared = np.empty_like(thick)
    for slope in SLOPES:
        moves = np.round(slope * (np.arange(width) - width / 2)).astype(np.int64)
        # Neighboring columns that are moved alike.
        ends = [0, *(np.flatnonzero(np.diff(moves)) + 1).tolist(), width]
        alike = [
            (slice(room + int(moves[one]), room + int(moves[one]) + height), slice(one, other))
            for one, other in itertools.pairwise(ends)
        ]
        for rows, columns in alike:
            sheared[:, columns] = padded[rows, columns]
        full = over_window(sheared.view(np.uint8), window, np.add) >= least
        if not full.any():
            continue
        # Each pixel of a full window.
        covered = over_window(np.pad(full, ((0, 0), (window - 1, window - 1))), window, np.logical_or) & sheared
        for rows, columns in alike:
            on_line[rows, columns] |= covered[:, columns]
    # The pixel above and below, too: the runs were looked for in thicker ink.
    return _wider(on_line[room : room + height])


def over_window(values: np.ndarray, window: int, join: np.ufunc) -> np.ndarray:
    """[h, w - window + 1]: each `window` neighbors of [h, w] in a row, joined by adding or by "or", from left to right.

    Joins of two, four, eight and so on are made of one another, so that it takes few passes. Sums keep the dtype: with
    uint8 [h, w] of 0 and 1 the window has at most 255.
    """
    width = values.shape[1] - window + 1
    joined, length, done = values, 1, 0
    total: np.ndarray | None = None
    while True:
        if window & length:
            part = joined[:, done : done + width]
            total = part if total is None else join(total, part)
            done += length
        if 2 * length > window:
            assert total is not None
            return total
        joined = join(joined[:, :-length], joined[:, length:])
        length *= 2


def _smaller(mask: np.ndarray, step: int) -> np.ndarray:
    """Bool [h / step, w / step], each pixel ink if any of step x step is."""
    if step == 1:
        return mask
    height, width = (math.ceil(side / step) * step for side in mask.shape)
    whole = np.pad(mask, ((0, height - mask.shape[0]), (0, width - mask.shape[1])))
    smaller = np.zeros((height // step, width // step), bool)
    for row, column in itertools.product(range(step), repeat=2):
        smaller |= whole[row::step, column::step]
    return smaller


def _wider(mask: np.ndarray) -> np.ndarray:
    """Bool [h, w] with all neighbors of its pixels."""
    tall = mask.copy()
    tall[1:] |= mask[:-1]
    tall[:-1] |= mask[1:]
    wide = tall.copy()
    wide[:, 1:] |= tall[:, :-1]
    wide[:, :-1] |= tall[:, 1:]
    return wide


def _run_heights(mask: np.ndarray) -> np.ndarray:
    """int [h, w]: how many pixels of ink hang together above and below each pixel, itself included; 0 without ink."""
    height, width = mask.shape
    above, below = np.zeros((height + 1, width), np.int16), np.zeros((height + 1, width), np.int16)
    for row in range(height):
        above[row + 1] = (above[row] + 1) * mask[row]
    for row in range(height - 1, -1, -1):
        below[row] = (below[row + 1] + 1) * mask[row]
    return np.maximum(above[1:] + below[:-1] - 1, 0)
