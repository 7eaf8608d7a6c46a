"""Datasets by name: folders below DIGIT_DATA_DIR, laid out as Fashion-MNIST and EMNIST are, and what is refused."""

import shutil
from pathlib import Path

import numpy as np
import pytest

from mnist_core.data.class_names import EMNIST, FASHION, FASHION_BEGINS, TEN_DIGITS
from mnist_core.data.dataset import labels_as, load_mnist
from mnist_core.data.idx import write_idx
from mnist_core.data.registry import classes_of, datasets, fingerprint, load_dataset, load_shared, version
from mnist_core.errors import InputError
from tests.data.idx_folders import MNIST_STEMS, made_up, make_emnist, make_idx

CLOTHES = "Shirt\nShoe\nBag\n"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("DIGIT_DATA_DIR", str(tmp_path / "data"))
    (tmp_path / "data").mkdir()
    return tmp_path / "data"


def test_without_a_folder_there_is_mnist_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("DIGIT_DATA_DIR", raising=False)
    assert datasets() == {"": "MNIST"} and load_dataset() is load_mnist()
    assert classes_of() == TEN_DIGITS == load_mnist().classes
    with pytest.raises(InputError, match="dataset 'clothes': expected none, since DIGIT_DATA_DIR names no folder"):
        load_dataset("clothes")


def test_each_folder_with_idx_files_is_a_dataset_by_its_name(folder: Path) -> None:
    images, labels = made_up(3, 20)
    make_idx(folder / "clothes", images, labels, 15, CLOTHES)
    (folder / "empty").mkdir()
    (folder / "a file").write_bytes(b"")
    make_idx(folder / ".hidden", images, labels, 15)
    assert datasets() == {"": "MNIST", "clothes": "clothes"}
    found = load_dataset("clothes")
    assert (found.name, found.classes) == ("clothes", ("Shirt", "Shoe", "Bag")) and classes_of(
        "clothes"
    ) == found.classes
    np.testing.assert_array_equal(found.train_images, images[:45])
    np.testing.assert_array_equal(found.test_labels, labels[45:])
    assert load_dataset("clothes") is found
    with pytest.raises(ValueError, match="read-only"):
        found.test_labels[0] = 0


@pytest.mark.parametrize("name", ["../clothes", "/etc", "clothes/..", "", "Clothes", "x" * 500, ".hidden"])
def test_a_name_is_looked_up_and_is_never_a_path(folder: Path, name: str) -> None:
    make_idx(folder / "inside", *made_up(3, 20), 15, CLOTHES)
    make_idx(folder.parent / "clothes", *made_up(3, 20), 15, CLOTHES)
    if name:
        with pytest.raises(InputError, match="expected one of inside"):
            load_dataset(name)
    else:
        assert load_dataset(name) is load_mnist()


@pytest.mark.parametrize("split", EMNIST)
@pytest.mark.parametrize("mapped", [True, False])
def test_emnist_works_unchanged(folder: Path, split: str, mapped: bool) -> None:
    names = EMNIST[split]
    assert len(names) == {"digits": 10, "mnist": 10, "letters": 26, "byclass": 62}.get(split, 47)
    images, labels = made_up(len(names), 3)
    make_emnist(folder / "emnist", split, images, labels, 12, mapped)
    found = load_dataset("emnist")
    assert found.classes == names and datasets()["emnist"] == "emnist"
    np.testing.assert_array_equal(found.train_images, images[:-12])
    np.testing.assert_array_equal(found.test_labels, labels[-12:])


def test_all_sets_of_emnist_in_one_folder_are_datasets_of_their_own(folder: Path) -> None:
    for split in ("balanced", "letters"):
        make_emnist(folder / "gzip", split, *made_up(len(EMNIST[split]), 2), 20)
    make_idx(folder / "gzip", *made_up(10, 3), 10)
    assert [*datasets()] == ["", "gzip", "gzip balanced", "gzip letters"]
    assert load_dataset("gzip letters").classes[25] == "Z" and load_dataset("gzip").classes == TEN_DIGITS
    assert len(load_dataset("gzip balanced").train_labels) == 74


