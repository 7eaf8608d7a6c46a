"""A worker's trainings: however they are cut into slices and moved about, they come out as if nothing had happened."""

import dataclasses
import json
from pathlib import Path

import numpy as np
import pytest

from mnist_core.data.dataset import Dataset, load_mnist
from mnist_core.runs.going import STRIKE_SECONDS, GoingRun
from mnist_core.runs.run_records import RunInfo
from mnist_core.runs.slices import Change, Result, Slice, State
from mnist_core.runs.store import RunStore
from mnist_core.runs.worker import Trainings
from mnist_core.training.config import TrainingConfig
from mnist_core.training.report import Report
from mnist_core.training.trainer import Trainer
from tests.run_helpers import SMALL

LAYERS = ("flatten", "dense 32", "batchnorm", "relu", "dropout 0.3", "dense 10")
CONFIG = dataclasses.replace(SMALL, layers=LAYERS, epochs=3, augmentation="warp", schedule="cosine")
ROOMY = 10**9


def load(_: RunInfo) -> Dataset:
    return load_mnist()


class Held(Trainings):
    """Trainings that are built when they are not held; a director says so itself."""

    def move_on(self, order: Slice) -> Result:
        return super().move_on(dataclasses.replace(order, begin=order.begin and order.run not in self._held))


def info(config: TrainingConfig = CONFIG, threads: int = 1) -> RunInfo:
    return RunInfo("a run", config, 0.0, threads=threads)


def piece(config: TrainingConfig = CONFIG, run: str = "a", **settings: object) -> Slice:
    return Slice(run, info(config), begin=True, **settings)  # type: ignore[arg-type]


def to_the_end(trainings: Trainings, order: Slice, state: State | None = None) -> list[Result]:
    results = [trainings.move_on(dataclasses.replace(order, state=state))]
    while results[-1].phase in ("training", "measuring"):
        results.append(trainings.move_on(order))
    return results


def points(results: list[Result]) -> list[Report]:
    return [event for result in results for event in result.events if isinstance(event, Report)]


def parameters(results: list[Result]) -> dict[str, np.ndarray]:
    state = next(result.state for result in results if result.phase == "measuring")
    assert state is not None
    return state.arrays


def test_short_slices_give_the_network_of_an_undisturbed_training() -> None:
    alone = Trainer(CONFIG, load_mnist())
    list(alone.run())
    results = to_the_end(Held(load, ROOMY), piece(seconds=0.01))
    assert len(results) > 3 and results[-1].phase == "finished"
    expected, _ = alone.state()
    found = parameters(results)
    assert all(found[name].tobytes() == array.tobytes() for name, array in expected.items())
    assert [point.step for point in points(results)] == list(range(1, 97))
    assert json.loads(results[-1].files["network.json"])["title"] == "a run"
    assert sum(result.view is not None for result in results) == 1


@pytest.mark.slow
def test_trainings_that_have_no_room_move_through_their_states() -> None:
    orders = [
        piece(dataclasses.replace(CONFIG, seed=seed), run=str(seed), seconds=0.02, want_state=True) for seed in range(3)
    ]
    alone = [parameters(to_the_end(Held(load, ROOMY), order)) for order in orders]
    small = Held(load, 0)
    states: dict[str, State | None] = {}
    found: dict[str, dict[str, np.ndarray]] = {}
    moved = 0
    while len(found) < 3:
        for order in orders:
            if order.run in found:
                continue
            result = small.move_on(dataclasses.replace(order, state=states.get(order.run)))
            if result.state is not None:
                states[order.run] = result.state
            moved += len(result.released)
            states |= {run: state for run, state in result.released.items() if state is not None}
            if result.phase == "measuring" and result.state is not None:
                found[order.run] = result.state.arrays
    assert moved > 6
    for number, arrays in enumerate(alone):
        assert all(found[str(number)][name].tobytes() == array.tobytes() for name, array in arrays.items())


def test_a_training_that_is_not_held_is_asked_for() -> None:
    trainings = Held(load, ROOMY)
    assert trainings.move_on(Slice("a", info())).phase == "missing"
    trainings.move_on(piece(until_step=3, seconds=9))
    given = trainings.move_on(Slice("a", info(), release=True)).released["a"]
    assert given is not None and given.facts["step"] == 3
    assert trainings.move_on(Slice("a", info())).phase == "missing"
    assert trainings.move_on(piece(state=given, until_step=4, seconds=9)).step == 4


