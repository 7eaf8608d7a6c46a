"""The director and its workers as real processes: a run is started, told what to do, and leaves a network."""

import dataclasses
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from mnist_core.data.dataset import load_mnist
from mnist_core.errors import InputError
from mnist_core.reading import weights
from mnist_core.runs.curves_file import Curves
from mnist_core.runs.direct import launch, lives
from mnist_core.runs.folder import Run
from mnist_core.runs.store import RunStore
from mnist_core.training.trainer import Trainer
from tests.run_helpers import SECRET, SMALL, director_of, state, steps, wait, workers_of
from tests.servers import ROOT

LONG = dataclasses.replace(SMALL, epochs=10_000)


def test_a_run_trains_and_leaves_a_network(store: RunStore) -> None:
    config = dataclasses.replace(SMALL, epochs=3)
    run = store.create(SECRET, config, "first")
    assert state(run) == "paused" and steps(run) == []
    store.start(run)
    assert state(run) == "waiting"
    wait(lambda: state(run) == "finished" and not run.is_held())
    assert steps(run) == list(range(1, 97))
    network, card = weights.load("network", run.folder)
    assert card.title == "first" and card.accuracies["test"] > 0.5
    alone = Trainer(config, load_mnist(), run.info.threads)
    list(alone.run())
    assert all(
        a.tobytes() == b.tobytes() for (_, a), (_, b) in zip(alone.network.arrays(), network.arrays(), strict=True)
    )
    view = run.view()
    assert view is not None and view["units"].shape == (32, 28, 28) and view["confusion"].sum() == 500


@pytest.mark.slow
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
    time.sleep(0.5)
    # What a slice had computed before the pause was seen is told once more at the most.
    after = steps(run)
    time.sleep(0.5)
    assert steps(run) == after and after[: len(before)] == before
    store.stop(run)
    wait(lambda: state(run) == "stopped" and not run.is_held())
    assert weights.load("network", run.folder)[1].title == "first"


@pytest.mark.slow
def test_commands_come_true_however_they_fall(store: RunStore) -> None:
    run = store.create(SECRET, SMALL, "first")
    store.start(run, "step")
    store.pause(run)
    wait(lambda: state(run) == "paused")
    time.sleep(3)
    assert state(run) == "paused" and run.status.step <= 1
    store.start(run, "step")
    store.start(run, "step")
    wait(lambda: state(run) == "paused" and run.status.step >= 1)
    time.sleep(0.3)
    assert state(run) == "paused" and run.status.step <= 3
    # One batch size is refused; the rate that is asked for with it is not.
    before = run.status.step
    run.set(batch_size=64, learning_rate=0.02)
    store.start(run, "epoch")
    wait(lambda: state(run) == "paused" and run.status.step > before)
    store.stop(run)
    wait(lambda: state(run) == "stopped")


@pytest.mark.slow
def test_a_deleted_run_is_let_go_and_leaves_nothing(store: RunStore) -> None:
    info, _ = store.classes.open("5b", SECRET)
    store.classes.members.join(info.id, SECRET)
    run = store.create(SECRET, LONG, "first", board=info.id, nickname="Ada")
    store.start(run)
    wait(lambda: state(run) == "training")
    store.delete(run)
    time.sleep(1)
    assert store.runs(SECRET) == store.of_class(info.id) == [] and not run.folder.exists()
    assert not list((store.root / "director" / "inbox").iterdir()) and not list(store.root.glob("sessions/*/*"))
    other = store.create(SECRET, dataclasses.replace(SMALL, epochs=1), "other")
    store.start(other)
    wait(lambda: state(other) == "finished")


@pytest.mark.slow
def test_an_explosion_ends_the_run_and_keeps_the_last_good_state(store: RunStore) -> None:
    config = dataclasses.replace(SMALL, layers=("flatten", "scale 255", "dense 10"), optimizer="sgd")
    run = store.create(SECRET, config, "too fast")
    store.start(run, "epoch")
    wait(lambda: state(run) == "paused" and run.status.step == 32)
    wait(lambda: run.checkpoint() is not None)
    run.set(learning_rate=1000.0)
    store.start(run)
    wait(lambda: state(run) == "failed")
    assert "learning rate is too high" in run.status.message and run.status.cause == "diverged"
    checkpoint, view = run.checkpoint(), run.view()
    assert checkpoint is not None and all(np.isfinite(array).all() for array in checkpoint[0].values())
    # All is that of the step at which the rate was changed; the curves go on to the explosion, step by step.
    assert checkpoint[1]["step"] == run.status.step == 32 and "network of step 32" in run.status.message
    assert view is not None and view["step"] == 32
    last = steps(run)[-2:]
    assert last[1] == last[0] + 1 and last[1] > 32
    run.set(learning_rate=1e-6)
    store.start(run, "epoch")
    wait(lambda: state(run) == "paused" and run.status.step >= 64)
    store.stop(run)
    wait(lambda: state(run) == "stopped")


