"""The walk along the nodes of an ONNX file: what was found so far, and where the numbers of a picture stand.

Programs lay pictures out in different ways, [channels, height, width] or [height, width, channels], and turn them
around on the way. `Flow.places` keeps account of that: an array of the shape that the numbers of one picture have in
the file, whose elements say where each of these numbers stands in ours. So a Transpose, a Reshape or a Flatten is done
to `places`, and costs no layer.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from mnist_core.errors import InputError
from mnist_core.exchange.body import FoundLayer
from mnist_core.exchange.constant_nodes import NotFoldedError, folded_constant
from mnist_core.exchange.onnx_file import Node, OnnxFile

SUPPORTED = (
    "Conv, MaxPool, Gemm, MatMul, BatchNormalization, Relu, Sigmoid, Tanh, Softmax, LogSoftmax, Dropout, Flatten, "
    "Reshape, Transpose, Pad with zeros, and Add, Sub, Mul and Div by constants"
)
LOG_SOFTMAX = "log_softmax"
"""Stands in the list of layers for a LogSoftmax, which can only be the last."""
BATCH = -1
"""Stands for the number of pictures wherever a file asks for a shape."""


@dataclass(frozen=True, eq=False)
class Flow:
    """What has been computed of a picture so far.

    places: see above. shape: of the same in our layers, (height, width, channels) or (features,).
    """

    places: np.ndarray
    shape: tuple[int, ...]


class Walk:
    """The walk, and the layers found so far. handlers: by the kind of a node, how it is followed."""

    def __init__(self, file: OnnxFile, handlers: "dict[str, Handler]") -> None:
        self.file, self.handlers = file, handlers
        self.constants = dict(file.constants)
        self.layers: list[FoundLayer] = []
        self.flows: dict[str, Flow] = {}
        self.factor, self.offset = 1.0, 0.0
        """A scale that waits to become a layer: factor x + offset."""
        self.side = 0
        self.now = self._first()
        self.flows[file.input] = self.now

    def _first(self) -> Flow:
        sides = [side for side in self.file.shape[1:] if side != 1]
        if len(sides) == 1 and sides[0] is not None:
            # One row of pixels.
            sides = [round(sides[0] ** 0.5)] * 2 if round(sides[0] ** 0.5) ** 2 == sides[0] else []
        if len(sides) != 2 or sides[0] != sides[1] or sides[0] is None or not 4 <= sides[0] <= 64:
            found = " x ".join("?" if side is None else str(side) for side in self.file.shape) or "nothing"
            expected = "expected a gray, square picture of 4 to 64 pixels a side as its input"
            raise InputError(f"{self.file.name}: {expected}, found {found}.")
        self.side = sides[0]
        shape = tuple(int(side or 1) for side in self.file.shape[1:])
        return Flow(np.arange(self.side**2).reshape(shape), (self.side, self.side, 1))

    def refuse(self, node: Node, why: str) -> InputError:
        return InputError(f"{self.file.name}: {node} {why}. Supported are {SUPPORTED}.")

    def take(self, node: Node) -> None:
        """Follow one node."""
        if all(name in self.constants for name in node.inputs if name):
            self._fold(node)
            return
        if node.kind == "Shape" and node.inputs[0] in self.flows:
            sides = (BATCH, *self.flows[node.inputs[0]].places.shape)
            self.constants[node.outputs[0]] = np.array(sides, np.int64)
            return
        if self.layers and self.layers[-1].kind == LOG_SOFTMAX:
            raise self.refuse(node, "comes after the probabilities")
        handler = self.handlers.get(node.kind)
        if handler is None:
            raise self.refuse(node, "is not supported")
        flowing = [name for name in node.inputs if name and name not in self.constants]
        if len(flowing) != 1 or self.flows.get(flowing[0]) is not self.now:
            raise self.refuse(node, "does not follow the one before it: networks here are a chain of layers")
        if node.inputs[0] != flowing[0] and node.kind not in ("Add", "Sub", "Mul", "Div"):
            raise self.refuse(node, "has a constant where the picture should be")
        if not node.outputs or any(node.outputs[1:]):
            raise self.refuse(node, "has several results")
        found = handler(self, node)
        # A new object each time: whatever uses an earlier result again is seen to do so.
        self.now = self.flows[node.outputs[0]] = Flow(found.places, found.shape)

    def _fold(self, node: Node) -> None:
        try:
            self.constants[node.outputs[0]] = folded_constant(node, [self.constants[name] for name in node.inputs])
        except (NotFoldedError, KeyError, IndexError):
            raise self.refuse(node, "is not supported for constants") from None
        except InputError as error:
            raise InputError(f"{self.file.name}: {error}.") from None

    def constant(self, node: Node, place: int) -> np.ndarray | None:
        """The constant that goes in at a place, None if nothing does."""
        name = node.inputs[place] if place < len(node.inputs) else ""
        return self.constants.get(name)

    def floats(self, node: Node, place: int) -> np.ndarray:
        """The same in float32. Raises InputError if there is none."""
        found = self.constant(node, place)
        if found is None or found.dtype.kind != "f" or found.size > 8_000_000:
            raise self.refuse(node, f"needs numbers as its input {place + 1}")
        return found.astype(np.float32, copy=False)

    # Layers.

    def emit(self, text: str, **arrays: np.ndarray) -> None:
        """Add a layer, after the scale that waits."""
        self.flush()
        self.layers.append(FoundLayer(text, dict(arrays)))

    def flush(self) -> None:
        """Make a layer of the scale that waits."""
        factor, offset = self.factor, self.offset
        self.factor, self.offset = 1.0, 0.0
        if offset:
            self.layers.append(FoundLayer(f"standardize {rounded(-offset / factor)} {rounded(1 / factor)}"))
        elif factor != 1:
            self.layers.append(FoundLayer(f"scale {rounded(factor)}"))

    def picture(self, node: Node) -> tuple[int, int, int]:
        """Height, width and channels; the file must have them with the channels first."""
        shape, places = self.now.shape, self.now.places
        if len(shape) == 3 and places.ndim == 3:
            height, width, channels = shape
            expected = np.arange(places.size).reshape(shape).transpose(2, 0, 1)
            if places.shape == expected.shape and (places == expected).all():
                return height, width, channels
        raise self.refuse(node, "needs a picture, with the channels before height and width")

    def flatten(self, node: Node) -> np.ndarray:
        """Make a row of numbers of a picture, if it is none yet; returns where its numbers stand in ours."""
        if self.now.places.ndim != 1:
            raise self.refuse(node, "needs one row of numbers for each picture")
        if len(self.now.shape) == 3:
            self.emit("flatten")
            self.now = Flow(self.now.places, (self.now.places.size,))
        return self.now.places

    def settle_channels(self, node: Node, values: np.ndarray) -> np.ndarray:
        """Numbers for each channel (or feature), in our order, of numbers in the file's order along its second axis."""
        if self.now.places.ndim == 1:
            order = self.flatten(node)
            if values.shape != order.shape:
                raise self.refuse(node, f"should have {order.size:,} numbers, found {values.size:,}")
            placed = np.empty_like(values)
            placed[order] = values
            return placed
        if values.shape != self.picture(node)[2:]:
            raise self.refuse(node, f"should have a number for each channel, found {values.size:,}")
        return values


def rounded(value: float) -> float:
    """A number from float32 as people write it: 0.1307, not 0.13070000708103180."""
    return float(f"{value:.7g}")


Handler = Callable[[Walk, Node], Flow]
"""How one kind of node is followed: it adds the layers to the walk and returns what has been computed then."""
