"""Runs of other datasets: by name, from files that must stay the same, and of images that a run alone has."""

import dataclasses
from pathlib import Path

import numpy as np
import pytest

from mnist_core import Recognizer
from mnist_core.data.class_names import EMNIST
from mnist_core.data.dataset import Dataset
from mnist_core.errors import InputError
from mnist_core.runs.alone import train_alone
from mnist_core.runs.folder import Run
from mnist_core.runs.run_images import RunImages, read_images, write_images
from mnist_core.runs.run_records import RunInfo
from mnist_core.runs.store import RunStore
from mnist_core.training.config import TrainingConfig
from tests.data.idx_folders import made_up, make_emnist, make_idx
from tests.run_helpers import SECRET, wait

CONFIG = TrainingConfig(("flatten", "dense 26"), learning_rate=0.01, epochs=4, validation=26, batch_size=32)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("DIGIT_DATA_DIR", str(tmp_path / "data"))
    return make_emnist(tmp_path / "data" / "emnist", "letters", *made_up(26, 12), 26).parent


def test_a_run_notes_what_it_learns_from(folder: Path, tmp_path: Path) -> None:
    store = RunStore(tmp_path / "runs")
    run = store.create(SECRET, CONFIG, "letters", dataset="emnist")
    info = Run(run.folder).info
    assert (info.dataset, info.class_names) == ("emnist", EMNIST["letters"]) and info.fingerprint
    usual = store.create(SECRET, dataclasses.replace(CONFIG, layers=("flatten", "dense 10")), "digits").info
    assert (usual.dataset, usual.classes, usual.class_names) == ("", (), tuple("0123456789"))
    with pytest.raises(InputError, match=r"dataset '\.\./emnist': expected one of emnist"):
        store.create(SECRET, CONFIG, "letters", dataset="../emnist")


def test_it_is_trained_and_its_network_knows_its_letters(folder: Path, tmp_path: Path) -> None:
    store = RunStore(tmp_path / "runs")
    run = store.create(SECRET, CONFIG, "letters", dataset="emnist")
    assert train_alone(run, store.datasets, lambda report: None).state == "finished"
    recognizer = Recognizer.load("network", run.folder)
    assert recognizer.classes == EMNIST["letters"] and recognizer.card.dataset == "emnist"
    assert recognizer.card.accuracies["test"] > 0.9
    view = run.view()
    assert view is not None and view["confusion"].shape == (26, 26)


def test_other_files_under_the_same_name_are_refused(folder: Path, tmp_path: Path) -> None:
    store = RunStore(tmp_path / "runs")
    run = store.create(SECRET, CONFIG, "letters", dataset="emnist")
    make_emnist(folder / "emnist", "letters", *made_up(26, 12, seed=1), 26)
    for images in (RunImages(), RunImages(store.datasets)):
        with pytest.raises(InputError, match="are not those that the run was made with"):
            images.load(run.info)
    status = train_alone(run, store.datasets, lambda report: None)
    assert status.state == "failed" and "are not those that the run was made with" in status.message


def test_a_worker_keeps_a_few_datasets(folder: Path, tmp_path: Path) -> None:
    for number in range(6):
        make_idx(folder / f"set {number}", *made_up(3, 20), 15, "a\nb\nc")
    images = RunImages(tmp_path / "shared")
    info = RunInfo("a run", CONFIG, 0.0, dataset="set 0")
    first = images.load(info)
    assert images.load(info) is first and isinstance(first.train_images, np.memmap)
    for number in range(1, 6):
        assert images.load(dataclasses.replace(info, dataset=f"set {number}")).classes == ("a", "b", "c")
    assert len(images._loaded) == 4 and images.load(info) is not first


def own_images() -> Dataset:
    images, labels = made_up(3, 40)
    held_out = np.arange(90, 100)
    names = ("left", "middle", "right")
    return Dataset("mine", images[:100], labels[:100], images[100:], labels[100:], held_out, names)


@pytest.mark.slow
def test_images_that_only_one_run_has_go_along_with_it(store: RunStore) -> None:
    config = dataclasses.replace(CONFIG, layers=("flatten", "dense 3"), epochs=8)
    run = store.create(SECRET, config, "mine", dataset="own:mine", images=own_images())
    store.start(run)
    wait(lambda: run.status.state == "finished", 60)
    recognizer = Recognizer.load("network", run.folder)
    assert recognizer.classes == ("left", "middle", "right") and recognizer.card.accuracies["test"] > 0.9


def test_such_images_come_back_from_their_file_or_are_refused(tmp_path: Path) -> None:
    path, images = tmp_path / "images.npz", own_images()
    assert read_images(path, "its images") is None
    write_images(path, images)
    found = read_images(path, "its images")
    assert found is not None and (found.name, found.classes) == ("mine", images.classes)
    np.testing.assert_array_equal(found.train_images, images.train_images)
    assert found.held_out is not None and found.held_out.tolist() == list(range(90, 100))
    path.write_bytes(path.read_bytes()[:-30])
    with pytest.raises(InputError, match="its images"):
        read_images(path, "its images")
    write_images(path, dataclasses.replace(images, train_labels=images.train_labels[:5]))
    with pytest.raises(InputError, match="its images: is damaged"):
        read_images(path, "its images")