@pytest.mark.slow
def test_a_run_that_nobody_watches_is_paused(store: RunStore, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DIGIT_UNWATCHED_MINUTES", "0.1")
    run = store.create(SECRET, LONG, "first")
    store.start(run)
    wait(lambda: state(run) == "paused" and run.status.step > 0)
    assert run.status.message == "Paused, because nobody was watching."


@pytest.mark.slow
def test_the_oldest_unwatched_run_makes_way_and_a_crowd_is_refused(
    store: RunStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DIGIT_MAX_GOING_IN_ALL", "2")
    first, second, third = (store.create(SECRET, LONG, name) for name in "abc")
    for run in (first, second):
        store.start(run)
    wait(lambda: state(first) == state(second) == "training")
    with pytest.raises(InputError, match="2 runs are going already"):
        store.start(third)
    # Also if it is asked for past the button.
    third.ask("run")
    store.requests.put(third)
    wait(lambda: state(third) == "failed")
    assert "2 runs are going already" in third.status.message
    os.utime(first.file("watched"), (time.time() - 100, time.time() - 100))
    time.sleep(1)
    store.start(third)
    wait(lambda: state(third) == "training")
    # It may still be in a slice when the other one begins.
    wait(lambda: state(first) == "paused")
    assert "others waited" in first.status.message and state(second) == "training"


@pytest.mark.slow
def test_there_is_one_director_whoever_calls(store: RunStore) -> None:
    for _ in range(3):
        launch(store.root)
    wait(lambda: lives(store.root))
    first = director_of(store.root)
    store.be_ready()
    run = store.create(SECRET, LONG, "first")
    store.start(run)
    wait(lambda: state(run) == "training")
    assert director_of(store.root) == first and len(workers_of(first)) == (os.cpu_count() or 1)


@pytest.mark.slow
def test_a_director_that_is_left_alone_ends(store: RunStore) -> None:
    command = [sys.executable, "-c", "from mnist_core.runs import RunStore; RunStore().be_ready()"]
    environment = os.environ | {"DIGIT_RUNS_DIR": str(store.root)}
    subprocess.run(command, cwd=ROOT, env=environment, check=True)
    wait(lambda: lives(store.root))
    director = director_of(store.root)
    processes = [director, *workers_of(director)]
    wait(lambda: not any(Path(f"/proc/{pid}").exists() for pid in processes), 60)


@pytest.mark.slow
@pytest.mark.parametrize("name", ["run.json", "control.json", "status.json", "checkpoint.npz", "metrics.jsonl"])
def test_a_damaged_run_is_refused_in_one_sentence_and_the_others_go_on(store: RunStore, name: str) -> None:
    good, run = (store.create(SECRET, dataclasses.replace(SMALL, epochs=3), text) for text in ("good", "bad"))
    store.start(run, "epoch")
    wait(lambda: state(run) == "paused" and run.status.step == 32 and run.checkpoint() is not None)
    # Made on another computer: this director does not know it.
    copy = Run(run.folder.with_name(f"{run.id[:-1]}{'0' if run.id[-1] != '0' else '1'}"))
    # A file that is just being written has another name until it is whole, and may be gone when it is copied.
    shutil.copytree(run.folder, copy.folder, ignore=shutil.ignore_patterns("*.part"))
    if name != "status.json":
        copy.ask("run")
    copy.file(name).write_bytes(b"PK\x03\x04 nonsense" if name.endswith("npz") else b'{"a": 1')
    store.requests.put(copy)
    store.start(good)
    wait(lambda: state(good) == "finished")
    if name in ("checkpoint.npz", "metrics.jsonl"):
        wait(lambda: state(copy) == "failed")
        assert name.partition(".")[0] in copy.status.message
    command = [sys.executable, "-m", "mnist_core", "train", "--run", str(copy.folder)]
    environment = os.environ | {"DIGIT_RUNS_DIR": str(store.root)}
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False, timeout=60)
    if name == "status.json":
        # Nothing is lost with it: it is written anew.
        assert done.returncode == 0
        return
    assert done.returncode == 2
    assert "Traceback" not in done.stderr and name.partition(".")[0] in done.stderr
