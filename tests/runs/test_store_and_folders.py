"""Runs on disk: folders that nobody believes, owners, classes, the curves."""

import json
import os
import shutil
from pathlib import Path

import numpy as np
import pytest

from mnist_core.data.dataset import load_mnist
from mnist_core.data.registry import load_shared
from mnist_core.errors import InputError
from mnist_core.files import atomic
from mnist_core.nn.network import plan_network
from mnist_core.runs import limits
from mnist_core.runs.curves_file import MAX_POINTS, Curves, MetricsWriter
from mnist_core.runs.run_records import Status, clean_name
from mnist_core.runs.store import RunStore
from tests.run_helpers import SECRET, SMALL


def test_hostile_settings_and_states_are_refused(store: RunStore) -> None:
    run = store.create(SECRET, SMALL, "first")
    good = json.loads(run.file("run.json").read_text())
    for change in ({"config": {"layers": ["dense 99999999"]}}, {"config": 3}, {"name": 5}, {"more": 1}):
        atomic.write_json(run.file("run.json"), good | change)
        with pytest.raises(InputError, match="damaged"):
            _ = run.info
    atomic.write_json(run.file("control.json"), {"wish": "format the disk"})
    with pytest.raises(InputError, match="damaged"):
        _ = run.control
    for status in ({"state": "flying"}, {"state": "failed", "cause": "magic"}):
        atomic.write_json(run.file("status.json"), status)
        with pytest.raises(InputError, match="damaged"):
            _ = run.written_status()


def test_a_visitor_sees_only_their_own_runs_and_those_of_a_class(store: RunStore) -> None:
    info, _ = store.classes.open("5b", "the teacher")
    store.classes.members.join(info.id, SECRET)
    mine = store.create(SECRET, SMALL, "mine", board=info.id, nickname="Ada\n")
    theirs = store.create("another", SMALL, "theirs")
    assert [run.id for run in store.runs(SECRET)] == [mine.id]
    assert [run.id for run in store.runs("another")] == [theirs.id]
    assert [run.id for run in store.of_class(info.id)] == [mine.id] and store.of_class("5b") == []
    assert mine.info.nickname == "Ada" and store.runs("") == []
    assert store.runs("../another") == store.of_class("../../sessions") == []


def test_names_are_cleaned_and_runs_are_counted(store: RunStore, monkeypatch: pytest.MonkeyPatch) -> None:
    assert clean_name("  a\x00\nb\u202e  ") == "a b" and len(clean_name("x" * 500)) == 60
    monkeypatch.setenv("DIGIT_MAX_RUNS", "1")
    run = store.create(SECRET, SMALL, "\n")
    assert run.info.name == "run"
    run.rename("better <b>")
    assert run.info.name == "better <b>"
    with pytest.raises(InputError, match="needs at least one"):
        run.rename(" \n ")
    with pytest.raises(InputError, match="You have 1 runs already"):
        store.create(SECRET, SMALL, "one more")


