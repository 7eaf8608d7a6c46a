"""A look into a network while it learns: what its first units look for, how fast it changes, what it gets wrong."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from mnist_core.data.dataset import to_unit
from mnist_core.nn.layers.activations import ReLU, Sigmoid, Tanh
from mnist_core.nn.metrics import confusion_matrix
from mnist_core.nn.network import DIGITS, Network, probabilities

UNITS_SHOWN = 32
WORST = 8
"""How many of the images that the network is most wrong about are kept."""
DEAD_GATE = 0.01
"""A sigmoid or tanh unit counts as dead if its mean slope is below this share of the steepest slope."""


@dataclass(frozen=True)
class LayerPlace:
    """Where a layer stands in its network, from 1 on, and its name."""

    number: int
    name: str

    @property
    def label(self) -> str:
        """How it is shown and stored: "2 relu"."""
        return f"{self.number} {self.name}"

    @classmethod
    def from_label(cls, label: str) -> "LayerPlace":
        """The layer that such a label names. Raises ValueError if it is no label."""
        number, _, name = label.partition(" ")
        return cls(int(number), name)


@dataclass(frozen=True)
class Sample:
    """The images that a network is looked at with: uint8 [N, 28, 28], labels [N], and their indices in the dataset.

    classes: how many the labels are of.
    """

    images: np.ndarray
    labels: np.ndarray
    indices: np.ndarray
    classes: int = DIGITS


def first_units(network: Network) -> np.ndarray:
    """What the first layer's units look for: float32 [units, height, width], at most 32 of them; weights as they are.

    A dense layer's unit has a weight for each pixel; a convolution's kernel is shown for its first channel. Units that
    do not see pixels in place (after a layer of ones, only the pixels are shown) give [0, 28, 28].
    """
    for layer in network.layers:
        weights = layer.parameters.get("weights")
        if weights is None:
            continue
        if layer.name == "conv":
            side = round((weights.size // weights.shape[-1]) ** 0.5)
            units = weights.reshape(side, side, -1)[:, :, :UNITS_SHOWN]
            return np.ascontiguousarray(units.transpose(2, 0, 1), np.float32)
        if weights.ndim == 2 and len(weights) in (784, 785):
            return np.ascontiguousarray(weights[-784:, :UNITS_SHOWN].T.reshape(-1, 28, 28), np.float32)
        break
    return np.zeros((0, 28, 28), np.float32)


def activations(network: Network, images: np.ndarray) -> list[np.ndarray]:
    """The output of every layer for images [N, 28, 28] in 0..1, one after the other."""
    x = images.reshape(len(images), 28, 28, 1).astype(network.dtype, copy=False)
    outputs = []
    for layer in network.layers:
        x = layer.forward(x)
        outputs.append(x)
    return outputs


def dead_shares(network: Network, outputs: list[np.ndarray]) -> dict[LayerPlace, float]:
    """For each layer of relu, sigmoid or tanh, the share of its units (channels) that no image moves, 0 to 1.

    A ReLU is dead if it is 0 for all images; a sigmoid or tanh if it is saturated: where its slope is next to 0.
    """
    shares = {}
    for number, (layer, y) in enumerate(zip(network.layers, outputs, strict=True), 1):
        units = y.reshape(-1, y.shape[-1])
        if isinstance(layer, ReLU):
            dead = ~(units > 0).any(axis=0)
        elif isinstance(layer, Sigmoid):
            dead = (4 * units * (1 - units)).mean(axis=0) < DEAD_GATE
        elif isinstance(layer, Tanh):
            dead = (1 - units * units).mean(axis=0) < DEAD_GATE
        else:
            continue
        shares[LayerPlace(number, layer.name)] = float(dead.mean())
    return shares


def dead_shares_in(view: Mapping[str, np.ndarray]) -> dict[LayerPlace, float]:
    """The result of `dead_shares` that a stored view holds (see `look`). Raises KeyError if it holds none."""
    labels, shares = view["dead_layers"].tolist(), view["dead"].tolist()
    return {LayerPlace.from_label(label): share for label, share in zip(labels, shares, strict=True)}


def weight_copies(network: Network) -> dict[str, np.ndarray]:
    """Copies of the weights of all layers, by label: what `update_ratios` compares with."""
    return {
        LayerPlace(number, layer.name).label: layer.parameters["weights"].copy()
        for number, layer in enumerate(network.layers, 1)
        if "weights" in layer.parameters
    }


def update_ratios(before: dict[str, np.ndarray], network: Network) -> dict[str, float]:
    """How large the change of each layer's weights is, relative to the weights: |W - W before| / |W|, by layer."""
    ratios = {}
    for label, after in weight_copies(network).items():
        size = float(np.linalg.norm(after))
        ratios[label] = float(np.linalg.norm(after - before[label])) / size if size else 0.0
    return ratios


def look(network: Network, sample: Sample) -> dict[str, np.ndarray]:
    """Everything that pages show of a network while it learns, as arrays by name.

    units: see `first_units`. confusion: int64 [classes, classes], rows read as columns. worst: the indices in
    the dataset of the images that it is most wrong about, with worst_digit, worst_answer, worst_confidence and, as
    uint8 [W, 28, 28], worst_images. dead: float [layers], with dead_layers, their labels.
    """
    with np.errstate(all="ignore"):
        outputs = activations(network, to_unit(sample.images, network.dtype))
        found = np.nan_to_num(probabilities(outputs[-1], network.output))
    answers = found[:, : sample.classes].argmax(axis=1)
    lack = found[np.arange(len(answers)), answers] - found[np.arange(len(answers)), sample.labels]
    worst = np.argsort(-lack, kind="stable")[:WORST]
    worst = worst[answers[worst] != sample.labels[worst]]
    dead = dead_shares(network, outputs)
    return {
        "units": first_units(network),
        "confusion": confusion_matrix(answers, sample.labels, sample.classes),
        "worst": sample.indices[worst],
        "worst_digit": sample.labels[worst],
        "worst_answer": answers[worst],
        "worst_confidence": found[worst, answers[worst]].astype(np.float64),
        "worst_images": sample.images[worst],
        "dead": np.array(list(dead.values()), np.float64),
        "dead_layers": np.array([place.label for place in dead], dtype="U40"),
    }
