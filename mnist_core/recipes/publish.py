"""Measure a network whose training has ended, and write it down together with the model card that tells about it."""

import dataclasses
import datetime
import math
from collections.abc import Callable
from pathlib import Path

import numpy as np

from mnist_core.data.class_names import TEN_DIGITS
from mnist_core.data.dataset import Dataset, to_unit
from mnist_core.errors import InputError
from mnist_core.nn.metrics import accuracy, fitting_temperature, sure_threshold
from mnist_core.nn.network import Network, probabilities
from mnist_core.reading import weights
from mnist_core.reading.evaluation import count, evaluate_test
from mnist_core.reading.recognizer import Recognizer
from mnist_core.reading.weights import ModelCard
from mnist_core.training.trainer import Trainer

SURE = 0.999
"""How accurate the readings that are not called unsure shall be on the validation images, 0 to 1."""
WRONG_LABELS = 0.01
"""The share of the pen strokes' labels that is taken to be wrong. Without it, a few wrong ones lower all confidence."""
SCORED_AT_ONCE = 1000
NO_DIGIT_SHARE = 0.05
"""The share of what people draw that is taken to be no digit. In the training data there are more."""
MEASURED_WITHOUT_VALIDATION = 5000
"""Training images that the confidence is fitted on where none are held out."""


def save_trained(
    trainer: Trainer, dataset: Dataset, folder: Path, card: ModelCard, pause: Callable[[], None] = lambda: None
) -> ModelCard:
    """Measure the network of a training as it stands and write it to `folder`; returns the card, filled in.

    dataset: the one with the test images; the trainer's training images begin with this dataset's. pause: called again
    and again between two pieces of work; it may wait or raise. Raises InputError if the folder cannot be written to, or
    if the last layer has no biases where it needs them (see `with_offsets`).
    """
    config, network = trainer.config, trainer.trained
    names, known = dataset.classes, len(dataset.classes)
    card = dataclasses.replace(card, classes=[] if names == TEN_DIGITS else list(names))
    accuracies, by_digit, use = {}, {}, ""
    if len(trainer.validation_class_ids):
        indices = trainer.validation_indices
        from_pen = indices >= len(dataset.train_labels)
    else:
        indices = trainer.training_indices[:MEASURED_WITHOUT_VALIDATION]
        from_pen = np.zeros(len(indices), bool)
    images, class_ids = trainer.dataset.train_images[indices], trainer.dataset.train_labels[indices]
    scores = _scores(Recognizer(network, card), images, config.dtype, pause)
    if trainer.dataset.held_out is not None and network.output == "softmax":
        # Held-out writers are nearest to what people will draw; without any, all validation images are used.
        chosen = from_pen if from_pen.any() else np.ones(len(class_ids), bool)
        learned, tried = (float((part >= known).mean()) for part in (trainer.training_class_ids, class_ids[chosen]))
        offsets = offsets_for(network.classes, learned, tried, known)
        wrong = WRONG_LABELS if from_pen.any() else 0.0
        temperature = round(fitting_temperature(scores[chosen], class_ids[chosen], offsets, wrong), 3)
        network = with_offsets(network, temperature * offsets_for(network.classes, learned, NO_DIGIT_SHARE, known))
        card = dataclasses.replace(card, temperature=temperature)
        use = f". For use, {100 * NO_DIGIT_SHARE:.0f} % of the drawings are taken to be no digits" if learned else ""
        scores = _scores(Recognizer(network, card), images, config.dtype, pause) / temperature
    is_digit = class_ids < known
    found, digits = probabilities(scores, network.output)[is_digit, :known], class_ids[is_digit]
    threshold = sure_threshold(found.max(axis=1), found.argmax(axis=1) == digits, SURE)
    card = dataclasses.replace(card, unsure_below=round(threshold, 3))
    of_mnist = ~from_pen[is_digit]
    if len(trainer.validation_class_ids) and of_mnist.any():
        accuracies["validation"] = accuracy(found[of_mnist], digits[of_mnist])
    reader = Recognizer(network, card)
    results = {"test": evaluate_test(reader, dataset, pause)}
    strangers = from_pen & is_digit
    if strangers.any():
        results["held-out writers"] = count(reader.read_digits(to_unit(images[strangers])), class_ids[strangers])
    for name, result in results.items():
        accuracies[name] = result.accuracy
        by_digit[name] = {names[digit]: round(share, 5) for digit, share in result.by_digit.items()}
    return weights.save(
        network,
        dataclasses.replace(
            card,
            config=config.to_dict(),
            data=(card.data or _data(trainer, dataset)) + use,
            epochs=math.ceil(trainer.epoch),
            seed=config.seed,
            seconds=round(trainer.seconds, 1),
            date=datetime.date.today().isoformat(),
            accuracies={name: round(value, 5) for name, value in accuracies.items()},
            by_digit=by_digit,
        ),
        folder,
    )


def _scores(recognizer: Recognizer, images: np.ndarray, dtype: str, pause: Callable[[], None]) -> np.ndarray:
    """The network's scores, [N, classes], for images uint8 [N, 28, 28], part by part."""
    parts = []
    for first in range(0, max(1, len(images)), SCORED_AT_ONCE):
        pause()
        parts.append(recognizer.scores(to_unit(images[first : first + SCORED_AT_ONCE], dtype)))
    return np.concatenate(parts)


def _data(trainer: Trainer, dataset: Dataset) -> str:
    held_out = len(trainer.validation_class_ids)
    return f"{dataset.name}, {len(trainer.training_class_ids):,} training images and {held_out:,} for validation"


def offsets_for(classes: int, learned: float, wanted: float, known: int = len(TEN_DIGITS)) -> np.ndarray:
    """What to add to the scores where a share of `wanted` pictures are no digits, instead of `learned`: [classes].

    known: how many classes there are; the outputs after them are for what is none of these.
    A softmax learns how frequent each class is, together with how it looks. Elsewhere its odds are put right by the
    change of the odds (Saerens, Latinne, Decaestecker, "Adjusting the outputs of a classifier to new a priori
    probabilities", 2002). It is 0 for all if there were no others to learn from.
    """
    offsets = np.zeros(classes)
    if learned > 0:
        offsets[known:] = _log_odds(wanted) - _log_odds(learned)
    return offsets


def _log_odds(share: float) -> float:
    share = min(max(share, 0.001), 0.999)
    return math.log(share / (1 - share))


def with_offsets(network: Network, offsets: np.ndarray) -> Network:
    """The network with `offsets`, [classes], added to its scores; another one, unless all of them are 0.

    Raises InputError if its last layer has no biases to add them to.
    """
    if not offsets.any():
        return network
    adjusted = network.copy()
    biases = adjusted.layers[-1].parameters.get("biases")
    if biases is None:
        raise InputError("the last layer: expected one with biases, since it was taught what is no digit.")
    biases += offsets.astype(biases.dtype)
    return adjusted
