"""How many drawings help how much: a network is taught again and again, each time with more of them."""

from collections.abc import Callable, Iterator, Sequence

import numpy as np

from mnist_core.data.dataset import Dataset, to_unit
from mnist_core.reading.answers import Reading
from mnist_core.reading.recognizer import Recognizer
from mnist_core.teaching.lesson import NO_DIGIT, lesson_of_images
from mnist_core.teaching.settings import lesson_config
from mnist_core.teaching.taught import THREADS, trainer_for

COUNTS = (1, 2, 5, 10, 20)
"""How many drawings of each label are learned, one training for each number."""


def is_right(reading: Reading, label: str) -> bool:
    """Whether a reading says what the label says. A digit that is called none is wrong, and so is the reverse."""
    if label == NO_DIGIT:
        return reading.status == "other"
    return reading.status != "other" and label == reading.answer


def share_right(recognizer: Recognizer, images: np.ndarray, labels: Sequence[str]) -> float:
    """The share of pictures, uint8 [N, 28, 28], that are read as their labels say, 0 to 1. N is 1 or more."""
    readings = recognizer.read_images(list(to_unit(images)))
    return float(np.mean([is_right(reading, label) for reading, label in zip(readings, labels, strict=True)]))


def of_each(labels: Sequence[str], count: int, seed: int = 0) -> np.ndarray:
    """`count` of each label, or all that there are, by chance: integers. More of them contain the fewer ones."""
    order = np.random.default_rng(seed).permutation(len(labels))
    seen: dict[str, int] = {}
    chosen = []
    for index in order.tolist():
        seen[labels[index]] = seen.get(labels[index], 0) + 1
        if seen[labels[index]] <= count:
            chosen.append(index)
    return np.array(sorted(chosen), np.intp)


def learning_curve(
    recognizer: Recognizer,
    images: np.ndarray,
    labels: Sequence[str],
    trials: np.ndarray,
    trial_labels: Sequence[str],
    dataset: Dataset,
    *,
    seed: int = 0,
    threads: int = THREADS,
    check: Callable[[], None] = lambda: None,
) -> Iterator[tuple[int, float]]:
    """How many drawings of each digit were learned, from 0 on, and the share of the trials that is then read right.

    images, trials: uint8 [N, 28, 28], to learn from and to measure with; none should be in both. dataset: what the
    network knows, MNIST. check: called again and again; it may wait or raise. Ends with all drawings there are.
    """
    yield 0, share_right(recognizer, trials, trial_labels)
    before = 0
    for count in COUNTS:
        chosen = of_each(labels, count, seed)
        if len(chosen) == before:
            return
        before = len(chosen)
        lesson = lesson_of_images(recognizer, images[chosen], [labels[index] for index in chosen])
        trainer = trainer_for(lesson, lesson_config(lesson, seed), dataset, threads)
        trainer.check = check
        for _ in trainer.run():
            pass
        yield count, share_right(Recognizer(trainer.trained, lesson.card), trials, trial_labels)
