"""The Inside page without a browser: every view with every kind of network, addresses, hopeless cases."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.ipc
import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from mnist_core import Recognizer
from mnist_core.data.dataset import load_mnist, to_unit
from mnist_core.insight import explain
from mnist_core.nn.network import Network
from mnist_core.reading import weights
from mnist_core.reading.weights import ModelCard
from mnist_core.recipes.training_data import UNMISTAKABLE
from pages.components.inside import derived
from pages.components.inside.images import Images, images_of
from pages.components.inside.subject import address_of, parse_address
from pages.components.network_choice import bundled_cards, bundled_network
from pages.components.words import a_class
from tests.data.test_dataset import MNIST_NAMES, make_folder
from tests.pages.test_pages import ROOT, png, put_shared, texts
from tests.strokes import STROKES, drawn

VIEWS = ("layers", "why", "mistakes", "map", "networks")


def usual_images(network: Recognizer) -> Images:
    return images_of("", load_mnist(), network)


def page(
    path: str, drawing: np.ndarray | None = None, own: Network | None = None, language: str = "", **query: str
) -> AppTest:
    test = AppTest.from_file(str(ROOT / "app.py"), default_timeout=120)
    networks = {}
    if own is not None:
        networks["upload:own"] = Recognizer(own, ModelCard("own", "My own", "", own.description))
        query["network"] = "upload:own"
    given = None if drawing is None else png(drawing)
    put_shared(test, visitor="a" * 22, drawing=given, own_networks=networks, language=language)
    for name, value in query.items():
        test.query_params[name] = value
    test.switch_page(path)
    test.run()
    assert not test.exception, test.exception
    return test


def grid(test: AppTest, label: str) -> dict[str, Any]:
    """What the browser gets for the picture grid whose label begins so."""
    # Some components are given nothing.
    sent = [element.proto.mixed.json or element.proto.json or "{}" for element in test.get("bidi_component")]
    (data,) = (data for data in map(json.loads, sent) if data.get("label", "").startswith(label))
    return dict(data)


def address(test: AppTest, name: str) -> str:
    value = test.query_params[name]
    return value if isinstance(value, str) else value[0]


@pytest.mark.slow
@pytest.mark.parametrize("view", VIEWS)
@pytest.mark.parametrize("name", weights.names())
def test_every_view_shows_every_kind_of_network(view: str, name: str) -> None:
    test = page("pages/inside.py", network=name, view=view, image="test-8")
    assert not test.error and "How is this computed?" in [expander.label for expander in test.expander]
    assert (address(test, "view"), address(test, "image")) == (view, "test-8")
    words = {
        "layers": "One unit",
        "why": "Integrated gradients",
        "mistakes": "What is taken for what",
        "map": "nearest in the layer itself",
        "networks": "by at least one network",
    }
    shown = texts(test) + "\n".join(heading.value for heading in test.header)
    assert words[view] in shown


@pytest.mark.slow
def test_the_drawing_is_carried_over() -> None:
    test = page("pages/inside.py", drawn(7))
    assert address(test, "image") == "drawing"
    assert any("Your drawing" in image.proto.imgs[0].caption for image in test.get("image"))
    test = page("pages/inside.py", drawn(7), view="why")
    assert "reads **7**" in texts(test)


def test_without_a_drawing_a_test_image_is_shown() -> None:
    test = page("pages/inside.py", image="drawing")
    assert "You have not drawn anything yet" in texts(test)
    assert any("Test image 0, a 7" in image.proto.imgs[0].caption for image in test.get("image"))


@pytest.mark.slow
def test_addresses_of_pictures() -> None:
    dataset = load_mnist()
    for source, place in (("drawing", 0), ("test", 9999), ("train", 59_999), ("test", 0)):
        assert parse_address(address_of(source, place), dataset) == (source, place)
    for text in (
        "",
        "test",
        "test-",
        "test-10000",
        "train-60000",
        "drawing-1",
        "test--1",
        "test-1e3",
        "test-٣",
        "x" * 99,
    ):
        assert parse_address(text, dataset) is None
    test = page("pages/inside.py", image="test-10000", view="nonsense")
    assert (address(test, "image"), address(test, "view")) == ("test-0", "layers")
    assert "There is no picture of the name" in test.toast[0].value


@pytest.mark.slow
def test_a_unit_that_is_switched_off_changes_the_answer() -> None:
    network = Network(["flatten", "dense 2", "relu", "dense 10"], np.random.default_rng(0))
    for array in network.parameters, network.layers[3].parameters["biases"]:
        array[...] = 0
    network.layers[1].parameters["biases"][:] = (0, 5)
    network.layers[3].parameters["weights"][1, 4] = 3
    network.layers[3].parameters["biases"][6] = 1
    test = page("pages/inside.py", own=network, view="layers", image="test-3")
    (layer,) = (box for box in test.selectbox if box.label == "Layer")
    layer.select_index(1).run()
    assert "**Unit 2**" in texts(test) and "the network reads **4**" in texts(test)
    test.slider[0].set_value(0.0).run()
    assert "Now it reads **6**" in texts(test) and "instead of **4**" in texts(test)
    test.slider[0].set_value(2.0).run()
    assert "It still reads **4**" in texts(test) and not test.exception
    # Unit 2 gives 5 and weighs 3: twice as strong, it adds 15 to the score.
    assert "the score of 4 goes from 15.00 to **30.00** (**+15.00**), 29.00 above that of 6" in texts(test)
    (others,) = (control for control in test.segmented_control if control.label == "Switch off besides")
    for choice in ("the strongest ten", "the ten that matter most"):
        others.set_value(choice).run()
        assert "Now it reads **6**" in texts(test) and "Switched off: 2" in texts(test)
    others.set_value("nothing").run()
    # Another unit starts as it is.
    (unit,) = (box for box in test.number_input if box.label == "Unit")
    unit.set_value(1).run()
    assert "**Unit 1**" in texts(test) and test.slider[0].value == 1 and "As it is" in texts(test)
    assert "None of them does: it is never above 0" in texts(test)


def test_it_begins_with_the_unit_that_matters_most() -> None:
    network = Network(["flatten", "dense 3", "relu", "dense 10"], np.random.default_rng(0))
    network.parameters[...] = 0
    network.layers[1].parameters["biases"][:] = (9, 5, 1)
    # The first unit is the strongest, but nothing depends on it.
    network.layers[3].parameters["weights"][1:, 4] = (1, 3)
    test = page("pages/inside.py", own=network, view="layers", image="test-3")
    assert "**Unit 2**" in texts(test) and "changes most: 2 (−5.00)" in texts(test)
    shown = grid(test, "The units of layer 3 · relu · 3 units, to choose")
    assert [cell["marked"] for cell in shown["cells"]] == [True] * 3 and shown["chosen"] == 1


@pytest.mark.slow
def test_units_beyond_the_ten_digits_are_explained() -> None:
    for view in ("layers", "map"):
        shown = texts(page("pages/inside.py", view=view, image="test-0"))
        assert "**44 units**" in shown and "33 letters and symbols" in shown and "one for scribbles" in shown
    captions = [
        cell["caption"] for cell in grid(page("pages/inside.py", image="test-0"), "The units of layer 24")["cells"]
    ]
    assert captions == [*"0123456789", *UNMISTAKABLE, "scribble"]
    unknown = Network(["flatten", "dense 44"], np.random.default_rng(0))
    shown = texts(page("pages/inside.py", own=unknown, view="layers", image="test-0"))
    assert "34 for what is not a digit" in shown and "letters" not in shown
    assert "This layer has" not in texts(page("pages/inside.py", network="mlp", view="layers", image="test-0"))


@pytest.mark.slow
def test_neighbors_are_taken_in_the_layer_and_not_in_its_plane() -> None:
    network = Recognizer.load("mlp")
    points = next(
        y for n, y in enumerate(explain.outputs(network.network, to_unit(load_mnist().test_images[:2000]))) if n == 4
    )
    near, away = derived.nearest_images(network, usual_images(network), 4, points[8], 10, without=8)
    by_hand = np.linalg.norm(points - points[8], axis=1)
    order = [place for place in np.argsort(by_hand, kind="stable").tolist() if place != 8][:10]
    assert near.tolist() == order and away == pytest.approx(by_hand[order], rel=1e-3)
    for digit in STROKES:
        test = page("pages/inside.py", drawn(digit), view="map")
        assert f"all 44 units: 10 are {a_class(str(digit))}." in texts(test).replace("**", "")
        assert "The rest is left out" in texts(test) and len(grid(test, "The ten test images")["cells"]) == 10


@pytest.mark.slow
def test_a_number_beyond_the_last_image_is_put_right() -> None:
    test = page("pages/inside.py", image="test-3")
    number = test.number_input(key="picture_place")
    for wrong, right in ((99_999, 9999), (-5, 0)):
        number.set_value(wrong).run()
        number = test.number_input(key="picture_place")
        assert number.value == right and address(test, "image") == f"test-{right}" and not test.exception
        assert "0 to 9,999" in test.toast[0].value


@pytest.mark.slow
def test_one_picture_is_read_by_all_networks() -> None:
    names = list(bundled_cards()[0])
    test = page("pages/inside.py", drawn(4), view="networks")
    assert f"All {len(names)} networks read 4" in texts(test)
    # No chart, whose light cells shone in dark: a grid in the colors of the page.
    shares = grid(test, "What each network reads")
    assert shares["chosen"] == 4 and len(shares["cells"]) == 11 * len(names) and not test.get("vega_lite_chart")
    assert shares["cells"][4]["label"].startswith("1 · CNN, five convolutions: 4, ")
    matrix = grid(test, "Matrix of the networks")
    assert len(matrix["cells"]) == len(names) ** 2 and matrix["heads"]["rows"][-1] == str(len(names))
    # On the diagonal stand all mistakes, beside it those that the other network does not make.
    wrong = [
        derived.test_probabilities(network, usual_images(network)).argmax(axis=1) != load_mnist().test_labels
        for network in map(bundled_network, names[:2])
    ]
    assert matrix["cells"][0]["text"] == str(wrong[0].sum())
    assert matrix["cells"][1]["text"] == str((wrong[0] & ~wrong[1]).sum())
    one_for_all = Network(["flatten", "dense 10 weights=zeros"], np.random.default_rng(0))
    one_for_all.layers[1].parameters["biases"][3] = 9
    test = page("pages/inside.py", own=one_for_all, view="networks", image="test-0")
    assert f"{len(names)} of {len(names) + 1} networks read 7" in texts(test) and "reads **3**" in texts(test)


@pytest.mark.slow
def test_a_dead_network_gets_sentences() -> None:
    dead = Network(["flatten", "dense 8 weights=zeros", "relu", "dense 10 weights=zeros"], np.random.default_rng(0))
    for view in VIEWS:
        test = page("pages/inside.py", own=dead, view=view, image="test-3")
        assert not test.error
        if view == "layers":
            assert "for this picture it is dead" in texts(test)
        if view == "why":
            assert "the network is dead for this picture" in texts(test)
            assert "No change was found" in "\n".join(info.value for info in test.info)
        if view == "map":
            assert "the same for every picture" in "\n".join(info.value for info in test.info)


@pytest.mark.slow
def test_a_constant_picture_and_a_test_without_mistakes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    mnist = load_mnist()
    images = np.concatenate([mnist.test_images[:3], np.full((1, 28, 28), 7, np.uint8)])
    network = Recognizer.load("mlp").network
    labels = network.logits(images / np.float32(255)).argmax(axis=1)
    make_folder(tmp_path, MNIST_NAMES, images, labels.astype(np.uint8))
    monkeypatch.setenv("MNIST_DIR", str(tmp_path))
    st.cache_data.clear()
    derived._points.clear()
    try:
        why = page("pages/inside.py", own=network, view="why", image="test-3")
        assert "the same everywhere" in "\n".join(info.value for info in why.info)
        mistakes = page("pages/inside.py", own=network, view="mistakes", image="test-3")
        assert "makes no mistakes on the test images" in texts(mistakes)
        for view in ("layers", "map"):
            page("pages/inside.py", own=network, view=view, image="test-3")
        for view in ("numbers", "gallery", "doubts"):
            page("pages/data.py", view=view)
    finally:
        st.cache_data.clear()
        derived._points.clear()


OWN = {
    "a relu after flatten": ["conv 4 5", "flatten", "relu", "dense 10"],
    "ones between layers": ["flatten", "ones", "dense 6 biases=none", "relu", "ones", "dense 10 biases=none"],
    "letters": ["flatten", "dense 12", "relu", "dense 44"],
    "wide": ["conv 64 1", "flatten", "relu", "dense 10"],
    "sigmoids": ["flatten", "dense 784", "tanh", "dense 10"],
}


@pytest.mark.slow
@pytest.mark.parametrize("name", OWN)
def test_networks_of_one_s_own_have_all_views(name: str) -> None:
    network = Network(OWN[name], np.random.default_rng(0))
    for view in VIEWS:
        test = page("pages/inside.py", own=network, view=view, image="test-3")
        assert not test.error
        if view != "layers":
            continue
        (layer,) = (box for box in test.selectbox if box.label == "Layer")
        for option in range(len(layer.options)):
            (layer,) = (box for box in test.selectbox if box.label == "Layer")
            layer.select_index(option).run()
            (unit,) = (box for box in test.number_input if box.label == "Unit")
            unit.set_value(unit.max).run()
            assert not test.exception, (name, option)


@pytest.mark.slow
def test_a_new_picture_is_explained_by_its_own_answer() -> None:
    test = page("pages/inside.py", view="why", image="test-0")
    assert "reads **7**" in texts(test)
    test.number_input(key="picture_place").set_value(2).run()
    assert "reads **1**" in texts(test) and address(test, "image") == "test-2"
    (explained,) = (control for control in test.segmented_control if control.label == "Explain the digit")
    assert explained.value == 1


def test_two_networks_that_differ_in_one_word_are_not_taken_for_each_other() -> None:
    one, other = (
        Network(["flatten", "dense 8", bend, "dense 10"], np.random.default_rng(0)) for bend in ("relu", "tanh")
    )
    card = ModelCard("n", "N", "", [], sha256="the same")
    assert Recognizer(one, card).identity != Recognizer(other, card).identity
    assert Recognizer(one, card).identity == Recognizer(one, ModelCard("m", "M", "", [])).identity


def test_the_diagram_has_dots_and_lines() -> None:
    test = page("pages/inside.py", network="mlp", view="layers", image="test-0")
    (chart,) = (chart for chart in test.get("vega_lite_chart") if len(chart.proto.datasets) == 2)
    columns = {
        data.name: set(pyarrow.ipc.open_stream(data.data.data).read_all().column_names) for data in chart.proto.datasets
    }
    assert columns["dots"] >= {"x", "y", "name", "answer"} and columns["lines"] >= {"x", "x2", "value", "from", "to"}
