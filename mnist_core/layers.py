"""The building blocks of a network: each turns one array into the next, and can pass a gradient back.

A layer is described by its fields ("dense 128"), gets its parameters from `build`, and then offers

    forward(x)          for reading: nothing is kept, so many threads may call it at once;
    forward(x, tape)    for training: what backward will need is written on the tape;
    backward(dy, tape)  the gradient of the loss by the layer's input, given the gradient by its output;
                        gradients of the parameters are left in tape.gradients.

Pictures are [N, height, width, channels]; everything else is [N, features]. Arrays keep the dtype of the parameters.
"""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from mnist_core import initializers
from mnist_core.errors import InputError

Shape = tuple[int, ...]
MAX_UNITS = 4096


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


def _output(tape: Tape | None, name: str, shape: Shape, dtype: np.dtype) -> np.ndarray:
    """Where a result goes: a reused buffer while training, a fresh array otherwise."""
    return np.empty(shape, dtype) if tape is None else tape.buffer(name, shape, dtype)


class Layer:
    """Base of all layers. `parameters` are learned by gradients; `state` is kept with them but not learned so."""

    name: ClassVar[str]
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


@dataclass(eq=False)
class Dense(Layer):
    """Every output is a weighted sum of all inputs: Y = X W + b.

    X [N, inputs], W [inputs, units], b [units], Y [N, units]. biases="none" leaves b out.
    """

    name: ClassVar[str] = "dense"
    units: int
    weights: str = "he_normal"
    biases: str = "zeros"

    def __post_init__(self) -> None:
        super().__post_init__()
        _check_range("dense", "units", self.units, 1, MAX_UNITS)
        initializers.check(self.weights)
        if self.biases != "none":
            initializers.check(self.biases)

    def build(self, shape: Shape, rng: np.random.Generator, dtype: np.dtype) -> Shape:
        if len(shape) != 1:
            raise InputError(f"dense {self.units}: expected a flat input, found shape {shape}; put flatten before it.")
        (inputs,) = shape
        self.parameters = {
            "weights": initializers.initialize(self.weights, (inputs, self.units), inputs, self.units, rng, dtype)
        }
        if self.biases != "none":
            self.parameters["biases"] = initializers.initialize(
                self.biases, (self.units,), inputs, self.units, rng, dtype
            )
        return (self.units,)

    def forward(self, x: np.ndarray, tape: Tape | None = None) -> np.ndarray:
        y = _output(tape, "y", (len(x), self.units), x.dtype)
        np.matmul(x, self.parameters["weights"], out=y)
        if "biases" in self.parameters:
            y += self.parameters["biases"]
        if tape is not None:
            tape.saved["x"] = x
        return y

    def backward(self, dy: np.ndarray, tape: Tape) -> np.ndarray:
        self.backward_parameters(dy, tape)
        dx = tape.buffer("dx", tape.saved["x"].shape, dy.dtype)
        return np.matmul(dy, self.parameters["weights"].T, out=dx)

    def backward_parameters(self, dy: np.ndarray, tape: Tape) -> None:
        tape.gradients["weights"] = np.matmul(
            tape.saved["x"].T, dy, out=tape.buffer("dW", self.parameters["weights"].shape, dy.dtype)
        )
        if "biases" in self.parameters:
            tape.gradients["biases"] = dy.sum(axis=0, out=tape.buffer("db", (self.units,), dy.dtype))


