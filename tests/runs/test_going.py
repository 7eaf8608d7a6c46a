"""One run as the director sees it, at awkward moments: no process is needed to make them happen."""

import queue
from pathlib import Path

import pytest

from mnist_core.runs.control_reader import QUICK_SECONDS
from mnist_core.runs.director import Director
from mnist_core.runs.folder import Run
from mnist_core.runs.going import GoingRun
from mnist_core.runs.requests import Requests
from mnist_core.runs.run_records import Status
from mnist_core.runs.slices import Result, Slice
from mnist_core.runs.store import RunStore
from mnist_core.runs.workers import Answer
from tests.run_helpers import SECRET, SMALL


class Desk:
    """Workers that do nothing by themselves: the test gives the answers."""

    trouble = ""

    def __init__(self) -> None:
        self.answers: queue.Queue[Answer] = queue.Queue()
        self.orders: list[Slice] = []

    def names(self) -> list[str]:
        return ["one"]

    def submit(self, name: str, order: Slice) -> None:
        self.orders.append(order)

    def answer(self, result: Result) -> None:
        self.answers.put(Answer("one", self.orders[-1], result))

    def kill(self, name: str) -> None:
        raise AssertionError("nobody hangs here")

    def close(self) -> None:
        pass


@pytest.fixture
def quiet_store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> RunStore:
    """A store that starts no director: the test is the director."""
    store = RunStore(tmp_path / "runs")
    monkeypatch.setattr(store, "_call", lambda run: store.requests.put(run))
    return store


def started(store: RunStore, span: str = "") -> tuple[Run, Director, Desk]:
    """A run in its first slice."""
    run = store.create(SECRET, SMALL, "first")
    store.start(run, span)
    desk = Desk()
    director = Director(store.root, desk, 600)
    director.work()
    assert [order.run for order in desk.orders] == [run.id]
    return run, director, desk


def test_pause_and_resume_within_one_slice_leave_no_run_that_seems_to_wait(quiet_store: RunStore) -> None:
    run, director, desk = started(quiet_store)
    run.ask("pause")
    director.work()
    run.ask("run")
    director.work()
    desk.answer(Result(run.id, step=1))
    director.work()
    assert run.status.state == "training" and run.written_status().serial == run.control.serial
    director.close()


def test_a_pause_waits_for_the_slice_and_then_tells_how_far_it_came(quiet_store: RunStore) -> None:
    run, director, desk = started(quiet_store)
    run.ask("pause")
    director.work()
    assert run.status.state == "waiting"
    desk.answer(Result(run.id, step=7))
    director.work()
    assert run.status == Status("paused", step=7, serial=run.control.serial)
    director.close()


def test_a_step_that_was_asked_for_before_does_not_pause_what_was_resumed_since(quiet_store: RunStore) -> None:
    run, director, desk = started(quiet_store, "step")
    for command in ("pause", "run"):
        run.ask(command)
        director.work()
    desk.answer(Result(run.id, step=1, reached=True))
    director.work()
    assert run.status.state == "training"
    director.close()


def test_a_long_first_step_goes_before_others_only_for_a_while(quiet_store: RunStore) -> None:
    run = quiet_store.create(SECRET, SMALL, "first")
    run.ask("run")
    going = GoingRun(run)
    assert going.quick
    going.take(Result(run.id, seconds=QUICK_SECONDS + 0.1, between_steps=False))
    assert going.going and not going.quick
    run.ask("run", "step")
    going.read_control()
    assert going.quick
    going.close()


def test_a_changed_setting_goes_before_others_once(quiet_store: RunStore) -> None:
    run = quiet_store.create(SECRET, SMALL, "changed")
    run.ask("run")
    going = GoingRun(run)
    going.next_slice(0.1)
    going.take(Result(run.id, step=3, seconds=QUICK_SECONDS + 0.1))
    assert going.going and not going.quick
    run.set(learning_rate=0.002)
    going.read_control()
    assert going.quick and going.next_slice(0.1).settings == {"learning_rate": 0.002}
    assert not going.quick
    going.close()


def test_a_worker_that_has_forgotten_a_run_is_given_its_state(quiet_store: RunStore) -> None:
    run, director, desk = started(quiet_store)
    desk.answer(Result(run.id, step=3))
    director.work()
    director.going[run.id].moving = True
    desk.answer(Result(run.id, step=5))
    director.work()
    assert desk.orders[-1].release
    desk.answer(Result(run.id, "missing"))
    director.work()
    director.work()
    assert desk.orders[-1].begin and not director.going[run.id].moving
    director.close()


@pytest.mark.parametrize("facts", [{"step": float("inf")}, {"metrics_bytes": [], "step": 1}, {}])
def test_a_run_that_cannot_be_taken_in_fails_alone(quiet_store: RunStore, facts: dict[str, object]) -> None:
    good, bad = (quiet_store.create(SECRET, SMALL, name) for name in ("good", "bad"))
    bad.write_checkpoint({}, {"metrics_bytes": 1, "epochs_done": 0} | facts)
    for run in (bad, good):
        quiet_store.start(run)
    desk = Desk()
    director = Director(quiet_store.root, desk, 600)
    director.work()
    assert [order.run for order in desk.orders] == [good.id]
    assert bad.status.state == "failed" and bad.status.message
    assert not Requests(quiet_store.root).waiting()
    director.close()


def test_resume_of_a_finished_run_is_answered(quiet_store: RunStore) -> None:
    run = quiet_store.create(SECRET, SMALL, "first")
    run.write_status(Status("finished", step=96))
    quiet_store.start(run)
    director = Director(quiet_store.root, Desk(), 600)
    director.work()
    assert run.status.state == "finished" and run.status.serial == run.control.serial


def test_a_pause_while_there_was_no_director_is_told_by_the_next(quiet_store: RunStore) -> None:
    run = quiet_store.create(SECRET, SMALL, "first")
    run.write_status(Status("training", step=5))
    run.ask("pause")
    quiet_store.requests.note([run], 1)
    director = Director(quiet_store.root, Desk(), 600)
    director.adopt()
    director.work()
    assert run.status.state == "paused" and quiet_store.requests.noted() == []


def test_a_resume_right_after_a_failure_is_not_lost(quiet_store: RunStore) -> None:
    run, director, desk = started(quiet_store)
    desk.answer(Result(run.id, "failed", message="Too fast.", cause="diverged"))
    director.work()
    # First somebody looks into the network that it goes back to.
    director.work()
    assert run.written_status().state == "waiting" and desk.orders[-1].look_only and desk.orders[-1].state is None
    desk.answer(Result(run.id))
    director.work()
    assert run.written_status().state == "failed" and run.id in director.going
    quiet_store.start(run, "epoch")
    director.work()
    director.work()
    assert run.id in director.going and run.status.state == "waiting"
    assert run.written_status().serial == run.control.serial
    director.close()
