"""From a lesson to a network that has learned it."""

import dataclasses
import datetime
import math
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np

from mnist_core.data.dataset import Dataset
from mnist_core.data.registry import USUAL, datasets, load_dataset
from mnist_core.reading import weights
from mnist_core.reading.evaluation import evaluate_test
from mnist_core.reading.recognizer import Recognizer
from mnist_core.reading.weights import ModelCard
from mnist_core.teaching.lesson import Lesson, prepare_lesson
from mnist_core.teaching.mix import mixed
from mnist_core.teaching.settings import kept, lesson_config
from mnist_core.training.config import TrainingConfig
from mnist_core.training.report import Report
from mnist_core.training.trainer import Trainer

THREADS = 2
SUFFIX = "-taught"
MAX_NAME = 64


def teach(
    recognizer: Recognizer,
    drawings: Sequence[np.ndarray],
    labels: Sequence[str],
    *,
    seed: int = 0,
    with_mnist: bool = True,
    threads: int = THREADS,
    on_report: Callable[[Report], None] = lambda report: None,
) -> Recognizer:
    """A new recognizer that has learned how somebody writes; the old one stays as it was.

    drawings: uint8 RGBA [H, W, 4] each, any size and colors; empty ones are passed over. labels: what each shows, "0"
    to "9", or "" for what is not a digit. with_mnist: mix them with MNIST's digits, without which the network forgets
    these. threads: the same number and seed give the same network. on_report: told how far it is.

    Raises InputError for other drawings or labels.
    """
    lesson = prepare_lesson(recognizer, drawings, labels, with_mnist=with_mnist)
    trainer = trainer_for(lesson, lesson_config(lesson, seed), load_dataset(dataset_of(lesson)), threads)
    for report in trainer.run():
        on_report(report)
    return Recognizer(trainer.trained, taught_card(trainer, lesson))


def dataset_of(lesson: Lesson) -> str:
    """The name of the dataset that the network has learned from, the usual one where that is not to be had."""
    name = lesson.card.dataset
    return name if name in datasets() else USUAL


def trainer_for(lesson: Lesson, config: TrainingConfig, dataset: Dataset, threads: int) -> Trainer:
    """The training on a lesson. dataset: what the network knows, MNIST mostly. Raises InputError as `Trainer` does."""
    return Trainer(config, mixed(lesson, dataset, config.seed), threads, start=lesson.arrays, keep=kept(lesson))


def taught_card(trainer: Trainer, lesson: Lesson) -> ModelCard:
    """What there is to know about the network of a training on a lesson; how well it reads is not measured.

    Its confidence stays calibrated as it was: a few drawings are too few to calibrate it with.
    """
    count, before = len(lesson.images), lesson.card
    drawings = "1 drawing" if count == 1 else f"{count:,} drawings"
    mix = "mixed with MNIST" if lesson.with_mnist else "without MNIST"
    return dataclasses.replace(
        before,
        name=f"{before.name.removesuffix(SUFFIX)[: MAX_NAME - len(SUFFIX)]}{SUFFIX}",
        title=f"{before.title.removesuffix(', taught')}, taught",
        description=f"Taught with {drawings}, {mix}.",
        config=trainer.config.to_dict(),
        data=f"{before.data}; then {drawings} by its user, {mix}",
        epochs=math.ceil(trainer.epoch),
        seed=trainer.config.seed,
        seconds=round(trainer.seconds, 1),
        date=datetime.date.today().isoformat(),
        accuracies={},
        by_digit={},
        curves={},
        # What it learned from before is still known by the command that began it; see `may_know`.
        command=f"{before.command} # then taught with {drawings}" if before.command else "",
        sha256="",
        bytes=0,
    )


def save_taught(
    trainer: Trainer,
    lesson: Lesson,
    dataset: Dataset,
    folder: Path,
    name: str,
    title: str = "",
    pause: Callable[[], None] = lambda: None,
) -> ModelCard:
    """Measure the network of a training on a lesson as it stands, and write it to `folder` as `name`; returns the card.

    dataset: the one with the test images. title: instead of one made of the former title. pause: called again and again
    between two pieces of work; it may wait or raise. Raises InputError if the folder cannot be written to.
    """
    card = taught_card(trainer, lesson)
    card = dataclasses.replace(card, name=name, title=title or card.title)
    reader = Recognizer(trainer.trained, card)
    result = evaluate_test(reader, dataset, pause)
    card = dataclasses.replace(
        card,
        accuracies={"test": round(result.accuracy, 5)},
        by_digit={"test": {reader.classes[digit]: round(share, 5) for digit, share in result.by_digit.items()}},
    )
    return weights.save(trainer.trained, card, folder)
