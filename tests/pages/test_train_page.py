"""The Train page's logic without a browser: runs of real workers, their desk, remedies, uploads."""

import dataclasses
import json
import re
from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from mnist_core.runs.folder import Run
from mnist_core.runs.run_records import Status
from mnist_core.runs.store import RunStore
from pages.components.shared_state import GIVEN_VISITOR, SharedState
from pages.components.train import run_table
from pages.components.train.run_list import name_for_new_run
from pages.components.train.training_link import Preset, preset_config
from pages.components.words import escaped
from tests.pages.test_pages import draw_page, png, put_shared, texts
from tests.run_helpers import last_step, wait
from tests.strokes import drawn

ROOT = Path(__file__).parents[2]
SMALL = {"preset": "mlp", "layers": "flatten;dense 16;relu;dense 10", "train_images": "2000", "validation": "500"}
SECRET = "A" * 22
pytestmark = pytest.mark.usefixtures("store")


def train_page(secret: str = SECRET, **query: str) -> AppTest:
    page = AppTest.from_file(str(ROOT / "app.py"), default_timeout=60)
    put_shared(page, visitor=secret)
    page.run()
    for name, value in query.items():
        page.query_params[name] = value
    page.switch_page("pages/train.py").run()
    assert not page.exception
    return page


def press(page: AppTest, key: str) -> AppTest:
    page.button(key=key).click().run()
    assert not page.exception
    return page


def settled(page: AppTest, store: RunStore, state: str, secret: str = SECRET) -> Run:
    """The newest run, when it has come to a state; the page is drawn again then."""
    run = store.runs(secret)[-1]
    wait(lambda: run.status.state == state, 60)
    page.run()
    assert not page.exception
    return run


@pytest.mark.slow
def test_a_run_is_started_paused_resumed_stopped_and_taken_to_the_draw_page(store: RunStore) -> None:
    page = train_page(**SMALL, epochs="2000")
    assert "Nothing has been trained yet" in texts(page)
    press(page, "start")
    run = store.runs(SECRET)[-1]
    wait(lambda: run.status.step > 0 or run.status.state == "training")
    press(page, "pause")
    assert "Look inside" in [group.proto.label for group in page.get("button_group")]
    settled(page, store, "paused")
    before = run.status.step
    press(page, "one_step")
    wait(lambda: run.status.step == before + 1)
    page.run()
    press(page, "resume")
    wait(lambda: run.status.state == "training")
    page.run()
    press(page, "stop")
    settled(page, store, "stopped")
    assert "of the test images right" in texts(page)
    assert len(page.get("vega_lite_chart")) == 2
    key = f"run:{run.id}"
    draw = AppTest.from_file(str(ROOT / "app.py"), default_timeout=60)
    put_shared(draw, visitor=SECRET, drawing=png(drawn(3)))
    draw.query_params["network"] = key
    draw.run()
    assert not draw.exception and draw.selectbox(key="network").value == key
    assert any("Yours: Multi-layer perceptron" in option for option in draw.selectbox(key="network").options)
    stranger = draw_page(drawn(3), network=key)
    assert stranger.selectbox(key="network").value == "default"


@pytest.mark.slow
def test_the_rate_is_changed_while_it_rests_and_marked(store: RunStore) -> None:
    page = train_page(**SMALL, epochs="2000")
    press(page, "start")
    wait(lambda: store.runs(SECRET)[-1].status.state == "training")
    press(page, "pause")
    run = settled(page, store, "paused")
    page.number_input(key=f"change_rate_{run.id}").set_value(0.02).run()
    assert run.control.settings == {"learning_rate": 0.02}
    press(page, "one_step")
    wait(lambda: b'"change":{"learning_rate":0.02}' in run.file("metrics.jsonl").read_bytes())


