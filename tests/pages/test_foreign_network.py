"""A network of another program on the Train page: what is asked, what is refused, and where it goes from there."""

import io
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import streamlit as st
from safetensors.numpy import save as save_tensors
from streamlit.testing.v1 import AppTest

from mnist_core.nn.network import Network
from mnist_core.reading import weights
from mnist_core.runs.run_network import network_of
from mnist_core.runs.store import RunStore
from pages.components import other_programs
from pages.components.train.page_state import export_key
from tests.exchange.test_importing import FILES
from tests.pages.test_pages import texts
from tests.pages.test_train_page import SECRET, settled, train_page
from tests.run_helpers import SMALL


class Upload(io.BytesIO):
    """A file as Streamlit hands it over."""

    def __init__(self, name: str, data: bytes) -> None:
        super().__init__(data)
        self.name, self.file_id = name, name


@pytest.fixture
def uploads(monkeypatch: pytest.MonkeyPatch) -> list[Upload]:
    """What the visitor has chosen in the box for files."""
    chosen: list[Upload] = []
    monkeypatch.setattr(st, "file_uploader", lambda *_, **__: chosen)
    return chosen


def example(name: str = "torch_example.onnx") -> Upload:
    return Upload(name, (FILES / name).read_bytes())


@pytest.mark.slow
@pytest.mark.usefixtures("store")
def test_a_network_of_pytorch_is_asked_about_drawn_with_and_trained_on(store: RunStore, uploads: list[Upload]) -> None:
    uploads.append(example())
    page = train_page()
    assert not page.error, page.error
    scale = page.selectbox(key="foreign_scale_torch_example.onnx")
    assert scale.value == "0.1307,0.3081" and "mean 0.1307, deviation 0.3081" in texts(page)
    own = page.session_state["SharedState"].own_networks["upload:torch example"]
    assert own.network.description[0] == "standardize 0.1307 0.3081"
    links = {link.proto.label: link.proto.page for link in page.get("page_link")}
    assert {"Draw with it", "Look inside"} <= links.keys()
    scale.set_value("another").run()
    page.text_input(key="foreign_numbers_torch_example.onnx").set_value("0.5, 0.2").run()
    own = page.session_state["SharedState"].own_networks["upload:torch example"]
    assert own.network.description[0] == "standardize 0.5 0.2" and not page.error
    page.text_input(key="foreign_numbers_torch_example.onnx").set_value("bright").run()
    assert "scale 'bright'" in page.error[0].value
    page.selectbox(key="foreign_scale_torch_example.onnx").set_value("0.1307,0.3081").run()
    page.button(key="train_on").click().run()
    assert not page.exception
    run = store.runs(SECRET)[-1]
    assert run.info.start == run.info.name == "torch example"
    begun = run.file("first.npz")
    assert begun.exists() and run.info.config.layers[0] == "standardize 0.1307 0.3081"
    page.button(key="stop").click().run()
    settled(page, store, "stopped")
    again = page.button(key="again").click().run()
    assert not again.exception and store.runs(SECRET)[-1].info.start == "torch example"
    store.runs(SECRET)[-1].ask("stop")


def draw_box() -> None:
    import streamlit

    from pages.components.train.run_results import bring_back

    # Without the app around it there is no page to link to.
    streamlit.page_link = lambda *_, **__: None  # type: ignore[assignment]
    bring_back(lambda start: None)


@pytest.fixture(autouse=True)
def page_link(monkeypatch: pytest.MonkeyPatch) -> None:
    """Put back after each test what `draw_box` has changed."""
    monkeypatch.setattr(st, "page_link", st.page_link)


def test_arrays_alone_are_asked_for_their_layers(uploads: list[Upload]) -> None:
    array = np.random.default_rng(0).normal(0, 0.1, (10, 784)).astype(np.float32)
    uploads.append(Upload("mine.safetensors", save_tensors({"fc.weight": array})))
    page = AppTest.from_function(draw_box, default_timeout=60).run()
    assert "does not say which layers" in page.caption[0].value and not page.error
    page.text_area[0].set_value("flatten\ndense 10").run()
    assert "needs tensors of these shapes: bias 10, weight 10 x 784; left are fc" in page.error[0].value
    page.text_area[0].set_value("flatten\ndense 10 biases=none").run()
    assert not page.error and not page.exception and page.button(key="train_on") is not None


@pytest.mark.parametrize(
    ("files", "words"),
    [
        ([Upload("a.onnx", b"hello")], "a.onnx: expected an ONNX file"),
        ([example(), example()], "Expected one ONNX or safetensors file"),
        ([example(), Upload("network.json", b"{}")], "Expected one ONNX or safetensors file"),
    ],
)
def test_what_cannot_be_used_is_said(files: list[Upload], words: str, uploads: list[Upload]) -> None:
    uploads += files
    page = AppTest.from_function(draw_box, default_timeout=60).run()
    assert [words in error.value for error in page.error] == [True]


def test_a_larger_picture_is_asked_about(uploads: list[Upload]) -> None:
    uploads.append(example("torch_lenet.onnx"))
    page = AppTest.from_function(draw_box, default_timeout=60).run()
    assert not page.error and not page.exception and "`pad 2` → `conv 4 5`" in texts(page)


def finished_run(store: RunStore) -> Any:
    """A run that has ended with a bundled network."""
    run = store.create(SECRET, SMALL, "a run")
    network, card = weights.load("relu-10")
    weights.save(network, weights.ModelCard("network", card.title, "", card.layers), run.folder)
    return run


def test_a_trained_network_is_offered_to_other_programs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    run = finished_run(RunStore(tmp_path))
    assert network_of(run) is not None

    def load() -> tuple[Network, weights.ModelCard]:
        return weights.load("network", run.folder)

    for file_format, beginning in (("onnx", b"\x08\x08"), ("torch", b"PK")):
        assert other_programs.exported_file(load, file_format).startswith(beginning)
    offered: list[str] = []
    monkeypatch.setattr(st, "download_button", lambda label, *_, **__: offered.append(label))
    other_programs.for_other_programs(load, "network", export_key)
    assert offered == ["ONNX", "safetensors", "PyTorch"]
    monkeypatch.setattr(other_programs, "lacking", lambda: ["onnx"])
    offered.clear()
    other_programs.for_other_programs(load, "network", export_key)
    assert offered == ["safetensors", "PyTorch"]
