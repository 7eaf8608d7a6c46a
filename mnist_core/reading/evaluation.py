"""How well a network reads: MNIST's test images, and pen strokes replayed on a canvas through the real drawing path."""

import itertools
import shlex
import statistics
import time
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from mnist_core.data.class_names import TEN_DIGITS
from mnist_core.data.dataset import Dataset, labels_as, load_mnist, to_unit
from mnist_core.errors import InputError
from mnist_core.ink.pen import NUMERALS, USUAL_HAND, Hand, PenDrawings, replay
from mnist_core.ink.writing_styles import STYLES, style_of
from mnist_core.nn.metrics import auroc, calibration_error, confusion_matrix, refusing_threshold, wilson_interval
from mnist_core.reading.recognizer import Reading, Recognizer
from mnist_core.reading.weights import ModelCard

READ_AT_ONCE = 250
"""Images, or drawings, that are read at once."""
REFUSED_OTHERS = 0.95
"""The share of other things than digits that `Separation.threshold` refuses."""
RESAMPLES = 200
"""Resamples of the drawings that an interval of the AUROC is taken from."""
TIMED = 200
"""Images whose readings `milliseconds` times."""
DrawingProgress = Callable[[Iterable[int]], Iterable[int]]
"""Given the indices of drawings: the same indices, one after another."""


@dataclass(frozen=True)
class Result:
    """Counts over a set of labeled digits.

    accuracy: share whose likeliest digit is right, with its 95 % interval (Wilson). unsure: share that is not read as a
    digit for sure ("unsure" or "other"). accuracy_when_sure: share that is right among the others. calibration_error:
    see `metrics`. by_digit, digit_intervals: the accuracy of each digit that occurs, and its interval. confusion
    [10][10]: counts, rows are the true digits, columns the likeliest. Where the classes are others, these stand for the
    digits; classes: their names.
    """

    images: int
    right: int
    accuracy: float
    interval: tuple[float, float]
    unsure: float
    accuracy_when_sure: float
    calibration_error: float
    by_digit: dict[int, float]
    digit_intervals: dict[int, tuple[float, float]]
    confusion: list[list[int]]
    classes: tuple[str, ...] = TEN_DIGITS

    def to_dict(self) -> dict[str, Any]:
        return asdict(self)


@dataclass(frozen=True)
class Separation:
    """How well confidence tells digits from other things, such as letters.

    auroc: 0 to 1, with its 95 % interval (of 200 resamples of the drawings). threshold: the confidence below which 95 %
    of the others lie. refused_digits: the share of digits below it, with its 95 % interval (Wilson). sure_of_others:
    the share of the others that is read as a digit nevertheless, by the network's own threshold.
    """

    others: int
    auroc: float
    auroc_interval: tuple[float, float]
    threshold: float
    refused_digits: float
    refused_interval: tuple[float, float]
    sure_of_others: float

    def to_dict(self) -> dict[str, Any]:
        return asdict(self)


@dataclass(frozen=True)
class StyleResult:
    """How digits that are written in one way were read.

    accuracy: 0 to 1, with its 95 % interval (Wilson). mistaken_for: the most frequent wrong answer, None if there is
    none, -1 if nothing was read. One that was called no digit counts as the digit it would be.
    """

    drawings: int
    accuracy: float
    interval: tuple[float, float]
    mistaken_for: int | None

    def to_dict(self) -> dict[str, Any]:
        return asdict(self)


def evaluate_test(recognizer: Recognizer, dataset: Dataset, pause: Callable[[], None] = lambda: None) -> Result:
    """How the test images are read; see `read_test`. Raises InputError if they show what it was not taught."""
    labels = labels_as(dataset.test_labels, dataset.classes, recognizer.classes)
    return count(read_test(recognizer, dataset, pause), labels)


def read_test(recognizer: Recognizer, dataset: Dataset, pause: Callable[[], None] = lambda: None) -> list[Reading]:
    """Read the test images as they are: they were normalized when MNIST was made, and each is a digit for certain.

    pause: called between two parts; it may wait or raise.
    """
    readings: list[Reading] = []
    for start in range(0, len(dataset.test_labels), READ_AT_ONCE):
        pause()
        readings += recognizer.read_digits(to_unit(dataset.test_images[start : start + READ_AT_ONCE]))
    return readings


