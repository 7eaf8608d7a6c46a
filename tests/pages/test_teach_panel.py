"""Teaching on the Teach page without a browser: a run of the visitor's own, before and after, use it and go back."""

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from mnist_core import Recognizer
from mnist_core.drawings import Collection, DrawingStore, NewDrawing
from mnist_core.runs import RunStore
from pages.components.language import spoken
from pages.components.shared_state import SharedState
from pages.components.teach.help_curve import steps_for
from pages.components.teach.measures import Group, _change, cost_table
from tests.drawings.test_store import unlike
from tests.pages.test_pages import texts
from tests.pages.test_teach_page import ADA, keep, teach_page
from tests.run_helpers import wait
from tests.strokes import drawn


@pytest.fixture
def store(store: RunStore) -> DrawingStore:
    """The drawings in the folder of all runs."""
    return DrawingStore(store.root)


def collection(labels: str) -> Collection:
    """Empty pictures with these labels."""
    count = len(labels)
    images = np.zeros((count, 28, 28), np.uint8)
    return Collection(tuple(map(str, range(count))), tuple(labels), (0.0,) * count, images, ((),) * count)


def table(page: AppTest) -> str:
    return "\n".join(element.proto.body for element in page.get("html"))


def test_a_network_is_taught_used_and_left_again(store: DrawingStore) -> None:
    # As if this 2 were how somebody writes a 7.
    store.add(ADA, [NewDrawing(drawn(2, width), "7") for width in (16, 18, 20, 22)])
    keep(store, 4)
    page = teach_page(network="mlp")
    assert "Teach it 4 drawings" in page.button(key="teach").label
    assert "4 of 5 labels" in page.expander[0].label and "Are they all right?" in page.expander[0].label
    assert "<b>–</b>" in table(page)
    page.button(key="teach").click().run()
    assert not page.exception
    (run,) = RunStore().runs(ADA)
    assert run.info.teaching == "with MNIST" and run.info.name.endswith(", taught")
    wait(lambda: run.status.state == "finished", 120)
    page.run()
    assert not page.exception and "My drawings, held out" in table(page) and "<b>100.0 %</b>" in table(page)
    shared = page.session_state[SharedState.__name__]
    page.button(key="use_taught").click().run()
    assert shared.chosen_network == f"run:{run.id}" and shared.own_networks[f"run:{run.id}"].card.title == run.info.name
    assert page.selectbox(key="network").value == f"run:{run.id}"
    page.button(key="undo_taught").click().run()
    assert shared.chosen_network == "mlp" and not page.exception
    page.session_state["TeachPage"].chosen = store.of(ADA).ids[0]
    page.run()
    assert "**Before**: read as 2" in texts(page) and "**After**: read as 7" in texts(page)


def test_without_mnist_is_said_to_the_run(store: DrawingStore) -> None:
    keep(store, 4)
    page = teach_page(network="mlp")
    page.toggle(key="without_mnist").set_value(True).run()
    page.button(key="teach").click().run()
    (run,) = RunStore().runs(ADA)
    assert run.info.teaching == "without MNIST" and not page.exception
    # A second click at once is the same click.
    page.button(key="teach").click().run()
    assert len(RunStore().runs(ADA)) == 1


def test_only_digits_are_taught_and_what_goes_beyond_a_limit_is_told(
    store: DrawingStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    keep(store, 4)
    monkeypatch.setenv("DIGIT_MAX_GOING_IN_ALL", "1")
    monkeypatch.setenv("DIGIT_MAX_RUNS", "1")
    page = teach_page(network="mlp")
    page.button(key="teach").click().run()
    page.session_state["TeachPage"].taught_at = -1e9
    page.button(key="teach").click().run()
    assert "You have 1 runs already" in page.error[0].value


def test_the_curve_takes_as_many_of_each_digit_as_there_are() -> None:
    assert steps_for(collection("4")) == [1] and steps_for(collection("")) == []
    assert steps_for(collection("444")) == [1, 2, 5] and steps_for(collection("4" * 50)) == [1, 2, 5, 10, 20]


def test_the_table_says_what_was_gained_and_what_it_cost() -> None:
    image = NewDrawing(drawn(2), "2").normalized()
    groups = [
        Group("Twos", "all of them", np.stack([image] * 4), ("2", "2", "2", "")),
        Group("Nothing", "none", np.zeros((0, 28, 28), np.uint8), ()),
    ]
    mlp, default = Recognizer.load("mlp"), Recognizer.load()
    found = cost_table(groups, mlp, default)
    # A network that knows digits only is not asked of what is none.
    assert "4 pictures" not in found and "3 pictures, all of them" in found and "Nothing" not in found
    assert "± 0.0" in found and "75.0 %" in cost_table(groups, default, default)
    with spoken("de"):
        german = cost_table(groups, mlp, default)
        assert "± 0,0" in german and "75,0\xa0%" in cost_table(groups, default, default)
    assert "▼ − 50.0" in _change(0.75, 0.25) and "▲ + 0.1" in _change(0.9739, 0.974)


def test_as_many_drawings_as_may_be_are_shown(store: DrawingStore) -> None:
    store.add(ADA, unlike(2000, "1"))
    page = teach_page(network="mlp")
    assert "2,000 drawings" in texts(page)
