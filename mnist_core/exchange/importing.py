"""A file of another program as a network that reads, explains and trains on here."""

import dataclasses
import re
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from mnist_core.data.class_names import TEN_DIGITS
from mnist_core.data.dataset import SIDE, load_mnist, to_unit
from mnist_core.errors import InputError
from mnist_core.exchange.body import Body, FoundLayer
from mnist_core.exchange.from_onnx import body_of_onnx
from mnist_core.exchange.from_tensors import layers_of_tensors
from mnist_core.exchange.onnx_file import read_onnx
from mnist_core.exchange.pictures_wanted import PicturesWanted, usual_ways
from mnist_core.exchange.reading_steps import CARD
from mnist_core.exchange.safetensors_file import read_tensors
from mnist_core.nn.network import DIGITS, Network
from mnist_core.reading import weights
from mnist_core.reading.weights import ModelCard

SUFFIXES = (".onnx", ".safetensors")
PICKLES = (".pt", ".pth", ".bin", ".pkl", ".ckpt")
TRIED_IMAGES = 500
"""Training images on which the usual ways are tried."""


@dataclasses.dataclass(frozen=True)
class Imported:
    """A file that was taken apart.

    card: the one that the file holds, if it was made by this program; nothing is to be asked then. needs_layers:
    whether it holds arrays only, so that the layers must be told. body: what was found, unless they must be.
    """

    name: str
    card: ModelCard | None = None
    body: Body | None = None
    tensors: dict[str, np.ndarray] = dataclasses.field(default_factory=dict)

    @property
    def needs_layers(self) -> bool:
        return self.card is None and self.body is None

    def with_layers(self, lines: Sequence[str]) -> "Imported":
        """The same with the layers that its arrays belong to, from 28x28 pixels on. Raises InputError."""
        return dataclasses.replace(self, body=Body(SIDE, layers_of_tensors(self.tensors, lines, self.name)))

    def network(self, wanted: PicturesWanted) -> tuple[Network, ModelCard]:
        """The network, for 28x28 pictures from 0 to 1, and its card. Raises InputError if it cannot be."""
        if self.card is not None:
            found = layers_of_tensors(self.tensors, self.card.layers, self.name)
            names = self.card.class_names
            return _network(found, self.card.output, self.name, names), dataclasses.replace(
                self.card, dtype="float32", sha256="", bytes=0
            )
        if self.body is None:
            raise InputError(f"{self.name}: it holds arrays only; say which layers they belong to.")
        before = [FoundLayer(line) for line in wanted.layers(self.body.side)]
        network = _network([*before, *self.body.layers], self.body.output, self.name)
        return network, self._new_card(network, self.body.source)

    def _new_card(self, network: Network, source: str) -> ModelCard:
        stem = Path(self.name).stem
        name = re.sub(r"[^a-z0-9]+", "-", stem.lower()).strip("-")[:60].strip("-") or "imported"
        made = f" Written by {source}." if source else ""
        return ModelCard(
            name=name,
            title=" ".join(stem.replace("_", " ").split())[:60] or "Imported",
            description=f"Imported from a file of another program.{made}",
            layers=network.description,
            output=network.output,
            parameters=network.size,
            data="not known: imported",
        )


def read_file(path: Path) -> Imported:
    """A file on disk, taken apart. Raises InputError."""
    try:
        with open(path, "rb") as file:
            data = file.read(weights.MAX_NETWORK_BYTES + 1)
    except OSError as error:
        raise InputError(f"{path.name}: cannot be read ({error.strerror}).") from None
    return take_apart(path.name, data)


def take_apart(name: str, data: bytes) -> Imported:
    """The bytes of a file with that name. Raises InputError, in one sentence, for what is not understood."""
    ending = Path(name).suffix.lower()
    if ending in PICKLES:
        raise InputError(
            f"{name}: such a file may run code when it is opened; in PyTorch, write the weights with "
            'safetensors.torch.save_file(model.state_dict(), "model.safetensors"), or export to ONNX.'
        )
    if ending == ".onnx":
        file = read_onnx(data, name)
        card = _card(file.metadata.get(CARD), name)
        if card is not None:
            tensors = {label: array for label, array in file.constants.items() if label.startswith("layers.")}
            return Imported(name, card=card, tensors=tensors)
        return Imported(name, body=body_of_onnx(file))
    if ending == ".safetensors":
        found = read_tensors(data, name)
        return Imported(name, card=_card(found.metadata.get(CARD), name), tensors=found.tensors)
    raise InputError(f"{name}: expected a file that ends in {' or '.join(SUFFIXES)}.")


def _card(text: str | None, name: str) -> ModelCard | None:
    if text is None:
        return None
    data = text.encode("utf-8", "replace")
    if len(data) > weights.MAX_CARD_BYTES:
        raise InputError(f"{name}: expected a model card of at most {weights.MAX_CARD_BYTES:,} bytes, found more.")
    card = weights.parse_card(data, name)
    if not weights.NAME_PATTERN.fullmatch(card.name):
        raise InputError(f"{name}: its model card has the name {card.name[:60]!r}, which no network can have.")
    return card


def _network(found: Sequence[FoundLayer], output: str, name: str, classes: Sequence[str] = TEN_DIGITS) -> Network:
    """The network of these layers, checked like every other one that comes from outside. classes: what it reads."""
    try:
        network = Network([layer.line for layer in found], np.random.default_rng(0), output=output)
    except InputError as error:
        raise InputError(f"{name}: {error}") from None
    if network.classes < len(classes):
        what = "digits" if tuple(classes) == TEN_DIGITS else "classes that its card names"
        raise InputError(f"{name}: expected an output for each of the {len(classes)} {what}, found {network.classes}.")
    arrays = {
        f"{number} {layer.kind} {label}": np.ascontiguousarray(array, np.float32)
        for number, layer in enumerate(found, 1)
        for label, array in layer.arrays.items()
    }
    try:
        network.load_arrays(arrays)
    except InputError as error:
        raise InputError(f"{name}, {error}") from None
    weights.check_numbers(network, name)
    return network


def best_way(imported: Imported, scale: str = "", fit: str = "") -> tuple[PicturesWanted, float]:
    """The usual way to make pictures for it that reads most training images rightly, and the share, 0 to 1.

    The first of several that are as good. scale, fit: what is known already. Raises InputError if the network cannot
    be at all.
    """
    data = load_mnist()
    images, labels = to_unit(data.train_images[:TRIED_IMAGES]), data.train_labels[:TRIED_IMAGES]
    best: tuple[PicturesWanted, float] | None = None
    problem: InputError | None = None
    for way in usual_ways(imported.body.side if imported.body else SIDE, scale, fit):
        try:
            network, _ = imported.network(way)
        except InputError as error:
            problem = problem or error
            continue
        with np.errstate(all="ignore"):
            answers = network.logits(images)[:, :DIGITS].argmax(axis=1)
        right = float((answers == labels).mean())
        if best is None or right > best[1]:
            best = way, right
    if best is None:
        raise problem or InputError(f"{imported.name}: it cannot read pictures of 28x28 pixels.")
    return best