def read_pen(
    recognizer: Recognizer,
    drawings: PenDrawings,
    seed: int = 0,
    progress: DrawingProgress = iter,
    hand: Hand = USUAL_HAND,
    digits: bool = True,
) -> tuple[list[Reading], np.ndarray]:
    """Readings of the digits of a pen file, or of everything in it that is not a digit, and their indices in the file.

    Each is replayed on a canvas, as `hand` draws by `seed`. progress: wraps the sequence of indices, for a
    progress bar. Raises InputError if there is nothing of the kind in the file.
    """
    chosen = [j for j in range(len(drawings)) if (drawings.labels[j] in NUMERALS) == digits]
    if not chosen:
        wanted = "labeled 0 to 9" if digits else "of other things than digits"
        raise InputError(f"the pen file: expected drawings {wanted}, found none.")
    rng = np.random.default_rng(seed)
    readings: list[Reading] = []
    waiting: list[np.ndarray] = []
    for j in progress(chosen):
        waiting.append(replay(drawings.drawing(j), rng, hand))
        if len(waiting) == READ_AT_ONCE or j == chosen[-1]:
            readings += recognizer.read_many(waiting)
            waiting.clear()
    return readings, np.array(chosen)


def milliseconds(recognizer: Recognizer) -> float:
    """The median time of one reading of an MNIST test image, one after another, in milliseconds."""
    times = []
    for image in to_unit(load_mnist().test_images[:TIMED]):
        start = time.perf_counter()
        recognizer.read_images([image])
        times.append(time.perf_counter() - start)
    return 1000 * statistics.median(times)


def may_know(card: ModelCard, writers: Sequence[str]) -> bool:
    """Whether a network may have learned from pen strokes of the writers whose names begin so, or of any, if none."""
    command = shlex.split(card.command)
    left_out = {after for word, after in itertools.pairwise(command) if word == "--without"}
    return "--pen" in command and not (writers and left_out.issuperset(writers))


def by_style(readings: list[Reading], indices: np.ndarray, drawings: PenDrawings) -> dict[str, StyleResult]:
    """How the digits were read that are written in each of `writing_styles.STYLES`, if there are any."""
    found: dict[str, list[tuple[int, int]]] = {}
    for reading, index in zip(readings, indices, strict=True):
        digit = int(drawings.labels[index])
        style = style_of(drawings.drawing(index), digit)
        if style:
            found.setdefault(style, []).append((digit, -1 if reading.digit is None else reading.digit))
    results = {}
    for style in filter(found.__contains__, STYLES):
        wrong = Counter(answer for digit, answer in found[style] if answer != digit)
        right = len(found[style]) - wrong.total()
        mostly = wrong.most_common(1)[0][0] if wrong else None
        results[style] = StyleResult(
            len(found[style]), right / len(found[style]), wilson_interval(right, len(found[style])), mostly
        )
    return results


def separate(digits: list[Reading], others: list[Reading]) -> Separation:
    """How well the readings' confidence tells digits from other things. Each list has at least one reading."""
    high, low = (np.array([reading.confidence for reading in readings]) for readings in (digits, others))
    threshold = refusing_threshold(low, REFUSED_OTHERS)
    refused = int(np.count_nonzero(high < threshold))
    rng, areas = np.random.default_rng(0), []
    for _ in range(RESAMPLES):
        again = (rng.choice(values, len(values)) for values in (high, low))
        areas.append(auroc(*again))
    spread = np.percentile(areas, [2.5, 97.5])
    return Separation(
        others=len(others),
        auroc=auroc(high, low),
        auroc_interval=(float(spread[0]), float(spread[1])),
        threshold=threshold,
        refused_digits=refused / len(digits),
        refused_interval=wilson_interval(refused, len(digits)),
        sure_of_others=float(np.mean([reading.status == "digit" for reading in others])),
    )


def count(readings: list[Reading], digits: np.ndarray) -> Result:
    """Compare one reading or more with the right digits, integers [N]: of other classes, their indices.

    A reading without a digit counts as unsure and as a wrong 0.
    """
    classes = readings[0].classes
    predicted = np.array([reading.digit or 0 for reading in readings])
    sure = np.array([reading.status == "digit" for reading in readings])
    read = np.array([reading.digit is not None for reading in readings])
    right = (predicted == digits) & read
    each = {int(digit): right[digits == digit] for digit in np.unique(digits)}
    return Result(
        images=len(readings),
        right=int(right.sum()),
        accuracy=float(right.mean()),
        interval=wilson_interval(int(right.sum()), len(readings)),
        unsure=float(1 - sure.mean()),
        accuracy_when_sure=float(right[sure].mean()) if sure.any() else 0.0,
        calibration_error=calibration_error(np.array([reading.confidence for reading in readings]), right),
        by_digit={digit: float(found.mean()) for digit, found in each.items()},
        digit_intervals={digit: wilson_interval(int(found.sum()), len(found)) for digit, found in each.items()},
        confusion=confusion_matrix(predicted, digits, len(classes)).tolist(),
        classes=classes,
    )
