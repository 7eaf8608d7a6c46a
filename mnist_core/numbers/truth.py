"""What each group of pieces of a composed number really is: a digit, not a digit, or too nearly one to say."""

import numpy as np

from mnist_core.numbers.compose import MARK
from mnist_core.numbers.pieces import Group, Strip

WHOLE, FOREIGN = 0.93, 0.06
"""A group is a digit if it has at least this share of the digit's ink, and at most this share of other ink."""
HALF, MIXED = 0.8, 0.15
"""It is none with less than that of any digit, or with more than this of other ink."""
MARKED = 0.02
"""Nor is it one with more than this share of a dot's, a comma's or a dash's ink."""


def true_owners(strip: Strip, found: list[Group], owners: np.ndarray, digits: int) -> np.ndarray:
    """int [groups]: the digit's place in the number, from 0; -1 for no digit; -2 where it is hard to say.

    owners: uint8 [H, W] of the picture that the strip was cut from; digits: how many the number has.
    """
    rows, columns = np.nonzero(strip.labels)
    across, down = strip.places(rows, columns)
    half = strip.step / 2
    x = np.clip((across + half).astype(int), 0, owners.shape[1] - 1)
    y = np.clip((down + half).astype(int), 0, owners.shape[0] - 1)
    weights = strip.ink[rows, columns]
    table = np.zeros((len(strip.pieces) + 1, 256))
    np.add.at(table, (strip.labels[rows, columns], owners[y, x]), weights)
    whole = np.array([float((owners == digit + 1).sum()) for digit in range(digits)]) / strip.step**2
    inked = np.maximum(table.sum(axis=0)[1 : digits + 1], 0.5 * whole)
    answers = np.full(len(found), -2)
    for number, group in enumerate(found):
        mine = table[[index + 1 for index in group.pieces]].sum(axis=0)
        total = mine[1:].sum()
        if total < 0.3 * mine.sum():
            answers[number] = -1
            continue
        digit = int(mine[1 : digits + 1].argmax())
        share, foreign = mine[digit + 1] / max(inked[digit], 1e-6), 1 - mine[digit + 1] / total
        if share >= WHOLE and foreign <= FOREIGN and mine[MARK] <= MARKED * total:
            answers[number] = digit
        elif share < HALF or foreign > MIXED or mine[MARK] > MARKED * total:
            answers[number] = -1
    return answers
