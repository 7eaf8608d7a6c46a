"""A run that teaches a network: its files, its slices, and that it comes out as `teach` does."""

import dataclasses
import pickle
from pathlib import Path

import numpy as np
import pytest

from mnist_core import InputError, Recognizer, teach
from mnist_core.data.dataset import load_mnist
from mnist_core.runs import RunStore, recognizer_of
from mnist_core.runs.alone import train_alone
from mnist_core.runs.folder import Run
from mnist_core.runs.going import GoingRun
from mnist_core.runs.lesson_files import read_lesson
from mnist_core.runs.slices import Slice
from mnist_core.runs.worker import Trainings
from mnist_core.teaching import Lesson, lesson_config, prepare_lesson
from mnist_core.training.report import Report
from tests.run_helpers import SECRET, wait
from tests.teaching.test_teach import bolts

LABELS = ["4"] * 5


@pytest.fixture(scope="module")
def lesson() -> Lesson:
    return prepare_lesson(Recognizer.load("mlp"), bolts(5, seed=1), LABELS)


def started(root: Path, lesson: Lesson) -> Run:
    run = RunStore(root).create(SECRET, lesson_config(lesson), "my hand", lesson=lesson)
    run.ask("run")
    return run


def test_the_lesson_is_kept_with_the_run(tmp_path: Path, lesson: Lesson) -> None:
    run = started(tmp_path, lesson)
    found = read_lesson(run)
    assert found is not None and found.with_mnist and run.info.teaching == "with MNIST"
    assert found.images.tobytes() == lesson.images.tobytes() and found.class_ids.tolist() == [4] * 5
    assert found.recognizer().identity == Recognizer.load("mlp").identity
    assert (found.card.title, found.card.temperature) == (lesson.card.title, lesson.card.temperature)
    alone = dataclasses.replace(lesson, with_mnist=False)
    kept = read_lesson(started(tmp_path, alone))
    assert kept is not None and not kept.with_mnist
    assert recognizer_of(run) is None


def test_the_run_gives_the_network_of_teach(tmp_path: Path, lesson: Lesson) -> None:
    run = started(tmp_path, lesson)
    points: list[Report] = []
    assert train_alone(run, tmp_path / "shared", points.append).state == "finished"
    expected = teach(Recognizer.load("mlp"), bolts(5, seed=1), LABELS, threads=run.info.threads)
    found = recognizer_of(run)
    assert found is not None and found.identity == expected.identity
    card = found.card
    assert (card.name, card.title, card.description) == ("network", "my hand", expected.card.description)
    assert 0.95 < card.accuracies["test"] < 1 and card.temperature == lesson.card.temperature
    assert points[-1].step == points[-1].steps and points[-1].validation_accuracy > 0.9


def test_a_lost_worker_costs_nothing_but_time(tmp_path: Path, lesson: Lesson) -> None:
    run = started(tmp_path, lesson)
    going = GoingRun(run)
    first = Trainings(lambda info: load_mnist(), 10**9)
    # As another process or computer gets it.
    order = pickle.loads(
        pickle.dumps(dataclasses.replace(going.next_slice(9), first=False, until_step=30, want_state=True))
    )
    assert isinstance(order, Slice) and order.lesson is not None
    going.worker = "1"
    result = first.move_on(order)
    result.reached = False
    going.take(result)
    assert going.next_slice(9).lesson is None
    # The network of a run that is going reads already, as sure as the one it began with.
    reader = recognizer_of(run)
    assert reader is not None and reader.card.temperature == lesson.card.temperature and reader.card.title == "my hand"
    assert reader.identity != Recognizer.load("mlp").identity
    going.lose_worker(False)
    going.close()
    assert train_alone(run, tmp_path / "shared", lambda report: None).state == "finished"
    expected = teach(Recognizer.load("mlp"), bolts(5, seed=1), LABELS, threads=run.info.threads)
    found = recognizer_of(run)
    assert found is not None and found.identity == expected.identity


def test_a_damaged_lesson_is_told_in_a_sentence(tmp_path: Path, lesson: Lesson) -> None:
    for damage in ("images", "class_ids", "none", "start"):
        run = started(tmp_path, lesson)
        images, class_ids = lesson.images, lesson.class_ids
        if damage == "images":
            images = images[:, :20]
        elif damage == "class_ids":
            class_ids = class_ids + 90
        np.savez(run.file("drawings.npz"), images=images, class_ids=class_ids)
        if damage == "none":
            run.file("drawings.npz").unlink()
        if damage == "start":
            run.file("start.npz").write_bytes(b"PK nonsense")
        with pytest.raises(InputError, match="start.npz" if damage == "start" else "its drawings.npz"):
            GoingRun(run)
        assert run.status.state == "failed" and "npz" in run.status.message


def test_the_director_has_it_computed_and_it_is_finished(store: RunStore, lesson: Lesson) -> None:
    run = store.create(SECRET, lesson_config(lesson), "my hand", lesson=lesson)
    store.start(run)
    wait(lambda: run.status.state == "finished", 60)
    found = recognizer_of(run)
    assert found is not None and found.card.title == "my hand"
