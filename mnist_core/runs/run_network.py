"""The network of a run as it stands: the trained one, or that of the last checkpoint."""

import numpy as np

from mnist_core.errors import InputError
from mnist_core.nn.network import Network
from mnist_core.nn.spec import parse
from mnist_core.reading import weights
from mnist_core.runs.folder import Run
from mnist_core.training.config import ALL_LOSSES


def network_of(run: Run) -> tuple[Network, int] | None:
    """The network as it stands and its step, None before the first checkpoint. Raises InputError if it is damaged.

    A run that ends soon after its start leaves a trained network and no checkpoint.
    """
    if run.file("network.json").exists():
        return weights.load("network", run.folder)[0], run.written_status().step
    checkpoint = run.checkpoint()
    if checkpoint is None:
        return None
    arrays, facts = checkpoint
    config = run.info.config
    output = parse(config.loss, ALL_LOSSES, "loss").output
    network = Network(config.layers, np.random.default_rng(0), output=output, dtype=config.dtype)
    prefix = "average " if config.averaging else ""
    try:
        network.load_arrays(
            {name.removeprefix(prefix): kept for name, kept in arrays.items() if name.startswith(prefix)}
        )
    except InputError:
        raise InputError(f"run {run.id}, its checkpoint: is damaged.") from None
    return network, int(facts["step"])


def network_time(run: Run) -> int:
    """Another number, in nanoseconds, whenever there is a newer network; 0 if there is none."""
    return max(run.changed(name) for name in ("network.json", "checkpoint.npz", "start.npz"))
