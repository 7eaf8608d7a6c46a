"""What is taught, and measured, is what is there at that moment: own drawings deleted, a class's taken back."""

import numpy as np
import pytest

from mnist_core.drawings import ClassDrawings, DrawingStore, NewDrawing, held_out, together
from mnist_core.runs import ClassInfo, Run, RunStore, lesson_images
from mnist_core.teaching import MAX_DRAWINGS
from pages.components.teach import class_lesson
from pages.components.teach.class_lesson import groups_of_class
from pages.components.teach.measures import groups_of, not_learned
from tests.pages.test_pages import texts
from tests.pages.test_teach_page import ADA, BOB, teach_page
from tests.strokes import drawn


@pytest.fixture
def store(store: RunStore) -> DrawingStore:
    """The drawings in the folder of all runs."""
    return DrawingStore(store.root)


@pytest.fixture
def opened(store: DrawingStore) -> ClassInfo:
    """A class of Ada, who drew 4s, and Bob, who drew 7s; both give them."""
    classes = RunStore().classes
    info, _ = classes.open("5b", "somebody")
    for visitor, name, digit in ((ADA, "Ada", 4), (BOB, "Bob", 7)):
        classes.members.join(info.id, visitor)
        classes.members.rename(info.id, visitor, name)
        keep(store, digit, 16, visitor)
        gifts().give(info.id, visitor)
    return info


def keep(store: DrawingStore, digit: int, width: int, visitor: str) -> None:
    """Three drawings of a digit, each with a thicker pen."""
    store.add(visitor, [NewDrawing(drawn(digit, width + more), str(digit)) for more in range(3)])


def gifts() -> ClassDrawings:
    runs = RunStore()
    return ClassDrawings(DrawingStore(runs.root), runs.classes)


def pixels(images: np.ndarray) -> set[bytes]:
    return {image.tobytes() for image in images}


def newest(visitor: str = ADA) -> Run:
    return RunStore().runs(visitor)[-1]


def test_nothing_is_taught_that_was_taken_back_since_the_page_was_drawn(store: DrawingStore, opened: ClassInfo) -> None:
    page = teach_page(network="mlp", view="class", **{"class": opened.id})
    assert page.button(key="class_teach").label == "Teach it 4 drawings"
    gifts().take_back(opened.id, BOB)
    page.button(key="class_teach").click().run()
    assert not page.exception
    taught = pixels(lesson_images(newest()))
    assert len(taught) == 2 and taught <= pixels(store.of(ADA).images)


def test_whoever_is_left_out_is_measured_and_not_learned(store: DrawingStore, opened: ClassInfo) -> None:
    page = teach_page(network="mlp", view="class", **{"class": opened.id})
    bob = next(one.member.id for one in gifts().of(opened.id) if one.member.nickname == "Bob")
    page.selectbox(key="left_out_member").set_value(bob).run()
    page.button(key="class_teach").click().run()
    assert not page.exception and newest().info.name == "Class 5b without Bob"
    learned = frozenset(pixels(lesson_images(newest())))
    assert learned == pixels(store.of(ADA).images)
    groups = {group.title: group for group in groups_of_class(gifts().of(opened.id), bob, learned)}
    assert pixels(groups["Bob's drawings"].images) == pixels(store.of(BOB).images)
    assert len(groups["The class's drawings, held out"].images) == 0
    assert pixels(groups["The class's drawings, learned"].images) == learned


def test_what_comes_later_is_not_called_learned_nor_what_was_learned_held_out(
    store: DrawingStore, opened: ClassInfo
) -> None:
    before = together(gifts().of(opened.id))
    learned = frozenset(pixels(before.images[~held_out(before.labels)]))
    # One drawing less shifts the counting, three more lengthen it.
    store.delete(ADA, [store.of(ADA).ids[0]])
    keep(store, 4, 24, ADA)
    for groups in (groups_of_class(gifts().of(opened.id), "", learned), groups_of(store.of(ADA), learned)):
        aside, seen = groups[0], groups[1]
        assert len(aside.images) >= 4 and not pixels(aside.images) & learned
        assert len(seen.images) and pixels(seen.images) <= learned
    # Before there is a lesson, every third will be held out.
    assert len(groups_of(store.of(BOB))[0].images) == 1


def test_own_drawings_that_were_deleted_are_not_taught(store: DrawingStore, opened: ClassInfo) -> None:
    page = teach_page(network="mlp")
    gone = store.of(ADA).images[0].tobytes()
    store.delete(ADA, [store.of(ADA).ids[0]])
    page.button(key="teach").click().run()
    assert not page.exception and gone not in pixels(lesson_images(newest()))
    store.delete_all(ADA)
    page.session_state["TeachPage"].taught_at = -1e9
    page.button(key="teach").click().run()
    assert len(RunStore().runs(ADA)) == 1 and not page.exception


def test_of_too_many_drawings_an_even_part_is_learned(
    store: DrawingStore, opened: ClassInfo, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert MAX_DRAWINGS == 10_000
    monkeypatch.setattr(class_lesson, "MAX_DRAWINGS", 3)
    page = teach_page(network="mlp", view="class", **{"class": opened.id})
    assert page.button(key="class_teach").label == "Teach it 3 drawings"
    assert "More than 3 are not learned at once" in texts(page)
    page.button(key="class_teach").click().run()
    taught = lesson_images(newest())
    drawings = together(gifts().of(opened.id))
    assert len(taught) == 3 and set(np.array(drawings.labels)[~not_learned(drawings, pixels(taught))]) == {"4", "7"}
