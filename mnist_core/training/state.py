"""All that a training consists of between two steps, to write down and to go on from."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import numpy as np

from mnist_core.errors import InputError
from mnist_core.nn.network import Network
from mnist_core.nn.optimizers import Optimizer
from mnist_core.training.averaging import MovingAverage
from mnist_core.training.counters import Counters
from mnist_core.training.sampler import Sampler


@dataclass(frozen=True)
class MovingParts:
    """What of a training changes from step to step, beside its settings and its clock.

    warps: random numbers of the augmentation. dropouts: those of each thread's dropout.
    """

    network: Network
    average: MovingAverage | None
    optimizer: Optimizer
    counters: Counters
    sampler: Sampler
    warps: np.random.Generator
    dropouts: list[np.random.Generator]

    def arrays(self) -> Iterator[tuple[str, np.ndarray]]:
        """The arrays that change, with their names: the training's own, not copies."""
        yield from self.network.arrays()
        if self.average:
            for name, array in self.average.network.arrays():
                yield f"average {name}", array
        for slot, array in self.optimizer.memory(self.network.parameters).items():
            yield f"{self.optimizer.name} {slot}", array

    def facts(self) -> dict[str, Any]:
        """The rest of what changes, as JSON can hold it."""
        return {
            **self.counters.facts(),
            "optimizer_steps": self.optimizer.steps,
            "order": self.sampler.state,
            "warps": self.warps.bit_generator.state,
            "dropout": [rng.bit_generator.state for rng in self.dropouts],
        }

    def restore_facts(self, facts: Mapping[str, Any]) -> None:
        """Go on from `facts`. Raises KeyError, TypeError or ValueError if they are not such facts."""
        self.counters.restore(facts)
        self.optimizer.steps = int(facts["optimizer_steps"])
        self.sampler.restore(facts["order"])
        self.warps.bit_generator.state = facts["warps"]
        for rng, state in zip(self.dropouts, facts["dropout"], strict=True):
            rng.bit_generator.state = state

    def restore_arrays(self, arrays: Mapping[str, np.ndarray]) -> None:
        """Go on from `arrays`. Raises InputError, naming the first array that is missing or of another form."""
        for name, array in self.arrays():
            found = arrays.get(name)
            if found is None or found.shape != array.shape or found.dtype != array.dtype:
                raise InputError(f"the checkpoint: expected {name!r} as {array.dtype} {array.shape}.")
            array[...] = found


@contextmanager
def refusing(facts: Mapping[str, Any]) -> Iterator[None]:
    """Turn the errors that unsuitable `facts` cause inside the block into an InputError that says what is wrong."""
    try:
        yield
    except (KeyError, TypeError, ValueError) as error:
        if isinstance(facts.get("dropout"), dict):
            raise InputError(
                "the checkpoint: it was made by an earlier version of this program; start it again."
            ) from None
        raise InputError(f"the checkpoint: expected the state of a training, found {error!r}.") from None
