"""Measure a network whose training has ended, and write it down together with the model card that tells about it."""

import copy
import dataclasses
import datetime
import math
from pathlib import Path

import numpy as np

from mnist_core import weights
from mnist_core.dataset import Dataset, to_unit
from mnist_core.evaluation import count, evaluate_test
from mnist_core.metrics import accuracy, fitting_temperature, sure_threshold
from mnist_core.network import DIGITS, Network, probabilities
from mnist_core.recognizer import Recognizer
from mnist_core.trainer import Trainer
from mnist_core.weights import ModelCard

SURE = 0.999
"""The share of the readings that are not called unsure which are to be right, on the validation images."""
NO_DIGITS = 0.05
"""The share of what people draw here that is no digit, as it is taken to be; in practice there is more of it."""


def save_trained(trainer: Trainer, dataset: Dataset, folder: Path, card: ModelCard) -> ModelCard:
    """Measure the network of a training as it stands and write it to `folder`; returns the card, filled in.

    dataset: the one with the test images, whose training images come first among those of the trainer. Raises
    InputError.
    """
    config, network = trainer.config, trainer.trained
    accuracies, by_digit = {}, {}
    if len(trainer.validation_labels):
        images, labels = trainer.validation_images, trainer.validation_labels
        from_pen = trainer.validation_places >= len(dataset.train_labels)
    else:
        images, labels = dataset.train_images[trainer.places[:5000]], trainer.labels[:5000]
        from_pen = np.zeros(len(labels), bool)
    scores = Recognizer(network, card).scores(to_unit(images, config.dtype))
    if trainer.dataset.held_out is not None and network.output == "softmax":
        # Strangers' handwriting is what it will meet; without any, the validation images must do.
        chosen = from_pen if from_pen.any() else np.ones(len(labels), bool)
        card = dataclasses.replace(card, temperature=round(fitting_temperature(scores[chosen], labels[chosen]), 3))
        network = expecting(NO_DIGITS, network, float((trainer.labels >= DIGITS).mean()), card.temperature)
        scores = Recognizer(network, card).scores(to_unit(images, config.dtype)) / card.temperature
    is_digit = labels < DIGITS
    found, digits = probabilities(scores, network.output)[is_digit, :DIGITS], labels[is_digit]
    threshold = sure_threshold(found.max(axis=1), found.argmax(axis=1) == digits, SURE)
    card = dataclasses.replace(card, unsure_below=round(threshold, 3))
    if len(trainer.validation_labels):
        accuracies["validation"] = accuracy(found[~from_pen[is_digit]], digits[~from_pen[is_digit]])
    reader = Recognizer(network, card)
    results = {"test": evaluate_test(reader, dataset)}
    strangers = from_pen & is_digit
    if strangers.any():
        results["held-out writers"] = count(reader.read_digits(to_unit(images[strangers])), labels[strangers])
    for name, result in results.items():
        accuracies[name] = result.accuracy
        by_digit[name] = {str(digit): round(share, 5) for digit, share in result.by_digit.items()}
    return weights.save(
        network,
        dataclasses.replace(
            card,
            config=config.to_dict(),
            data=card.data
            or f"{dataset.name}, {len(trainer.labels):,} training images "
            f"and {len(trainer.validation_labels):,} for validation",
            epochs=math.ceil(trainer.epoch),
            seed=config.seed,
            seconds=round(trainer.seconds, 1),
            date=datetime.date.today().isoformat(),
            accuracies={name: round(value, 5) for name, value in accuracies.items()},
            by_digit=by_digit,
        ),
        folder,
    )


def expecting(wanted: float, network: Network, practiced: float, temperature: float) -> Network:
    """The network for use where a share of `wanted` pictures are no digits, having practiced on a share of `practiced`.

    A softmax learns how frequent each class is, together with how it looks; elsewhere the odds are put right by adding
    their change to the scores (Saerens, Latinne, Decaestecker, "Adjusting the outputs of a classifier to new a priori
    probabilities", 2002). temperature: what scores are divided by later. Given back as it is if it knows digits alone.
    """
    biases = network.layers[-1].parameters.get("biases")
    if network.classes == DIGITS or not 0 < practiced < 1 or biases is None:
        return network
    adjusted = copy.deepcopy(network)
    change = math.log(wanted / (1 - wanted)) - math.log(practiced / (1 - practiced))
    adjusted.layers[-1].parameters["biases"][DIGITS:] += biases.dtype.type(temperature * change)
    return adjusted
