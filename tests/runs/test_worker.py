"""Workers: real processes that train runs, are told what to do, and are really killed."""

import dataclasses
import functools
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from mnist_core.data.dataset import load_mnist
from mnist_core.errors import InputError
from mnist_core.reading import weights
from mnist_core.recipes import publish
from mnist_core.runs import worker
from mnist_core.runs.curves_file import Curves
from mnist_core.runs.slots import Slots, place_in_line
from mnist_core.runs.store import RunStore
from mnist_core.training.trainer import Trainer
from tests.conftest import ROOT
from tests.run_helpers import SECRET, SMALL, last_step, process_of, state, steps, wait


@pytest.fixture
def store(tmp_path: Path) -> RunStore:
    return RunStore(tmp_path / "runs")


def test_a_run_trains_in_a_process_of_its_own_and_leaves_a_network(store: RunStore) -> None:
    config = dataclasses.replace(SMALL, epochs=3)
    run = store.create(SECRET, config, "first")
    assert state(run) == "paused" and steps(run) == []
    store.start(run)
    assert state(run) == "waiting"
    wait(lambda: state(run) == "finished" and not run.worker_lives())
    assert steps(run) == list(range(1, 97))
    network, card = weights.load("network", run.folder)
    assert card.title == "first" and card.accuracies["test"] > 0.5

    alone = Trainer(config, load_mnist())
    list(alone.run())
    for (name, a), (_, b) in zip(alone.network.arrays(), network.arrays(), strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-4, atol=1e-6, err_msg=name)
    view = run.view()
    assert view is not None and view["units"].shape == (32, 28, 28) and view["confusion"].sum() == 500


def test_pause_step_epoch_change_and_stop(store: RunStore) -> None:
    run = store.create(SECRET, SMALL, "first")
    store.start(run, "step")
    wait(lambda: state(run) == "paused" and run.status.step == 1)
    assert steps(run) == [1]
    store.start(run, "epoch")
    wait(lambda: state(run) == "paused" and run.status.step == 32)
    run.set(learning_rate=0.5, batch_size=2000)
    store.start(run, "epoch")
    wait(lambda: state(run) == "paused" and run.status.step == 34)
    curves = Curves(run.file("metrics.jsonl"))
    curves.read()
    assert curves.changes == [
        {"step": 32.0, "epoch": 1.0, "learning_rate": 0.5},
        {"step": 32.0, "epoch": 1.0, "batch_size": 2000},
    ]
    assert curves.columns["learning_rate"][-1] == 0.5
    with pytest.raises(InputError, match="learning_rate: expected"):
        run.set(learning_rate=0)
    store.start(run)
    wait(lambda: state(run) == "training" and steps(run)[-1] > 40)
    store.pause(run)
    wait(lambda: state(run) == "paused")
    before = steps(run)
    time.sleep(0.3)
    assert steps(run) == before and before[-1] <= run.status.step < before[-1] + 6
    store.stop(run)
    wait(lambda: state(run) == "stopped" and not run.worker_lives())
    assert weights.load("network", run.folder)[1].title == "first"


@pytest.mark.slow
def test_kill_9_loses_little_and_resuming_is_bit_for_bit(store: RunStore) -> None:
    layers = ("flatten", "dense 32", "batchnorm", "relu", "dropout 0.3", "dense 10")
    config = dataclasses.replace(SMALL, layers=layers, epochs=120, augmentation="warp", schedule="cosine")
    whole, killed = store.create(SECRET, config, "whole"), store.create(SECRET, config, "killed")
    store.start(whole)
    store.start(killed)
    wait(lambda: state(whole) == "training" and state(killed) == "training")
    for _ in range(3):
        later = last_step(killed) + 30
        wait(functools.partial(lambda step: last_step(killed) > step, later))
        process = process_of(killed)
        os.kill(process, signal.SIGKILL)
        wait(lambda: not killed.worker_lives())
        assert state(killed) == "interrupted"
        store.start(killed)
        wait(lambda: state(killed) == "training")
    wait(lambda: state(whole) == state(killed) == "finished" and not killed.worker_lives(), 60)
    wait(lambda: not whole.worker_lives())
    a, b = (weights.load("network", run.folder)[0] for run in (whole, killed))
    assert all(x.tobytes() == y.tobytes() for (_, x), (_, y) in zip(a.arrays(), b.arrays(), strict=True))
    assert steps(whole) == steps(killed)


