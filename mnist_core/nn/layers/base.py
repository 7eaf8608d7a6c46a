"""What every layer has in common, and the tape: what a layer keeps from its forward to its backward pass.

A layer is described by its fields ("dense 128"), tells the shape of its outputs by `output_shape`, gets its
parameters from `build`, and then offers

    forward(x)          inference: nothing is kept, so many threads may call it at once;
    forward(x, tape)    the same, or a step of training if tape.training; what backward needs is kept in tape.saved;
    backward(dy, tape)  the gradient of the loss by the layer's input, given the gradient by its output. The gradients
                        of the parameters are left in tape.gradients. It is called once for each forward, and may
                        overwrite dy and the arrays of the tape.

Pictures are [N, height, width, channels]; everything else is [N, features]. Arrays keep the dtype of the parameters.

In memory, pictures lie the other way round: all N values of one pixel of one channel are neighbors, then come the
pixels of that channel, then the other channels. A window that is cut out of a whole batch then consists of long runs of
memory, which is what processors copy and compute fastest. NumPy hides this: `planes(x)` is the same picture array, seen
as [channels, height, width, N], and `picture(planes)` turns the view back.
"""

import functools
import math
from typing import ClassVar

import numpy as np

from mnist_core.errors import InputError
from mnist_core.nn.parallel import Exchange

Shape = tuple[int, ...]
MAX_PARAMETERS = 8_000_000
MAX_VALUES = 1_000_000
"""Numbers that one layer may compute for one image."""
MAX_KEPT_ONES = 250_000
"""Longer rows of ones are not kept from one step to the next: they would stay in memory for good."""


class Buffers:
    """Scratch memory of one layer: uninitialized arrays by name, which every step uses again.

    Asking the operating system for fresh memory in every step costs more than the arithmetic on it.
    """

    def __init__(self) -> None:
        self._arrays: dict[str, np.ndarray] = {}
        self._memory: dict[str, np.ndarray] = {}

    def get(self, name: str, shape: Shape, dtype: np.dtype) -> np.ndarray:
        """The array of that name, with the values that it happens to hold.

        It shares its memory with what this name gave before; a smaller last batch gets the front of it.
        """
        kept = self._arrays.get(name)
        if kept is None or kept.shape != shape or kept.dtype != dtype:
            memory, size = self._memory.get(name), math.prod(shape)
            if memory is None or memory.size < size or memory.dtype != dtype:
                memory = self._memory[name] = np.empty(size, dtype)
            kept = self._arrays[name] = memory[:size].reshape(shape)
        return kept

    @property
    def nbytes(self) -> int:
        """Bytes that it takes."""
        return sum(memory.nbytes for memory in self._memory.values())


class Tape:
    """What one layer keeps from its forward to its backward pass; elsewhere also called a context or a cache.

    Each thread of a training has its own tapes, one for each layer, and uses them again in every step.

    training: the mode, True for training, False for inference. BatchNorm and Dropout act differently in the two.
    saved: arrays of the forward pass that the backward pass needs, by name.
    gradients: the gradient of the loss by each parameter, by the parameter's name.
    buffers: scratch memory.
    rng: the random source of dropout; only training needs one.
    thread, exchange: which thread of a team this tape belongs to, and where the team adds up over the whole batch
    (`mnist_core.nn.parallel`). A batch in a single thread needs no exchange.
    """

    def __init__(
        self,
        *,
        training: bool,
        rng: np.random.Generator | None = None,
        thread: int = 0,
        exchange: Exchange | None = None,
    ) -> None:
        self.training = training
        self.saved: dict[str, np.ndarray] = {}
        self.gradients: dict[str, np.ndarray] = {}
        self.buffers = Buffers()
        self.rng = rng
        self.thread = thread
        self.exchange = exchange

    def gradient(self, name: str, shape: Shape, dtype: np.dtype) -> np.ndarray:
        """Where to write the gradient by a parameter: `gradients[name]`, the same array in every step."""
        kept = self.gradients.get(name)
        if kept is None or kept.shape != shape or kept.dtype != dtype:
            kept = self.gradients[name] = np.empty(shape, dtype)
        return kept

    def all_gather(self, value: np.ndarray) -> list[np.ndarray]:
        """The `value` of every thread that shares the batch, in the order of the threads."""
        return [value] if self.exchange is None else self.exchange.all_gather(self.thread, value)


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
        """The outputs for a batch of inputs; what `backward` needs is kept in `tape.saved`."""
        raise NotImplementedError

    def backward(self, dy: np.ndarray, tape: Tape) -> np.ndarray:
        """Gradient of the loss by the input of the last forward(x, tape); same shape as x."""
        raise NotImplementedError

    def backward_parameters(self, dy: np.ndarray, tape: Tape) -> None:
        """The gradients by the parameters alone, for the first layer with parameters: nobody needs its dX."""
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
    """An uninitialized array for a result: a buffer of the tape, or new memory without a tape."""
    return np.empty(shape, dtype) if tape is None else tape.buffers.get(name, shape, dtype)


def array_like(tape: Tape | None, name: str, x: np.ndarray, dtype: np.dtype | None = None) -> np.ndarray:
    """The same with the shape and memory order of x, and its dtype unless another is given."""
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
    count = x.shape[1]
    ones = _kept_ones(count, x.dtype) if count <= MAX_KEPT_ONES else np.ones(count, x.dtype)
    return np.matmul(x, ones, out=out)


@functools.lru_cache(maxsize=16)
def _kept_ones(count: int, dtype: np.dtype) -> np.ndarray:
    """The same array of ones in every step."""
    ones = np.ones(count, dtype)
    ones.flags.writeable = False
    return ones
