"""A class's drawings on the Teach page without a browser: who may see what, counts, odd ones, the teacher's buttons."""

from pathlib import Path

import numpy as np
import pytest
import streamlit as st

from mnist_core.drawings import ClassDrawings, DrawingStore, NewDrawing
from mnist_core.runs import ClassInfo, RunStore
from mnist_core.runs.names import digest
from pages.components.teach.class_counts import find_odd_ones
from tests.drawings.test_store import unlike
from tests.pages.test_pages import texts
from tests.pages.test_teach_page import ADA, BOB, keep, store, teach_page
from tests.strokes import drawn

__all__ = ["store"]
CYD = "C" * 22


@pytest.fixture
def runs(store: DrawingStore) -> RunStore:
    return RunStore()


@pytest.fixture
def opened(runs: RunStore) -> tuple[ClassInfo, str]:
    """A class of Ada and Bob, and its teacher's secret."""
    info, teacher = runs.classes.open("5b", "somebody")
    for visitor, name in ((ADA, "Ada"), (BOB, "Bob")):
        runs.classes.members.join(info.id, visitor)
        runs.classes.members.rename(info.id, visitor, name)
    return info, teacher


def gifts(runs: RunStore) -> ClassDrawings:
    return ClassDrawings(DrawingStore(runs.root), runs.classes)


def test_who_is_in_no_class_is_asked_in(store: DrawingStore) -> None:
    page = teach_page(view="class")
    assert "You are in no class" in texts(page)
    page = teach_page(view="class", **{"class": "../../etc"})
    assert "You are in no class" in texts(page)


def test_a_member_gives_and_takes_back(store: DrawingStore, runs: RunStore, opened: tuple[ClassInfo, str]) -> None:
    info, _ = opened
    keep(store, 4, 7)
    page = teach_page(view="class", **{"class": info.id})
    assert not page.toggle(key="give_to_class").value and "Nobody has given" in page.info[0].value
    page.toggle(key="give_to_class").set_value(True).run()
    assert not page.exception and "**2 drawings** by 1 member" in texts(page)
    assert [one.member.nickname for one in gifts(runs).of(info.id)] == ["Ada"]
    page.toggle(key="give_to_class").set_value(False).run()
    assert gifts(runs).of(info.id) == [] and "Nobody has given" in page.info[0].value


def test_counts_and_odd_ones_are_seen_by_all_and_the_teacher_clears(
    store: DrawingStore, runs: RunStore, opened: tuple[ClassInfo, str]
) -> None:
    info, teacher = opened
    keep(store, 4, 7, 3)
    keep(store, 2, label="5", secret=BOB)
    for visitor in (ADA, BOB):
        gifts(runs).give(info.id, visitor)
    page = teach_page(BOB, view="class", **{"class": info.id})
    assert "**4 drawings** by 2 members" in texts(page) and "There are none" not in texts(page)
    assert page.selectbox(key="left_out_member").options == ["Nobody", "Ada", "Bob"]
    assert not [button for button in page.button if button.key == "clear_class"]
    page = teach_page(BOB, view="class", **{"class": info.id, "teacher": teacher})
    page.checkbox(key="sure_to_clear_class").check().run()
    page.button(key="clear_class").click().run()
    assert not page.exception and gifts(runs).of(info.id) == [] and len(store.of(ADA)) == 3


def test_thirty_members_with_a_hundred_drawings_each_are_shown(store: DrawingStore, runs: RunStore) -> None:
    info, _ = runs.classes.open("5b", "somebody")
    drawings = unlike(100, *"0123456789")
    for number in range(30):
        visitor = f"{number:022d}"
        runs.classes.members.join(info.id, visitor)
        store.add(visitor, drawings)
        gifts(runs).give(info.id, visitor)
    page = teach_page(f"{0:022d}", view="class", **{"class": info.id})
    assert "**3,000 drawings** by 30 members" in texts(page)


def test_labels_that_contradict_the_network_are_found_as_time_allows(
    store: DrawingStore, runs: RunStore, opened: tuple[ClassInfo, str]
) -> None:
    info, _ = opened
    keep(store, 4, 7)
    keep(store, 3, label="8", secret=BOB)
    for visitor in (ADA, BOB):
        gifts(runs).give(info.id, visitor)
    given = gifts(runs).of(info.id)
    st.cache_resource.clear()
    # The page does not wait for the network.
    assert "2 members are still being read" in texts(teach_page(BOB, view="class", **{"class": info.id}))
    assert find_odd_ones(given, 0) == ([], 2)
    found, waiting = find_odd_ones(given, 60)
    assert waiting == 0
    assert [(one.member.nickname, odd.label, odd.answer) for one, odd in found] == [("Bob", "8", "3")]
    # What was read once is there at once.
    assert find_odd_ones(given, 0) == (found, 0)
    page = teach_page(BOB, view="class", **{"class": info.id})
    assert "still being read" not in texts(page) and "There are none" not in texts(page)


