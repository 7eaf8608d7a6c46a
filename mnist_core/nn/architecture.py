"""Usual networks from a few choices, and networks from layers as people type them."""

import itertools
from collections.abc import Sequence
from dataclasses import dataclass

from mnist_core.errors import InputError
from mnist_core.nn.layers import LAYERS
from mnist_core.nn.published_mistakes import MISTAKEN_LAYERS
from mnist_core.nn.spec import parse

ACTIVATIONS = ("relu", "sigmoid", "tanh")
WEIGHTS = {"relu": "", "sigmoid": " weights=glorot_uniform", "tanh": " weights=glorot_uniform"}


@dataclass(frozen=True)
class Architecture:
    """What a network is made of, before it is written down as layers.

    filters: of each convolution (none: fully connected alone), each kernel x kernel pixels and followed by a 2x2
    pooling; units: of each hidden layer; outputs: how many classes there are. activation, batchnorm: after every hidden
    layer. dropout: the share that is switched off after the last hidden layer, 0 to below 1.
    """

    filters: tuple[int, ...] = ()
    units: tuple[int, ...] = (128,)
    activation: str = "relu"
    batchnorm: bool = False
    dropout: float = 0.0
    kernel: int = 5
    outputs: int = 10

    def layers(self) -> tuple[str, ...]:
        """The layers as lines of text (`mnist_core.nn.layers`)."""
        weights = WEIGHTS[self.activation]
        lines: list[str] = []
        for filters in self.filters:
            lines += [self._hidden(f"conv {filters} {self.kernel}", weights), *self._after(), "maxpool 2"]
        lines.append("flatten")
        for units in self.units:
            lines += [self._hidden(f"dense {units}", weights), *self._after()]
        if self.dropout and (self.units or self.filters):
            lines.append(f"dropout {self.dropout:g}")
        return (*lines, f"dense {self.outputs}")

    def _hidden(self, layer: str, weights: str) -> str:
        # The shift of a batch normalization takes the place of the biases.
        return layer + weights + (" biases=none" if self.batchnorm else "")

    def _after(self) -> list[str]:
        return (["batchnorm"] if self.batchnorm else []) + [self.activation]


def recognize(layers: Sequence[str]) -> Architecture | None:
    """The choices that give exactly these layers, None if none do."""
    words = [line.split() for line in layers]
    try:
        filters = tuple(int(line[1]) for line in words if line[0] == "conv")
        units = tuple(int(line[1]) for line in words[:-1] if line[0] == "dense")
        kernels = [int(line[2]) for line in words if line[0] == "conv"]
        dropout = [float(line[1]) for line in words if line[0] == "dropout"]
        outputs = int(words[-1][1])
    except (IndexError, ValueError):
        return None
    for activation, batchnorm in itertools.product(ACTIVATIONS, (False, True)):
        others = max(dropout, default=0.0), max(kernels, default=5), outputs
        found = Architecture(filters, units, activation, batchnorm, *others)
        if found.layers() == tuple(layers):
            return found
    return None


def with_outputs(layers: Sequence[str], count: int) -> tuple[str, ...]:
    """The same layers with so many outputs: the last dense layer has as many units."""
    lines = list(layers)
    for number in reversed(range(len(lines))):
        word, *rest = lines[number].split()
        if word.startswith("dense") and rest and rest[0].isdigit():
            lines[number] = " ".join([word, str(count), *rest[1:]])
            break
    return tuple(lines)


def parse_numbers(text: str, what: str, low: int, high: int, most: int) -> tuple[int, ...]:
    """Numbers from a line such as "256, 128"; none from an empty one. Raises InputError, naming `what`."""
    words = text.replace(",", " ").replace(";", " ").split()
    try:
        numbers = tuple(int(word) for word in words)
    except ValueError:
        raise InputError(f"{what}: expected whole numbers such as 256, 128, found {text!r}.") from None
    if len(numbers) > most:
        raise InputError(f"{what}: expected at most {most} numbers, found {len(numbers)}.")
    for number in numbers:
        if not low <= number <= high:
            raise InputError(f"{what}: expected {low} to {high}, found {number}.")
    return numbers


def parse_layers(text: str) -> tuple[str, ...]:
    """Layers as people type them, one on a line or between commas, in large or small letters.

    Raises InputError, naming the line, for one that cannot be understood.
    """
    lines = [line.strip().lower() for line in text.replace(",", "\n").replace(";", "\n").splitlines() if line.strip()]
    if not lines:
        raise InputError("Layers: write at least dense 10, on a line of its own.")
    for number, line in enumerate(lines, 1):
        word, *rest = line.split()
        if word not in LAYERS and word not in MISTAKEN_LAYERS:
            raise InputError(f"Line {number}, {line!r}: expected one of {', '.join(LAYERS)}.")
        if follower := next((other for other in rest if other in LAYERS), None):
            raise InputError(f"Line {number}, {line!r}: put {follower} on a line of its own.")
        try:
            parse(line, LAYERS | MISTAKEN_LAYERS, "layer")
        except InputError as error:
            raise InputError(f"Line {number}: {error}") from None
    return tuple(lines)
