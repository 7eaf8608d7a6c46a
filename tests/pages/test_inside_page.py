"""The Inside and the Data page without a browser: every view with every kind of network, addresses, hopeless cases."""

from pathlib import Path

import numpy as np
import pyarrow.ipc
import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from mnist_core import Recognizer
from mnist_core.data.dataset import load_mnist
from mnist_core.data.doubtful import DOUBTFUL
from mnist_core.nn.network import Network
from mnist_core.reading import weights
from mnist_core.reading.weights import ModelCard
from pages.components.inside.subject import address_of, parse_address
from tests.data.test_dataset import MNIST_NAMES, make_folder
from tests.pages.test_pages import ROOT, png, put_shared, texts
from tests.reading.test_recognizer import drawn

VIEWS = ("layers", "why", "mistakes", "map")


def page(path: str, drawing: np.ndarray | None = None, own: Network | None = None, **query: str) -> AppTest:
    test = AppTest.from_file(str(ROOT / "app.py"), default_timeout=120)
    networks = {}
    if own is not None:
        networks["upload:own"] = Recognizer(own, ModelCard("own", "My own", "", own.description))
        query["network"] = "upload:own"
    put_shared(test, visitor="a" * 22, drawing=None if drawing is None else png(drawing), own_networks=networks)
    for name, value in query.items():
        test.query_params[name] = value
    test.switch_page(path)
    test.run()
    assert not test.exception, test.exception
    return test


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
        "map": "plane shows",
    }
    shown = texts(test) + "\n".join(heading.value for heading in test.subheader)
    assert words[view] in shown


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
    # Another unit starts as it is.
    (unit,) = (box for box in test.number_input if box.label == "Unit")
    unit.set_value(1).run()
    assert "**Unit 1**" in texts(test) and test.slider[0].value == 1 and "As it is" in texts(test)
    assert "None of them does: it is never above 0" in texts(test)


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


def test_a_constant_picture_and_a_test_without_mistakes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    mnist = load_mnist()
    images = np.concatenate([mnist.test_images[:3], np.full((1, 28, 28), 7, np.uint8)])
    network = Recognizer.load("mlp").network
    labels = network.logits(images / np.float32(255)).argmax(axis=1)
    make_folder(tmp_path, MNIST_NAMES, images, labels.astype(np.uint8))
    monkeypatch.setenv("MNIST_DIR", str(tmp_path))
    st.cache_data.clear()
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


def test_the_data_in_numbers_and_as_a_gallery() -> None:
    numbers = page("pages/data.py")
    assert "60,000 images" in texts(numbers) and "the rarest, 5, comes 5,421 times" in texts(numbers)
    assert address(numbers, "view") == "numbers"
    gallery = page("pages/data.py", view="gallery")
    assert "120 of 60,000 images" in texts(gallery)
    gallery.segmented_control(key="gallery_digit").set_value(5).run()
    assert "120 of 5,421 images" in texts(gallery) and not gallery.exception
    gallery.segmented_control(key="split").set_value("test").run()
    assert "120 of 892 images" in texts(gallery) and not gallery.exception
    gallery.number_input(key="gallery_page_test_5").set_value(8).run()
    assert "52 of 892 images" in texts(gallery) and not gallery.exception


def test_the_doubtful_labels_are_those_of_the_dataset() -> None:
    labels = load_mnist().test_labels
    assert len(DOUBTFUL) == 15 and all(labels[doubt.index] == doubt.label for doubt in DOUBTFUL)
    assert all(doubt.for_label < 3 and doubt.for_label + doubt.for_other <= 5 for doubt in DOUBTFUL)
    doubts = page("pages/data.py", view="doubts")
    assert "15 of the 10,000 test images" in texts(doubts) and len(doubts.get("image")) == 15


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
