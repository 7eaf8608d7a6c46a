"""The keys of the Draw page and the Teach page without a browser."""

import io
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from mnist_core.drawings import DrawingStore, NewDrawing
from mnist_core.runs.names import digest
from pages.components.draw.pen_strokes import pen_strokes
from pages.components.shared_state import SharedState
from tests.drawings.test_store import unlike
from tests.pages.test_pages import draw_page, png, texts
from tests.strokes import drawn

ROOT = Path(__file__).parents[2]
ADA, BOB = "A" * 22, "B" * 22


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> DrawingStore:
    monkeypatch.setenv("DIGIT_RUNS_DIR", str(tmp_path / "runs"))
    return DrawingStore()


def keep(store: DrawingStore, *digits: int, label: str | None = None, secret: str = ADA) -> list[str]:
    """Keep drawings of these digits, with another label if one is given."""
    return store.add(secret, [NewDrawing(drawn(digit), str(digit) if label is None else label) for digit in digits])


def teach_page(secret: str = ADA, **query: str) -> AppTest:
    page = AppTest.from_file(str(ROOT / "app.py"), default_timeout=60)
    page.session_state[SharedState.__name__] = SharedState(visitor=secret)
    for name, value in query.items():
        page.query_params[name] = value
    page.switch_page("pages/teach.py").run()
    assert not page.exception
    return page


def test_who_says_what_was_drawn_keeps_the_drawing(store: DrawingStore) -> None:
    page = draw_page(drawn(4))
    secret = page.session_state[SharedState.__name__].visitor
    assert not secret and not any("Kept as" in caption.value for caption in page.caption)
    page.segmented_control(key="said").set_value("9").run()
    secret = page.session_state[SharedState.__name__].visitor
    assert "Kept as a 9: 1 drawing." in texts(page)
    assert store.of(secret).labels == ("9",)
    # Another key is another label, the same key once more takes it back.
    page.segmented_control(key="said").set_value("4").run()
    assert store.of(secret).labels == ("4",) and "Kept as a 4: 1 drawing." in texts(page)
    page.segmented_control(key="said").set_value("").run()
    assert store.of(secret).labels == ("",) and "Kept as no digit" in texts(page)
    # Relabeled on the Teach page, and deleted there.
    store.relabel(secret, store.of(secret).ids, "7")
    page.session_state["said"] = None
    page.run()
    assert page.segmented_control(key="said").value == "7" and "Kept as a 7: 1 drawing." in texts(page)
    store.delete_all(secret)
    page.run()
    assert page.segmented_control(key="said").value is None and "Kept as" not in texts(page)
    page.segmented_control(key="said").set_value("4").run()
    assert store.of(secret).labels == ("4",)
    page.segmented_control(key="said").set_value(None).run()
    assert len(store.of(secret)) == 0 and "Kept as" not in texts(page)
    assert not page.exception


def test_an_empty_canvas_has_nothing_to_keep(store: DrawingStore) -> None:
    assert draw_page().segmented_control(key="said").disabled


