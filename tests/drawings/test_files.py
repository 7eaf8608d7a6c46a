"""Drawings as files: taken away and brought back the same; whatever else is brought is refused in one sentence."""

import gzip
import importlib
import io
import re
import tracemalloc
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
from tests.strokes import STROKES, drawn

bring_back_module = importlib.import_module("mnist_core.drawings.bring_back")


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
    count = (10_000_000).to_bytes(4, "big")
    huge = gzip.compress(bytes([0, 0, 8, 3]) + count + (28).to_bytes(4, "big") * 2)
    # Neither has any data: the headers are enough.
    with pytest.raises(InputError, match="at most 10,000 drawings"):
        bring_back([("huge", huge), ("labels", bytes([0, 0, 8, 1]) + count)])


def test_small_files_do_not_unpack_to_much() -> None:
    """Two files of 5 kB that would unpack to 200 MB each."""
    data = gzip_zeros(bytes([0, 0, 8, 1]) + (199_000_000).to_bytes(4, "big"), 199_000_000)
    file = zipped_names({"a.gz": data, "b.gz": data})
    assert len(file) < 10_000
    tracemalloc.start()
    try:
        with pytest.raises(InputError, match="in pairs"):
            bring_back([("a.zip", file)])
        assert tracemalloc.get_traced_memory()[1] < 20_000_000
    finally:
        tracemalloc.stop()


def gzip_zeros(start: bytes, count: int) -> bytes:
    buffer = io.BytesIO()
    with gzip.GzipFile(fileobj=buffer, mode="wb", mtime=0) as file:
        file.write(start)
        for _ in range(count // 1_000_000):
            file.write(bytes(1_000_000))
    return buffer.getvalue()


def test_all_files_share_one_budget(monkeypatch: pytest.MonkeyPatch) -> None:
    one = zipped_names({f"4/{number}.png": png(drawn(4)) for number in range(3)})
    assert len(bring_back([("a.zip", one), ("b.zip", one)])) == 6
    with pytest.raises(InputError, match="at most 5 drawings at once, found 6"):
        bring_back([("a.zip", one), ("b.zip", one)], 5)
    size = sum(entry.file_size for entry in zipfile.ZipFile(io.BytesIO(one)).infolist())
    monkeypatch.setattr(
        bring_back_module._Budget, "of", lambda most: bring_back_module._Budget(most, most, 2 * size - 1)
    )
    with pytest.raises(InputError, match=r"b.zip: expected at most 200 MB unpacked, all files together"):
        bring_back([("a.zip", one), ("b.zip", one)])


def test_many_pictures_are_held_small(collection: Collection) -> None:
    files = [("a.zip", zipped_names({"4/a.png": png(drawn(4))})), ("b.npz", as_pen(collection))]
    back = bring_back(files)
    assert sum(one.rgba.nbytes for one in back) == 0 and all(one.picture()[1:4] == b"PNG" for one in back)


def test_too_many_are_refused_before_one_is_looked_at(collection: Collection, monkeypatch: pytest.MonkeyPatch) -> None:
    looked: list[object] = []
    for name in ("decode_image", "render", "parse_idx"):
        monkeypatch.setattr(bring_back_module, name, lambda *given, **_: looked.append(given))
    images, labels = idx_bytes(np.ones((3, 28, 28), np.uint8)), idx_bytes(np.zeros(3, np.uint8))
    for files in (
        [("a.zip", zipped_names({f"4/{number}.png": png(drawn(4)) for number in range(3)}))],
        [("a.npz", as_pen(collection))],
        [("images", images), ("labels", labels)],
    ):
        with pytest.raises(InputError, match="at most 2 drawings at once"):
            bring_back(files, 2)
    assert looked == []


@pytest.mark.parametrize(
    ("points", "words"),
    [
        ([3, 10_001], "at most 10,000 points in a drawing, found 10,001"),
        ([9_000] * 56, "at most 500,000 points in all"),
    ],
)
def test_strokes_without_end_are_refused_before_they_are_drawn(
    points: list[int], words: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bring_back_module, "render", None)
    rng = np.random.default_rng(0)
    strokes = [(rng.integers(0, 280, (count, 2)).astype(np.int16),) for count in points]
    many = Collection(
        tuple(map(str, points)), ("4",) * len(points), (0.0,) * len(points), np.zeros((0, 28, 28)), tuple(strokes)
    )
    with pytest.raises(InputError, match=words):
        bring_back([("mine.npz", as_pen(many))])


@given(st.binary(max_size=300), st.sampled_from(["a.npz", "a.zip", "a", "a.gz"]))
def test_no_bytes_do_more_harm_than_a_sentence(data: bytes, name: str) -> None:
    for start in (b"", b"PK\x03\x04", b"\x1f\x8b", b"\0\0\x08\x01"):
        try:
            bring_back([(name, start + data)])
        except InputError as error:
            assert str(error)
