"""A drawing goes in, a reading comes out: the one path from ink to digit."""

import functools
import hashlib
import os
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from mnist_core.data.class_names import TEN_DIGITS
from mnist_core.errors import InputError
from mnist_core.ink import canvas
from mnist_core.nn.folding import folded
from mnist_core.nn.network import Network, probabilities
from mnist_core.reading import weights
from mnist_core.reading.answers import NumberReading, Reading, ReadingStatus
from mnist_core.reading.looks import VIEWS, views
from mnist_core.reading.weights import ModelCard

IMAGES_AT_ONCE = 64
"""Images whose views are made at once."""
OTHER_FROM = 0.5
"""The probability of being no digit from which on a drawing counts as none."""


__all__ = ["Reading", "ReadingStatus", "Recognizer"]


class Recognizer:
    """Reads drawings with one network. Never changes, so any number of threads may share it."""

    def __init__(self, network: Network, card: ModelCard) -> None:
        """reader, an attribute, is the network in fewer steps: the same scores and gradients, sooner.

        classes, another one: the names of what it reads, by the card; outputs beyond them are for what is none of them.
        Raises InputError if the card names more classes than the network has outputs.
        """
        self.network = network
        self.card = card
        self.reader = folded(network)
        self.classes = card.class_names
        weights.check_classes(self.classes, network.classes)

    @classmethod
    def load(cls, name: str = "default", folder: str | os.PathLike[str] = weights.FOLDER) -> "Recognizer":
        """The bundled network `name`. Raises InputError if there is none, or if its files are not sound."""
        return cls(*weights.load(name, Path(folder)))

    @property
    def knows_others(self) -> bool:
        """Whether it was taught what is none of its classes."""
        return self.network.classes > len(self.classes)

    @property
    def reads_digits(self) -> bool:
        """Whether its classes are the ten digits, and no others."""
        return self.classes == TEN_DIGITS

    @functools.cached_property
    def identity(self) -> str:
        """The same text for a network with the same layers and numbers, and for no other."""
        network = self.network
        digest = hashlib.sha256(repr((network.description, network.output, network.dtype.name)).encode())
        for _, array in network.arrays():
            digest.update(np.ascontiguousarray(array).data)
        return digest.hexdigest()

    def read(self, rgba: np.ndarray, *, normalized: bool = True) -> Reading:
        """Read one drawing, uint8 [H, W, 4], any size and colors.

        normalized=False skips cropping, fitting and centering, to show what they are good for.
        Raises InputError for another kind of array.
        """
        return self.read_many([rgba], normalized=normalized)[0]

    def read_number(self, rgba: np.ndarray) -> NumberReading:
        """Read the number in a drawing, a scan or a photo, uint8 [H, W, 4].

        Raises InputError for another kind of array, and for a network that does not know the ten digits.
        """
        # Loaded when it is asked for: SciPy, which a single digit does not need, takes a moment.
        from mnist_core.reading.numbers import read_number

        return read_number(self, rgba)

    def read_page(self, rgba: np.ndarray) -> tuple[NumberReading, ...]:
        """All numbers of a scan or a photo, uint8 [H, W, 4], from top to bottom and from left to right.

        Raises InputError for another kind of array, and where there are too many.
        """
        from mnist_core.reading.numbers import read_page

        return read_page(self, rgba)

    def read_many(self, drawings: Sequence[np.ndarray], *, normalized: bool = True) -> list[Reading]:
        """Read several drawings at once: the same readings as one by one, up to rounding, in less time."""
        prepare = canvas.normalize if normalized else canvas.plain_resize
        return self.read_images([prepare(rgba) for rgba in drawings])

    def read_images(self, images: Sequence[np.ndarray | None], *, one_look: bool = False) -> list[Reading]:
        """Read pictures that are float [28, 28] in 0..1 already; None stands for an empty drawing.

        one_look: look once at each, whatever the card asks for, in less time.
        """
        drawn = [image for image in images if image is not None]
        if not drawn:
            return [self._nothing("blank", None) for _ in images]
        pictures = np.stack(drawn)
        found = iter(self._shares(self.reader.logits(pictures)) if one_look else self.probabilities(pictures))
        return [
            self._nothing("blank", None) if image is None else self._reading(image, next(found)) for image in images
        ]

    def read_digits(self, images: np.ndarray) -> list[Reading]:
        """Read pictures, float [N, 28, 28] in 0..1, that are digits for certain: specks are not passed over."""
        return [self._answer(image, found) for image, found in zip(images, self.probabilities(images), strict=True)]

    def scores(self, images: np.ndarray) -> np.ndarray:
        """The network's scores, [N, classes], for images [N, 28, 28]: the mean over as many views as the card says."""
        if self.card.views == 1 or not len(images):
            return self.reader.logits(images)
        parts = range(0, len(images), IMAGES_AT_ONCE)
        return np.concatenate(
            [
                self.reader.logits(views(images[first : first + IMAGES_AT_ONCE]))
                .reshape(-1, VIEWS, self.network.classes)
                .mean(axis=1)
                for first in parts
            ]
        )

    def group_probabilities(self, images: np.ndarray, threads: int = 1) -> np.ndarray:
        """float32 [N, classes]: what one look at each of the images [N, 28, 28] says, whatever the card asks for.

        Of a network with other classes than the ten digits: [N, 10], which digit it is if it is one. Raises InputError
        if it does not know them. threads: see `Network.logits`.
        """
        if not set(TEN_DIGITS) <= set(self.classes):
            raise InputError("This network does not know the ten digits, so it reads no numbers.")
        shares = self._shares(self.reader.logits(images, threads))
        if self.reads_digits:
            return shares
        shares = shares[:, [self.classes.index(name) for name in TEN_DIGITS]]
        return np.asarray(shares / np.maximum(shares.sum(axis=1, keepdims=True), np.finfo(np.float32).tiny))

    def probabilities(self, images: np.ndarray) -> np.ndarray:
        """float32 [N, classes] for images [N, 28, 28], each row adding up to 1, as sure as the card's temperature says.

        Dividing the scores by a temperature changes no answer, only how sure it sounds (Guo and others 2017).
        """
        return self._shares(self.scores(images))

    def _shares(self, scores: np.ndarray) -> np.ndarray:
        if self.network.output == "softmax":
            scores /= self.card.temperature
        return probabilities(scores, self.network.output).astype(np.float32)

    def _reading(self, image: np.ndarray, found: np.ndarray) -> Reading:
        # What is written has strokes; of clothes, a filled shape is just what there is to read.
        if all(len(name) == 1 for name in self.classes) and not canvas.has_strokes(image):
            return self._nothing("unsure", image)
        return self._answer(image, found)

    def _answer(self, image: np.ndarray, found: np.ndarray) -> Reading:
        known = len(self.classes)
        digits, other = found[:known], float(found[known:].sum())
        digit = int(digits.argmax())
        confidence = float(digits[digit])
        status: ReadingStatus = "digit" if confidence >= self.card.unsure_below else "unsure"
        if other >= OTHER_FROM:
            status = "other"
        total = digits.sum()
        digits = digits / total if total > 0 else self._all_the_same()
        return Reading(status, digit, confidence, digits, image, other, self.classes)

    def _nothing(self, status: ReadingStatus, image: np.ndarray | None) -> Reading:
        return Reading(status, None, 0.0, self._all_the_same(), image, classes=self.classes)

    def _all_the_same(self) -> np.ndarray:
        return np.full(len(self.classes), 1 / len(self.classes), np.float32)