@dataclass(eq=False)
class Conv2D(Layer):
    """A small window slides over the picture; at each place every filter gives one weighted sum of what it sees.

    X [N, H, W, C], weights [size, size, C, filters], Y [N, H', W', filters]. padding="valid" keeps the window
    inside (H' = H - size + 1); padding="same" surrounds the picture with zeros (H' = H; size must be odd).

    The windows are copied into the rows of one matrix ("im2col", Chellapilla et al. 2006), so that the whole
    convolution is a single matrix product. As in every network library the window is not mirrored
    (cross-correlation).
    """

    name: ClassVar[str] = "conv"
    filters: int
    size: int = 3
    padding: str = "valid"
    weights: str = "he_normal"
    biases: str = "zeros"

    def __post_init__(self) -> None:
        super().__post_init__()
        _check_range("conv", "filters", self.filters, 1, 512)
        _check_range("conv", "size", self.size, 1, 28)
        if self.padding not in ("valid", "same") or (self.padding == "same" and self.size % 2 == 0):
            raise InputError(
                f"conv: padding is valid, or same with an odd size; found {self.padding}, size {self.size}."
            )
        initializers.check(self.weights)
        if self.biases != "none":
            initializers.check(self.biases)

    def build(self, shape: Shape, rng: np.random.Generator, dtype: np.dtype) -> Shape:
        if len(shape) != 3:
            raise InputError(f"conv {self.filters}: expected height x width x channels, found shape {shape}.")
        height, width, channels = shape
        fan_in, fan_out = self.size**2 * channels, self.size**2 * self.filters
        kernel = (self.size, self.size, channels, self.filters)
        self.parameters = {"weights": initializers.initialize(self.weights, kernel, fan_in, fan_out, rng, dtype)}
        if self.biases != "none":
            self.parameters["biases"] = initializers.initialize(
                self.biases, (self.filters,), fan_in, fan_out, rng, dtype
            )
        if self.padding == "same":
            return height, width, self.filters
        if min(height, width) < self.size:
            raise InputError(f"conv: a window of {self.size}x{self.size} does not fit into {height}x{width}.")
        return height - self.size + 1, width - self.size + 1, self.filters

    def forward(self, x: np.ndarray, tape: Tape | None = None) -> np.ndarray:
        columns, (n, height, width) = self._windows(x, tape)
        kernel = self.parameters["weights"].reshape(-1, self.filters)
        y = _output(tape, "y", (n * height * width, self.filters), x.dtype)
        np.matmul(columns, kernel, out=y)
        if "biases" in self.parameters:
            y += self.parameters["biases"]
        if tape is not None:
            tape.saved["x"], tape.saved["columns"] = x, columns
        return y.reshape(n, height, width, self.filters)

    def backward(self, dy: np.ndarray, tape: Tape) -> np.ndarray:
        self.backward_parameters(dy, tape)
        n, height, width, _ = dy.shape
        x = tape.saved["x"]
        # Each window's gradient, then added up wherever windows overlap: one shifted sum for each place in the window.
        dcolumns = tape.buffer("dcolumns", tape.saved["columns"].shape, dy.dtype)
        np.matmul(dy.reshape(-1, self.filters), self.parameters["weights"].reshape(-1, self.filters).T, out=dcolumns)
        windows = dcolumns.reshape(n, height, width, self.size, self.size, x.shape[3])
        margin = self._margin()
        padded = tape.buffer("dx", (n, x.shape[1] + 2 * margin, x.shape[2] + 2 * margin, x.shape[3]), dy.dtype)
        padded[...] = 0
        for i in range(self.size):
            for j in range(self.size):
                padded[:, i : i + height, j : j + width] += windows[:, :, :, i, j]
        return padded[:, margin : margin + x.shape[1], margin : margin + x.shape[2]]

    def backward_parameters(self, dy: np.ndarray, tape: Tape) -> None:
        flat = dy.reshape(-1, self.filters)
        columns = tape.saved["columns"]
        dkernel = tape.buffer("dW", (columns.shape[1], self.filters), dy.dtype)
        np.matmul(columns.T, flat, out=dkernel)
        tape.gradients["weights"] = dkernel.reshape(self.parameters["weights"].shape)
        if "biases" in self.parameters:
            tape.gradients["biases"] = _column_sums(flat)

    def _margin(self) -> int:
        return self.size // 2 if self.padding == "same" else 0

    def _windows(self, x: np.ndarray, tape: Tape | None) -> tuple[np.ndarray, tuple[int, int, int]]:
        """The matrix whose rows are windows, [N H' W', size size C], and (N, H', W')."""
        margin = self._margin()
        if margin:
            n, height, width, channels = x.shape
            padded = _output(tape, "padded", (n, height + 2 * margin, width + 2 * margin, channels), x.dtype)
            padded[...] = 0
            padded[:, margin : margin + height, margin : margin + width] = x
            x = padded
        view = sliding_window_view(x, (self.size, self.size), axis=(1, 2))
        n, height, width, channels = view.shape[:4]
        columns = _output(tape, "columns", (n * height * width, self.size**2 * channels), x.dtype)
        columns.reshape(n, height, width, self.size, self.size, channels)[...] = view.transpose(0, 1, 2, 4, 5, 3)
        return columns, (n, height, width)