def place_of(block: Any, label: str) -> list[int]:
    """The way from a block of the page to the box with this label, as numbers of children; empty if it is not there."""
    for number, child in block.children.items():
        if getattr(child, "label", "") == label:
            return [number]
        if hasattr(child, "children") and (inside := place_of(child, label)):
            return [number, *inside]
    return []


@pytest.mark.slow
def test_two_runs_are_overlaid_listed_renamed_repeated_and_deleted(store: RunStore) -> None:
    page = train_page(**SMALL, epochs="1")
    press(page, "start")
    upload = place_of(page.main, "Use a network from a file")
    first = settled(page, store, "finished")
    # A box at another place would be another box, and closed.
    assert place_of(page.main, "Use a network from a file") == upload != []
    assert re.fullmatch(r"Step (\d+) of \1", page.get("progress")[0].proto.text)
    assert "epoch</span>" in texts(page) and "left</span>" not in texts(page)
    page.number_input(key="set_seed").set_value(5).run()
    press(page, "start")
    second = settled(page, store, "finished")
    assert second.info.config.seed == 5 and second.info.name == "Multi-layer perceptron 2"
    assert page.multiselect[0].value == [first.id, second.id]
    assert train_page().multiselect[0].value == [first.id, second.id], "after a reload"
    table = page.dataframe[0].value
    assert list(table["run"]) == ["Multi-layer perceptron 2", "Multi-layer perceptron"]
    assert all(share.endswith(" %") for share in [*table["test"], *table["best validation"]])
    page.text_input(key=f"name_{second.id}").set_value("Better\n").run()
    assert second.info.name == "Better"
    widths = json.loads(page.dataframe[0].proto.columns)
    assert widths["run"]["width"] >= 8 * len("Multi-layer perceptron")
    press(page, "again_seed")
    third = settled(page, store, "finished")
    assert third.info.config == dataclasses.replace(second.info.config, seed=6)
    assert page.button(key="delete").disabled
    page.checkbox(key=f"sure_{third.id}").check().run()
    press(page, "delete")
    assert [run.id for run in store.runs(SECRET)] == [first.id, second.id]


@pytest.mark.slow
def test_each_lesson_begins_with_curves_of_its_own_also_after_a_reload(store: RunStore) -> None:
    def within(lesson: int) -> AppTest:
        page = train_page(**SMALL, epochs="1")
        put_shared(page, visitor=SECRET, open_lesson=lesson)
        return page.run()

    page = within(3)
    press(page, "start")
    first = settled(page, store, "finished")
    page = within(3)
    page.number_input(key="set_seed").set_value(5).run()
    press(page, "start")
    second = settled(page, store, "finished")
    assert page.multiselect[0].value == [first.id, second.id]
    put_shared(page, visitor=SECRET, open_lesson=4)
    # A run that is repeated is to be compared with the first one, whatever lesson is open.
    press(page, "again_seed")
    third = settled(page, store, "finished")
    assert page.multiselect[0].value == [first.id, second.id, third.id]
    page.number_input(key="set_seed").set_value(7).run()
    press(page, "start")
    assert page.multiselect[0].value == [settled(page, store, "finished").id]


@pytest.mark.slow
def test_a_training_that_explodes_is_stopped_and_a_click_trains_again(store: RunStore) -> None:
    page = train_page(**SMALL | {"layers": "flatten;scale 255;dense 10"}, optimizer="sgd", learning_rate="100.0")
    press(page, "start")
    run = settled(page, store, "failed")
    assert texts(page).count("the loss was no longer a usable number") == 1 and not page.error
    press(page, "remedy_0")
    assert store.runs(SECRET)[-1].info.config.learning_rate == 10 and run.checkpoint() is not None


