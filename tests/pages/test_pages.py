"""The pages' logic without a browser: a drawing is put into the session as the canvas would."""

import functools
import io
import json
import shutil
import types
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import streamlit as st
from PIL import Image
from streamlit.testing.v1 import AppTest

from mnist_core import Reading
from mnist_core.ink.pen import render
from mnist_core.reading import weights
from pages.components import network_choice
from pages.components.draw.answer_texts import answer
from pages.components.draw.canvas_message import parse_message
from pages.components.draw.page_state import DrawPage
from pages.components.draw.strokes_history import Drawn
from pages.components.shared_state import SharedState
from tests.strokes import STROKES, drawn

ROOT = Path(__file__).parents[2]


def png(rgba: np.ndarray) -> bytes:
    buffer = io.BytesIO()
    Image.fromarray(rgba).save(buffer, "PNG")
    return buffer.getvalue()


def put_shared(page: AppTest, **values: Any) -> None:
    """What the visitor's session holds before the page is drawn for the first time."""
    page.session_state[SharedState.__name__] = SharedState(**values)


def draw_page(rgba: np.ndarray | None = None, **query: str) -> AppTest:
    page = AppTest.from_file(str(ROOT / "app.py"), default_timeout=60)
    if rgba is not None:
        put_shared(page, drawing=png(rgba))
    for name, value in query.items():
        page.query_params[name] = value
    page.run()
    assert not page.exception
    return page


def texts(page: AppTest) -> str:
    return "\n".join(element.value for element in [*page.markdown, *page.caption])


def pictures(page: AppTest) -> int:
    return sum(len(element.proto.imgs) for element in page.get("image"))


def bars_data(page: AppTest) -> dict[str, Any]:
    """What the page tells the component that draws the bars."""
    (part,) = [part for part in page.get("bidi_component") if part.proto.id.endswith("-live_reading")]
    return dict(json.loads(part.proto.json))


def bars(page: AppTest) -> list[float]:
    """The heights of the bars: ten, and one more if the network knows what is no digit; all 0 without an answer."""
    found = bars_data(page)
    return found["shares"] or [0.0] * len(found["names"])


@pytest.mark.slow
def test_a_letter_is_no_digit_but_only_to_a_network_that_knows_others() -> None:
    strokes = [[(200, 50), (80, 50), (80, 240), (200, 240)], [(80, 140), (170, 140)]]
    letter = render([np.array(stroke, float) for stroke in strokes], 18)
    page = draw_page(letter)
    assert page.metric[0].value == "✕" and "**Not a digit**" in texts(page) and bars(page)[10] > 0.9
    assert "knows digits only" not in texts(page)
    page = draw_page(letter, network="mlp")
    assert "**Not a digit**" not in texts(page) and len(bars(page)) == 10
    assert "knows digits only" in texts(page)


def test_a_canvas_that_is_filled_is_no_negative() -> None:
    filled = np.zeros((280, 280, 4), np.uint8)
    filled[..., 3] = 255
    filled[:, 8:] = 255
    page = draw_page(filled)
    assert page.metric[0].value == "?" and "filled shape" in texts(page)


def test_a_close_second_is_named_with_the_first() -> None:
    shares = np.array([0, 0, 0, 0.9, 0, 0, 0, 0, 0.1, 0], np.float32)
    sure = Reading("digit", 3, 0.88, shares, None, 0.02)
    assert answer(sure) == ("3", ":material/check_circle: **88.0 % sure**, otherwise **8** (9.8 %)")
    assert "8" not in answer(Reading("digit", 3, 0.99, np.eye(10, dtype=np.float32)[3], None))[1].replace("88", "")
    unsure = Reading("unsure", 3, 0.5, shares, None, 0.4)
    assert answer(unsure)[1].endswith("it could be **3** (50.0 %) or no digit at all (40.0 %).")
    other = Reading("other", 3, 0.2, shares, None, 0.78)
    assert answer(other) == ("✕", ":material/block: **Not a digit**, 78.0 % sure. Or else **3** (20.0 %).")


def test_nothing_is_shown_that_no_page_asked_for() -> None:
    page = draw_page()
    # The headline is a piece of HTML; the introduction is the first text.
    assert page.markdown[0].value.startswith("Draw a digit from 0 to 9")