def test_a_run_whose_training_got_lost_goes_back_to_its_checkpoint(tmp_path: Path) -> None:
    run = RunStore(tmp_path).create("a visitor", CONFIG, "a run")
    run.ask("run")
    going = GoingRun(run)
    trainings = Held(load, ROOMY)

    def move_on(**settings: object) -> Result:
        order = dataclasses.replace(going.next_slice(9), first=False, **settings)  # type: ignore[arg-type]
        going.worker = "1"
        result = trainings.move_on(order)
        # Nobody asked for a pause there.
        result.reached = False
        return result

    going.take(move_on(until_step=5, want_state=True))
    going.take(move_on(until_step=8, want_state=False))
    assert going.status.step == 8
    trainings.close()
    going.take(move_on())
    order = going.next_slice(9)
    assert going.status.step == 5 and order.begin and order.state is not None and order.state.facts["step"] == 5
    assert going.strikes == 0 and going.going
    # Two workers that end soon after one another are too many, but not if much was computed between them.
    going.lose_worker(True)
    going.take(Result(run.id, step=5, seconds=STRIKE_SECONDS))
    going.lose_worker(True)
    assert going.going
    going.lose_worker(True)
    assert going.status.state == "failed" and "ended 2 times" in going.status.message
    going.close()


def test_a_step_an_epoch_a_change_and_the_end_can_be_asked_for() -> None:
    trainings = Held(load, ROOMY)
    first = trainings.move_on(piece(first=True, seconds=9))
    assert first.step == 1 and not first.reached and len(points([first])) == 1
    step = trainings.move_on(piece(until_step=2, seconds=9))
    assert (step.step, step.reached) == (2, True)
    epoch = trainings.move_on(piece(until_epoch=1.0, seconds=9))
    assert (epoch.step, epoch.reached) == (32, True)
    settings = {"learning_rate": 0.5, "batch_size": 10**7}
    changed = trainings.move_on(piece(until_step=33, seconds=9, settings=settings))
    assert [event for event in changed.events if isinstance(event, Change)] == [Change(32, 1.0, "learning_rate", 0.5)]
    assert "batch_size: expected" in changed.refused["batch_size"] and changed.step == 33
    assert trainings.move_on(piece(finish=True)).phase == "measuring"
    results = to_the_end(trainings, piece(seconds=0.01))
    # The measuring is cut into slices, too.
    assert len(results) > 1 and results[-1].phase == "stopped" and "network.npz" in results[-1].files


def test_a_slice_ends_in_the_middle_of_a_long_step_and_the_next_goes_on_there() -> None:
    config = dataclasses.replace(CONFIG, layers=SMALL.layers, batch_size=0, epochs=2, validation=0, augmentation="none")
    trainings = Held(load, ROOMY)
    first = trainings.move_on(piece(config, seconds=0.0, want_state=True))
    assert first.between_steps and first.step == 0 and first.state is not None
    halves: list[Result] = []
    while not halves or halves[-1].step == 0:
        halves.append(trainings.move_on(piece(config, seconds=1e-4, want_state=True)))
    middle = [half for half in halves if not half.between_steps]
    assert middle and all(half.state is None for half in middle)
    # The state that was wanted in the middle comes with the end of the step.
    assert halves[-1].state is not None and halves[-1].state.facts["step"] == 1
    alone = Trainer(config, load_mnist())
    next(alone.run(1))
    expected, _ = alone.state()
    assert all(halves[-1].state.arrays[name].tobytes() == array.tobytes() for name, array in expected.items())


def test_one_that_explodes_fails_alone_and_says_why() -> None:
    trainings = Held(load, ROOMY)
    config = dataclasses.replace(SMALL, layers=("flatten", "scale 255", "dense 10"), optimizer="sgd", learning_rate=1e3)
    assert trainings.move_on(piece(run="good", until_step=2, seconds=9)).step == 2
    failed = to_the_end(trainings, piece(config, run="bad", seconds=9))[-1]
    assert (failed.phase, failed.cause) == ("failed", "diverged") and "learning rate is too high" in failed.message
    assert trainings.move_on(Slice("good", info(), seconds=9, until_step=3)).step == 3


def test_too_little_memory_and_faults_are_told_in_a_sentence(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def none_left(*_: object) -> Dataset:
        raise MemoryError

    result = Held(none_left, ROOMY).move_on(piece())
    assert (result.phase, result.message) == (
        "failed",
        "There is not enough memory for this network and batch size.",
    )

    def faulty(*_: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr("mnist_core.training.validation.Validation.measure", faulty)
    result = to_the_end(Held(load, ROOMY), piece(seconds=9))[-1]
    assert result.phase == "failed" and "a fault of this program (ZeroDivisionError)" in result.message
    assert "ZeroDivisionError" in capsys.readouterr().err
