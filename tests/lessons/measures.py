"""What the claims of lessons measure: on a bundled network, or on one trained with the lesson's own settings."""

import functools
import math
from collections.abc import Callable
from urllib.parse import parse_qsl

import numpy as np

from mnist_core import Recognizer, Trainer, load_mnist
from mnist_core.data import Dataset, load_dataset, to_unit
from mnist_core.drawings import made_up_drawings
from mnist_core.ink import canvas, pen
from mnist_core.ink.vary_strokes import vary
from mnist_core.insight import explain
from mnist_core.nn import Network, probabilities
from mnist_core.reading import ModelCard
from mnist_core.teaching import lesson_config, lesson_of_images, trainer_for
from pages.components.lessons.claim import Claim
from pages.components.train.training_link import from_query

IMAGES = 2000
"""So many test images are read."""
LETTERS: dict[str, list[list[tuple[int, int]]]] = {
    "A": [[(100, 1000), (500, 0), (900, 1000)], [(260, 600), (740, 600)]],
    "E": [[(800, 0), (150, 0), (150, 1000), (800, 1000)], [(150, 480), (650, 480)]],
    "H": [[(150, 0), (150, 1000)], [(850, 0), (850, 1000)], [(150, 500), (850, 500)]],
    "K": [[(200, 0), (200, 1000)], [(800, 0), (220, 520), (800, 1000)]],
    "M": [[(50, 1000), (200, 0), (500, 650), (800, 0), (950, 1000)]],
    "W": [[(50, 0), (250, 1000), (500, 350), (750, 1000), (950, 0)]],
    "X": [[(150, 0), (850, 1000)], [(850, 0), (150, 1000)]],
}
OF_EACH_LETTER = 8