def test_an_empty_canvas_asks_for_a_digit_and_answers_nothing() -> None:
    page = draw_page()
    assert "**Draw a digit**" in texts(page) and "sure" not in texts(page)
    assert [metric.value for metric in page.metric] == ["–"]
    assert bars(page) == [0] * 11 and pictures(page) == 0


@pytest.mark.parametrize("digit", STROKES)
def test_a_drawing_is_answered(digit: int) -> None:
    page = draw_page(drawn(digit))
    assert [metric.value for metric in page.metric] == [str(digit)]
    assert "% sure**" in texts(page)
    assert pictures(page) == 4
    assert int(np.argmax(bars(page))) == digit and sum(bars(page)) == pytest.approx(1, abs=1e-5)


def test_a_doubtful_drawing_says_so_and_names_two_digits() -> None:
    scribble = drawn(7)
    for digit in (2, 3, 4, 0):
        np.maximum(scribble, drawn(digit), out=scribble)
    page = draw_page(scribble, network="mlp")
    assert "Not sure" in texts(page) and " or **" in texts(page)
    assert page.metric[0].value.endswith("?")


@pytest.mark.slow
def test_a_dot_is_not_answered() -> None:
    page = draw_page(render([np.array([(100.0, 100.0)])], 20))
    assert page.metric[0].value == "?" and "no strokes to read" in texts(page)
    assert bars(page) == [0] * 11 and pictures(page) == 4


@pytest.mark.slow
def test_a_black_canvas_is_empty_and_a_white_one_is_filled() -> None:
    black = np.zeros((280, 280, 4), np.uint8)
    black[..., 3] = 255
    assert "**Draw a digit**" in texts(draw_page(black))
    assert "filled shape" in texts(draw_page(np.full_like(black, 255)))


@pytest.mark.slow
def test_what_is_not_a_picture_is_taken_for_nothing() -> None:
    page = AppTest.from_file(str(ROOT / "app.py"), default_timeout=60)
    put_shared(page, drawing=b"not a picture")
    page.run()
    assert not page.exception and "**Draw a digit**" in texts(page)


def test_the_network_is_chosen_by_the_address_and_by_hand() -> None:
    page = draw_page(drawn(7), network="mlp")
    assert page.selectbox(key="network").value == "mlp"
    page.selectbox(key="network").set_value("default").run()
    assert page.query_params["network"] == "default" and page.metric[0].value == "7"
    assert any("Multi-layer perceptron · 9" in option for option in page.selectbox(key="network").options)


@pytest.mark.slow
def test_the_chosen_network_follows_from_page_to_page_but_a_link_comes_first() -> None:
    page = draw_page(drawn(7))
    page.selectbox(key="network").set_value("small-cnn").run()
    for path in ("pages/inside.py", "pages/networks.py", "app.py"):
        # The menu's links name no network.
        page.query_params.clear()
        page.switch_page(path).run()
        if path != "pages/networks.py":
            assert page.selectbox(key="network").value == "small-cnn"
            assert page.query_params["network"] == "small-cnn"
    page.query_params["network"] = "mlp"
    page.switch_page("pages/inside.py").run()
    assert page.selectbox(key="network").value == "mlp"
    page.query_params.clear()
    page.switch_page("app.py").run()
    assert page.selectbox(key="network").value == "mlp"


def test_published_networks_can_be_chosen_and_disagree() -> None:
    page = draw_page(drawn(4, 12))
    answers = set()
    for name in ("default", "logistic-regression", "sigmoid-128", "relu-100-double-softmax"):
        page.selectbox(key="network").set_value(name).run()
        assert not page.exception
        answers.add(page.metric[0].value)
    assert len(answers) > 1


def test_an_unknown_network_in_the_address_is_said_and_the_default_reads() -> None:
    page = draw_page(network="../../etc/passwd")
    assert page.selectbox(key="network").value == "default"
    assert "There is no network of the name" in page.toast[0].value


