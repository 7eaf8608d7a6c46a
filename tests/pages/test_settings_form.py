"""The settings of the Train page without a browser: the form, its link, and what is refused."""

import dataclasses

import pytest

from mnist_core.runs.store import RunStore
from pages.components.train.training_link import Preset, from_query, preset_config, presets, to_query, twin_config
from tests.pages.test_train_page import SMALL, press, settled, train_page

pytestmark = pytest.mark.usefixtures("store")


def test_the_twin_has_what_was_set_but_for_what_the_twins_differ_in() -> None:
    published, corrected = Preset("sigmoid-128-squared-error"), Preset("sigmoid-128-squared-error", corrected=True)
    mine = dataclasses.replace(preset_config(published), seed=9, train_images=500)
    assert twin_config(published, mine) == dataclasses.replace(preset_config(corrected), seed=9, train_images=500)
    assert twin_config(corrected, twin_config(published, mine)) == mine


def test_the_whole_setting_is_in_the_link() -> None:
    config = dataclasses.replace(
        preset_config(Preset("mlp")), layers=("flatten", "dense 7", "dense 10"), learning_rate=0.5, batch_size=0, seed=9
    )
    query = to_query(Preset("mlp"), config)
    assert query == {
        "preset": "mlp",
        "layers": "flatten;dense 7;dense 10",
        "learning_rate": "0.5",
        "batch_size": "0",
        "seed": "9",
    }
    assert from_query(query) == (Preset("mlp"), config)
    for preset in presets():
        assert from_query(to_query(preset, preset_config(preset))) == (preset, preset_config(preset))
    page = train_page(**query)
    assert page.text_area(key="set_layers").value == "flatten\ndense 7\ndense 10"
    assert page.toggle(key="set_whole_batch").value is True
    assert dict(page.query_params) == query
    page.number_input(key="set_learning_rate").set_value(0.25).run()
    assert page.query_params["learning_rate"] == "0.25"


@pytest.mark.slow
@pytest.mark.parametrize(
    ("preset", "key"), [(Preset("relu-10"), "relu-10"), (Preset("relu-10", corrected=True), "relu-10:corrected")]
)
def test_a_preset_is_written_as_one_word_and_a_run_knows_its_parts(store: RunStore, preset: Preset, key: str) -> None:
    assert preset.key == key and Preset.from_key(key) == preset and preset in presets()
    small = {name: SMALL[name] for name in ("train_images", "validation")}
    page = train_page(preset=key, **small, epochs="1", steps="1")
    assert page.query_params["preset"] == key
    press(page, "start")
    run = settled(page, store, "finished")
    assert (run.info.recipe, run.info.corrected) == (preset.recipe, preset.corrected)
    press(page, "again_seed")
    again = settled(page, store, "finished")
    assert again.id != run.id and (again.info.recipe, again.info.corrected) == (preset.recipe, preset.corrected)


@pytest.mark.slow
@pytest.mark.parametrize(
    "layers",
    [
        "conv 200 5;relu;maxpool 2;flatten;dense 128;relu;dense 10",
        "flatten;dense 3000;relu;dense 10",
        "conv 4 5;relu;maxpool 2;conv 4 3;relu;maxpool 2;conv 4 3;relu;maxpool 2;flatten;dense 10",
        "flatten;" + "dense 8;relu;" * 7 + "dense 10",
    ],
)
def test_a_link_beyond_what_the_controls_show_opens_as_own_layers(layers: str) -> None:
    page = train_page(layers=layers)
    assert page.text_area(key="set_layers").value == layers.replace(";", "\n")
    assert not page.warning and not page.error and not page.button(key="start").disabled


@pytest.mark.slow
@pytest.mark.parametrize("key", [preset.key for preset in presets()])
def test_every_preset_is_shown_by_the_form_and_comes_out_as_it_went_in(key: str) -> None:
    page = train_page(preset=key)
    assert dict(page.query_params) == {"preset": key}
    assert not page.button(key="start").disabled and not page.error


@pytest.mark.slow
@pytest.mark.parametrize(
    ("query", "words"),
    [
        ({"preset": "magic"}, "There is no network called 'magic' to start from"),
        ({"preset": "mlp:corrected"}, "There is nothing to correct in 'Multi-layer perceptron'"),
        ({"learning_rate": "1e9"}, "learning_rate: expected"),
        ({"learning_rate": "fast"}, "learning_rate: 'fast' is not a number"),
        ({"learning_rate": "nan"}, "learning_rate: expected"),
        ({"layers": "dense 999999999"}, "expected units from 1 to 4096"),
        ({"layers": "x" * 3000}, "at most 2000 characters"),
        ({"validation": "60000"}, "validation: expected 0 to 59990"),
        ({"batch_size": "-1"}, "batch_size: expected 0 to 65536"),
    ],
)
def test_an_impossible_link_is_told_and_the_page_goes_on(query: dict[str, str], words: str) -> None:
    page = train_page(**query)
    assert any(words in warning.value for warning in page.warning)
    assert not page.button(key="start").disabled


