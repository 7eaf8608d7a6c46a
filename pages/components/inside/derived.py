"""Results about a network that take long to compute. They are kept, and all visitors share them.

A network is known by its layers and numbers (`Recognizer.identity`), so that the same one is never worked on twice.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import streamlit as st

from mnist_core import Reading
from mnist_core.data import to_unit
from mnist_core.insight import DAMAGES, explain, scores_without
from mnist_core.nn import accuracy, probabilities
from mnist_core.reading import Recognizer
from pages.components.inside.answers import named_scores
from pages.components.inside.images import Images
from pages.components.language import gettext_noop
from pages.components.spinner_text import SpinnerText

THREADS = 2
MANY_IMAGES = 2000
DAMAGE_IMAGES = 500
EXCITING = 10
AT_ONCE = 250
VALUES_AT_ONCE = 20_000_000
"""The most numbers that a layer may return for one batch of images."""
DIMENSIONS = 6000
"""Numbers for each image that a map is made of; larger feature maps are averaged over blocks of pixels first."""
SMALL, LARGE, POINTS = 500, 60, 12
"""How many small results, how many larger ones, and how many sets of points of up to 20 MB are kept."""
FEW = 1000
"""Up to so many numbers for each image, points are kept in full precision."""


@dataclass(frozen=True, eq=False)
class LayerMap:
    """Where the first 2,000 test images lie by the outputs of one layer, and how to place another picture there.

    labels: what they show, as indices into the dataset's classes.
    """

    plane: explain.Map
    labels: np.ndarray


def test_probabilities(recognizer: Recognizer, images: Images) -> np.ndarray:
    """float32 [N, classes]: what one look at each of the first 10,000 test images gives."""
    return _test_probabilities(recognizer.identity, images.version, recognizer, images)


@st.cache_data(show_spinner=SpinnerText(gettext_noop("Reading the test images …")), max_entries=LARGE)
def _test_probabilities(name: str, version: str, _recognizer: Recognizer, _images: Images) -> np.ndarray:
    reader, images = _recognizer.reader, _images.test_images
    parts = [
        reader.logits(to_unit(images[first : first + 1000], reader.dtype), THREADS)
        for first in range(0, len(images), 1000)
    ]
    found = probabilities(np.concatenate(parts), reader.output)
    return np.nan_to_num(found[:, : len(_recognizer.classes)]).astype(np.float32)


def reading(recognizer: Recognizer, image: np.ndarray) -> Reading:
    """What the network makes of a picture, float32 [28, 28], as on the Draw page."""
    card = recognizer.card
    how = (card.views, card.temperature, card.unsure_below)
    return _reading(recognizer.identity, how, image.tobytes(), image, recognizer)


@st.cache_data(show_spinner=SpinnerText(gettext_noop("All networks read the picture …")), max_entries=SMALL)
def _reading(
    name: str, how: tuple[int, float, float], content: bytes, _image: np.ndarray, _recognizer: Recognizer
) -> Reading:
    return _recognizer.read_digits(_image[None])[0]


def answers_of_all(recognizers: Sequence[Recognizer], images: Images) -> np.ndarray:
    """uint8 [networks, N]: the class that one look of each network at each test image gives."""
    return np.stack([test_probabilities(each, images).argmax(axis=1).astype(np.uint8) for each in recognizers])


def damage_curve(recognizer: Recognizer, images: Images, damage: str) -> list[float]:
    """The share read rightly of 500 test images with known labels, for each amount of one of `DAMAGES`."""
    return _damage_curve(recognizer.identity, images.version, damage, recognizer, images)


@st.cache_data(show_spinner=SpinnerText(gettext_noop("Reading damaged images …")), max_entries=SMALL)
def _damage_curve(name: str, version: str, damage: str, _recognizer: Recognizer, _images: Images) -> list[float]:
    assert _images.labels is not None
    reader, known = _recognizer.reader, len(_recognizer.classes)
    images, labels = to_unit(_images.test_images[:DAMAGE_IMAGES]), _images.labels[:DAMAGE_IMAGES]
    harm, amounts = DAMAGES[damage]
    return [
        accuracy(reader.logits(harm(images, amount).astype(reader.dtype), THREADS)[:, :known], labels)
        for amount in amounts
    ]


def exciting_images(recognizer: Recognizer, images: Images, layer: int) -> tuple[np.ndarray, np.ndarray]:
    """The test images, among the first 2,000, that excite each unit of a layer most, the most exciting first.

    Returns their indices, integers [units, 10], and how excited the unit is, float32 [units, 10]: a unit of a picture
    layer is as excited as its strongest pixel.
    """
    return _exciting_images(recognizer.identity, images.version, layer, recognizer, images)


@st.cache_data(
    show_spinner=SpinnerText(gettext_noop("Looking for the images that excite it most …")), max_entries=SMALL
)
def _exciting_images(
    name: str, version: str, layer: int, _recognizer: Recognizer, _images: Images
) -> tuple[np.ndarray, np.ndarray]:
    def strongest(y: np.ndarray) -> np.ndarray:
        return np.asarray(y.max(axis=(1, 2)) if y.ndim == 4 else y)

    strength = _of_layer(_recognizer, _images, layer, strongest)
    indices = np.argsort(-strength, axis=0, kind="stable")[:EXCITING]
    return indices.T.copy(), np.take_along_axis(strength, indices, axis=0).T.astype(np.float32)


def scores_without_each(recognizer: Recognizer, values: np.ndarray, layer: int, units: list[int]) -> np.ndarray:
    """float64 [units, named classes]: the scores of one picture with each unit of a layer switched off, one at a time.

    values: the output of the layer for the picture.
    """
    return _scores_without_each(recognizer.identity, layer, values.tobytes(), units, values, recognizer)


@st.cache_data(show_spinner=False, max_entries=SMALL)
def _scores_without_each(
    name: str, layer: int, content: bytes, units: list[int], _values: np.ndarray, _recognizer: Recognizer
) -> np.ndarray:
    return named_scores(scores_without(_recognizer.network, _values, layer, units), len(_recognizer.classes))


def layer_map(recognizer: Recognizer, images: Images, layer: int) -> LayerMap:
    """The map of a layer, of the pixels if it is -1. Raises InputError if it gives the same for every picture."""
    return _layer_map(recognizer.identity, images.version, layer, recognizer, images)


@st.cache_data(show_spinner=SpinnerText(gettext_noop("Laying out 2,000 images …")), max_entries=LARGE)
def _layer_map(name: str, version: str, layer: int, _recognizer: Recognizer, _images: Images) -> LayerMap:
    points = _points(name, version, layer, _recognizer, _images).astype(np.float32)
    plane = explain.principal_plane(points, np.random.default_rng(0))
    return LayerMap(plane, np.array(_images.dataset.test_labels[:MANY_IMAGES]))


@st.cache_resource(show_spinner=SpinnerText(gettext_noop("Laying out 2,000 images …")), max_entries=POINTS)
def _points(name: str, version: str, layer: int, _recognizer: Recognizer, _images: Images) -> np.ndarray:
    """float16 or float32 [2000, D]: a layer's outputs for the first 2,000 test images. Shared, so never changed."""
    if layer < 0:
        images = _images.test_images[:MANY_IMAGES]
        return to_unit(images).reshape(len(images), -1)
    points = _of_layer(_recognizer, _images, layer, as_points)
    small = points.astype(np.float16)
    # Half of the memory; but what does not fit into 16 bits stays as it is.
    return small if points[0].size > FEW and np.isfinite(small).all() else points


