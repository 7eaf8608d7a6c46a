"""The network of a run as it stands: the trained one, or that of the last checkpoint."""

import dataclasses

import numpy as np

from mnist_core.errors import InputError
from mnist_core.nn.network import Network
from mnist_core.nn.spec import parse
from mnist_core.reading import weights
from mnist_core.reading.recognizer import Recognizer
from mnist_core.reading.weights import ModelCard
from mnist_core.runs.folder import Run
from mnist_core.runs.lesson_files import START
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


def recognizer_of(run: Run) -> Recognizer | None:
    """What reads with the network of a run as it stands, None before its first checkpoint.

    Once the run has ended, that is its trained network. Before, the confidence of a network that is being taught is
    that of the network it began with; of any other it is not calibrated yet. Raises InputError if something is damaged.
    """
    if run.file("network.json").exists():
        return Recognizer.load("network", run.folder)
    found = network_of(run)
    if found is None:
        return None
    network, info = found[0], run.info
    if info.teaching:
        start = weights.load_card(START, run.folder)
        return Recognizer(network, dataclasses.replace(start, name="network", title=info.name, accuracies={}))
    card = ModelCard(
        "network",
        info.name,
        "Being trained on the Train page.",
        network.description,
        dataset=info.dataset,
        classes=list(info.classes),
    )
    return Recognizer(network, dataclasses.replace(card, output=network.output, dtype=network.dtype.name))


def network_time(run: Run) -> int:
    """Another number, in nanoseconds, whenever there is a newer network; 0 if there is none."""
    return max(run.changed(name) for name in ("network.json", "checkpoint.npz", "first.npz"))
