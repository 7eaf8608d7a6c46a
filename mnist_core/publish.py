"""Train a recipe from the bundled data and save the network together with the model card that tells how."""

import dataclasses
import datetime
import math
from collections.abc import Callable
from pathlib import Path

from mnist_core import weights
from mnist_core.dataset import Dataset, to_unit
from mnist_core.errors import InputError
from mnist_core.evaluation import evaluate_test
from mnist_core.metrics import accuracy, sure_threshold
from mnist_core.recipe import Recipe
from mnist_core.recognizer import Recognizer
from mnist_core.trainer import Report, Trainer
from mnist_core.weights import ModelCard

THREADS = 2
"""Threads of a training on the command line, whatever the machine: another number gives other rounding errors."""


def train_and_save(
    recipe: Recipe,
    dataset: Dataset,
    folder: Path,
    *,
    seed: int | None = None,
    epochs: int | None = None,
    corrected: bool = False,
    threads: int = THREADS,
    on_report: Callable[[Report], None] = lambda report: None,
) -> ModelCard:
    """Train `recipe` (with `seed` and `epochs` instead of its own, if given), measure it, write it to `folder`.

    corrected: train its corrected twin, called NAME-corrected. threads: see `Trainer`. Returns the network's card. The
    test images are looked at once, after the training; what is chosen is chosen on the validation images, or where
    there are none on 5,000 training images. Raises InputError if a setting is impossible or the folder cannot be
    written to.
    """
    weights.check_folder(folder)
    chosen = recipe.corrected if corrected else recipe.config
    if chosen is None:
        raise InputError(f"recipe {recipe.name!r}: there is nothing to correct in it.")
    seed = chosen.seed if seed is None else seed
    config = dataclasses.replace(chosen, seed=seed)
    if epochs:
        config = dataclasses.replace(config, epochs=epochs, steps=0)
    name = f"{recipe.name}-corrected" if corrected else recipe.name
    trainer = Trainer(config, dataset, threads)
    for report in trainer.run(recipe.report_every or 50):
        on_report(report)
    command = f"python -m mnist_core train --recipe {recipe.name} --seed {seed}"
    if epochs:
        command += f" --epochs {epochs}"
    if corrected:
        command += " --corrected"
    if threads != THREADS:
        command += f" --threads {threads}"
    title = recipe.title + (", corrected" if corrected else "")
    return save_trained(trainer, dataset, folder, name, title, recipe.description, command)


def save_trained(
    trainer: Trainer, dataset: Dataset, folder: Path, name: str, title: str, description: str, command: str = ""
) -> ModelCard:
    """Measure the network of a training as it stands and write it to `folder`; returns its card. Raises InputError."""
    config, network = trainer.config, trainer.network
    accuracies = {}
    if len(trainer.validation_labels):
        images, labels = trainer.validation_images, trainer.validation_labels
        accuracies["validation"] = accuracy(network.logits(to_unit(images, config.dtype)), labels)
    else:
        images, labels = dataset.train_images[trainer.places[:5000]], trainer.labels[:5000]
    scores = network.predict(to_unit(images, config.dtype))
    threshold = sure_threshold(scores.max(axis=1), scores.argmax(axis=1) == labels)
    card = ModelCard(name, title, description, list(config.layers), unsure_below=round(threshold, 3))
    accuracies["test"] = evaluate_test(Recognizer(network, card), dataset).accuracy
    return weights.save(
        network,
        dataclasses.replace(
            card,
            config=config.to_dict(),
            data=f"{dataset.name}, {len(trainer.labels):,} training images "
            f"and {len(trainer.validation_labels):,} for validation",
            epochs=math.ceil(trainer.epoch),
            seed=config.seed,
            seconds=round(trainer.seconds, 1),
            date=datetime.date.today().isoformat(),
            accuracies={name: round(value, 5) for name, value in accuracies.items()},
            command=command,
        ),
        folder,
    )