@pytest.mark.slow
def test_wishes_come_true_however_they_fall(store: RunStore) -> None:
    run = store.create(SECRET, SMALL, "first")
    # Paused before the process is up.
    store.start(run, "step")
    store.pause(run)
    wait(lambda: state(run) == "paused" and not run.worker_lives(0.1))
    assert run.status.step <= 1
    # Two clicks at once start two processes; one of them works.
    store.start(run, "step")
    store.start(run, "step")
    wait(lambda: state(run) == "paused" and run.status.step >= 1)
    time.sleep(0.5)
    assert state(run) == "paused" and run.status.step <= 3
    # One batch size is refused; the rate that is asked for with it is not.
    run.set(batch_size=64, learning_rate=0.02)
    store.start(run, "epoch")
    wait(lambda: state(run) == "paused" and run.status.step > 30)
    assert Curves(run.file("metrics.jsonl")).read()
    os.kill(process_of(run), signal.SIGKILL)
    wait(lambda: not run.worker_lives())
    curves = Curves(run.file("metrics.jsonl"))
    curves.read()
    marked = curves.changes
    # The change stays where it was made, also for a worker that was killed.
    store.start(run, "step")
    wait(lambda: state(run) == "paused")
    again = Curves(run.file("metrics.jsonl"))
    again.read()
    assert again.changes == marked and len(marked) == 2
    store.stop(run)
    wait(lambda: state(run) == "stopped" and not run.worker_lives())


def test_a_wish_during_the_last_measurement_is_heard(store: RunStore, monkeypatch: pytest.MonkeyPatch) -> None:
    run = store.create(SECRET, dataclasses.replace(SMALL, epochs=1), "first")
    run.ask("run")
    measure = publish.save_trained

    def late(*arguments: Any, **settings: Any) -> Any:
        monkeypatch.setattr(publish, "save_trained", measure)
        assert state(run) == "measuring"
        run.ask("run", "epoch")
        return measure(*arguments, **settings)

    monkeypatch.setattr(publish, "save_trained", late)
    assert worker.work(run.folder, store.root, load_mnist, lambda report: None, 600).state == "finished"
    assert state(run) == "finished"


def test_a_pause_in_the_middle_of_a_step_keeps_what_was_learned(
    store: RunStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    config = dataclasses.replace(SMALL, batch_size=0, epochs=5, validation=0)
    run = store.create(SECRET, config, "first")
    run.ask("run")
    monkeypatch.setattr(worker, "LINGER_SECONDS", 0.0)
    monkeypatch.setattr(worker, "CHECK_SECONDS", 0.0)
    monkeypatch.setattr(worker, "CHECKPOINT_SECONDS", 1000.0)
    check = worker._Worker._check

    def pause_in_the_third_step(self: Any) -> None:
        if not self.trainer.between_steps and self.trainer.step == 2 and run.control.wish == "run":
            run.ask("pause")
        check(self)

    monkeypatch.setattr(worker._Worker, "_check", pause_in_the_third_step)
    status = worker.work(run.folder, store.root, load_mnist, lambda report: None, 600)
    assert (status.state, status.step) == ("paused", 3)
    kept = run.checkpoint()
    assert kept is not None and kept[1]["step"] == 3
    run.ask("run")
    assert worker.work(run.folder, store.root, load_mnist, lambda report: None, 600).state == "finished"
    assert steps(run) == [1, 2, 3, 4, 5]


def test_a_terminal_needs_no_watcher_and_runs_to_the_end(store: RunStore) -> None:
    run = store.create(SECRET, dataclasses.replace(SMALL, epochs=2), "watched once")
    run.watch()
    os.utime(run.file("watched"), (1, 1))
    command = [sys.executable, "-m", "mnist_core", "train", "--run", str(run.folder)]
    environment = os.environ | {"DIGIT_RUNS_DIR": str(store.root)}
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=True)
    assert done.stdout.startswith("finished at step 64")
    environment["DIGIT_RUNS_DIR"] = "/dev/null/nowhere"
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 2 and "Traceback" not in done.stderr


