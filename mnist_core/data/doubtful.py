"""Fifteen of MNIST's 10,000 test labels that people doubt.

For each of about a hundred suspicious images five people were asked for the digit; at these, fewer than three chose the
label. Source: Northcutt, Athalye, Mueller, "Pervasive label errors in test sets destabilize machine learning
benchmarks", 2021; the answers are in github.com/cleanlab/label-errors, mturk/mnist_mturk.json.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Doubt:
    """A test image (index from 0), its label, the other digit that was offered, and how many of five chose each.

    The rest of the five chose neither.
    """

    index: int
    label: int
    other: int
    for_label: int
    for_other: int


DOUBTFUL = tuple(
    Doubt(*row)
    for row in (
        (947, 8, 9, 0, 5),
        (1621, 0, 6, 2, 3),
        (1901, 9, 4, 2, 3),
        (2130, 4, 9, 2, 2),
        (2462, 2, 0, 0, 4),
        (2597, 5, 3, 0, 4),
        (2654, 6, 1, 0, 2),
        (3520, 6, 4, 2, 0),
        (3558, 5, 0, 1, 4),
        (5937, 5, 3, 1, 3),
        (6651, 0, 6, 0, 5),
        (6783, 1, 6, 2, 3),
        (8527, 4, 9, 2, 2),
        (9679, 6, 3, 2, 0),
        (9729, 5, 6, 2, 3),
    )
)
