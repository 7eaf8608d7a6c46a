"""What a network is taught: drawings with what they show, and the network as it is before."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from mnist_core.data.dataset import to_bytes, to_unit
from mnist_core.errors import InputError
from mnist_core.ink.canvas import normalize
from mnist_core.nn.network import Network
from mnist_core.reading.recognizer import Recognizer
from mnist_core.reading.weights import ModelCard
from mnist_core.teaching.no_digit import with_no_digit

NO_DIGIT = ""
"""The label of what is not a digit."""
MAX_DRAWINGS = 10_000


@dataclass(frozen=True, eq=False)
class Lesson:
    """Plain values, which can be sent to another process or another computer.

    card, arrays: of the network that it begins with (`Network.arrays`). images: uint8 [N, 28, 28], normalized;
    class_ids: uint8 [N], the class of each. with_mnist: whether MNIST's images are mixed in, so that the network does
    not forget them.
    """

    card: ModelCard
    arrays: dict[str, np.ndarray]
    images: np.ndarray
    class_ids: np.ndarray
    with_mnist: bool = True

    def recognizer(self) -> Recognizer:
        """The network as it is before, ready to read."""
        card = self.card
        network = Network(card.layers, np.random.default_rng(0), output=card.output, dtype=card.dtype)
        network.load_arrays(self.arrays)
        return Recognizer(network, card)


def prepare_lesson(
    recognizer: Recognizer, drawings: Sequence[np.ndarray], labels: Sequence[str], *, with_mnist: bool = True
) -> Lesson:
    """A lesson of drawings, each uint8 RGBA [H, W, 4] of any size and colors, with labels "0" to "9" or `NO_DIGIT`.

    The labels of a network that reads other things than digits are the names of its classes. Drawings without ink are
    passed over. Raises InputError for other drawings or labels, if all drawings are empty, or if there are more than
    10,000.
    """
    _check(recognizer, len(drawings), labels)
    pictures = [normalize(drawing) for drawing in drawings]
    drawn = [(picture, label) for picture, label in zip(pictures, labels, strict=True) if picture is not None]
    if not drawn:
        raise InputError("the drawings: expected at least one with something drawn, found none.")
    images = to_bytes(np.stack([picture for picture, _ in drawn]))
    return lesson_of_images(recognizer, images, [label for _, label in drawn], with_mnist=with_mnist)


def lesson_of_images(
    recognizer: Recognizer, images: np.ndarray, labels: Sequence[str], *, with_mnist: bool = True
) -> Lesson:
    """The same with pictures, uint8 [N, 28, 28], that are normalized already."""
    _check(recognizer, len(images), labels)
    if not len(images):
        raise InputError("the drawings: expected at least one, found none.")
    if NO_DIGIT in labels:
        recognizer = with_no_digit(recognizer)
    network = recognizer.network
    return Lesson(
        replace(recognizer.card, layers=network.description, output=network.output, dtype=network.dtype.name),
        {name: array.copy() for name, array in network.arrays()},
        images.copy(),
        _class_ids(recognizer, images, labels),
        with_mnist,
    )


def _check(recognizer: Recognizer, count: int, labels: Sequence[str]) -> None:
    if count != len(labels):
        raise InputError(f"labels: expected one for each of {count:,} drawings, found {len(labels):,}.")
    if count > MAX_DRAWINGS:
        raise InputError(f"the drawings: expected at most {MAX_DRAWINGS:,}, found {count:,}.")
    for number, label in enumerate(labels, 1):
        if label not in (*recognizer.classes, NO_DIGIT):
            wanted = (
                "'0' to '9', or '' for what is not a digit"
                if recognizer.reads_digits
                else f"one of {', '.join(recognizer.classes)}, or '' for what is none of them"
            )
            raise InputError(f"label {number}: expected {wanted}, found {label!r}.")


def _class_ids(recognizer: Recognizer, images: np.ndarray, labels: Sequence[str]) -> np.ndarray:
    """The class of each image, uint8 [N].

    A network may tell letters and scribbles apart, which all are no digits: what is no digit then belongs to that class
    of these that the network finds likeliest already, since that changes least.
    """
    class_ids = np.zeros(len(labels), np.uint8)
    others = np.array([label == NO_DIGIT for label in labels])
    class_ids[~others] = [recognizer.classes.index(label) for label in labels if label != NO_DIGIT]
    if others.any():
        known = len(recognizer.classes)
        class_ids[others] = known + recognizer.scores(to_unit(images[others]))[:, known:].argmax(axis=1)
    return class_ids
