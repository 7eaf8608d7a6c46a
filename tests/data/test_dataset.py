"""The bundled MNIST is the real one; other folders of IDX files work, damaged ones are refused."""

import gzip
import hashlib
from pathlib import Path

import numpy as np
import pytest

from mnist_core.data.dataset import BUNDLED, load_mnist, to_unit
from mnist_core.data.idx import write_idx
from mnist_core.errors import InputError


def make_folder(folder: Path, names: tuple[str, ...], images: np.ndarray, labels: np.ndarray) -> Path:
    for name, array in zip(names, (images, labels, images, labels), strict=True):
        write_idx(folder / name, array)
    return folder


MNIST_NAMES = (
    "train-images-idx3-ubyte.gz",
    "train-labels-idx1-ubyte.gz",
    "t10k-images-idx3-ubyte.gz",
    "t10k-labels-idx1-ubyte.gz",
)


def test_the_bundled_files_are_the_standard_distribution() -> None:
    notes = (BUNDLED / "README.md").read_text()
    for name in MNIST_NAMES:
        digest = hashlib.sha256(gzip.decompress((BUNDLED / name).read_bytes())).hexdigest()
        assert f"| {name} | {digest} |" in notes
    assert "CC BY-SA 3.0" in notes


def test_the_bundled_set_has_its_known_counts() -> None:
    dataset = load_mnist()
    assert dataset.train_images.shape == (60000, 28, 28) and dataset.test_images.shape == (10000, 28, 28)
    # The counts of the digits 0 to 9 in the standard training set.
    assert np.bincount(dataset.train_labels).tolist() == [5923, 6742, 5958, 6131, 5842, 5421, 5918, 6265, 5851, 5949]
    assert dataset.test_labels[:5].tolist() == [7, 2, 1, 0, 4]


def test_it_is_read_once_and_cannot_be_changed() -> None:
    assert load_mnist() is load_mnist()
    with pytest.raises(ValueError, match="read-only"):
        load_mnist().train_images[0] = 0


def test_another_folder_by_environment_variable(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    images = np.arange(3 * 784, dtype=np.int64).reshape(3, 28, 28).astype(np.uint8)
    make_folder(
        tmp_path, tuple(name.removesuffix(".gz") for name in MNIST_NAMES), images, np.array([9, 0, 4], np.uint8)
    )
    monkeypatch.setenv("MNIST_DIR", str(tmp_path))
    dataset = load_mnist()
    assert dataset.name == tmp_path.name and dataset.test_labels.tolist() == [9, 0, 4]
    np.testing.assert_array_equal(dataset.train_images, images)


def test_emnist_digits_are_turned_upright(tmp_path: Path) -> None:
    images = np.zeros((1, 28, 28), np.uint8)
    images[0, 3, 20] = 255
    stem = "emnist-digits-{}-{}-ubyte.gz"
    names = tuple(stem.format(half, kind) for half in ("train", "test") for kind in ("images-idx3", "labels-idx1"))
    dataset = load_mnist(make_folder(tmp_path, names, images, np.array([1], np.uint8)))
    assert dataset.train_images[0, 20, 3] == 255 and dataset.test_images.sum() == 255


@pytest.mark.parametrize(
    ("images", "labels", "words"),
    [
        (np.zeros((2, 28, 28), np.uint8), np.array([1], np.uint8), "expected 2 uint8 labels"),
        (np.zeros((2, 28, 28), np.uint8), np.array([1, 10], np.uint8), "labels 0 to 9, found 10"),
        (np.zeros((2, 32, 28), np.uint8), np.array([1, 2], np.uint8), r"\(N, 28, 28\)"),
        (np.zeros((0, 28, 28), np.uint8), np.zeros(0, np.uint8), "expected uint8 images"),
    ],
)
def test_what_does_not_fit_is_refused(tmp_path: Path, images: np.ndarray, labels: np.ndarray, words: str) -> None:
    with pytest.raises(InputError, match=words):
        load_mnist(make_folder(tmp_path, MNIST_NAMES, images, labels))


def test_an_empty_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no train images found; expected a file train-images-idx3-ubyte.gz"):
        load_mnist(tmp_path)


def test_pixels_become_unit_floats() -> None:
    unit = to_unit(np.array([[[0, 51, 255]]], np.uint8))
    assert unit.dtype == np.float32
    np.testing.assert_allclose(unit, [[[0, 0.2, 1]]], rtol=1e-6)
