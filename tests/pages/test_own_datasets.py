"""The visitor's drawings and those of a class as datasets of the pages Data and Train, for nobody else."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from mnist_core.drawings import ClassDrawings, DrawingStore
from mnist_core.runs import RunStore
from pages.components.shared_state import SharedState
from tests.pages.test_pages import texts
from tests.pages.test_teach_page import ADA, BOB, ROOT, keep
from tests.run_helpers import end_director, wait

DIGITS = (4, 7, 2, 3, 0) * 6


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[DrawingStore]:
    monkeypatch.setenv("DIGIT_RUNS_DIR", str(tmp_path / "runs"))
    store = DrawingStore()
    yield store
    end_director(store.root)


def page(path: str, secret: str, **query: str) -> AppTest:
    found = AppTest.from_file(str(ROOT / "app.py"), default_timeout=60)
    found.session_state[SharedState.__name__] = SharedState(visitor=secret)
    for name, value in query.items():
        found.query_params[name] = value
    found.switch_page(path).run()
    assert not found.exception
    return found


def test_my_drawings_are_looked_at_and_trained_on(store: DrawingStore) -> None:
    keep(store, *DIGITS)
    # What is no digit is not in the dataset.
    keep(store, 7, label="")
    data = page("pages/data.py", ADA, dataset="mine:drawings", view="gallery")
    assert "20 training images and 10 test images" in texts(data) and "20 of 20 images" in texts(data)
    train = page("pages/train.py", ADA, dataset="mine:drawings", preset="mlp")
    train.button(key="start").click().run()
    assert not train.exception
    (run,) = RunStore().runs(ADA)
    assert run.info.dataset == "mine:drawings"
    wait(lambda: run.status.state == "finished", 120)


def test_nobody_else_can_choose_them_and_few_are_no_dataset(store: DrawingStore) -> None:
    keep(store, *DIGITS)
    keep(store, 4, 7, secret=BOB)
    data = page("pages/data.py", BOB, dataset="mine:drawings")
    assert "My drawings" not in texts(data) and data.title[0].value == "The digits"
    assert not data.selectbox


def test_a_class_is_a_dataset_for_its_members(store: DrawingStore) -> None:
    runs = RunStore()
    info, _ = runs.classes.open("5b", "somebody")
    runs.classes.members.join(info.id, ADA)
    keep(store, *DIGITS)
    gifts = ClassDrawings(store, runs.classes)
    gifts.give(info.id, ADA)
    name = f"class:{info.id}"
    runs.classes.members.join(info.id, BOB)
    query = {"class": info.id, "dataset": name}
    assert "Class 5b: 20 training images" in texts(page("pages/data.py", BOB, **query))
    assert "Class 5b" not in texts(page("pages/data.py", "C" * 22, **query))
    gifts.take_back(info.id, ADA)
    assert "Class 5b" not in texts(page("pages/data.py", BOB, **query))