def test_fashion_mnist_is_known_by_its_labels(folder: Path) -> None:
    (folder / "fashion").mkdir()
    labels = np.resize(np.array(FASHION_BEGINS, np.uint8), 60_000)
    for name, array in zip(
        MNIST_STEMS,
        (np.zeros((60_000, 28, 28), np.uint8), labels, np.zeros((5, 28, 28), np.uint8), labels[:5]),
        strict=True,
    ):
        # Not zipped: that takes a while.
        write_idx(folder / "fashion" / name.removesuffix(".gz"), array)
    assert classes_of("fashion") == FASHION and load_dataset("fashion").classes[9] == "Ankle boot"
    (folder / "fashion" / "classes.txt").write_text("\n".join("abcdefghij"), encoding="utf-8")
    assert classes_of("fashion") == tuple("abcdefghij")


@pytest.mark.parametrize(
    ("classes", "words"),
    [
        ("Shirt", "expected the names of 2 to 62 classes, found 1"),
        ("\n".join(map(str, range(63))), "expected the names of 2 to 62 classes, found 63"),
        ("Shirt\nShoe\nShirt", "a name of its own for each class"),
        ("Shirt\n\nShoe", "is not a name of 1 to 40 letters"),
        ("Shirt\nSh\x07oe\nBag", "is not a name of 1 to 40 letters"),
        ("Shirt\n" + 41 * "x", "is not a name of 1 to 40 letters"),
        ("x" * 20_000, "at most 10,000 bytes"),
        ("Shirt\nShoe", "expected labels 0 to 1, found 2; the names of other classes go into classes.txt"),
    ],
)
def test_a_file_that_does_not_name_the_classes_is_refused(folder: Path, classes: str, words: str) -> None:
    make_idx(folder / "clothes", *made_up(3, 20), 15, classes)
    with pytest.raises(InputError, match=words):
        load_dataset("clothes")


@pytest.mark.parametrize(
    "mapping", ["", "0 48\n2 50", "5 48\n6 49", "0\n1", "a b", "0 99999999999999999999", "0 7\n1 49"]
)
def test_a_damaged_mapping_is_refused(folder: Path, mapping: str) -> None:
    make_emnist(folder / "emnist", "digits", *made_up(10, 3), 10)
    (folder / "emnist" / "emnist-digits-mapping.txt").write_text(mapping, encoding="utf-8")
    with pytest.raises(InputError, match=r"emnist-digits-mapping\.txt"):
        load_dataset("emnist")


def test_a_class_list_that_is_no_text_is_refused(folder: Path) -> None:
    make_idx(folder / "clothes", *made_up(3, 20), 15)
    (folder / "clothes" / "classes.txt").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(InputError, match="expected text in UTF-8"):
        load_dataset("clothes")


def test_what_is_shared_is_mapped_with_its_classes_and_made_anew_when_a_file_changes(
    folder: Path, tmp_path: Path
) -> None:
    images, labels = made_up(3, 20)
    make_idx(folder / "clothes", images, labels, 15, CLOTHES)
    shared = load_shared(tmp_path / "shared", "clothes")
    assert isinstance(shared.train_images, np.memmap) and shared.classes == ("Shirt", "Shoe", "Bag")
    assert shared.name == "clothes" and np.array_equal(shared.test_images, images[45:])
    marks = version("clothes"), fingerprint("clothes")
    (folder / "clothes" / "classes.txt").write_text("A\nB\nC", encoding="utf-8")
    assert load_shared(tmp_path / "shared", "clothes").classes == ("A", "B", "C") == load_dataset("clothes").classes
    assert version("clothes") != marks[0] and fingerprint("clothes") != marks[1]
    shutil.rmtree(folder / "clothes")
    with pytest.raises(InputError, match="dataset 'clothes': expected"):
        load_shared(tmp_path / "shared", "clothes")


def test_another_usual_dataset_leaves_the_bundled_one_to_be_chosen(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_idx(tmp_path / "clothes", *made_up(3, 20), 15, CLOTHES)
    monkeypatch.setenv("MNIST_DIR", str(tmp_path / "clothes"))
    assert datasets() == {"": "clothes", "MNIST": "MNIST"}
    assert load_mnist().classes == load_dataset().classes == ("Shirt", "Shoe", "Bag")
    assert len(load_dataset("MNIST").train_labels) == 60_000


def test_labels_are_found_by_their_names() -> None:
    labels = np.array([0, 2, 1, 7], np.uint8)
    assert labels_as(labels, ("a", "b", "c"), ("c", "b", "a", "d")).tolist() == [2, 0, 1, 4]
    assert labels_as(labels, ("a", "b"), ("a", "b")) is labels
    with pytest.raises(InputError, match="expected classes among a, b, found c"):
        labels_as(labels, ("a", "c"), ("a", "b"))
