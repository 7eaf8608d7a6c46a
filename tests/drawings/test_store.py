"""A visitor's drawings on disk: kept, relabeled, deleted, refused, and removed after a time."""

import contextlib
import gc
import os
import shutil
import threading
import time
import weakref
from pathlib import Path

import numpy as np
import pytest

from mnist_core.drawings import Collection, DrawingStore, NewDrawing, held_out
from mnist_core.drawings import store as store_module
from mnist_core.drawings.collection_file import packed
from mnist_core.drawings.store import _swept
from mnist_core.errors import InputError
from mnist_core.files.atomic import write_file
from mnist_core.ink.pen import render
from mnist_core.runs.names import digest
from tests.strokes import STROKES, drawn

ADA, BOB = "secret of Ada", "secret of Bob"


def drawing(digit: int = 4, label: str = "") -> NewDrawing:
    """A drawing with its strokes."""
    strokes = tuple(np.array(stroke, np.int16) for stroke in STROKES[digit])
    return NewDrawing(drawn(digit), label or str(digit), strokes, background=(0, 0, 0))


def unlike(count: int, *labels: str) -> list[NewDrawing]:
    """So many drawings of a 1, each with pixels of its own, labeled so by turns."""
    found = []
    for number in range(count):
        image = np.zeros((28, 28), np.uint8)
        image[4:24, 13:16] = 255
        image[0, :2] = divmod(number, 256)
        found.append(NewDrawing(drawn(1), labels[number % len(labels)], image=image))
    return found


@pytest.fixture
def store(tmp_path: Path) -> DrawingStore:
    return DrawingStore(tmp_path)


def test_drawings_are_kept_in_their_order_and_belong_to_one_visitor(store: DrawingStore) -> None:
    assert len(store.of(ADA)) == 0
    first = store.add(ADA, [drawing(4)])
    second = store.add(ADA, [drawing(7), NewDrawing(drawn(3), "")])
    kept = DrawingStore(store.root).of(ADA)
    assert kept.ids == (*first, *second) and kept.labels == ("4", "7", "")
    assert kept.images.shape == (3, 28, 28) and kept.images.dtype == np.uint8
    assert [len(strokes) for strokes in kept.strokes] == [2, 1, 0]
    assert np.array_equal(kept.strokes[0][1], STROKES[4][1])
    assert np.array_equal(store.picture(ADA, first[0]), drawn(4))
    assert len(store.of(BOB)) == 0
    with pytest.raises(InputError, match="no such drawing"):
        store.picture(BOB, first[0])
    with pytest.raises(InputError, match="no such drawing"):
        store.picture(ADA, "../" + first[0])


def test_a_label_is_changed_and_what_is_deleted_is_gone(store: DrawingStore) -> None:
    one, two, three = store.add(ADA, [drawing(4), drawing(7), drawing(2)])
    store.relabel(ADA, [one], "9")
    store.delete(ADA, [two])
    kept = store.of(ADA)
    assert kept.ids == (one, three) and kept.labels == ("9", "2")
    assert {path.name for path in (store.folder / digest(ADA)).glob("*.png")} == {f"{one}.png", f"{three}.png"}
    with pytest.raises(InputError, match="expected a digit"):
        store.relabel(ADA, [one], "forty")
    store.delete_all(ADA)
    assert len(store.of(ADA)) == 0 and not (store.folder / digest(ADA)).exists()


def test_nothing_is_kept_of_several_if_one_is_empty(store: DrawingStore) -> None:
    empty = NewDrawing(np.zeros((280, 280, 4), np.uint8), "4", background=(0, 0, 0))
    with pytest.raises(InputError, match="Nothing is drawn"):
        store.add(ADA, [drawing(), empty])
    assert len(store.of(ADA)) == 0