def test_my_drawings_say_which_classes_get_them_and_take_them_back(
    store: DrawingStore, runs: RunStore, opened: tuple[ClassInfo, str]
) -> None:
    info, teacher = opened
    gifts(runs).give(info.id, ADA)
    runs.classes.close(info.id, teacher)
    page = teach_page()
    assert "The class **5b** gets your drawings" in texts(page) and "unless you give them to a class" in texts(page)
    keep(store, 4)
    page.run()
    page.button(key=f"take_back_{info.id}").click().run()
    assert not page.exception and "gets your drawings" not in texts(page) and gifts(runs).classes_of(ADA) == []


def test_who_leaves_the_class_takes_the_drawings_back(
    store: DrawingStore, runs: RunStore, opened: tuple[ClassInfo, str]
) -> None:
    info, _ = opened
    for path, key in (("pages/train.py", "leave_class"), ("pages/lessons.py", "leave_lesson_class")):
        gifts(runs).give(info.id, ADA)
        page = teach_page(**{"class": info.id})
        page.switch_page(path)
        page.query_params["class"] = info.id
        page.run()
        page.button(key=key).click().run()
        assert not page.exception and "class" not in page.query_params
        assert not gifts(runs).gives(info.id, ADA)


def test_one_damaged_file_does_not_break_the_page_for_the_class(
    store: DrawingStore, runs: RunStore, opened: tuple[ClassInfo, str]
) -> None:
    info, _ = opened
    for visitor in (ADA, BOB):
        keep(store, 4, secret=visitor)
        gifts(runs).give(info.id, visitor)
    (store.folder / digest(ADA) / "drawings.npz").write_bytes(b"PK nonsense")
    assert "**1 drawing** by 1 member" in texts(teach_page(BOB, view="class", **{"class": info.id}))
    page = teach_page(ADA, view="class", **{"class": info.id})
    assert "your drawings" in page.error[0].value and "**1 drawing** by 1 member" in texts(page)


def test_only_files_that_can_be_made_are_offered(
    store: DrawingStore, runs: RunStore, opened: tuple[ClassInfo, str]
) -> None:
    info, teacher = opened
    gifts(runs).give(info.id, ADA)

    def offered(**query: str) -> list[str]:
        return [button.proto.label for button in teach_page(**query).get("download_button")]

    in_class = {"view": "class", "class": info.id, "teacher": teacher}
    keep(store, 4, label="")
    assert offered() == ["Pictures in folders (ZIP)"] and offered(**in_class) == []
    keep(store, 7)
    assert offered() == ["Pictures in folders (ZIP)", "IDX files, as MNIST's (ZIP)"]
    assert offered(**in_class) == ["IDX files, as MNIST's (ZIP)"]
    store.delete_all(ADA)
    store.add(ADA, [NewDrawing(drawn(1), "", (np.array([(20, 20), (20, 200)], np.int16),))])
    assert offered() == ["Pictures in folders (ZIP)", "Strokes of 1 (.npz)"]
    assert offered(**in_class) == ["Strokes (.npz)"]


def test_who_cannot_take_the_drawings_back_stays_in_the_class_and_sees_why(
    store: DrawingStore, runs: RunStore, opened: tuple[ClassInfo, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    info, teacher = opened
    gifts(runs).give(info.id, ADA)
    runs.classes.close(info.id, teacher)
    unlink = Path.unlink

    def fails(path: Path, missing_ok: bool = False) -> None:
        if path.name == digest(ADA):
            raise PermissionError(13, "Permission denied")
        unlink(path, missing_ok)

    monkeypatch.setattr(Path, "unlink", fails)
    for path, key in (("pages/train.py", "leave_class"), ("pages/lessons.py", "leave_lesson_class")):
        page = teach_page(**{"class": info.id})
        page.switch_page(path)
        page.query_params["class"] = info.id
        page.run()
        page.button(key=key).click().run()
        assert "class" in page.query_params
        assert "cannot be taken back\\: Permission denied" in page.error[0].value
