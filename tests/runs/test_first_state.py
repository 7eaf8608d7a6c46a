"""A run that begins with a network: its first step starts there, and so does going back to the beginning."""

import dataclasses
from pathlib import Path

import numpy as np
import pytest

from mnist_core import InputError
from mnist_core.nn.network import Network
from mnist_core.runs.alone import train_alone
from mnist_core.runs.first_state import FirstState, first_state_of
from mnist_core.runs.run_network import network_of
from mnist_core.runs.run_writer import RunWriter
from mnist_core.runs.slices import State
from mnist_core.runs.store import RunStore
from mnist_core.training.report import Report
from tests.run_helpers import SECRET, SMALL, steps


def begun_with(tmp_path: Path) -> tuple[Network, RunStore]:
    return Network(SMALL.layers, np.random.default_rng(77)), RunStore(tmp_path)


@pytest.mark.parametrize("averaging", [0.0, 0.9])
def test_a_run_goes_on_from_the_network_it_is_given(tmp_path: Path, averaging: float) -> None:
    network, store = begun_with(tmp_path)
    config = dataclasses.replace(SMALL, epochs=1, learning_rate=1e-9, averaging=averaging, optimizer="sgd")
    run = store.create(SECRET, config, "on", start=FirstState(network, "A network\nof others"))
    assert run.info.start == "A network of others"
    found = network_of(run)
    assert found is not None and found[1] == 0
    np.testing.assert_array_equal(found[0].parameters, network.parameters)
    assert train_alone(run, store.datasets, lambda report: None).state == "finished"
    trained = network_of(run)
    assert trained is not None
    # With so low a rate it has hardly moved.
    np.testing.assert_allclose(trained[0].parameters, network.parameters, atol=1e-6)
    assert steps(run)[0] == 1 and "from 'A network of others' on" in run.file("network.json").read_text()


def test_a_run_knows_what_it_began_with(tmp_path: Path) -> None:
    network, store = begun_with(tmp_path)
    again = first_state_of(store.create(SECRET, SMALL, "on", start=FirstState(network, "Theirs")))
    assert again is not None and again.title == "Theirs"
    np.testing.assert_array_equal(again.network.parameters, network.parameters)
    assert first_state_of(store.create(SECRET, SMALL, "new")) is None


def test_other_layers_are_refused_and_leave_no_run(tmp_path: Path) -> None:
    network, store = begun_with(tmp_path)
    other = dataclasses.replace(SMALL, layers=("flatten", "dense 10"))
    with pytest.raises(InputError, match="cannot be trained on with these settings"):
        store.create(SECRET, other, "on", start=FirstState(network, "Theirs"))
    assert store.runs(SECRET) == []


def test_after_an_explosion_it_goes_back_to_where_it_began(tmp_path: Path) -> None:
    network, store = begun_with(tmp_path)
    run = store.create(SECRET, SMALL, "on", start=FirstState(network, "Theirs"))
    writer = RunWriter(run, lambda report: None)
    first = writer.go_to_checkpoint()
    assert first is not None
    # The first checkpoint is a bad one already, and there is no file of a good one.
    writer.append([Report(step, 1000, step / 32, loss, 0.5, 0.1, step, 1.0) for step, loss in ((1, 0.1), (2, 900.0))])
    writer.save(State(first.arrays, first.facts | {"step": 2}))
    back = writer.go_back()
    writer.close()
    assert back is not None and back.facts["step"] == 0
    np.testing.assert_array_equal(back.arrays["2 dense weights"], dict(network.arrays())["2 dense weights"])
