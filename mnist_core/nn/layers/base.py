"""What every layer has in common, and the tape on which it notes what it will need to go backward.

A layer is described by its fields ("dense 128"), tells the shape of its outputs by `output_shape`, gets its
parameters from `build`, and then offers

    forward(x)          for reading: nothing is kept, so many threads may call it at once;
    forward(x, tape)    what backward will need is written on the tape; on one without randomness it is reading, too:
                        no dropout, and batch normalization uses what it has learned;
    backward(dy, tape)  the gradient of the loss by the layer's input, given the gradient by its output; gradients of
                        the parameters are left in tape.gradients. Once for each forward: it may use up dy and the tape.

Pictures are [N, height, width, channels]; everything else is [N, features]. Arrays keep the dtype of the parameters.

In memory, pictures lie the other way round: all N values of one pixel of one channel are neighbors, then come the
pixels of that channel, then the other channels. A window that is cut out of a whole batch then consists of long runs of
memory, which is what processors copy and compute fastest. NumPy hides this: `planes(x)` is the same picture array, seen
as [channels, height, width, N], and `picture(planes)` turns the view back.
"""

import math
from typing import ClassVar

import numpy as np

from mnist_core.errors import InputError
from mnist_core.nn.parallel import Meeting

Shape = tuple[int, ...]
MAX_PARAMETERS = 8_000_000
MAX_VALUES = 1_000_000
"""Numbers that one layer may compute for one image."""


class Tape:
    """What one layer remembers between forward and backward of a training step; one training owns it.

    saved: arrays that backward needs. gradients: name of a parameter to the gradient of the loss by it.
    rng: the source of randomness for layers that need one (dropout); None on a tape that is for reading.
    lane, meeting: which part of the batch this tape belongs to, and where sums over the whole batch are made, if
    several threads train on parts of one batch.
    """

    def __init__(self, rng: np.random.Generator | None, lane: int = 0, meeting: Meeting | None = None) -> None:
        self.rng = rng
        self.lane = lane
        self.meeting = meeting
        self.saved: dict[str, np.ndarray] = {}
        self.gradients: dict[str, np.ndarray] = {}
        self._buffers: dict[str, np.ndarray] = {}
        self._memory: dict[str, np.ndarray] = {}

    def buffer(self, name: str, shape: Shape, dtype: np.dtype) -> np.ndarray:
        """An uninitialized array that is used again in the next step; a smaller last batch gets the front of it.

        Asking the operating system for fresh memory in every step costs more than the arithmetic on it.
        """
        kept = self._buffers.get(name)
        if kept is None or kept.shape != shape or kept.dtype != dtype:
            memory, size = self._memory.get(name), math.prod(shape)
            if memory is None or memory.size < size or memory.dtype != dtype:
                memory = self._memory[name] = np.empty(size, dtype)
            kept = self._buffers[name] = memory[:size].reshape(shape)
        return kept

    def gradient(self, name: str, shape: Shape, dtype: np.dtype) -> np.ndarray:
        """Where the gradient by a parameter goes; it is then `gradients[name]`, in the same place in every step."""
        kept = self.gradients.get(name)
        if kept is None or kept.shape != shape or kept.dtype != dtype:
            kept = self.gradients[name] = np.empty(shape, dtype)
        return kept

    def from_all_parts(self, value: np.ndarray) -> list[np.ndarray]:
        """What the tapes of all parts of the batch bring here, this one's `value` among them, in the order of lanes."""
        return [value] if self.meeting is None else self.meeting.gather(self.lane, value)


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

    def output_shape(self, shape: Shape) -> Shape:
        """The shape of the outputs for inputs of `shape`, both without N; no memory is taken.

        Raises InputError if this layer cannot follow an input of that shape.
        """
        return shape

    def parameter_shapes(self, shape: Shape) -> dict[str, Shape]:
        """The shape of each parameter, by name, for inputs of `shape` that `output_shape` accepts."""
        return {}

    def build(self, shape: Shape, rng: np.random.Generator, dtype: np.dtype) -> None:
        """Make parameters and state for inputs of `shape` (without N) that `output_shape` accepts."""

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


def check_range(layer: str, field: str, value: int, low: int, high: int) -> None:
    """Raise InputError, naming layer and field, unless low <= value <= high."""
    if not low <= value <= high:
        raise InputError(f"{layer}: expected {field} from {low} to {high}, found {value}.")


def array(tape: Tape | None, name: str, shape: Shape, dtype: np.dtype) -> np.ndarray:
    """Where a result goes, uninitialized: a buffer of the tape, or a fresh array if there is none."""
    return np.empty(shape, dtype) if tape is None else tape.buffer(name, shape, dtype)


def array_like(tape: Tape | None, name: str, x: np.ndarray, dtype: np.dtype | None = None) -> np.ndarray:
    """The same for a result of x's shape and dtype (unless another is given), in x's order in memory."""
    dtype = x.dtype if dtype is None else dtype
    if x.flags.c_contiguous:
        return array(tape, name, x.shape, dtype)
    if x.ndim == 4:
        n, height, width, channels = x.shape
        return picture(array(tape, name, (channels, height, width, n), dtype))
    return array(tape, name, x.shape[::-1], dtype).T


def planes(x: np.ndarray) -> np.ndarray:
    """Pictures [N, H, W, C] seen as [C, H, W, N], contiguous: a view if they lie so in memory, else a copy."""
    return np.ascontiguousarray(x.transpose(3, 1, 2, 0))


def picture(planes: np.ndarray) -> np.ndarray:
    """[C, H, W, N] seen as pictures [N, H, W, C]."""
    return planes.transpose(3, 1, 2, 0)


def by_channel(x: np.ndarray) -> np.ndarray:
    """[N, ..., C] seen as [C, values of that channel]."""
    return planes(x).reshape(x.shape[-1], -1) if x.ndim == 4 else x.T


def row_sums(x: np.ndarray, out: np.ndarray | None = None) -> np.ndarray:
    """Sum over the second axis of [C, M], as a matrix product, which is several times faster if C or M is small."""
    return np.matmul(x, np.ones(x.shape[1], x.dtype), out=out)
