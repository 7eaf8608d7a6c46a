"""Counting right and wrong answers."""

import math

import numpy as np


def accuracy(scores: np.ndarray, digits: np.ndarray) -> float:
    """The share of rows, 0 to 1, whose largest score [N, 10] is in the column of the right digit [N]."""
    return int(np.count_nonzero(scores.argmax(axis=1) == digits)) / len(digits)


def confusion_matrix(predicted: np.ndarray, digits: np.ndarray, classes: int = 10) -> np.ndarray:
    """int64 [classes, classes]: how often a digit (row) was read as another (column). Both inputs are integers [N]."""
    counts = np.bincount(digits.astype(np.int64) * classes + predicted, minlength=classes * classes)
    return counts.reshape(classes, classes)


def wilson_interval(right: int, total: int, z: float = 1.959964) -> tuple[float, float]:
    """The 95 % interval of a share of `right` out of `total` (Wilson 1927), two numbers from 0 to 1.

    Raises ValueError if total is 0.
    """
    if total < 1:
        raise ValueError("an interval needs at least one observation")
    share, spread = right / total, z * z / total
    center = (share + spread / 2) / (1 + spread)
    half = z * math.sqrt(share * (1 - share) / total + spread / (4 * total)) / (1 + spread)
    return max(0.0, center - half), min(1.0, center + half)


def sure_threshold(confidence: np.ndarray, right: np.ndarray, wanted: float = 0.999) -> float:
    """The lowest confidence from which on at least `wanted` of the answers are right: a number from 0.5 to 0.99.

    confidence: float [N], 0 to 1; right: bool [N]. Answers below it are better given as "unsure".
    """
    order = np.argsort(-confidence, kind="stable")
    right_so_far = np.cumsum(right[order]) / np.arange(1, len(order) + 1)
    # Equal confidences are accepted together or not at all.
    last_of_equals = np.append(np.diff(confidence[order]) != 0, True)
    enough = np.flatnonzero((right_so_far >= wanted) & last_of_equals)
    lowest = confidence[order[enough[-1]]] if len(enough) else 1.0
    return float(np.clip(lowest, 0.5, 0.99))