@dataclass(eq=False)
class MaxPool2D(Layer):
    """Shrinks a picture: of every size x size block only the largest value goes on.

    X [N, H, W, C] to Y [N, H // size, W // size, C]; rows and columns that fill no block are left out.
    """

    name: ClassVar[str] = "maxpool"
    size: int = 2

    def __post_init__(self) -> None:
        super().__post_init__()
        _check_range("maxpool", "size", self.size, 1, 28)

    def build(self, shape: Shape, rng: np.random.Generator, dtype: np.dtype) -> Shape:
        if len(shape) != 3 or min(shape[:2]) < self.size:
            raise InputError(f"maxpool {self.size}: expected a picture of at least that size, found shape {shape}.")
        return shape[0] // self.size, shape[1] // self.size, shape[2]

    def forward(self, x: np.ndarray, tape: Tape | None = None) -> np.ndarray:
        n, height, width, channels = x.shape
        y = _output(tape, "y", (n, height // self.size, width // self.size, channels), x.dtype)
        first, *others = self._corners(x)
        np.copyto(y, first)
        for corner in others:
            np.maximum(y, corner, out=y)
        if tape is not None:
            tape.saved["x"], tape.saved["y"] = x, y
        return y

    def backward(self, dy: np.ndarray, tape: Tape) -> np.ndarray:
        x, y = tape.saved["x"], tape.saved["y"]
        dx = tape.buffer("dx", x.shape, dy.dtype)
        covered = self.size * dy.shape[1], self.size * dy.shape[2]
        dx[:, covered[0] :] = 0
        dx[:, :, covered[1] :] = 0
        # The gradient goes to the one value that was passed on: the first of them where several are equal.
        waiting = np.ones(y.shape, dtype=bool)
        for corner, dcorner in zip(self._corners(x), self._corners(dx), strict=True):
            chosen = corner == y
            chosen &= waiting
            waiting ^= chosen
            np.multiply(dy, chosen, out=dcorner)
        return dx

    def _corners(self, x: np.ndarray) -> list[np.ndarray]:
        """size * size views of x: the upper left values of all blocks, then their right neighbors, and so on."""
        height, width = (side // self.size * self.size for side in x.shape[1:3])
        return [x[:, i : height : self.size, j : width : self.size] for i in range(self.size) for j in range(self.size)]


@dataclass(eq=False)
class BatchNorm(Layer):
    """Each channel is shifted and scaled to mean 0 and variance 1, then by two learned numbers (Ioffe, Szegedy 2015).

    Y = scale (X - mean) / sqrt(variance + epsilon) + shift. While training, mean and variance are the batch's own;
    a running average of them, new = momentum old + (1 - momentum) batch, is kept for reading.
    X [N, ..., C]; everything but the last axis is averaged over.
    """

    name: ClassVar[str] = "batchnorm"
    momentum: float = 0.9
    epsilon: float = 1e-5

    def __post_init__(self) -> None:
        super().__post_init__()
        if not 0 <= self.momentum < 1 or not 0 < self.epsilon < 1:
            raise InputError("batchnorm: momentum is from 0 to below 1, epsilon between 0 and 1.")

    def build(self, shape: Shape, rng: np.random.Generator, dtype: np.dtype) -> Shape:
        channels = shape[-1]
        self.parameters = {"scale": np.ones(channels, dtype), "shift": np.zeros(channels, dtype)}
        self.state = {"mean": np.zeros(channels, dtype), "variance": np.ones(channels, dtype)}
        return shape

    def forward(self, x: np.ndarray, tape: Tape | None = None) -> np.ndarray:
        scale, shift = self.parameters["scale"], self.parameters["shift"]
        if tape is None:
            factor = scale / np.sqrt(self.state["variance"] + self.epsilon)
            return x * factor + (shift - self.state["mean"] * factor)
        rows = x.reshape(-1, x.shape[-1])
        mean = _column_sums(rows) / len(rows)
        normalized = np.subtract(rows, mean, out=tape.buffer("normalized", rows.shape, x.dtype))
        variance = np.einsum("nc,nc->c", normalized, normalized) / len(rows)
        inverse_deviation = 1 / np.sqrt(variance + self.epsilon)
        normalized *= inverse_deviation
        for key, batch_value in (("mean", mean), ("variance", variance)):
            self.state[key] += (1 - self.momentum) * (batch_value - self.state[key])
        y = np.multiply(normalized, scale, out=tape.buffer("y", rows.shape, x.dtype))
        y += shift
        tape.saved["normalized"], tape.saved["inverse deviation"] = normalized, inverse_deviation
        return y.reshape(x.shape)

    def backward(self, dy: np.ndarray, tape: Tape) -> np.ndarray:
        normalized = tape.saved["normalized"]
        rows = dy.reshape(-1, dy.shape[-1])
        dshift = _column_sums(rows)
        dscale = np.einsum("nc,nc->c", rows, normalized)
        tape.gradients["scale"], tape.gradients["shift"] = dscale, dshift
        # dX = scale / deviation (dY - mean(dY) - normalized mean(dY normalized)): the batch's own mean and variance
        # move with every x, which takes these two averages out of the gradient.
        dx = np.multiply(normalized, -dscale / len(rows), out=tape.buffer("dx", rows.shape, dy.dtype))
        dx += rows
        dx -= dshift / len(rows)
        dx *= self.parameters["scale"] * tape.saved["inverse deviation"]
        return dx.reshape(dy.shape)


@dataclass(eq=False)
class Dropout(Layer):
    """While training, switches off each value with probability `rate` and scales up the rest (Srivastava et al. 2014).

    The scaling by 1 / (1 - rate) keeps the expected value, so that reading needs no change.
    """

    name: ClassVar[str] = "dropout"
    rate: float = 0.5

    def __post_init__(self) -> None:
        super().__post_init__()
        if not 0 <= self.rate < 1:
            raise InputError(f"dropout: expected a rate from 0 to below 1, found {self.rate:g}.")

    def forward(self, x: np.ndarray, tape: Tape | None = None) -> np.ndarray:
        if tape is None:
            return x
        kept = tape.rng.random(x.shape, dtype=np.float32) >= self.rate
        factor = tape.saved["factor"] = np.multiply(
            kept, x.dtype.type(1 / (1 - self.rate)), out=tape.buffer("factor", x.shape, x.dtype)
        )
        return np.multiply(x, factor, out=tape.buffer("y", x.shape, x.dtype))

    def backward(self, dy: np.ndarray, tape: Tape) -> np.ndarray:
        return np.multiply(dy, tape.saved["factor"], out=tape.buffer("dx", dy.shape, dy.dtype))


@dataclass(eq=False)
class Flatten(Layer):
    """Lays a picture out as one row of numbers: [N, H, W, C] to [N, H W C]."""

    name: ClassVar[str] = "flatten"

    def build(self, shape: Shape, rng: np.random.Generator, dtype: np.dtype) -> Shape:
        size = 1
        for side in shape:
            size *= side
        return (size,)

    def forward(self, x: np.ndarray, tape: Tape | None = None) -> np.ndarray:
        if tape is not None:
            tape.saved["x"] = x
        return x.reshape(len(x), -1)

    def backward(self, dy: np.ndarray, tape: Tape) -> np.ndarray:
        return dy.reshape(tape.saved["x"].shape)


@dataclass(eq=False)
class ReLU(Layer):
    """Lets positive values through and stops the rest: y = max(x, 0)."""

    name: ClassVar[str] = "relu"

    def forward(self, x: np.ndarray, tape: Tape | None = None) -> np.ndarray:
        y = np.maximum(x, 0, out=_output(tape, "y", x.shape, x.dtype))
        if tape is not None:
            tape.saved["y"] = y
        return y

    def backward(self, dy: np.ndarray, tape: Tape) -> np.ndarray:
        return np.multiply(dy, tape.saved["y"] > 0, out=tape.buffer("dx", dy.shape, dy.dtype))


@dataclass(eq=False)
class Sigmoid(Layer):
    """Squeezes every value between 0 and 1: y = 1 / (1 + exp(-x)); dy/dx = y (1 - y)."""

    name: ClassVar[str] = "sigmoid"

    def forward(self, x: np.ndarray, tape: Tape | None = None) -> np.ndarray:
        y = sigmoid(x, out=_output(tape, "y", x.shape, x.dtype))
        if tape is not None:
            tape.saved["y"] = y
        return y

    def backward(self, dy: np.ndarray, tape: Tape) -> np.ndarray:
        y = tape.saved["y"]
        return np.multiply(dy, y * (1 - y), out=tape.buffer("dx", dy.shape, dy.dtype))


@dataclass(eq=False)
class Tanh(Layer):
    """Squeezes every value between -1 and 1: y = tanh(x); dy/dx = 1 - y squared."""

    name: ClassVar[str] = "tanh"

    def forward(self, x: np.ndarray, tape: Tape | None = None) -> np.ndarray:
        y = np.tanh(x, out=_output(tape, "y", x.shape, x.dtype))
        if tape is not None:
            tape.saved["y"] = y
        return y

    def backward(self, dy: np.ndarray, tape: Tape) -> np.ndarray:
        y = tape.saved["y"]
        return np.multiply(dy, 1 - y * y, out=tape.buffer("dx", dy.shape, dy.dtype))


LAYERS: dict[str, type[Layer]] = {
    cls.name: cls for cls in (Dense, Conv2D, MaxPool2D, BatchNorm, Dropout, Flatten, ReLU, Sigmoid, Tanh)
}


def sigmoid(x: np.ndarray, out: np.ndarray | None = None) -> np.ndarray:
    """1 / (1 + exp(-x)), written as (1 + tanh(x / 2)) / 2, which cannot overflow."""
    y = np.multiply(x, 0.5, out=out)
    np.tanh(y, out=y)
    y += 1
    y *= 0.5
    return y


def softmax(logits: np.ndarray, out: np.ndarray | None = None) -> np.ndarray:
    """exp(z) / sum(exp(z)) in each row of [N, classes]; the row's maximum is taken off first, against overflow."""
    y = np.subtract(logits, logits.max(axis=1, keepdims=True), out=out)
    np.exp(y, out=y)
    y /= y.sum(axis=1, keepdims=True)
    return y


def _column_sums(rows: np.ndarray) -> np.ndarray:
    """Sum over the first axis of [N, C] as a matrix product, which is several times faster for few columns."""
    return np.ones(len(rows), rows.dtype) @ rows


def _check_range(layer: str, field: str, value: int, low: int, high: int) -> None:
    if not low <= value <= high:
        raise InputError(f"{layer}: expected {field} from {low} to {high}, found {value}.")
