"""A drawing goes in, a reading comes out: the one path from ink to digit."""

import functools
import hashlib
import os
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from mnist_core.ink import canvas
from mnist_core.nn.folding import folded
from mnist_core.nn.network import DIGITS, Network, probabilities
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
        """reader, an attribute, is the network in fewer steps: the same scores and gradients, sooner."""
        self.network = network
        self.card = card
        self.reader = folded(network)

    @classmethod
    def load(cls, name: str = "default", folder: str | os.PathLike[str] = weights.FOLDER) -> "Recognizer":
        """The bundled network `name`. Raises InputError if there is none, or if its files are not sound."""
        return cls(*weights.load(name, Path(folder)))

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

        Raises InputError for another kind of array.
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

    def read_images(self, images: Sequence[np.ndarray | None]) -> list[Reading]:
        """Read pictures that are float [28, 28] in 0..1 already; None stands for an empty drawing."""
        drawn = [image for image in images if image is not None]
        if not drawn:
            return [self._nothing("blank", None) for _ in images]
        found = iter(self.probabilities(np.stack(drawn)))
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

    def group_probabilities(self, images: np.ndarray) -> np.ndarray:
        """float32 [N, classes]: what one look at each of the images [N, 28, 28] says, whatever the card asks for."""
        scores = np.concatenate(
            [
                self.reader.logits(images[first : first + IMAGES_AT_ONCE])
                for first in range(0, len(images), IMAGES_AT_ONCE)
            ]
        )
        return self._shares(scores)

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
        if not canvas.has_strokes(image):
            return self._nothing("unsure", image)
        return self._answer(image, found)

    def _answer(self, image: np.ndarray, found: np.ndarray) -> Reading:
        digits, other = found[:DIGITS], float(found[DIGITS:].sum())
        digit = int(digits.argmax())
        confidence = float(digits[digit])
        status: ReadingStatus = "digit" if confidence >= self.card.unsure_below else "unsure"
        if other >= OTHER_FROM:
            status = "other"
        total = digits.sum()
        digits = digits / total if total > 0 else np.full(DIGITS, 0.1, np.float32)
        return Reading(status, digit, confidence, digits, image, other)

    @staticmethod
    def _nothing(status: ReadingStatus, image: np.ndarray | None) -> Reading:
        return Reading(status, None, 0.0, np.full(DIGITS, 0.1, np.float32), image)
