"""How parameters follow their gradients: plain steps (sgd), steps with inertia (momentum), steps of even size (adam).

An optimizer sees (parameter, gradient) pairs and changes the parameters in place. What it remembers of a parameter
belongs to that array itself, never to a name. L2 regularization is part of the gradient and comes in with it.

Two things are done for speed alone. A large parameter is updated in blocks that stay in the processor's cache. And what
has faded away is set to zero: else it becomes a subnormal number, with which processors compute many times as slowly.
"""

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from mnist_core.errors import InputError

Pairs = Iterable[tuple[np.ndarray, np.ndarray]]

BLOCK = 65_536
"""Values of a parameter that all passes of an update go over before it is the turn of the next ones."""
HALVINGS = 24
"""Values below 2^24 times the smallest normal number have faded. The search is repeated before 24 halvings have passed,
so that none becomes subnormal in between."""


class Optimizer:
    """Base of all optimizers; a subclass names its memory slots and writes one update rule."""

    name: ClassVar[str]
    slots: ClassVar[tuple[str, ...]] = ()
    fading: ClassVar[Mapping[str, str]] = {}
    """Slots that become smaller where there is no gradient, with the name of the field that they are multiplied by."""

    def __post_init__(self) -> None:
        self.steps = 0
        # The parameter is kept beside its memory, so that its identity cannot pass to another array.
        self._memory: dict[int, tuple[np.ndarray, dict[str, np.ndarray]]] = {}

    def step(self, pairs: Pairs, learning_rate: float) -> None:
        """Change each parameter in place by its gradient, which is used up: of the same shape and dtype.

        Both are float32 or float64, and their values lie one after another (C order). Raises ValueError if those of
        the parameter do not.
        """
        self.steps += 1
        for parameter, gradient in pairs:
            memory = self.memory(parameter)
            flat = [array.reshape(-1, copy=False) for array in (parameter, gradient, *memory.values())]
            for start in range(0, parameter.size, BLOCK):
                values, slopes, *kept = (array[start : start + BLOCK] for array in flat)
                self.update(values, slopes, learning_rate, dict(zip(memory, kept, strict=True)))
            for slot, field in self.fading.items():
                factor = getattr(self, field)
                if factor and self.steps % max(1, int(HALVINGS / -math.log2(factor))) == 0:
                    forget_faded(memory[slot])

    def memory(self, parameter: np.ndarray) -> dict[str, np.ndarray]:
        """What is remembered of this parameter: one array of its shape for each slot, zeros at first."""
        if id(parameter) not in self._memory:
            self._memory[id(parameter)] = (parameter, {slot: np.zeros_like(parameter) for slot in self.slots})
        return self._memory[id(parameter)][1]

    def update(
        self, parameter: np.ndarray, gradient: np.ndarray, learning_rate: float, memory: dict[str, np.ndarray]
    ) -> None:
        raise NotImplementedError


def forget_faded(array: np.ndarray) -> None:
    """Set to zero, in place, what is so small that it would soon be subnormal."""
    array[np.abs(array) < np.finfo(array.dtype).smallest_normal * 2**HALVINGS] = 0


@dataclass(eq=False)
class SGD(Optimizer):
    """w = w - rate g."""

    name: ClassVar[str] = "sgd"

    def update(
        self, parameter: np.ndarray, gradient: np.ndarray, learning_rate: float, memory: dict[str, np.ndarray]
    ) -> None:
        gradient *= learning_rate
        parameter -= gradient


@dataclass(eq=False)
class Momentum(Optimizer):
    """v = momentum v + g; w = w - rate v. With nesterov=1, w = w - rate (g + momentum v) (Sutskever et al. 2013)."""

    name: ClassVar[str] = "momentum"
    slots: ClassVar[tuple[str, ...]] = ("velocity",)
    fading: ClassVar[Mapping[str, str]] = {"velocity": "momentum"}
    momentum: float = 0.9
    nesterov: int = 0

    def __post_init__(self) -> None:
        super().__post_init__()
        if not 0 <= self.momentum < 1 or self.nesterov not in (0, 1):
            raise InputError("momentum: expected a momentum from 0 to below 1 and nesterov 0 or 1.")

    def update(
        self, parameter: np.ndarray, gradient: np.ndarray, learning_rate: float, memory: dict[str, np.ndarray]
    ) -> None:
        velocity = memory["velocity"]
        velocity *= self.momentum
        velocity += gradient
        if self.nesterov:
            gradient += self.momentum * velocity
        else:
            np.copyto(gradient, velocity)
        gradient *= learning_rate
        parameter -= gradient


@dataclass(eq=False)
class Adam(Optimizer):
    """Each parameter's step is its mean gradient divided by the root of its mean squared gradient (Kingma, Ba 2015).

    m = beta1 m + (1 - beta1) g; v = beta2 v + (1 - beta2) g^2; w = w - rate (m / c1) / (sqrt(v / c2) + epsilon),
    where c1 = 1 - beta1^t and c2 = 1 - beta2^t make up for m and v starting at zero.

    Kept are the sums M = m / (1 - beta1) and V = v / (1 - beta2), which need fewer passes over memory:
    M = beta1 M + g; V = beta2 V + g^2; w = w - rate (1 - beta1) / c1 / r M / (sqrt(V) + epsilon / r),
    where r = sqrt((1 - beta2) / c2).
    """

    name: ClassVar[str] = "adam"
    slots: ClassVar[tuple[str, ...]] = ("sum", "sum of squares")
    fading: ClassVar[Mapping[str, str]] = {"sum": "beta1", "sum of squares": "beta2"}
    beta1: float = 0.9
    beta2: float = 0.999
    epsilon: float = 1e-8

    def __post_init__(self) -> None:
        super().__post_init__()
        if not (0 <= self.beta1 < 1 and 0 <= self.beta2 < 1 and 0 < self.epsilon < 1):
            raise InputError("adam: expected beta1 and beta2 from 0 to below 1, and epsilon between 0 and 1.")

    def update(
        self, parameter: np.ndarray, gradient: np.ndarray, learning_rate: float, memory: dict[str, np.ndarray]
    ) -> None:
        total, squares = memory["sum"], memory["sum of squares"]
        total *= self.beta1
        total += gradient
        gradient *= gradient
        squares *= self.beta2
        squares += gradient
        root = math.sqrt((1 - self.beta2) / (1 - self.beta2**self.steps))
        step = np.sqrt(squares, out=gradient)
        step += self.epsilon / root
        np.divide(total, step, out=step)
        step *= learning_rate * (1 - self.beta1) / (1 - self.beta1**self.steps) / root
        parameter -= step


OPTIMIZERS: dict[str, type[Optimizer]] = {cls.name: cls for cls in (SGD, Momentum, Adam)}