def test_no_room_and_no_permission_are_told_in_one_sentence(
    store: RunStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(InputError, match="Runs cannot be saved in .*: Not a directory"):
        RunStore(tmp_path / "file").create(SECRET, SMALL, "first")
    usage = shutil.disk_usage(tmp_path)
    monkeypatch.setattr(shutil, "disk_usage", lambda path: usage._replace(free=10_000_000))
    with pytest.raises(InputError, match="The disk is full: expected at least 200 MB free .* found 10 MB"):
        store.create(SECRET, SMALL, "first")


def test_curves_take_in_what_is_new_begin_again_and_are_thinned(tmp_path: Path) -> None:
    path = tmp_path / "metrics.jsonl"
    curves = Curves(path)
    assert not curves.read() and len(curves) == 0
    writer = MetricsWriter(path)
    for step in range(1, 4):
        writer.append({"step": step, "epoch": step / 2, "loss": 1 / step})
    assert curves.read() and curves.columns["step"] == [1, 2, 3] and not curves.read()
    assert np.isnan(curves.columns["validation_loss"]).all() and np.isnan(curves.best_validation())
    keep = writer.bytes
    writer.append({"step": 4, "epoch": 2, "validation_accuracy": 0.5})
    with open(path, "ab") as file:
        file.write(b'nonsense\n[1]\n{"step": "x"}\n{"step": 5')
    curves.read()
    assert curves.columns["step"] == [1, 2, 3, 4] and curves.best_validation() == 0.5
    assert curves.last("loss") == 1 / 3
    # A worker that resumes from a checkpoint takes back what came after it.
    writer.close()
    writer = MetricsWriter(path, keep)
    assert not curves.read() or curves.columns["step"] == [1, 2, 3]
    for step in range(4, 3 * MAX_POINTS):
        entry: dict[str, float] = {"step": step, "epoch": step / 2, "loss": 1}
        writer.append(entry | ({"validation_loss": 1, "validation_accuracy": 0.5} if step % 100 == 0 else {}))
    curves.read()
    assert MAX_POINTS / 3 < len(curves) <= MAX_POINTS
    assert curves.columns["step"][-1] == 3 * MAX_POINTS - 1
    assert (~np.isnan(curves.columns["validation_loss"])).sum() == 3 * MAX_POINTS // 100 - 1
    with pytest.raises(InputError, match=r"metrics.jsonl: expected at least"):
        MetricsWriter(path, keep=10**9)


@pytest.mark.slow
def test_workers_share_the_images(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shared = load_shared(tmp_path)
    assert isinstance(load_shared(tmp_path).train_images, np.memmap)
    np.testing.assert_array_equal(shared.train_images, load_mnist().train_images)
    assert shared.name == "MNIST" and len(shared.test_labels) == 10000
    (tmp_path / "file").write_text("")
    assert not isinstance(load_shared(tmp_path / "file").train_images, np.memmap)


@pytest.mark.parametrize(
    ("values", "cause"),
    [
        ({"state": "failed", "message": "At step 3 the loss was no longer a usable number."}, "diverged"),
        ({"state": "failed", "message": "There is not enough memory."}, ""),
        ({"state": "stopped", "message": "no longer a usable number"}, ""),
        ({"state": "failed", "message": "no longer a usable number", "cause": ""}, ""),
        ({"state": "failed", "message": "Other words.", "cause": "diverged"}, "diverged"),
    ],
)
def test_a_cause_is_told_by_its_field_and_by_words_only_in_an_old_file(
    store: RunStore, values: dict[str, str], cause: str
) -> None:
    run = store.create(SECRET, SMALL, "first")
    atomic.write_json(run.file("status.json"), values)
    assert run.written_status().cause == cause


def test_a_process_that_never_came_up_is_told(store: RunStore, monkeypatch: pytest.MonkeyPatch) -> None:
    run = store.create(SECRET, SMALL, "first")
    run.write_status(Status("failed", "Too fast.", cause="diverged"))
    monkeypatch.setattr(store, "_call", lambda run: None)
    store.start(run)
    assert run.status == Status("waiting", "Starting.")
    monkeypatch.setattr("mnist_core.runs.folder.START_SECONDS", 0.0)
    assert run.status == Status("failed", "The training process did not start.")


def test_a_stale_page_cannot_bring_a_deleted_run_back(store: RunStore) -> None:
    run = store.create(SECRET, SMALL, "first")
    store.delete(run)
    for action in (store.pause, store.stop, store.start):
        with pytest.raises(InputError, match="This run was deleted"):
            action(run)
    with pytest.raises(InputError, match="This run was deleted"):
        run.set(learning_rate=0.1)
    assert not run.is_held() and not run.folder.exists() and store.runs(SECRET) == []


def test_what_earlier_versions_wrote_still_opens(store: RunStore) -> None:
    run = store.create(SECRET, SMALL, "first")
    old = {"state": "paused", "message": "", "step": 7, "ticket": "1-5.ticket", "heard": 3, "cause": ""}
    atomic.write_json(run.file("status.json"), old)
    atomic.write_json(run.file("control.json"), {"wish": "pause", "span": "", "serial": 3, "settings": {}})
    assert run.status == Status("paused", step=7, serial=3) and run.control.command == "pause"
    run.ask("stop")
    assert json.loads(run.file("control.json").read_text())["wish"] == "stop"


def test_on_a_full_disk_a_status_is_written_over_the_old_one(store: RunStore, monkeypatch: pytest.MonkeyPatch) -> None:
    run = store.create(SECRET, SMALL, "first")

    def full(path: Path, value: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("mnist_core.runs.folder.write_json", full)
    run.write_status(Status("failed", "The run cannot be saved: No space left on device."))
    run.write_status(Status("failed", "Short."))
    assert run.status == Status("failed", "Short.")


def test_limits_are_told_in_one_sentence_at_the_button(store: RunStore, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(store, "_call", lambda run: None)
    first, second, other = (store.create(secret, SMALL, "run") for secret in (SECRET, SECRET, "another"))
    size = plan_network(SMALL.layers).size
    store.requests.note([first, other], 2 * size)
    for run in (first, other):
        run.watch()
    store.start(second)
    for variable, value, words in (
        ("DIGIT_MAX_GOING", "1", "1 of your runs are going already; pause or stop one first"),
        ("DIGIT_MAX_GOING_IN_ALL", "2", "2 runs are going already, and all are watched; try again"),
        ("DIGIT_MAX_PARAMETERS_IN_ALL", "60000", "have 50,900 numbers to learn, and this one 25,450; at most 60,000"),
    ):
        with monkeypatch.context() as set_for_now:
            set_for_now.setenv(variable, value)
            with pytest.raises(InputError, match=words):
                store.start(second)
            # One that is going already may be told to go on.
            store.start(first)
    # Somebody whom nobody watches makes way.
    os.utime(other.file("watched"), (1, 1))
    monkeypatch.setenv("DIGIT_MAX_GOING_IN_ALL", "2")
    store.start(second)


def test_the_disk_is_shared_out(store: RunStore, monkeypatch: pytest.MonkeyPatch) -> None:
    run = store.create(SECRET, SMALL, "run")
    run.file("checkpoint.npz").write_bytes(bytes(1_500_000))
    store.create("another", SMALL, "run")
    monkeypatch.setenv("DIGIT_MAX_VISITOR_MB", "1")
    with pytest.raises(InputError, match="Your runs take 2 MB; at most 1 MB are allowed. Delete one first"):
        store.create(SECRET, SMALL, "one more")
    store.create("another", SMALL, "one more")
    monkeypatch.setenv("DIGIT_MAX_RUNS_MB", "1")
    monkeypatch.setattr("mnist_core.runs.store.COUNT_SECONDS", 0.0)
    with pytest.raises(InputError, match="All runs together take 2 MB; at most 1 MB are allowed"):
        store.create("another", SMALL, "and one more")


def test_a_limit_that_makes_no_sense_is_passed_over(monkeypatch: pytest.MonkeyPatch) -> None:
    for text in ("-1", "0", "many", "1e99", "nan"):
        monkeypatch.setenv("DIGIT_MAX_RUNS", text)
        assert limits.RUNS.value() == 100
    monkeypatch.setenv("DIGIT_WORKERS", "3")
    assert limits.worker_count() == 3