def test_too_many_are_refused_in_one_sentence(store: DrawingStore, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DIGIT_MAX_DRAWINGS", "3")
    store.add(ADA, unlike(3, "1"))
    with pytest.raises(InputError, match="You have 3 drawings; with 1 more there would be over 3"):
        store.add(ADA, [drawing()])
    store.add(BOB, [drawing()])
    assert len(store.of(BOB)) == 1


def test_a_large_picture_is_kept_smaller(store: DrawingStore) -> None:
    (identity,) = store.add(ADA, [NewDrawing(render([np.array([(20.0, 20.0), (200.0, 200.0)])], 20).repeat(4, 0), "1")])
    assert max(store.picture(ADA, identity).shape) == 280


def test_what_nobody_opens_for_a_time_is_removed(store: DrawingStore) -> None:
    store.add(ADA, [drawing()])
    store.add(BOB, [drawing()])
    long_ago = time.time() - 91 * 86_400
    os.utime(store.folder / digest(ADA) / "opened", (long_ago, long_ago))
    _swept.clear()
    assert store.remove_old() == 1
    assert len(store.of(ADA)) == 0 and len(store.of(BOB)) == 1
    # Not again within the hour.
    os.utime(store.folder / digest(BOB) / "opened", (long_ago, long_ago))
    assert store.remove_old() == 0
    # Whoever looks at them keeps them.
    store.of(BOB)
    _swept.clear()
    assert store.remove_old() == 0


def test_a_damaged_file_is_told_in_one_sentence(store: DrawingStore) -> None:
    store.add(ADA, [drawing()])
    (store.folder / digest(ADA) / "drawings.npz").write_bytes(b"PK nonsense")
    with pytest.raises(InputError, match="your drawings"):
        store.of(ADA)


def test_every_third_of_a_label_is_held_out() -> None:
    chosen = held_out(["4", "4", "7", "4", "4", "4", "4", "7", "7"])
    assert np.flatnonzero(chosen).tolist() == [3, 6, 8]
    assert not held_out(["1", "1", "2"]).any()


def test_only_the_own_looks_keep_drawings_from_aging(store: DrawingStore) -> None:
    store.add(ADA, [drawing()])
    opened, long_ago = store.folder / digest(ADA) / "opened", time.time() - 91 * 86_400
    os.utime(opened, (long_ago, long_ago))
    assert len(store.of_owner(digest(ADA))) == 1 and opened.stat().st_mtime == long_ago
    _swept.clear()
    store.add(BOB, [drawing()])
    assert len(store.of(ADA)) == 0 and len(store.of(BOB)) == 1
    # Who adds one has come back.
    os.utime(store.folder / digest(BOB) / "opened", (long_ago, long_ago))
    _swept.clear()
    store.add(BOB, [drawing(7)])
    assert store.of(BOB).labels == ("4", "7")


def test_a_change_that_is_going_does_not_bring_back_what_is_deleted(
    store: DrawingStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    (identity,) = store.add(ADA, [drawing()])
    inside, go_on, found = threading.Event(), threading.Event(), []

    def slowly(collection: Collection) -> bytes:
        inside.set()
        assert go_on.wait(10)
        return packed(collection)

    def relabel() -> None:
        try:
            store.relabel(ADA, [identity], "9")
            found.append("relabeled")
        except InputError as error:
            found.append(str(error))

    monkeypatch.setattr(store_module, "packed", slowly)
    threads = [threading.Thread(target=relabel), threading.Thread(target=store.delete_all, args=(ADA,))]
    threads[0].start()
    assert inside.wait(10)
    threads[1].start()
    time.sleep(0.2)
    go_on.set()
    for thread in threads:
        thread.join()
    assert found == ["relabeled"] and len(store.of(ADA)) == 0 and not (store.folder / digest(ADA)).exists()


def test_what_comes_while_all_is_being_deleted_comes_after_it(
    store: DrawingStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    (identity,) = store.add(ADA, [drawing()])
    inside, go_on, rmtree = threading.Event(), threading.Event(), shutil.rmtree

    def slowly(path: Path, *, ignore_errors: bool) -> None:
        inside.set()
        assert go_on.wait(10)
        rmtree(path, ignore_errors=ignore_errors)

    monkeypatch.setattr(shutil, "rmtree", slowly)
    threads = [
        threading.Thread(target=store.delete_all, args=(ADA,)),
        threading.Thread(target=store.add, args=(ADA, [drawing(7)])),
        threading.Thread(target=store.relabel, args=(ADA, [identity], "9")),
    ]
    threads[0].start()
    assert inside.wait(10)
    for thread in threads[1:]:
        thread.start()
    time.sleep(0.2)
    go_on.set()
    for thread in threads:
        thread.join()
    assert store.of(ADA).labels == ("7",)


def test_a_deletion_that_fails_is_told_and_its_rest_is_swept_later(
    store: DrawingStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(*_: object, **__: object) -> None:
        raise PermissionError(13, "Permission denied")

    store.add(ADA, [drawing()])
    with monkeypatch.context() as patch:
        patch.setattr(Path, "rename", fails)
        with pytest.raises(InputError, match="cannot be changed: Permission denied"):
            store.delete_all(ADA)
    assert len(store.of(ADA)) == 1
    with monkeypatch.context() as patch:
        patch.setattr(shutil, "rmtree", lambda *_, **__: None)
        with pytest.raises(InputError, match="still on the disk"):
            store.delete_all(ADA)
    assert len(store.of(ADA)) == 0 and len(list((store.root / "deleted").iterdir())) == 1
    _swept.clear()
    store.remove_old()
    assert list((store.root / "deleted").iterdir()) == []


def test_deleted_drawings_are_not_kept_in_memory(store: DrawingStore) -> None:
    for delete in (store.delete_all, lambda secret: store.delete(secret, store.of(secret).ids[:1])):
        store.add(ADA, [drawing(), drawing(7)])
        gone = weakref.ref(store.of(ADA))
        assert gone() is not None
        delete(ADA)
        gc.collect()
        assert gone() is None


def test_what_a_full_disk_or_a_crash_leaves_is_removed(store: DrawingStore, monkeypatch: pytest.MonkeyPatch) -> None:
    (identity,) = store.add(ADA, [drawing()])
    folder = store.folder / digest(ADA)

    def full(path: Path, data: bytes) -> None:
        if path.name == "drawings.npz":
            raise OSError(28, "No space left on device")
        write_file(path, data)

    with monkeypatch.context() as patch:
        patch.setattr(store_module, "write_file", full)
        with pytest.raises(InputError, match="No space left"):
            store.add(ADA, [drawing(7), drawing(2)])
    assert [path.stem for path in folder.glob("*.png")] == [identity] and store.of(ADA).ids == (identity,)
    for name in (f"{identity[:-1]}x.png", ".drawings.npz.0123.part"):
        (folder / name).write_bytes(b"left")
    store.relabel(ADA, [identity], "9")
    assert {path.name for path in folder.iterdir()} == {"drawings.npz", f"{identity}.png", "opened"}


def test_a_file_that_cannot_be_looked_at_is_not_written_over(
    store: DrawingStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    store.add(ADA, [drawing()])
    stat = Path.stat

    def fails(path: Path, **options: bool) -> os.stat_result:
        if path.name == "drawings.npz":
            raise OSError(5, "Input/output error")
        return stat(path, **options)

    with monkeypatch.context() as patch:
        patch.setattr(Path, "stat", fails)
        with pytest.raises(InputError, match="cannot be read"):
            store.add(ADA, [drawing(7)])
    assert store.of(ADA).labels == ("4",)


def test_no_more_is_kept_than_is_read_again(store: DrawingStore, monkeypatch: pytest.MonkeyPatch) -> None:
    store.add(ADA, [drawing()])
    monkeypatch.setattr(store_module, "MAX_BYTES", 5000)
    with pytest.raises(InputError, match="at most 1 MB are allowed. Delete some first"):
        store.add(ADA, [drawing(digit) for digit in (1, 2, 3, 7)])
    assert store.of(ADA).labels == ("4",) and len(list((store.folder / digest(ADA)).glob("*.png"))) == 1


def test_the_limit_holds_for_several_who_add_at_once(store: DrawingStore, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DIGIT_MAX_DRAWINGS", "9")
    some = [[drawing(digit, str(label)) for digit in (1, 2, 3, 4, 7)] for label in range(4)]
    ready = threading.Barrier(4)

    def add(new: list[NewDrawing]) -> None:
        ready.wait(10)
        with contextlib.suppress(InputError):
            DrawingStore(store.root).add(ADA, new)

    threads = [threading.Thread(target=add, args=(new,)) for new in some]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(store.of(ADA)) == 5


def test_what_is_there_already_is_not_kept_twice(store: DrawingStore) -> None:
    four, seven = store.add(ADA, [drawing(4), drawing(7)])
    names = store.add(ADA, [drawing(2), drawing(7), drawing(2), drawing(4, "9")])
    assert names[1] == seven and names[0] == names[2]
    assert store.of(ADA).ids == (four, seven, names[0], names[3]) and store.of(ADA).labels == ("4", "7", "2", "9")
    assert len(list((store.folder / digest(ADA)).glob("*.png"))) == 4
    assert store.add(BOB, [drawing(7)]) != [seven]


def test_what_is_there_already_takes_no_room(store: DrawingStore, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DIGIT_MAX_DRAWINGS", "3")
    names = store.add(ADA, unlike(3, "1"))
    assert store.add(ADA, unlike(3, "1")) == names and len(store.of(ADA)) == 3
