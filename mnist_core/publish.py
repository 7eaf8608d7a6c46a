"""Train a recipe from the bundled data and save the network together with the model card that tells how."""

import dataclasses
import datetime
from collections.abc import Callable
from pathlib import Path

from mnist_core import weights
from mnist_core.dataset import Dataset
from mnist_core.evaluation import evaluate_test
from mnist_core.metrics import sure_threshold
from mnist_core.recipes import Recipe
from mnist_core.recognizer import Recognizer
from mnist_core.trainer import Report, Trainer
from mnist_core.weights import ModelCard


def train_and_save(
    recipe: Recipe,
    dataset: Dataset,
    folder: Path,
    *,
    seed: int = 0,
    epochs: int | None = None,
    on_report: Callable[[Report], None] = lambda report: None,
) -> ModelCard:
    """Train `recipe` (for `epochs` instead of its own number, if given), measure it, write it to `folder`.

    Returns its card. The test images are looked at once, after the training; what is chosen is chosen on the
    validation images. Raises InputError if a setting is impossible or the folder cannot be written to.
    """
    weights.check_folder(folder)
    config = dataclasses.replace(recipe.config, seed=seed, epochs=epochs or recipe.config.epochs)
    trainer = Trainer(config, dataset)
    report = None
    for report in trainer.run():
        on_report(report)
    assert report is not None
    accuracies = {}
    card = ModelCard(name=recipe.name, title=recipe.title, description=recipe.description, layers=list(config.layers))
    if len(trainer.validation_labels):
        accuracies["validation"] = report.validation_accuracy
        scores = trainer.network.predict(trainer.validation_images)
        threshold = sure_threshold(scores.max(axis=1), scores.argmax(axis=1) == trainer.validation_labels)
        card = dataclasses.replace(card, unsure_below=round(threshold, 3))
    accuracies["test"] = evaluate_test(Recognizer(trainer.network, card), dataset).accuracy
    command = f"python -m mnist_core train --recipe {recipe.name} --seed {seed}"
    if epochs:
        command += f" --epochs {epochs}"
    return weights.save(
        trainer.network,
        dataclasses.replace(
            card,
            config=config.to_dict(),
            data=f"{dataset.name}, {len(trainer.labels):,} training images "
            f"and {len(trainer.validation_labels):,} for validation",
            epochs=config.epochs,
            seed=seed,
            seconds=round(report.seconds, 1),
            date=datetime.date.today().isoformat(),
            accuracies={name: round(value, 5) for name, value in accuracies.items()},
            command=command,
        ),
        folder,
    )