class Subject:
    """A network, and, if it was trained for this, how that went."""

    def __init__(self, text: str) -> None:
        query = dict(parse_qsl(text))
        self.losses: list[float] = []
        self.learned_from: tuple[np.ndarray, np.ndarray] | None = None
        if "network" in query:
            self.recognizer = Recognizer.load(query["network"])
            return
        _, config = from_query(query)
        data = load_mnist()
        trainer = Trainer(config, data)
        with np.errstate(all="ignore"):
            for report in trainer.run(report_every=max(1, trainer.steps // 300)):
                self.losses.append(report.loss)
                if not math.isfinite(report.loss):
                    break
        images = data.train_images[trainer.training_indices[:IMAGES]]
        self.learned_from = images, trainer.training_class_ids[:IMAGES]
        self.recognizer = Recognizer(trainer.trained, ModelCard("claim", "Claim", "", list(config.layers)))

    @property
    def network(self) -> Network:
        return self.recognizer.network


@functools.lru_cache(maxsize=12)
def subject(text: str) -> Subject:
    return Subject(text)


def few_or_all(found: Subject) -> int:
    """How many test images are read: all, unless convolutions take their time."""
    return IMAGES if any("conv" in layer.name for layer in found.network.layers) else 10_000


def pictures_of_test(shift: int = 0, images: int = IMAGES) -> tuple[np.ndarray, np.ndarray]:
    """Pictures as numbers from 0 to 1, moved to the right and down, and what they show."""
    data = load_mnist()
    pictures, labels = to_unit(data.test_images[:images]), data.test_labels[:images]
    if shift:
        moved = np.zeros_like(pictures)
        moved[:, shift:, shift:] = pictures[:, :-shift, :-shift]
        pictures = moved
    return pictures, labels


def scores(network: Network, pictures: np.ndarray) -> np.ndarray:
    parts = [
        network.logits(pictures[first : first + 500].astype(network.dtype)) for first in range(0, len(pictures), 500)
    ]
    return np.concatenate(parts)


def shares(found: Subject, pictures: np.ndarray) -> np.ndarray:
    """What it finds how likely, for the ten digits, with the temperature of its card."""
    logits = scores(found.network, pictures)
    if found.network.output == "softmax":
        logits = logits / found.recognizer.card.temperature
    return probabilities(logits, found.network.output)[:, :10]


def percent_right(found: Subject, pictures: np.ndarray, labels: np.ndarray) -> float:
    return 100 * float((scores(found.network, pictures)[:, :10].argmax(axis=1) == labels).mean())


def accuracy_on_test(found: Subject, claim: Claim) -> float:
    return percent_right(found, *pictures_of_test(claim.shift, few_or_all(found)))


def training_accuracy(found: Subject, claim: Claim) -> float:
    assert found.learned_from is not None
    images, labels = found.learned_from
    return percent_right(found, to_unit(images), labels)


def gap(found: Subject, claim: Claim) -> float:
    return training_accuracy(found, claim) - accuracy_on_test(found, claim)


def growth_of_loss(found: Subject, claim: Claim) -> float:
    """The last losses, as a multiple of the first one."""
    last = found.losses[-20:]
    return math.inf if not all(map(math.isfinite, last)) else float(np.mean(last)) / found.losses[0]


def peak_of_loss(found: Subject, claim: Claim) -> float:
    """The highest loss, as a multiple of the first one."""
    return max((loss if math.isfinite(loss) else math.inf) for loss in found.losses) / found.losses[0]


def parameters(found: Subject, claim: Claim) -> float:
    return sum(array.size for layer in found.network.layers for array in layer.parameters.values())


def mean_confidence(found: Subject, claim: Claim) -> float:
    return 100 * float(shares(found, pictures_of_test(claim.shift)[0]).max(axis=1).mean())


def sure_mistakes(found: Subject, claim: Claim) -> float:
    """The share of all mistakes of which it is more than 90 % sure."""
    pictures, labels = pictures_of_test(claim.shift, 10_000)
    found_shares = shares(found, pictures)
    wrong = found_shares.argmax(axis=1) != labels
    return 100 * float((found_shares.max(axis=1)[wrong] > 0.9).mean())


def flagged_ones(found: Subject, claim: Claim) -> float:
    """The share of 1s with a flag that are read as 1s: of the three ways to write one, the second."""
    pictures, labels = made_up_drawings()
    ones = to_unit(pictures[[label == "1" for label in labels]])
    return percent_right(found, ones[len(ones) // 3 : 2 * len(ones) // 3], np.ones(len(ones) // 3, int))


def last_loss(found: Subject, claim: Claim) -> float:
    return float(np.mean(found.losses[-100:]))


def strangers(found: Subject, claim: Claim) -> float:
    """Digits in unusual hands, drawn by a program."""
    pictures, labels = made_up_drawings()
    return percent_right(found, to_unit(pictures), np.array([int(label) for label in labels]))


@functools.cache
def letters() -> np.ndarray:
    rng = np.random.default_rng(5)
    found = []
    for strokes in LETTERS.values():
        for _ in range(OF_EACH_LETTER):
            lines = [np.array(stroke, float) for stroke in strokes]
            image = canvas.normalize(pen.replay(vary(lines, rng), rng, pen.ANY_HAND), canvas.BLACK)
            if image is not None:
                found.append(image)
    return np.stack(found)


def letters_as_digits(found: Subject, claim: Claim) -> float:
    """The share of letters that are answered with a digit, sure or not."""
    readings = found.recognizer.read_images(list(letters()))
    return 100 * sum(reading.status in ("digit", "unsure") for reading in readings) / len(readings)


def sure_letters(found: Subject, claim: Claim) -> float:
    """The share of letters that are answered with a digit, more than 90 % sure."""
    readings = found.recognizer.read_images(list(letters()))
    return 100 * sum(reading.status != "other" and reading.confidence > 0.9 for reading in readings) / len(readings)


def smallest_change(found: Subject, claim: Claim) -> float:
    """How far it is to another answer: the middle of 20 pictures, as a share of the picture's own ink."""
    pictures, _ = pictures_of_test(images=20)
    distances = []
    for picture in pictures:
        now = explain.answer(found.network, picture)
        flips = [explain.flip(found.network, picture, digit) for digit in range(10) if digit != now]
        distances.append(min(flip.distance for flip in flips if flip) / float(np.sqrt((picture**2).sum())))
    return 100 * float(np.median(distances))


def after_teaching(found: Subject, claim: Claim) -> tuple[Network, np.ndarray]:
    """The network when it was taught 1s with a flag. The other half of the drawings is for the test."""
    pictures, labels = made_up_drawings()
    ones = pictures[[label == "1" for label in labels]]
    images = ones[::2]
    lesson = lesson_of_images(found.recognizer, images, ["1"] * len(images), with_mnist=claim.mixed)
    data: Dataset = load_dataset("")
    trainer = trainer_for(lesson, lesson_config(lesson, 0), data, 2)
    for _ in trainer.run():
        pass
    return trainer.trained, ones[1::2]


def forgotten(found: Subject, claim: Claim) -> float:
    """The points on the test images that teaching it one digit alone costs."""
    pictures, labels = pictures_of_test()
    network, _ = after_teaching(found, claim)
    after = 100 * float((scores(network, pictures)[:, :10].argmax(axis=1) == labels).mean())
    return accuracy_on_test(found, claim) - after


def learned(found: Subject, claim: Claim) -> float:
    """The points on drawings like the taught ones that teaching gains."""
    network, others = after_teaching(found, claim)
    pictures, labels = to_unit(others), np.ones(len(others), int)
    after = 100 * float((scores(network, pictures)[:, :10].argmax(axis=1) == labels).mean())
    return after - percent_right(found, pictures, labels)


MEASURES: dict[str, Callable[[Subject, Claim], float]] = {
    "test accuracy": accuracy_on_test,
    "training accuracy": training_accuracy,
    "training less test accuracy": gap,
    "last loss": last_loss,
    "growth of the loss": growth_of_loss,
    "peak of the loss": peak_of_loss,
    "parameters": parameters,
    "mean confidence": mean_confidence,
    "sure mistakes": sure_mistakes,
    "strangers' digits": strangers,
    "flagged ones": flagged_ones,
    "letters as digits": letters_as_digits,
    "letters surely as digits": sure_letters,
    "smallest change": smallest_change,
    "forgotten": forgotten,
    "learned": learned,
}


def measured(claim: Claim) -> float:
    """What a claim is about; the difference, if it compares two."""
    measure = MEASURES[claim.measure]
    value = measure(subject(claim.of), claim)
    return value - measure(subject(claim.minus), claim) if claim.minus else value