@pytest.mark.slow
def test_after_a_change_that_explodes_all_is_of_the_state_before_and_a_click_goes_back_there(store: RunStore) -> None:
    small = SMALL | {"layers": "flatten;scale 255;dense 10", "validation": "0"}
    page = train_page(**small, optimizer="sgd", learning_rate="1e-06", epochs="2000")
    press(page, "start")
    wait(lambda: last_step(store.runs(SECRET)[-1]) > 20)
    press(page, "pause")
    run = settled(page, store, "paused")
    before = run.status.step
    assert "right, validation" not in texts(page)
    page.number_input(key=f"change_rate_{run.id}").set_value(100.0).run()
    press(page, "resume")
    settled(page, store, "failed")
    # All pages share the curves, which are read some moments apart.
    wait(lambda: "rate to 100" in texts(page.run()))
    assert run.status.step == before and page.get("progress")[0].proto.text.startswith(f"Step {before:,} of")
    assert f"The network of step {before:,}" in texts(page)
    assert page.button(key="resume").label == "Try again with rate 100"
    spec = json.loads(page.get("vega_lite_chart")[0].proto.spec)
    assert "Logarithmic" in spec["title"]["text"]
    assert page.button(key="remedy_0").label == "Go back to before, with rate 1e-06"
    press(page, "remedy_0")
    wait(lambda: last_step(run) > before + 5)
    assert run.control.settings["learning_rate"] == 1e-06 and len(store.runs(SECRET)) == 1
    press(page, "pause")
    settled(page, store, "paused")
    # A new box: the browser may still send the value of the old one, as if somebody had set it again.
    assert page.number_input(key=f"change_rate_{run.id}_1").value == 1e-06


@pytest.mark.slow
def test_a_published_network_and_its_twin_start_together_and_stay_together(store: RunStore) -> None:
    page = train_page(preset="relu-10:corrected", train_images="2000", steps="30")
    press(page, "start_both")
    runs = store.runs(SECRET)
    assert [run.info.corrected for run in runs] == [False, True] and {run.info.config.steps for run in runs} == {30}
    wait(lambda: all(run.status.state == "finished" for run in runs), 60)
    page.run()
    assert page.multiselect[0].value == [run.id for run in runs]
    # With another seed: the same setting, started at once, would be taken for a double click.
    press(page, "again_seed")
    third = settled(page, store, "finished")
    assert page.multiselect[0].value == [*(run.id for run in runs), third.id]
    # A published network that has no mistake has no twin.
    page.selectbox(key="set_preset").select("logistic-regression").run()
    assert "start_both" not in {button.key for button in page.button}


@pytest.mark.slow
def test_a_failure_without_a_remedy_is_told_once(store: RunStore) -> None:
    run = store.create(SECRET, preset_config(Preset("mlp")), "small disk", recipe="mlp")
    run.write_status(Status("failed", "The run cannot be saved."))
    page = train_page()
    assert [error.value for error in page.error] == ["The run cannot be saved."]
    assert not any(str(button.key).startswith("remedy") for button in page.button)


def paths(page: AppTest) -> dict[str, tuple[int, ...]]:
    """The way from the page's root to the run's title and to the button that stops it."""
    found: dict[str, tuple[int, ...]] = {}
    waiting: list[tuple[tuple[int, ...], Any]] = [((), page.main)]
    while waiting:
        path, node = waiting.pop()
        if node.type == "header" or (node.type == "button" and node.key == "stop"):
            found[node.type] = path
        waiting += [((*path, place), child) for place, child in getattr(node, "children", {}).items()]
    return found


@pytest.mark.slow
def test_the_parts_of_the_desk_stay_at_their_places(store: RunStore) -> None:
    # What was drawn before is drawn over, even when the browser does not take it away.
    page = train_page(**SMALL, epochs="10000")
    press(page, "start")
    one = paths(page)
    store.create(SECRET, store.runs(SECRET)[0].info.config, "another")
    page.run()
    assert [box.label for box in page.selectbox if box.label == "Run"]
    assert set(one) == {"header", "button"} and paths(page) == one
    for run in store.runs(SECRET):
        store.delete(run)


