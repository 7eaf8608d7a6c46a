"""What a run begins with, if not with new random weights: a network that was trained before, here or elsewhere."""

from dataclasses import dataclass

import numpy as np

from mnist_core.data.dataset import load_mnist
from mnist_core.errors import InputError
from mnist_core.nn.network import Network
from mnist_core.runs.folder import Run
from mnist_core.runs.slices import State
from mnist_core.training.checkpoint import read_checkpoint
from mnist_core.training.config import TrainingConfig
from mnist_core.training.trainer import Trainer


@dataclass(frozen=True, eq=False)
class FirstState:
    """A network to go on from, and what it is called."""

    network: Network
    title: str

    def state(self, config: TrainingConfig, threads: int) -> State:
        """A training of these settings before its first step, with the network's numbers.

        Raises InputError if the settings are for other layers.
        """
        trainer = Trainer(config, load_mnist(), threads)
        arrays = {label: array.astype(config.dtype) for label, array in self.network.arrays()}
        try:
            for network in {id(one): one for one in (trainer.network, trainer.trained)}.values():
                network.load_arrays(arrays)
        except InputError as error:
            raise InputError(f"The settings are for another network: {error}") from None
        state, facts = trainer.state()
        # No point of the curves belongs to it.
        return State({label: array.copy() for label, array in state.items()}, facts | {"metrics_bytes": 0})


def first_state_of(run: Run) -> FirstState | None:
    """What a run began with, None for new weights. Raises InputError if the run is damaged."""
    found = read_checkpoint(run.file("start.npz"), f"run {run.id}, its first state")
    if found is None:
        return None
    network = Network(run.info.config.layers, np.random.default_rng(0), dtype=run.info.config.dtype)
    network.load_arrays(found[0])
    return FirstState(network, run.info.start)
