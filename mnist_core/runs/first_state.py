"""What a run begins with if it goes on from a network that was trained before, here or elsewhere."""

from dataclasses import dataclass

import numpy as np

from mnist_core.data.dataset import Dataset
from mnist_core.errors import InputError
from mnist_core.nn.network import Network
from mnist_core.runs.folder import Run
from mnist_core.runs.slices import State
from mnist_core.training.checkpoint import read_checkpoint, write_checkpoint
from mnist_core.training.config import TrainingConfig
from mnist_core.training.trainer import Trainer

FILE = "first.npz"


@dataclass(frozen=True, eq=False)
class FirstState:
    """A network to go on from, and what it is called."""

    network: Network
    title: str

    def state(self, config: TrainingConfig, threads: int, dataset: Dataset) -> State:
        """A training of these settings before its first step, with the network's numbers.

        Raises InputError if the settings are for other layers.
        """
        start = {label: array.astype(config.dtype) for label, array in self.network.arrays()}
        try:
            trainer = Trainer(config, dataset, threads, start=start)
        except InputError as error:
            raise InputError(f"The network cannot be trained on with these settings: {error}") from None
        arrays, facts = trainer.state()
        # No point of the curves belongs to it.
        return State({label: array.copy() for label, array in arrays.items()}, facts | {"metrics_bytes": 0})


def write_first(run: Run, state: State) -> None:
    """Keep the state that a run begins with. Raises OSError."""
    write_checkpoint(run.file(FILE), state.arrays, state.facts)


def first_state_of(run: Run) -> FirstState | None:
    """What a run went on from, None for new weights. Raises InputError if the run is damaged."""
    found = read_checkpoint(run.file(FILE), f"run {run.id}, its first state")
    if found is None:
        return None
    config = run.info.config
    network = Network(config.layers, np.random.default_rng(0), dtype=config.dtype)
    network.load_arrays(found[0])
    return FirstState(network, run.info.start)