def test_a_training_of_very_many_epochs_keeps_its_curves_short(
    store: RunStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    config = dataclasses.replace(SMALL, train_images=10, validation=10, epochs=6000)
    monkeypatch.setattr(worker, "POINTS_IN_A_RUN", 500)
    monkeypatch.setattr("mnist_core.runs.curves_file.POINTS_IN_A_RUN", 500)
    run = store.create(SECRET, config, "many epochs")
    run.ask("run")
    assert worker.work(run.folder, store.root, load_mnist, lambda report: None, 600).state == "finished"
    assert 500 <= len(steps(run)) <= 1100 and steps(run)[-1] == 6000


@pytest.mark.slow
def test_waiting_runs_stand_in_line_and_a_killed_one_leaves_it(
    store: RunStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DIGIT_WORKERS", "1")
    first, second, third = (store.create(SECRET, SMALL, name) for name in "abc")
    store.start(first)
    wait(lambda: state(first) == "training")
    store.start(second)
    wait(lambda: store.place(second) == 1)
    store.start(third)
    wait(lambda: store.place(third) == 2)
    assert store.place(first) == 0 and steps(second) == []
    os.kill(process_of(second), signal.SIGKILL)
    wait(lambda: store.place(third) == 1)
    assert state(second) == "interrupted"
    store.pause(first)
    wait(lambda: state(third) == "training")
    store.stop(third)
    store.start(first)
    wait(lambda: state(first) == "training")
    store.stop(first)
    wait(lambda: not (first.worker_lives() or third.worker_lives()))


@pytest.mark.slow
def test_runs_take_turns_and_a_single_step_goes_first(store: RunStore, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DIGIT_WORKERS", "1")
    monkeypatch.setattr(worker, "TURN_SECONDS", 0.0)
    monkeypatch.setattr(worker, "TURN_CHECK_SECONDS", 0.0)
    first = store.create(SECRET, dataclasses.replace(SMALL, epochs=62), "first")
    first.ask("run")
    line = Slots(store.root)
    seen: list[str] = []

    def look(report: Any) -> None:
        if report.step == 40:
            line.try_to_enter()
        if report.step >= 41 and line.try_to_enter():
            line.leave()

    def enter(self: Any) -> None:
        seen.append(state(first))
        entered(self)

    entered = worker._Worker._enter

    def give_way(self: Any) -> None:
        # Somebody else has the place until the run has gone to the end of the line.
        assert line.ticket
        self._save_checkpoint()
        self.slots.leave()
        assert line.try_to_enter()
        assert not self.slots.try_to_enter() and self.slots.ticket
        line.leave()
        self._enter()

    monkeypatch.setattr(worker._Worker, "_enter", enter)
    monkeypatch.setattr(worker._Worker, "_let_others", give_way)
    assert worker.work(first.folder, store.root, load_mnist, look, 600).state == "finished"
    line.leave()
    assert len(seen) >= 2 and steps(first) == list(range(1, 62 * 32 + 1))
    slow, quick = Slots(store.root), Slots(store.root)
    assert line.try_to_enter()
    assert not slow.try_to_enter()
    quick.quick = True
    assert not quick.try_to_enter()
    assert [place_in_line(slow.folder, slots.ticket) for slots in (quick, slow)] == [1, 2]
    for slots in (line, slow, quick):
        slots.leave()


def test_a_deleted_run_ends_its_process(store: RunStore) -> None:
    run = store.create(SECRET, SMALL, "first", board="5b", nickname="Ada")
    store.start(run)
    wait(lambda: state(run) == "training")
    process = process_of(run)
    store.delete(run)
    wait(lambda: not os.path.exists(f"/proc/{process}"))
    assert store.runs(SECRET) == store.of_class("5b") == []
    assert not run.folder.exists()


def test_a_loss_without_bounds_ends_the_run_and_keeps_the_last_good_state(store: RunStore) -> None:
    config = dataclasses.replace(SMALL, layers=("flatten", "scale 255", "dense 10"), optimizer="sgd", dtype="float32")
    run = store.create(SECRET, dataclasses.replace(config, learning_rate=1000.0), "too fast")
    store.start(run)
    wait(lambda: state(run) == "failed")
    assert "learning rate is too high" in run.status.message and run.status.cause == "diverged"
    wait(lambda: not run.worker_lives())
    checkpoint = run.checkpoint()
    assert checkpoint is not None and all(np.isfinite(array).all() for array in checkpoint[0].values())
    run.set(learning_rate=1e-6)
    store.start(run, "epoch")
    wait(lambda: state(run) == "paused" and run.status.step >= 32)
    store.stop(run)
    wait(lambda: not run.worker_lives())


@pytest.mark.slow
def test_a_run_that_nobody_watches_is_paused(store: RunStore, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DIGIT_UNWATCHED_MINUTES", "0.05")
    run = store.create(SECRET, SMALL, "first")
    store.start(run)
    wait(lambda: state(run) == "paused" and run.status.step > 0)
    assert run.status.message == "Paused, because nobody was watching."
    os.kill(process_of(run), signal.SIGTERM)


def test_a_run_that_nobody_watches_makes_room_for_others_sooner(
    store: RunStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = store.create(SECRET, SMALL, "first")
    run.watch()
    os.utime(run.file("watched"), (time.time() - 100, time.time() - 100))
    run.ask("run")
    monkeypatch.setattr(Slots, "others_wait", lambda self: True)
    monkeypatch.setattr(worker, "TURN_SECONDS", 0.0)
    monkeypatch.setattr(worker, "LINGER_SECONDS", 0.0)
    status = worker.work(run.folder, store.root, load_mnist, lambda report: None, 600)
    assert status.state == "paused" and "others waited" in status.message


def test_a_folder_trains_from_the_command_line(store: RunStore) -> None:
    run = store.create(SECRET, dataclasses.replace(SMALL, epochs=2), "terminal")
    command = [sys.executable, "-m", "mnist_core", "train", "--run", str(run.folder), "--json"]
    environment = os.environ | {"DIGIT_RUNS_DIR": str(store.root)}
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=True)
    assert json.loads(done.stdout)["state"] == "finished" and state(run) == "finished"


@pytest.mark.parametrize("name", ["run.json", "control.json", "status.json", "checkpoint.npz", "metrics.jsonl"])
def test_a_damaged_folder_is_refused_in_one_sentence(store: RunStore, name: str) -> None:
    run = store.create(SECRET, dataclasses.replace(SMALL, epochs=3), "first")
    store.start(run, "epoch")
    wait(lambda: state(run) == "paused" and run.status.step == 32)
    os.kill(process_of(run), signal.SIGKILL)
    wait(lambda: not run.worker_lives())
    run.file(name).write_bytes(b"PK\x03\x04 nonsense" if name.endswith("npz") else b'{"a": 1')
    command = [sys.executable, "-m", "mnist_core", "train", "--run", str(run.folder)]
    environment = os.environ | {"DIGIT_RUNS_DIR": str(store.root)}
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False, timeout=60)
    if name == "status.json":
        # Nothing is lost with it: the worker writes it anew.
        assert done.returncode == 0
        return
    assert done.returncode == 2
    assert "Traceback" not in done.stderr and name.partition(".")[0] in done.stderr


def test_a_full_disk_while_training_keeps_the_last_checkpoint(store: RunStore, monkeypatch: pytest.MonkeyPatch) -> None:
    run = store.create(SECRET, dataclasses.replace(SMALL, epochs=4), "first")
    run.ask("run", "epoch")
    monkeypatch.setattr(worker, "LINGER_SECONDS", 0.0)
    assert worker.work(run.folder, store.root, load_mnist, lambda report: None, 600).state == "paused"
    kept = run.file("checkpoint.npz").read_bytes()

    def full(path: Path, data: bytes) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("mnist_core.training.checkpoint.write_file", full)
    run.ask("run")
    status = worker.work(run.folder, store.root, load_mnist, lambda report: None, 600)
    assert status.state == "failed" and "No space left on device" in status.message
    assert run.file("checkpoint.npz").read_bytes() == kept
    monkeypatch.undo()
    run.ask("run")
    assert worker.work(run.folder, store.root, load_mnist, lambda report: None, 600).state == "finished"
    assert steps(run) == list(range(1, 129))
