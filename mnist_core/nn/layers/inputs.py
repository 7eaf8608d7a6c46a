"""What some networks do to the pixels before they learn anything from them: another scale, another size."""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from mnist_core.errors import InputError
from mnist_core.nn.layers.base import (
    MAX_VALUES,
    Layer,
    Shape,
    Tape,
    array,
    check_count,
    check_range,
    picture,
    planes,
)

MAX_SIDE = 64
"""Pixels along a side of the largest picture that a layer makes of MNIST's 28."""


@dataclass(eq=False)
class Scale(Layer):
    """Multiplies every value: "scale 255" brings pixels in 0..1 back to the 0..255 of the files."""

    name: ClassVar[str] = "scale"
    factor: float

    def __post_init__(self) -> None:
        super().__post_init__()
        if not 1e-6 <= abs(self.factor) <= 1e6:
            raise InputError(f"scale: expected a factor from 1e-6 to 1e6, found {self.factor:g}.")

    def forward(self, x: np.ndarray, tape: Tape | None = None) -> np.ndarray:
        return x * x.dtype.type(self.factor)

    def backward(self, dy: np.ndarray, tape: Tape) -> np.ndarray:
        return dy * dy.dtype.type(self.factor)


@dataclass(eq=False)
class Ones(Layer):
    """Puts a column of ones before the others, so that its weight does what a bias does: [N, F] to [N, 1 + F]."""

    name: ClassVar[str] = "ones"

    def output_shape(self, shape: Shape) -> Shape:
        if len(shape) != 1:
            raise InputError(f"ones: expected a flat input, found shape {shape}; put flatten before it.")
        return (shape[0] + 1,)

    def forward(self, x: np.ndarray, tape: Tape | None = None) -> np.ndarray:
        y = np.empty((len(x), x.shape[1] + 1), x.dtype)
        y[:, 0] = 1
        y[:, 1:] = x
        return y

    def backward(self, dy: np.ndarray, tape: Tape) -> np.ndarray:
        return dy[:, 1:]


@dataclass(eq=False)
class Standardize(Layer):
    """Takes off a mean and divides by a deviation: Y = (X - mean) / deviation; dX = dY / deviation.

    "standardize 0.1307 0.3081" is what most programs in PyTorch do to MNIST's pixels in 0..1, whose mean and standard
    deviation these are. "standardize 1 -1" turns ink and paper around.
    """

    name: ClassVar[str] = "standardize"
    mean: float
    deviation: float

    def __post_init__(self) -> None:
        super().__post_init__()
        if not abs(self.mean) <= 1e6 or not 1e-6 <= abs(self.deviation) <= 1e6:
            found = f"{self.mean:g} and {self.deviation:g}"
            raise InputError(f"standardize: expected a mean up to 1e6 and a deviation from 1e-6 to 1e6, found {found}.")

    def forward(self, x: np.ndarray, tape: Tape | None = None) -> np.ndarray:
        return (x - x.dtype.type(self.mean)) / x.dtype.type(self.deviation)

    def backward(self, dy: np.ndarray, tape: Tape) -> np.ndarray:
        return dy / dy.dtype.type(self.deviation)


@dataclass(eq=False)
class Pad(Layer):
    """Surrounds a picture with zeros: [N, H, W, C] to [N, H + 2 margin, W + 2 margin, C]; dX is dY without the margin.

    LeNet-5 is meant for 32x32 pixels, of which "pad 2" makes MNIST's 28.
    """

    name: ClassVar[str] = "pad"
    margin: int

    def __post_init__(self) -> None:
        super().__post_init__()
        check_range("pad", "margin", self.margin, 1, 18)

    def output_shape(self, shape: Shape) -> Shape:
        if len(shape) != 3:
            raise InputError(f"pad: expected height x width x channels, found shape {shape}.")
        height, width, channels = shape
        height, width = height + 2 * self.margin, width + 2 * self.margin
        check_count("pad", "values for an image", height * width * channels, MAX_VALUES)
        return height, width, channels

    def forward(self, x: np.ndarray, tape: Tape | None = None) -> np.ndarray:
        n, height, width, channels = x.shape
        size = (channels, height + 2 * self.margin, width + 2 * self.margin, n)
        y = picture(array(tape, "y", size, x.dtype))
        y[...] = 0
        self._inside(y)[...] = x
        return y

    def backward(self, dy: np.ndarray, tape: Tape) -> np.ndarray:
        return self._inside(dy)

    def _inside(self, y: np.ndarray) -> np.ndarray:
        return y[:, self.margin : -self.margin, self.margin : -self.margin]


@dataclass(eq=False)
class Resize(Layer):
    """Brings a picture to side x side pixels: Y = R X R^T for each channel, and so dX = R^T dY R.

    R, [side, H] for the rows and [side, W] for the columns, interpolates between the centers of pixels. Where it
    shrinks, each new pixel is a weighted mean of all old ones around it: the "bilinear" of Pillow and of torchvision.
    """

    name: ClassVar[str] = "resize"
    side: int

    def __post_init__(self) -> None:
        super().__post_init__()
        check_range("resize", "side", self.side, 4, MAX_SIDE)

    def output_shape(self, shape: Shape) -> Shape:
        if len(shape) != 3:
            raise InputError(f"resize: expected height x width x channels, found shape {shape}.")
        check_count("resize", "values for an image", self.side**2 * shape[2], MAX_VALUES)
        return self.side, self.side, shape[2]

    def matrix(self, old: int, dtype: np.dtype) -> np.ndarray:
        """R for one axis, [side, old]."""
        step = old / self.side
        reach = max(step, 1.0)
        centers = (np.arange(self.side)[:, None] + 0.5) * step
        weights = np.maximum(0, 1 - np.abs(np.arange(old) + 0.5 - centers) / reach)
        return (weights / weights.sum(axis=1, keepdims=True)).astype(dtype)

    def forward(self, x: np.ndarray, tape: Tape | None = None) -> np.ndarray:
        rows, columns = (self.matrix(old, x.dtype) for old in x.shape[1:3])
        if tape is not None:
            tape.saved["rows"], tape.saved["columns"] = rows, columns
        return _along_both(x, rows, columns)

    def backward(self, dy: np.ndarray, tape: Tape) -> np.ndarray:
        return _along_both(dy, tape.saved["rows"].T, tape.saved["columns"].T)


def _along_both(x: np.ndarray, rows: np.ndarray, columns: np.ndarray) -> np.ndarray:
    """rows @ x @ columns^T for each channel of each picture [N, H, W, C]."""
    wide = columns @ planes(x)
    channels, height, width, n = wide.shape
    return picture((rows @ wide.reshape(channels, height, -1)).reshape(channels, -1, width, n))
