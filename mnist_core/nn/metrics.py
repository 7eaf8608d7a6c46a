"""Counting right and wrong answers."""

import math

import numpy as np

TRIMMINGS = 4
"""How often the rows that are left out are chosen anew: which look least likely depends on the temperature a little."""


def accuracy(scores: np.ndarray, digits: np.ndarray) -> float:
    """The share of rows, 0 to 1, whose largest score [N, classes] is in the column of the right class [N]."""
    return int(np.count_nonzero(scores.argmax(axis=1) == digits)) / len(digits)


def confusion_matrix(predicted: np.ndarray, digits: np.ndarray, classes: int = 10) -> np.ndarray:
    """int64 [classes, classes]: how often a class (row) was read as another (column). Both inputs are integers [N]."""
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


def auroc(positive: np.ndarray, negative: np.ndarray) -> float:
    """The area under the receiver operating characteristic, 0 to 1: how well one number tells two groups apart.

    It is the chance that a value of the first group, float [N], is above one of the second, float [M]; a tie counts
    half (Hanley, McNeil 1982). Raises ValueError if a group is empty.
    """
    if not len(positive) or not len(negative):
        raise ValueError("auroc needs at least one value in each group")
    ordered = np.sort(negative)
    below, not_above = (np.searchsorted(ordered, positive, side) for side in ("left", "right"))
    return float((below + not_above).sum() / 2 / len(positive) / len(negative))


def refusing_threshold(confidence: np.ndarray, wanted: float = 0.95) -> float:
    """The lowest threshold with at least `wanted` (0 to 1) of the confidences, float [N], below it. N is 1 or more."""
    index = math.ceil(wanted * len(confidence)) - 1
    return float(np.nextafter(np.sort(confidence.astype(np.float64))[max(0, index)], np.inf))


def calibration_error(confidence: np.ndarray, right: np.ndarray, bins: int = 15) -> float:
    """The expected calibration error, 0 to 1: how far stated confidence and share of right answers lie apart.

    confidence: float [N], 0 to 1; right: bool [N]. The answers are put into `bins` equal intervals of confidence; of
    each, the difference of mean confidence and share right counts by its number (Naeini, Cooper, Hauskrecht 2015).
    """
    indices = np.clip(np.ceil(confidence * bins).astype(np.int64) - 1, 0, bins - 1)
    stated, earned = (np.bincount(indices, weights=values, minlength=bins) for values in (confidence, right))
    return float(np.abs(stated - earned).sum() / len(confidence))


def fitting_temperature(
    scores: np.ndarray, labels: np.ndarray, offsets: np.ndarray | float = 0.0, wrong_labels: float = 0.0
) -> float:
    """What to divide scores [N, classes] by so that their softmax is as sure as it is right: from 0.2 to 5.

    It makes the mean of -log softmax(z / T + b)[label] smallest (Guo, Pleiss, Sun, Weinberger, "On calibration of
    modern neural networks", 2017), which is convex in 1 / T. labels: integers [N]; N is 1 or more. offsets: b, one for
    each class. wrong_labels: the share of labels that are taken to be wrong, 0 or more and under 1; so many rows,
    those whose label looks least likely, are left out (trimmed likelihood; Hadi, Luceño 1997).
    """
    shifted = scores.astype(np.float64) - scores.max(axis=1, keepdims=True)
    offsets = np.broadcast_to(np.asarray(offsets, np.float64), shifted.shape[1:])

    def losses(rows: np.ndarray, inverse: float) -> np.ndarray:
        totals = np.log(np.exp(shifted[rows] * inverse + offsets).sum(axis=1))
        return np.asarray(totals - inverse * shifted[rows, labels[rows]] - offsets[labels[rows]])

    def best(rows: np.ndarray) -> float:
        low, high = 0.2, 5.0
        while high - low > 1e-5:
            third = (high - low) / 3
            better_below = losses(rows, low + third).mean() < losses(rows, high - third).mean()
            low, high = (low, high - third) if better_below else (low + third, high)
        return (low + high) / 2

    rows = np.arange(len(labels))
    inverse = best(rows)
    if left_out := int(wrong_labels * len(labels)):
        for _ in range(TRIMMINGS):
            believed = np.argsort(losses(rows, inverse), kind="stable")[: len(labels) - left_out]
            inverse = best(believed)
    return 1 / inverse


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
