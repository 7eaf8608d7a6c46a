"""Which network a run shows: the trained one as soon as it is there, before that the one of the last checkpoint."""

from pathlib import Path

import numpy as np

from mnist_core.data.dataset import load_mnist
from mnist_core.nn.network import Network
from mnist_core.reading.weights import ModelCard, save
from mnist_core.runs.run_network import network_of, network_time
from mnist_core.runs.store import RunStore
from mnist_core.training.trainer import Trainer
from tests.run_helpers import SMALL


def test_the_network_of_a_run_that_ended_before_its_first_checkpoint_is_the_trained_one(tmp_path: Path) -> None:
    run = RunStore(tmp_path).create("a visitor", SMALL, "a run")
    assert network_of(run) is None and network_time(run) == 0
    network = Network(SMALL.layers, np.random.default_rng(1))
    save(network, ModelCard("network", "A title", "Trained for a test.", list(SMALL.layers)), run.folder)
    assert run.checkpoint() is None and network_time(run) > 0
    _same(network_of(run), network, 0)


def test_before_that_it_is_the_network_of_the_checkpoint(tmp_path: Path) -> None:
    run = RunStore(tmp_path).create("a visitor", SMALL, "a run")
    trainer = Trainer(SMALL, load_mnist())
    next(trainer.run())
    run.write_checkpoint(*trainer.state())
    _same(network_of(run), trainer.trained, trainer.step)


def _same(found: tuple[Network, int] | None, expected: Network, step: int) -> None:
    assert found is not None and found[1] == step
    for (name, array), (other_name, other) in zip(found[0].arrays(), expected.arrays(), strict=True):
        assert name == other_name
        np.testing.assert_array_equal(array, other)
