"""What the Inside page works out about a network, once each and then kept: all visitors share it.

A network is known by the SHA-256 of its file, which stands in its card, so that the same one is never worked on twice.
"""

import hashlib
from dataclasses import dataclass

import numpy as np
import streamlit as st

from mnist_core import explain
from mnist_core.damage import DAMAGES
from mnist_core.dataset import load_mnist, to_unit
from mnist_core.folding import folded
from mnist_core.metrics import accuracy
from mnist_core.network import DIGITS, probabilities
from mnist_core.recognizer import Recognizer

THREADS = 2
MANY_IMAGES = 2000
DAMAGE_IMAGES = 500
EXCITING = 10
AT_ONCE = 250
KEPT = 32


@dataclass(frozen=True, eq=False)
class LayerMap:
    """Where the first 2,000 test images lie by the outputs of one layer, and how to place another picture there."""

    plane: explain.Map
    labels: np.ndarray


def identity(recognizer: Recognizer) -> str:
    """The same text for the same network, and no other."""
    if recognizer.card.sha256:
        return recognizer.card.sha256
    digest = hashlib.sha256(repr(recognizer.card.layers).encode())
    for _, array in recognizer.network.arrays():
        digest.update(np.ascontiguousarray(array).tobytes())
    return digest.hexdigest()


def test_probabilities(recognizer: Recognizer) -> np.ndarray:
    """float32 [10000, 10]: what one look at each test image gives."""
    return _test_probabilities(identity(recognizer), recognizer)


@st.cache_data(show_spinner="Reading the 10,000 test images …", max_entries=KEPT)
def _test_probabilities(name: str, _recognizer: Recognizer) -> np.ndarray:
    reader, images = folded(_recognizer.network), load_mnist().test_images
    parts = [
        reader.logits(to_unit(images[first : first + 1000], reader.dtype), THREADS)
        for first in range(0, len(images), 1000)
    ]
    found = probabilities(np.concatenate(parts), reader.output)
    return np.nan_to_num(found[:, :DIGITS]).astype(np.float32)


def damage_curve(recognizer: Recognizer, damage: str) -> list[float]:
    """The share read rightly of 500 test images, for each amount of one of `DAMAGES`."""
    return _damage_curve(identity(recognizer), damage, recognizer)


@st.cache_data(show_spinner="Reading damaged digits …", max_entries=KEPT)
def _damage_curve(name: str, damage: str, _recognizer: Recognizer) -> list[float]:
    reader, dataset = folded(_recognizer.network), load_mnist()
    images, labels = to_unit(dataset.test_images[:DAMAGE_IMAGES]), dataset.test_labels[:DAMAGE_IMAGES]
    harm, amounts = DAMAGES[damage]
    return [
        accuracy(reader.logits(harm(images, amount).astype(reader.dtype), THREADS)[:, :DIGITS], labels)
        for amount in amounts
    ]


def exciting_images(recognizer: Recognizer, layer: int) -> np.ndarray:
    """integers [units, 10]: places of the test images, among the first 2,000, that excite each unit of a layer most.

    A unit of a picture layer is as excited as its strongest pixel.
    """
    return _exciting_images(identity(recognizer), layer, recognizer)


@st.cache_data(show_spinner="Looking for the images that excite it most …", max_entries=KEPT)
def _exciting_images(name: str, layer: int, _recognizer: Recognizer) -> np.ndarray:
    strength = np.concatenate([y.max(axis=(1, 2)) if y.ndim == 4 else y for y in _layer_outputs(_recognizer, layer)])
    return np.argsort(-strength, axis=0, kind="stable")[:EXCITING].T.copy()


def layer_map(recognizer: Recognizer, layer: int) -> LayerMap:
    """The map of a layer, of the pixels if it is -1. Raises InputError if it gives the same for every picture."""
    return _layer_map(identity(recognizer), layer, recognizer)


@st.cache_data(show_spinner="Laying out 2,000 digits …", max_entries=KEPT)
def _layer_map(name: str, layer: int, _recognizer: Recognizer) -> LayerMap:
    if layer < 0:
        pictures = to_unit(load_mnist().test_images[:MANY_IMAGES])
        points = pictures.reshape(len(pictures), -1)
    else:
        points = np.concatenate([y.reshape(len(y), -1) for y in _layer_outputs(_recognizer, layer)])
    plane = explain.principal_plane(points, np.random.default_rng(0))
    return LayerMap(plane, load_mnist().test_labels[:MANY_IMAGES])


def _layer_outputs(recognizer: Recognizer, layer: int) -> list[np.ndarray]:
    images = to_unit(load_mnist().test_images[:MANY_IMAGES], recognizer.network.dtype)
    found = []
    for first in range(0, len(images), AT_ONCE):
        for number, y in enumerate(explain.outputs(recognizer.network, images[first : first + AT_ONCE])):
            if number == layer:
                found.append(np.array(y))
                break
    return found
