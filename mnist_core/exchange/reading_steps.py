"""A network as other programs are to run it: all that is between a 28x28 picture and its probabilities.

Beside the layers that is what the model card asks for: several looks at the picture, and a temperature.
"""

import json
from dataclasses import asdict, dataclass

import numpy as np

from mnist_core.exchange.channels_first import NAMES, Arrays, orders, there
from mnist_core.nn.layers import Layer
from mnist_core.nn.network import Network
from mnist_core.reading.looks import VIEWS, look_places
from mnist_core.reading.weights import ModelCard

CARD = "digit_lab_card"
"""Where an exported file keeps the model card, among its metadata."""


@dataclass(frozen=True)
class LayerStep:
    """One layer: shape is that of what goes into it, arrays are laid out as PyTorch has them, by PyTorch's names."""

    number: int
    layer: Layer
    shape: tuple[int, ...]
    arrays: Arrays

    def label(self, name: str) -> str:
        """What one of the arrays is called in a file."""
        return f"layers.{self.number}.{name}"


@dataclass(frozen=True)
class ReadingSteps:
    """looks: places [looks - 1, 28, 28, 2] in the picture, row and column, that the further looks at it take their
    pixels from, or None. order: which of the scores there is the first here, the second, and so on; None if they are in
    the same order. output: see `Network`. classes: how many probabilities there are.
    dtype: float32 mostly; float64 for a network that computes in it.
    """

    card: ModelCard
    layers: list[LayerStep]
    looks: np.ndarray | None
    order: list[int] | None
    temperature: float
    output: str
    classes: int
    dtype: np.dtype

    def tensors(self) -> Arrays:
        """All arrays with the names that they have in files."""
        return {step.label(name): array for step in self.layers for name, array in step.arrays.items()}

    def metadata(self) -> dict[str, str]:
        """What a file says of itself."""
        return card_metadata(self.card)


def card_metadata(card: ModelCard) -> dict[str, str]:
    """A model card as a file keeps it."""
    return {CARD: json.dumps(asdict(card), ensure_ascii=False)}


def reading_steps(network: Network, card: ModelCard) -> ReadingSteps:
    """The steps of a network, in the precision that it computes in."""
    *before, last = orders(network.layers, network.shapes)
    steps = []
    for number, (layer, shape, order) in enumerate(zip(network.layers, network.shapes, before, strict=False)):
        arrays = {NAMES[name]: there(name, array, order) for name, array in (layer.parameters | layer.state).items()}
        steps.append(LayerStep(number, layer, shape, arrays))
    return ReadingSteps(
        card=card,
        layers=steps,
        looks=look_places() if card.views == VIEWS else None,
        order=None if last is None else [int(place) for place in np.argsort(last)],
        temperature=card.temperature if network.output == "softmax" else 1.0,
        output=network.output,
        classes=network.classes,
        dtype=network.dtype,
    )
