"""What members give to their class: only if they say so, taken back at any time."""

from pathlib import Path

import numpy as np
import pytest

from mnist_core import Recognizer
from mnist_core.data import to_unit
from mnist_core.drawings import ClassDrawings, DrawingStore, as_idx, made_up_drawings, together
from mnist_core.errors import InputError
from mnist_core.runs import RunStore
from mnist_core.runs.names import digest
from tests.drawings.test_store import ADA, BOB, drawing


@pytest.fixture
def runs(tmp_path: Path) -> RunStore:
    return RunStore(tmp_path)


@pytest.fixture
def given_to(runs: RunStore) -> ClassDrawings:
    return ClassDrawings(DrawingStore(runs.root), runs.classes)


def test_members_give_take_back_and_the_teacher_clears(runs: RunStore, given_to: ClassDrawings) -> None:
    store = DrawingStore(runs.root)
    info, teacher = runs.classes.open("5b", "the teacher")
    store.add(ADA, [drawing(4), drawing(7)])
    store.add(BOB, [drawing(2)])
    with pytest.raises(InputError, match="Only members"):
        given_to.give(info.id, ADA)
    for visitor, name in ((ADA, "Ada"), (BOB, "Bob")):
        runs.classes.members.join(info.id, visitor)
        runs.classes.members.rename(info.id, visitor, name)
    assert given_to.of(info.id) == [] and not given_to.gives(info.id, ADA)
    given_to.give(info.id, BOB)
    given_to.give(info.id, ADA)
    found = given_to.of(info.id)
    assert [(one.member.name, one.drawings.labels) for one in found] == [("Ada", ("4", "7")), ("Bob", ("2",))]
    assert together(found).labels == ("4", "7", "2")
    assert together(found, without=found[0].member.id).labels == ("2",)
    # What is drawn, relabeled or deleted later is so for the class, too.
    store.delete(ADA, [store.of(ADA).ids[0]])
    assert given_to.of(info.id)[0].drawings.labels == ("7",)
    given_to.take_back(info.id, ADA)
    assert [one.member.name for one in given_to.of(info.id)] == ["Bob"]
    with pytest.raises(InputError, match="Only the teacher"):
        given_to.clear(info.id, "wrong")
    with pytest.raises(InputError, match="Only the teacher"):
        given_to.export(info.id, "wrong", as_idx)
    assert given_to.export(info.id, teacher, as_idx)[:2] == b"PK"
    given_to.clear(info.id, teacher)
    assert given_to.of(info.id) == [] and len(store.of(BOB)) == 1
    with pytest.raises(InputError, match="Nobody has given"):
        given_to.export(info.id, teacher, as_idx)


def test_no_class_and_no_member_give_nothing(runs: RunStore, given_to: ClassDrawings) -> None:
    assert given_to.of("../../etc") == [] and not given_to.gives("nobody", ADA)
    given_to.take_back("nobody", ADA)
    info, teacher = runs.classes.open("5b", "the teacher")
    runs.classes.members.join(info.id, ADA)
    runs.classes.close(info.id, teacher)
    with pytest.raises(InputError, match="open class"):
        given_to.give(info.id, ADA)


def test_made_up_drawings_look_like_digits_of_many_hands() -> None:
    images, labels = made_up_drawings()
    assert set(labels) == set("0123456789") and images.dtype == np.uint8 and len(images) == len(labels) > 200
    readings = Recognizer.load().read_digits(to_unit(images))
    right = np.mean([str(reading.digit) == label for reading, label in zip(readings, labels, strict=True)])
    assert right > 0.9
    assert len(np.unique(images, axis=0)) == len(images)


def test_the_classes_that_get_drawings_are_known_and_give_them_back_when_closed(
    runs: RunStore, given_to: ClassDrawings
) -> None:
    (first, teacher), (second, _), (third, _) = (runs.classes.open(name, "the teacher") for name in ("5b", "6a", "7c"))
    for info in (first, second, third):
        runs.classes.members.join(info.id, ADA)
    for info in (first, second):
        given_to.give(info.id, ADA)
    runs.classes.close(first.id, teacher)
    assert [info.name for info in given_to.classes_of(ADA)] == ["5b", "6a"] and given_to.classes_of(BOB) == []
    given_to.take_back(first.id, ADA)
    assert [info.name for info in given_to.classes_of(ADA)] == ["6a"]


def test_what_cannot_be_taken_back_is_told(runs: RunStore, given_to: ClassDrawings) -> None:
    info, _ = runs.classes.open("5b", "the teacher")
    runs.classes.members.join(info.id, ADA)
    (runs.classes.folder / info.id / "drawings" / digest(ADA)).mkdir(parents=True)
    with pytest.raises(InputError, match="cannot be taken back"):
        given_to.take_back(info.id, ADA)


def test_who_is_put_out_of_a_full_class_gives_nothing_and_is_asked_again(
    runs: RunStore, given_to: ClassDrawings, monkeypatch: pytest.MonkeyPatch
) -> None:
    info, _ = runs.classes.open("5b", "the teacher")
    runs.classes.members.join(info.id, ADA)
    given_to.give(info.id, ADA)
    monkeypatch.setenv("DIGIT_MAX_CLASS_MEMBERS", "1")
    runs.classes.members.join(info.id, BOB)
    assert not given_to.gives(info.id, ADA) and given_to.classes_of(ADA) == []
    monkeypatch.setenv("DIGIT_MAX_CLASS_MEMBERS", "2")
    runs.classes.members.join(info.id, ADA)
    assert not given_to.gives(info.id, ADA)
    # A file alone, such as one of an earlier version, makes nobody a member, and a member gives only if asked.
    monkeypatch.setenv("DIGIT_MAX_CLASS_MEMBERS", "3")
    (runs.classes.folder / info.id / "drawings" / digest("somebody else")).touch()
    assert not given_to.gives(info.id, "somebody else")
    runs.classes.members.join(info.id, "somebody else")
    assert not given_to.gives(info.id, "somebody else")


def test_a_member_whose_file_is_damaged_is_passed_over(runs: RunStore, given_to: ClassDrawings) -> None:
    store = DrawingStore(runs.root)
    info, _ = runs.classes.open("5b", "the teacher")
    for visitor in (ADA, BOB):
        store.add(visitor, [drawing(4)])
        runs.classes.members.join(info.id, visitor)
        given_to.give(info.id, visitor)
    (store.folder / digest(ADA) / "drawings.npz").write_bytes(b"PK nonsense")
    assert [one.member.id for one in given_to.of(info.id)] == [digest(BOB)]
