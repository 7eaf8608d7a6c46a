"""What every layer has in common, and the tape on which it notes what it will need to go backward.

A layer is described by its fields ("dense 128"), gets its parameters from `build`, and then offers

    forward(x)          for reading: nothing is kept, so many threads may call it at once;
    forward(x, tape)    for training: what backward will need is written on the tape;
    backward(dy, tape)  the gradient of the loss by the layer's input, given the gradient by its output;
                        gradients of the parameters are left in tape.gradients.

Pictures are [N, height, width, channels]; everything else is [N, features]. Arrays keep the dtype of the parameters.
"""

from typing import ClassVar

import numpy as np

from mnist_core.errors import InputError

Shape = tuple[int, ...]
MAX_PARAMETERS = 8_000_000
MAX_VALUES = 1_000_000
"""Numbers that one layer may compute for one image."""


class Tape:
    """What one layer remembers between forward and backward of a training step; one training owns it.

    saved: arrays that backward needs. gradients: name of a parameter to the gradient of the loss by it.
    rng: the source of randomness for layers that need one (dropout).
    """

    def __init__(self, rng: np.random.Generator) -> None:
        self.rng = rng
        self.saved: dict[str, np.ndarray] = {}
        self.gradients: dict[str, np.ndarray] = {}
        self._buffers: dict[str, np.ndarray] = {}

    def buffer(self, name: str, shape: Shape, dtype: np.dtype) -> np.ndarray:
        """An uninitialized array that is used again in the next step; a smaller last batch gets the front of it.

        Asking the operating system for fresh memory in every step costs more than the arithmetic on it.
        """
        kept = self._buffers.get(name)
        if kept is None or kept.dtype != dtype or kept.shape[1:] != shape[1:] or len(kept) < shape[0]:
            kept = self._buffers[name] = np.empty(shape, dtype)
        return kept[: shape[0]]


class Layer:
    """Base of all layers. `parameters` are learned by gradients; `state` is kept with them but not learned so."""

    name: ClassVar[str]
    mixes_images: ClassVar[bool] = False
    """Whether, in training, what becomes of one image depends on the others in its batch."""
    parameters: dict[str, np.ndarray]
    state: dict[str, np.ndarray]

    def __post_init__(self) -> None:
        self.parameters = {}
        self.state = {}

    def build(self, shape: Shape, rng: np.random.Generator, dtype: np.dtype) -> Shape:
        """Make the parameters for inputs of `shape` (without N); returns the shape of the outputs.

        Raises InputError if this layer cannot follow an input of that shape.
        """
        return shape

    def forward(self, x: np.ndarray, tape: Tape | None = None) -> np.ndarray:
        """The outputs for a batch of inputs; with a tape, what `backward` needs is written on it."""
        raise NotImplementedError

    def backward(self, dy: np.ndarray, tape: Tape) -> np.ndarray:
        """Gradient of the loss by the input of the last forward(x, tape); same shape as x."""
        raise NotImplementedError

    def backward_parameters(self, dy: np.ndarray, tape: Tape) -> None:
        """Only the parameters' gradients: enough for the first layer that has any."""
        self.backward(dy, tape)


def check_count(layer: str, what: str, count: int, limit: int) -> None:
    """Raise InputError if a layer would need more than `limit` numbers, before any memory is taken for them."""
    if count > limit:
        raise InputError(f"{layer}: expected at most {limit:,} {what}, found {count:,}.")


def output_array(tape: Tape | None, name: str, shape: Shape, dtype: np.dtype) -> np.ndarray:
    """Where a result goes: a reused buffer while training, a fresh array otherwise."""
    return np.empty(shape, dtype) if tape is None else tape.buffer(name, shape, dtype)


def column_sums(rows: np.ndarray) -> np.ndarray:
    """Sum over the first axis of [N, C] as a matrix product, which is several times faster for few columns."""
    return np.ones(len(rows), rows.dtype) @ rows


def check_range(layer: str, field: str, value: int, low: int, high: int) -> None:
    """Raise InputError, naming layer and field, unless low <= value <= high."""
    if not low <= value <= high:
        raise InputError(f"{layer}: expected {field} from {low} to {high}, found {value}.")
