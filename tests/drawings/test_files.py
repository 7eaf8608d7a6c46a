"""Drawings as files: taken away and brought back the same; whatever else is brought is refused in one sentence."""

import gzip
import io
import re
import zipfile
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from mnist_core.data.dataset import load_mnist
from mnist_core.data.idx import idx_bytes
from mnist_core.drawings import Collection, DrawingStore, as_idx, as_pen, as_pictures, bring_back
from mnist_core.errors import InputError
from mnist_core.ink.pen import load_pen
from tests.drawings.test_store import ADA, BOB, drawing
from tests.reading.test_recognizer import STROKES, drawn


def png(rgba: np.ndarray) -> bytes:
    buffer = io.BytesIO()
    Image.fromarray(rgba).save(buffer, "PNG")
    return buffer.getvalue()


def zipped(**files: bytes) -> bytes:
    return zipped_names({name.replace("__", "/"): data for name, data in files.items()})


def zipped_names(files: dict[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return buffer.getvalue()


@pytest.fixture
def store(tmp_path: Path) -> DrawingStore:
    store = DrawingStore(tmp_path)
    store.add(ADA, [drawing(digit) for digit in STROKES] + [drawing(3, "8")])
    return store


@pytest.fixture
def collection(store: DrawingStore) -> Collection:
    return store.of(ADA)


def test_strokes_come_back_from_a_pen_file(collection: Collection, tmp_path: Path) -> None:
    (tmp_path / "mine.npz").write_bytes(as_pen(collection))
    pen = load_pen(tmp_path / "mine.npz")
    assert tuple(pen.labels) == collection.labels and np.ptp(np.concatenate(pen.drawing(0)), axis=0).max() == 1000
    back = bring_back([("mine.npz", as_pen(collection))])
    assert tuple(one.label for one in back) == collection.labels
    for one, image in zip(back, collection.images, strict=True):
        # The same but for the width of the pen, and where half a pixel goes: a thin 1 may move by one.
        assert np.corrcoef(one.normalized().ravel(), image.ravel())[0, 1] > 0.75


def test_idx_files_come_back_bit_for_bit_and_are_a_dataset(collection: Collection, tmp_path: Path) -> None:
    data = as_idx(collection)
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        archive.extractall(tmp_path)
    dataset = load_mnist(tmp_path)
    assert len(dataset.train_labels) == len(collection)
    files = [(path.name, path.read_bytes()) for path in tmp_path.glob("train*")]
    for brought in (files, files[::-1]):
        back = bring_back(brought)
        assert np.array_equal([one.normalized() for one in back], dataset.train_images)
        assert [int(one.label) for one in back] == dataset.train_labels.tolist()
    assert len(bring_back([("mine.zip", data)])) == len(dataset.train_labels) + len(dataset.test_labels)


def test_pictures_come_back_from_a_zip(store: DrawingStore, collection: Collection) -> None:
    store.relabel(ADA, [collection.ids[0]], "")
    collection = store.of(ADA)
    data = as_pictures(collection, lambda identity: png(store.picture(ADA, identity)))
    back = bring_back([("mine.zip", data)])
    assert sorted(one.label for one in back) == sorted(collection.labels)
    store.add(BOB, back)
    assert {image.tobytes() for image in store.of(BOB).images} == {image.tobytes() for image in collection.images}


def test_what_a_system_adds_to_a_zip_is_passed_over() -> None:
    data = zipped_names({"digits/4/a.png": png(drawn(4)), "__MACOSX/4/._a.png": b"x", "digits/.DS_Store": b"x"})
    (one,) = bring_back([("a.zip", data)])
    assert one.label == "4"


BOMB = zipped_names({f"4/{number}.png": bytes(15_000_000) for number in range(15)})
EMPTY = np.zeros((280, 280, 4), np.uint8)


@pytest.mark.parametrize(
    ("name", "data", "words"),
    [
        ("a.zip", zipped_names({"../../4/a.png": png(drawn(4))}), "leads out of the ZIP"),
        ("a.zip", zipped_names({"/4/a.png": png(drawn(4))}), "leads out of the ZIP"),
        ("a.zip", zipped_names({"C:\\4\\a.png": png(drawn(4))}), "leads out of the ZIP"),
        ("a.zip", BOMB, "expected at most 200 MB unpacked"),
        ("a.zip", zipped_names({"4/a.png": bytes(3_000_000)}), "a picture of at most 2 MB"),
        ("a.zip", zipped_names({"4/a.txt": b"four"}), "found something else"),
        ("a.zip", zipped_names({"four/a.png": png(drawn(4))}), "expected a folder named by the label"),
        ("a.zip", zipped_names({"a.png": png(drawn(4))}), "expected a folder named by the label"),
        ("a.zip", zipped_names({"4/a.png": png(EMPTY)}), "nothing is drawn"),
        ("a.zip", zipped_names({}), "no drawings in these files"),
        ("a.zip", b"PK\x03\x04 nonsense", "not a sound ZIP file"),
        ("a.zip", zipped_names({f"4/{number}.png": b"" for number in range(10_001)}), "at most 10,000 drawings"),
        ("a.npz", b"nonsense", "not a sound .npz file"),
        ("a.pdf", b"%PDF", "found something else"),
        ("images", idx_bytes(np.ones((2, 28, 28), np.uint8)), "one of images and one of labels"),
        ("a.gz", gzip.compress(b"nonsense", mtime=0), "not an IDX file"),
        ("big.zip", bytes(40_000_001), "expected at most 40 MB"),
    ],
)
def test_what_cannot_be_used_is_refused_in_one_sentence(name: str, data: bytes, words: str) -> None:
    with pytest.raises(InputError, match=re.escape(words)) as caught:
        bring_back([(name, data)])
    assert str(caught.value).endswith(".")


def test_idx_files_that_do_not_fit_together_are_refused() -> None:
    images, labels = idx_bytes(np.ones((2, 28, 28), np.uint8)), idx_bytes(np.zeros(3, np.uint8))
    with pytest.raises(InputError, match="expected 2 labels"):
        bring_back([("images", images), ("labels", labels)])
    huge = gzip.compress(bytes([0, 0, 8, 3]) + (10_000_000).to_bytes(4, "big") + (28).to_bytes(4, "big") * 2)
    with pytest.raises(InputError, match="at most 200,000,000 bytes"):
        bring_back([("huge", huge), ("labels", labels)])


@given(st.binary(max_size=300), st.sampled_from(["a.npz", "a.zip", "a", "a.gz"]))
def test_no_bytes_do_more_harm_than_a_sentence(data: bytes, name: str) -> None:
    for start in (b"", b"PK\x03\x04", b"\x1f\x8b", b"\0\0\x08\x01"):
        try:
            bring_back([(name, start + data)])
        except InputError as error:
            assert str(error)
