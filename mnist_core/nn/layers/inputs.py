"""What some networks do to the pixels before they learn anything from them."""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from mnist_core.errors import InputError
from mnist_core.nn.layers.base import Layer, Shape, Tape


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