@pytest.mark.slow
def test_a_double_click_starts_one_run_and_names_do_not_grow(store: RunStore) -> None:
    page = train_page(**SMALL, epochs="1")
    press(page, "start")
    press(page, "start")
    assert len(store.runs(SECRET)) == 1
    settled(page, store, "finished")
    for number in (2, 3):
        press(page, "again_seed")
        run = settled(page, store, "finished")
        assert run.info.name == f"Multi-layer perceptron {number}"


def test_a_nickname_is_shown_letter_by_letter() -> None:
    assert escaped("$x$ [a](b) :red[x] <i> Ada-1") == r"\$x\$ \[a\]\(b\) \:red\[x\] \<i\> Ada-1"


@pytest.mark.slow
@pytest.mark.parametrize(("given", "known"), [(SECRET, True), ("no secret", False), (7, False)])
def test_a_visitor_without_a_cookie_can_be_given(given: object, known: bool) -> None:
    page = AppTest.from_file(str(ROOT / "app.py"), default_timeout=60)
    page.session_state[GIVEN_VISITOR.key] = given
    page.run()
    page.switch_page("pages/train.py").run()
    shared = page.session_state[SharedState.__name__]
    assert not page.exception and shared.visitor_is_new == (not known)
    assert (shared.visitor == given) == known and len(shared.visitor) == 22


def test_a_damaged_run_is_told_of_and_can_be_deleted(store: RunStore) -> None:
    config = preset_config(Preset("mlp"))
    good, bad = store.create(SECRET, config, "good"), store.create(SECRET, config, "bad")
    bad.file("run.json").write_text("{")
    page = train_page()
    assert "its file run.json is missing or damaged" in texts(page)
    press(page, f"delete_damaged_{bad.id}")
    assert [run.id for run in store.runs(SECRET)] == [good.id]


@pytest.mark.slow
def test_no_place_for_runs_is_told_in_one_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("DIGIT_RUNS_DIR", str(tmp_path / "file"))
    page = train_page(**SMALL)
    press(page, "start")
    assert "Runs cannot be saved in" in page.error[0].value


@pytest.mark.parametrize(
    ("name", "taken", "expected"),
    [
        ("batch 32", set(), "batch 32"),
        ("batch 32", {"batch 32"}, "batch 32 2"),
        ("batch 32 2", {"batch 32", "batch 32 2"}, "batch 32 3"),
        ("Multi-layer perceptron 2", {"Multi-layer perceptron 2"}, "Multi-layer perceptron"),
        ("", {"Multi-layer perceptron"}, "Multi-layer perceptron 2"),
    ],
)
def test_train_again_keeps_the_number_that_a_person_wrote(name: str, taken: set[str], expected: str) -> None:
    assert name_for_new_run(name, "Multi-layer perceptron", taken, repeats=True) == expected


def test_the_name_of_a_link_stays_as_it_is() -> None:
    assert name_for_new_run("Rate 1", "Multi-layer perceptron", {"Rate"}, repeats=False) == "Rate 1"
    assert name_for_new_run("Rate 1", "Multi-layer perceptron", {"Rate", "Rate 1"}, repeats=False) == "Rate 1 2"


def test_on_a_phone_the_column_of_names_leaves_room_for_others(
    store: RunStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    def script() -> None:
        from mnist_core.runs import RunStore
        from pages.components.classes.seat import Seat
        from pages.components.train.run_list import entries
        from pages.components.train.run_table import run_table

        run_table(entries(RunStore(), "A" * 22, Seat()), {})

    store.create(SECRET, preset_config(Preset("mlp")), "Softmax applied twice, corrected, and trained for an hour")
    found = {}
    for phone in (False, True):
        monkeypatch.setattr(run_table, "on_phone", lambda phone=phone: phone)
        table = AppTest.from_function(script, default_timeout=60).run().dataframe[0]
        found[phone] = json.loads(table.proto.columns)["run"]["width"], table.value["run"][0]
    assert found[True][0] < 200 < found[False][0] and found[True][1] == "Softmax ap…r an hour"
