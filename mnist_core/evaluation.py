"""How well a network reads: MNIST's test images, and pen strokes replayed on a canvas through the real drawing path."""

from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from mnist_core.dataset import Dataset, to_unit
from mnist_core.errors import InputError
from mnist_core.metrics import confusion_matrix, wilson_interval
from mnist_core.pen import PenDrawings, replay
from mnist_core.recognizer import Reading, Recognizer

PART = 250


@dataclass(frozen=True)
class Result:
    """Counts over a set of labelled digits.

    accuracy: share whose likeliest digit is right, with its 95 % interval (Wilson). unsure: share read as unsure.
    accuracy_when_sure: share that is right among those not unsure. by_digit: accuracy of each digit that occurs.
    confusion [10][10]: counts, rows are the true digits, columns the likeliest.
    """

    images: int
    right: int
    accuracy: float
    interval: tuple[float, float]
    unsure: float
    accuracy_when_sure: float
    by_digit: dict[int, float]
    confusion: list[list[int]]

    def to_dict(self) -> dict[str, Any]:
        return asdict(self)


def evaluate_test(recognizer: Recognizer, dataset: Dataset) -> Result:
    """Read the test images as they are: they were normalized when MNIST was made, and each is a digit for certain."""
    readings: list[Reading] = []
    for start in range(0, len(dataset.test_labels), PART):
        readings += recognizer.read_digits(to_unit(dataset.test_images[start : start + PART]))
    return count(readings, dataset.test_labels)


def evaluate_pen(
    recognizer: Recognizer,
    drawings: PenDrawings,
    seed: int = 0,
    progress: Callable[[Iterable[int]], Iterable[int]] = iter,
) -> Result:
    """Replay every digit of a pen file on a canvas (size, place and stroke width drawn by `seed`) and read it.

    Characters that are not digits are passed over. progress: wraps the sequence of positions, for a progress bar.
    Raises InputError if the file has no digits.
    """
    chosen = [j for j in range(len(drawings)) if drawings.labels[j] in tuple("0123456789")]
    if not chosen:
        raise InputError("the pen file: expected drawings labelled 0 to 9, found none.")
    rng = np.random.default_rng(seed)
    readings: list[Reading] = []
    waiting: list[np.ndarray] = []
    for j in progress(chosen):
        waiting.append(replay(drawings.drawing(j), rng))
        if len(waiting) == PART or j == chosen[-1]:
            readings += recognizer.read_many(waiting)
            waiting.clear()
    return count(readings, drawings.labels[chosen].astype(np.int64))


def count(readings: list[Reading], digits: np.ndarray) -> Result:
    """Compare readings with the right digits, integers [N]. One without a digit counts as unsure and as a wrong 0."""
    predicted = np.array([reading.digit or 0 for reading in readings])
    sure = np.array([reading.status == "digit" for reading in readings])
    read = np.array([reading.digit is not None for reading in readings])
    right = (predicted == digits) & read
    by_digit = {int(digit): float(right[digits == digit].mean()) for digit in np.unique(digits)}
    return Result(
        images=len(readings),
        right=int(right.sum()),
        accuracy=float(right.mean()),
        interval=wilson_interval(int(right.sum()), len(readings)),
        unsure=float(1 - sure.mean()),
        accuracy_when_sure=float(right[sure].mean()) if sure.any() else 0.0,
        by_digit=by_digit,
        confusion=confusion_matrix(predicted, digits).tolist(),
    )