def test_without_normalizing_the_plain_canvas_is_shown() -> None:
    corner = np.zeros((280, 280, 4), np.uint8)
    corner[..., 3] = 255
    corner[:70, :70] = drawn(2)[::4, ::4]
    page = draw_page(corner)
    assert page.metric[0].value == "2"
    page.toggle(key="normalized").set_value(False).run()
    assert page.metric[0].value != "2" and pictures(page) == 2
    assert page.query_params["normalize"] == "0"
    page.run()
    assert not page.toggle(key="normalized").value


def test_the_address_switches_normalizing_off_and_on() -> None:
    page = draw_page(drawn(2), normalize="0")
    assert not page.toggle(key="normalized").value and pictures(page) == 2
    page.toggle(key="normalized").set_value(True).run()
    assert "normalize" not in page.query_params and pictures(page) > 2
    for asked, normalized in (("0", False), ("1", True), ("nonsense", True)):
        page.query_params["normalize"] = asked
        page.run()
        assert not page.exception and page.toggle(key="normalized").value == normalized


@pytest.mark.slow
def test_clear_and_undo_change_the_drawing() -> None:
    page = draw_page(drawn(7))
    state = page.session_state[DrawPage.__name__]
    state.pad.history.hear(Drawn([{"path": 1}], png(drawn(7))))
    state.pad.history.hear(Drawn([{"path": 1}, {"path": 2}], png(drawn(3))))
    page.run()
    page.button(key="undo").click().run()
    assert len(state.pad.history.now.strokes) == 1 and page.metric[0].value == "7"
    page.button(key="clear").click().run()
    assert "**Draw a digit**" in texts(page)
    page.button(key="undo").click().run()
    assert len(state.pad.history.now.strokes) == 1 and page.metric[0].value == "7"
    page.button(key="undo").click().run()
    assert state.pad.history.now.strokes == [] and page.button(key="undo").disabled
    page.button(key="redo").click().run()
    assert len(state.pad.history.now.strokes) == 1 and page.metric[0].value == "7"


def test_every_page_opens_and_keeps_the_drawing() -> None:
    page = draw_page(drawn(3))
    page.switch_page("pages/networks.py").run()
    assert not page.exception and page.title[0].value == "Networks"
    assert "Small CNN" in [heading.value for heading in page.header]
    offered = [button.proto.label for button in page.get("download_button")]
    assert offered == ["ONNX", "safetensors", "PyTorch"] * len(page.header)
    page.switch_page("app.py").run()
    assert page.metric[0].value == "3"


@pytest.mark.parametrize(
    "message",
    [
        None,
        [],
        {"drawing": "text"},
        {"drawing": {"raw": [], "data": "x"}},
        {"drawing": {"raw": {}, "data": "data:image/png;base64,é"}},
        {"drawing": {"raw": {}, "data": "x" * 3_000_000}},
        {"drawing": {"raw": {"objects": [{}] * 5000}, "data": "data:image/png;base64,AAAA"}},
    ],
)
def test_a_strange_message_from_the_canvas_is_no_drawing(message: object) -> None:
    assert parse_message(message) is None


def test_a_message_from_the_canvas_is_strokes_and_a_picture() -> None:
    strokes = [{"type": "Path"}]
    message = {"drawing": {"raw": {"objects": strokes}, "data": "data:image/png;base64,AAAA"}}
    assert parse_message(message) == (strokes, bytes(3))


def test_a_damaged_network_is_left_out_and_the_others_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shutil.copytree(weights.FOLDER, tmp_path, dirs_exist_ok=True)
    (tmp_path / "mlp.json").write_text("{")
    (tmp_path / "broken.json").write_text((tmp_path / "default.json").read_text())
    (tmp_path / "broken.npz").write_bytes(b"nothing")
    elsewhere = types.SimpleNamespace(
        names=functools.partial(weights.names, tmp_path),
        load_card=functools.partial(weights.load_card, folder=tmp_path),
    )
    monkeypatch.setattr(network_choice, "weights", elsewhere)
    st.cache_resource.clear()
    try:
        page = draw_page(drawn(7))
        assert page.metric[0].value == "7" and len(page.warning) == 2
        assert "mlp.json" in page.warning[1].value
        page.switch_page("pages/networks.py").run()
        assert not page.exception
        headings = [heading.value for heading in page.header]
        assert "Small CNN" in headings and "Multi-layer perceptron" not in headings
    finally:
        st.cache_resource.clear()