def test_what_cannot_be_kept_is_told_beside_the_keys(store: DrawingStore, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DIGIT_MAX_DRAWINGS", "1")
    page = draw_page(drawn(4))
    page.session_state[SharedState.__name__].visitor = ADA
    keep(store, 2)
    page.segmented_control(key="said").set_value("4").run()
    assert "You have 1 drawings" in page.error[0].value and page.segmented_control(key="said").value is None


def test_the_strokes_of_the_canvas_are_understood_and_nothing_else() -> None:
    path = [["M", 10, 20], ["Q", 11, 21, 12, 22], ["Q", 13.4, 23.6, 14, 24], ["L", 15, 25]]
    (stroke,) = pen_strokes([{"path": path, "strokeWidth": 20}])
    assert stroke.dtype == np.int16 and stroke.tolist() == [[10, 20], [11, 21], [13, 24], [15, 25]]
    wrong: Any
    for wrong in ({}, {"path": []}, {"path": [["M", 1]]}, {"path": [["Z"]]}, {"path": [["M", "a", 1]]}, 7, None):
        assert pen_strokes([{"path": path}, wrong]) == ()
    assert pen_strokes([{"path": [["M", 1e9, 1]]}]) == () and pen_strokes([{"path": [["M", float("nan"), 1]]}]) == ()


def test_without_drawings_the_page_says_how_to_come_by_them(store: DrawingStore) -> None:
    keep(store, 4, secret=BOB)
    page = teach_page()
    assert "You have no drawings yet" in texts(page)


def test_drawings_are_shown_relabeled_and_deleted(store: DrawingStore) -> None:
    one, two, three = keep(store, 4, 7, 2)
    page = teach_page()
    assert "3 drawings; click one" in texts(page)
    page.session_state["TeachPage"].chosen = two
    page.run()
    keys = page.segmented_control(key=f"label_{two}")
    assert keys.value == "7"
    keys.set_value("1").run()
    assert store.of(ADA).labels == ("4", "1", "2")
    page.button(key="delete_drawing").click().run()
    assert store.of(ADA).ids == (one, three) and "2 drawings" in texts(page)
    page.pills(key="shown_label").set_value("4").run()
    page.checkbox(key="sure_to_delete_all").check().run()
    page.button(key="delete_all_drawings").click().run()
    assert len(store.of(ADA)) == 0 and not page.exception


def test_many_drawings_are_leafed_through(store: DrawingStore) -> None:
    store.add(ADA, unlike(130, "4"))
    page = teach_page()
    assert page.button(key="drawings_backward").disabled
    page.button(key="drawings_forward").click().run()
    assert "Page 2 of 2" in texts(page) and page.button(key="drawings_forward").disabled
    assert not page.exception


def test_a_file_that_cannot_be_used_is_refused_and_another_is_taken(store: DrawingStore) -> None:
    keep(store, 4)
    page = teach_page()
    page.file_uploader(key="bring_drawings_0").set_value(("a.zip", b"PK nonsense", "application/zip")).run()
    assert "not a sound ZIP" in page.error[0].value and len(store.of(ADA)) == 1
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("7/a.png", png(drawn(7)))
    page.file_uploader(key="bring_drawings_0").set_value(("a.zip", buffer.getvalue(), "application/zip")).run()
    assert store.of(ADA).labels == ("4", "7")


def test_drawings_whose_file_is_damaged_can_be_deleted(store: DrawingStore) -> None:
    keep(store, 4)
    (store.folder / digest(ADA) / "drawings.npz").write_bytes(b"PK nonsense")
    page = teach_page()
    assert "your drawings" in page.error[0].value
    page.checkbox(key="sure_to_delete_all").check().run()
    page.button(key="delete_all_drawings").click().run()
    assert not page.exception and "You have no drawings yet" in texts(page) and len(store.of(ADA)) == 0


def test_what_an_action_could_not_do_is_told_as_it_is(store: DrawingStore) -> None:
    page = teach_page()
    page.session_state["TeachPage"].problem = "*not* [a link](http://x)."
    page.run()
    assert page.error[0].value.startswith(r"\*not\* \[a link\]")


def test_what_is_brought_back_once_more_is_not_counted(store: DrawingStore) -> None:
    keep(store, 4)
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for digit in (4, 7):
            archive.writestr(f"{digit}/a.png", png(drawn(digit)))
    file = ("a.zip", buffer.getvalue(), "application/zip")
    page = teach_page()
    page.file_uploader(key="bring_drawings_0").set_value(file).run()
    assert page.toast[0].value == "1 drawing came in. The others were there already, with the same labels."
    page.file_uploader(key="bring_drawings_1").set_value(file).run()
    assert page.toast[0].value == "All these drawings were there already, with the same labels."
    assert store.of(ADA).labels == ("4", "7")
