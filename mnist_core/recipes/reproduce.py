"""Train a recipe, from the bundled data to the saved network: the same again, whoever does it."""

import dataclasses
import hashlib
import math
import shlex
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from mnist_core.data.class_names import TEN_DIGITS
from mnist_core.data.dataset import Dataset
from mnist_core.data.registry import USUAL
from mnist_core.errors import InputError
from mnist_core.files.atomic import reason
from mnist_core.ink.pen import PenDrawings
from mnist_core.reading import weights
from mnist_core.reading.weights import ModelCard
from mnist_core.recipes.publish import save_trained
from mnist_core.recipes.recipe import Recipe
from mnist_core.recipes.training_data import RenderingProgress, gather
from mnist_core.training.checkpoint import read_checkpoint, write_checkpoint
from mnist_core.training.config import TrainingConfig
from mnist_core.training.fitting import fitted
from mnist_core.training.report import Report
from mnist_core.training.trainer import Trainer

THREADS = 2
"""Threads of a training on the command line, the same on every machine: another number rounds differently."""
CHECKPOINT_SECONDS = 20.0
CURVES = ("epoch", "loss", "accuracy", "validation_loss", "validation_accuracy")


@dataclass(frozen=True)
class PenFiles:
    """Pen strokes to learn from.

    names: of the files. without: writers left out, by the beginnings of their names. credit: whose strokes these are,
    and under which license, for the model card.
    """

    names: tuple[str, ...] = ()
    drawings: tuple[PenDrawings, ...] = ()
    without: tuple[str, ...] = ()
    credit: str = ""


def train_and_save(
    recipe: Recipe,
    dataset: Dataset,
    folder: Path,
    *,
    name: str = USUAL,
    seed: int | None = None,
    epochs: int | None = None,
    corrected: bool = False,
    threads: int = THREADS,
    pen: PenFiles = PenFiles(),
    on_report: Callable[[Report], None] = lambda report: None,
    preparing: RenderingProgress = lambda parts, count: parts,
) -> ModelCard:
    """Train `recipe` (with `seed` and `epochs` instead of its own, if given), measure it, write it to `folder`.

    name: by which the dataset is chosen, "" for the usual one. The network gets an output for each of its classes.
    corrected: train its corrected twin, called NAME-corrected. threads: see `Trainer`; as many processes replay pen
    strokes, and `preparing` wraps their results. Returns the network's card. A training that was killed goes on from
    its checkpoint in `folder` when it is asked for again. The test images are looked at once, after the training; what
    is chosen is chosen on the validation images, or where there are none on 5,000 training images. Raises InputError
    if a setting is impossible or the folder cannot be written to.
    """
    weights.check_folder(folder)
    config = _settings(recipe, seed, epochs, corrected, bool(pen.drawings))
    if dataset.classes != TEN_DIGITS or name != USUAL:
        config = fitted(config, dataset)
    title = f"{recipe.name}-corrected" if corrected else recipe.name
    training_data, data = dataset, ""
    if recipe.extra_data:
        training_data, data = gather(
            dataset,
            recipe.extra_data,
            pen.drawings,
            seed=config.seed,
            validation=config.validation,
            without=pen.without,
            processes=threads,
            progress=preparing,
        )
        data += f". Pen strokes: {pen.credit}" if pen.credit else ""
    trainer = Trainer(config, training_data, threads)
    checkpoint = folder / f".{title}-{_mark(config, training_data, threads)}.checkpoint.npz"
    curves = _train(trainer, checkpoint, recipe.report_every, on_report)
    command = ["python", "-m", "mnist_core", "train", "--recipe", recipe.name, "--seed", str(config.seed)]
    command += ["--epochs", str(epochs)] if epochs else []
    command += ["--corrected"] if corrected else []
    command += ["--threads", str(threads)] if threads != THREADS else []
    command += [word for file in pen.names for word in ("--pen", file)]
    command += [word for writer in pen.without for word in ("--without", writer)]
    command += ["--credit", pen.credit] if pen.credit else []
    command += ["--dataset", name] if name != USUAL else []
    card = ModelCard(
        title,
        recipe.title + (", corrected" if corrected else ""),
        recipe.description,
        list(config.layers),
        views=recipe.views,
        data=data,
        dataset=name,
        command=shlex.join(command),
        curves=curves,
    )
    saved = save_trained(trainer, dataset, folder, card)
    checkpoint.unlink(missing_ok=True)
    return saved


def _mark(config: TrainingConfig, dataset: Dataset, threads: int) -> str:
    """The same text for the same training, and no other: settings, images and threads."""
    digest = hashlib.sha256(repr((config, threads)).encode())
    for array in (dataset.train_images, dataset.train_labels, dataset.held_out):
        if array is not None:
            digest.update(np.ascontiguousarray(array).data)
    return digest.hexdigest()[:12]


def _settings(recipe: Recipe, seed: int | None, epochs: int | None, corrected: bool, with_pen: bool) -> TrainingConfig:
    chosen = recipe.corrected if corrected else recipe.config
    if chosen is None:
        raise InputError(f"recipe {recipe.name!r}: there is nothing to correct in it.")
    if with_pen:
        if recipe.with_pen is None:
            raise InputError(f"recipe {recipe.name!r}: it does not learn from pen strokes.")
        chosen = recipe.with_pen
    config = dataclasses.replace(chosen, seed=chosen.seed if seed is None else seed)
    return dataclasses.replace(config, epochs=epochs, steps=0) if epochs else config


def _train(
    trainer: Trainer, checkpoint: Path, report_every: int, on_report: Callable[[Report], None]
) -> dict[str, list[float | None]]:
    """Train to the end, from the checkpoint if there is one; returns the curves: one number for each epoch.

    loss and accuracy are means over the whole epoch. What was not validated at the end of an epoch is None.
    """
    curves: dict[str, list[float | None]] = {name: [] for name in CURVES}
    totals = {"steps": 0.0, "loss": 0.0, "accuracy": 0.0}
    if kept := read_checkpoint(checkpoint, checkpoint.name):
        arrays, facts = kept
        trainer.restore(arrays, facts)
        curves, totals = facts.get("curves", curves), facts.get("totals", totals)
    saved, step = time.monotonic(), trainer.step
    for report in trainer.run(report_every or 50):
        on_report(report)
        for name, value in (("steps", 1.0), ("loss", report.loss), ("accuracy", report.accuracy)):
            totals[name] += (report.step - step) * value
        step = report.step
        if report.end_of_epoch:
            means = {name: totals[name] / totals["steps"] for name in ("loss", "accuracy")}
            for name in CURVES:
                value = means.get(name, getattr(report, name))
                curves[name].append(round(value, 5) if math.isfinite(value) else None)
            totals = dict.fromkeys(totals, 0.0)
        if time.monotonic() - saved > CHECKPOINT_SECONDS or trainer.finished:
            arrays, facts = trainer.state()
            try:
                write_checkpoint(checkpoint, arrays, facts | {"curves": curves, "totals": totals})
            except OSError as error:
                raise InputError(f"{checkpoint.parent}: cannot be written to ({reason(error)}).") from None
            saved = time.monotonic()
    return curves
