"""The fully connected layer."""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from mnist_core.errors import InputError
from mnist_core.nn import initializers
from mnist_core.nn.layers.base import (
    MAX_PARAMETERS,
    Layer,
    Shape,
    Tape,
    array,
    array_like,
    check_count,
    check_range,
    row_sums,
)

MAX_UNITS = 4096


@dataclass(eq=False)
class Dense(Layer):
    """Every output is a weighted sum of all inputs: Y = X W + b.

    X [N, inputs], W [inputs, units], b [units], Y [N, units]. biases="none" leaves b out.

        dX = dY W^T
        dW = X^T dY
        db = sum over the N rows of dY

    dX is the gradient of the loss by X, of X's shape, and so on. Computes the same as plain.Dense.
    """

    name: ClassVar[str] = "dense"
    units: int
    weights: str = "he_normal"
    biases: str = "zeros"

    def __post_init__(self) -> None:
        super().__post_init__()
        check_range("dense", "units", self.units, 1, MAX_UNITS)
        initializers.check(self.weights)
        if self.biases != "none":
            initializers.check(self.biases)

    def output_shape(self, shape: Shape) -> Shape:
        if len(shape) != 1:
            raise InputError(f"dense {self.units}: expected a flat input, found shape {shape}; put flatten before it.")
        check_count(f"dense {self.units}", "weights", shape[0] * self.units, MAX_PARAMETERS)
        return (self.units,)

    def parameter_shapes(self, shape: Shape) -> dict[str, Shape]:
        return {"weights": (shape[0], self.units)} | ({} if self.biases == "none" else {"biases": (self.units,)})

    def build(self, shape: Shape, rng: np.random.Generator, dtype: np.dtype) -> None:
        (inputs,) = shape
        self.parameters = {
            name: initializers.initialize(getattr(self, name), size, inputs, self.units, rng, dtype)
            for name, size in self.parameter_shapes(shape).items()
        }

    def forward(self, x: np.ndarray, tape: Tape | None = None) -> np.ndarray:
        y = array(tape, "y", (len(x), self.units), x.dtype)
        np.matmul(x, self.parameters["weights"], out=y)
        if "biases" in self.parameters:
            y += self.parameters["biases"]
        if tape is not None:
            tape.saved["x"] = x
        return y

    def backward(self, dy: np.ndarray, tape: Tape) -> np.ndarray:
        self.backward_parameters(dy, tape)
        return np.matmul(dy, self.parameters["weights"].T, out=array_like(tape, "dx", tape.saved["x"]))

    def backward_parameters(self, dy: np.ndarray, tape: Tape) -> None:
        weights = self.parameters["weights"]
        np.matmul(tape.saved["x"].T, dy, out=tape.gradient("weights", weights.shape, weights.dtype))
        if "biases" in self.parameters:
            row_sums(dy.T, out=tape.gradient("biases", (self.units,), weights.dtype))