@pytest.mark.slow
def test_impossible_settings_are_refused_with_the_reason() -> None:
    page = train_page()
    page.text_input(key="set_units").set_value("a million").run()
    assert "Units of each hidden layer: expected whole numbers" in page.error[0].value
    assert page.button(key="start").disabled
    page.text_input(key="set_units").set_value("1000000").run()
    assert "expected 1 to 2048, found 1000000" in page.error[0].value
    page.text_input(key="set_units").set_value("64").run()
    page.number_input(key="set_train_images").set_value(58000).run()
    assert "58,000 images to learn from and 5,000 for validation are more than the 60,000" in page.error[0].value
    page.number_input(key="set_train_images").set_value(100).run()
    page.selectbox(key="set_preset").set_value("default").run()
    page.toggle(key="set_whole_batch").set_value(True).run()
    assert "too large for the memory" in page.error[0].value
    assert not page.exception


@pytest.mark.slow
@pytest.mark.parametrize(
    ("layers", "kind", "drawn"),
    [
        ("flatten;dense 16;relu;dense 10", "dense", {"set_units"}),
        ("conv 4 5;relu;maxpool 2;flatten;dense 16;relu;dense 10", "cnn", {"set_filters", "set_units"}),
        ("flatten;dense 10;ones;dense 10", "own", set()),
    ],
)
def test_the_kind_of_network_decides_which_controls_are_drawn(layers: str, kind: str, drawn: set[str]) -> None:
    page = train_page(layers=layers)
    choice = page.segmented_control(key="set_kind")
    assert choice.value == kind
    assert choice.options == ["Fully connected", "Small CNN", "Own layers"]
    assert {"set_filters", "set_units"} & {str(text.key) for text in page.text_input} == drawn
    assert bool([text for text in page.text_area if text.key == "set_layers"]) == (kind == "own")


@pytest.mark.slow
def test_the_form_takes_just_as_large_a_batch_as_the_training(monkeypatch: pytest.MonkeyPatch) -> None:
    page = train_page(layers="flatten;dense 16;batchnorm;relu;dense 10", batch_size="9")
    values = 784 + 784 + 3 * 16 + 10
    monkeypatch.setattr("mnist_core.training.batches.MAX_VALUES_AT_ONCE", 9 * values)
    page.run()
    assert not page.error
    page.number_input(key="set_batch_size").set_value(10).run()
    expected = "Batch size 10 is too large for the memory: with this network's normalization at most 9 images fit."
    assert page.error[0].value == expected


@pytest.mark.slow
def test_a_mistake_in_the_layers_leaves_all_other_settings_as_they_are() -> None:
    page = train_page(learning_rate="0.25", epochs="7")
    before = dict(page.query_params)
    for units in ("0", "3000", "nonsense", "64"):
        page.text_input(key="set_units").set_value(units).run()
    page.toggle(key="set_batchnorm").set_value(True).run()
    page.toggle(key="set_batchnorm").set_value(False).run()
    assert dict(page.query_params) == before | {"layers": "flatten;dense 64;relu;dense 10"}
    page.segmented_control(key="set_kind").set_value("own").run()
    for text in ("", "dense", "x", "Flatten, Dense 20\nReLU; dense 10"):
        page.text_area(key="set_layers").set_value(text).run()
    assert page.query_params["layers"] == "flatten;dense 20;relu;dense 10"
    assert page.query_params["learning_rate"] == "0.25" and not page.error


@pytest.mark.slow
def test_a_link_names_its_run_until_something_else_is_set(store: RunStore) -> None:
    page = train_page(**SMALL, steps="1", name="With  L2\n")
    assert page.query_params["name"] == "With L2"
    press(page, "start")
    assert settled(page, store, "finished").info.name == "With L2"
    # Another link with the same setting: the name is the new link's.
    page.query_params["name"] = "x" * 100
    page.run()
    assert page.query_params["name"] == "x" * 60
    page.number_input(key="set_seed").set_value(5).run()
    assert "name" not in page.query_params and page.query_params["seed"] == "5"
    press(page, "start")
    assert settled(page, store, "finished").info.name == "Multi-layer perceptron"