def nearest_images(
    recognizer: Recognizer, images: Images, layer: int, point: np.ndarray, count: int, without: int | None
) -> tuple[np.ndarray, np.ndarray]:
    """Those of the first 2,000 test images that a layer finds most like a picture, the nearest first.

    point: float [D], what `as_points` makes of the layer's output for the picture. without: the number of a test image
    that is left out, the picture itself. Returns their numbers and how far away they are, in all dimensions.
    """
    points = _points(recognizer.identity, images.version, layer, recognizer, images)
    away = np.concatenate(
        [
            np.linalg.norm(points[first : first + AT_ONCE].astype(np.float32) - point, axis=1)
            for first in range(0, len(points), AT_ONCE)
        ]
    )
    if without is not None and without < len(away):
        away[without] = np.inf
    nearest = np.argsort(away, kind="stable")[:count]
    nearest = nearest[np.isfinite(away[nearest])]
    return nearest, away[nearest]


def as_points(y: np.ndarray) -> np.ndarray:
    """The outputs of a layer, [N, ...], as points [N, D] of at most about 6,000 numbers."""
    if y.ndim == 4:
        while y.shape[1] * y.shape[2] > 1 and y[0].size > DIMENSIONS:
            n, height, width, channels = y.shape
            rows, columns = (height + 1) // 2, (width + 1) // 2
            padded = np.zeros((n, 2 * rows, 2 * columns, channels), y.dtype)
            padded[:, :height, :width] = y
            y = padded.reshape(n, rows, 2, columns, 2, channels).mean(axis=(2, 4))
    return np.array(y.reshape(len(y), -1)[:, : 4 * DIMENSIONS], np.float32)


def _of_layer(
    recognizer: Recognizer, shown: Images, layer: int, keep: Callable[[np.ndarray], np.ndarray]
) -> np.ndarray:
    """What `keep` makes of a layer's outputs for the first 2,000 test images, batch by batch: [2000, ...]."""
    network, images = recognizer.network, shown.test_images[:MANY_IMAGES]
    largest = max(int(np.prod(shape)) for shape in network.shapes)
    size = max(1, min(AT_ONCE, VALUES_AT_ONCE // largest))
    found = []
    for first in range(0, len(images), size):
        part = to_unit(images[first : first + size], network.dtype)
        for number, y in enumerate(explain.outputs(network, part)):
            if number == layer:
                found.append(keep(y))
                break
    return np.concatenate(found)
