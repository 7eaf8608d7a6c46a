"""Whole numbers on the Draw page, without a browser: words, frames, the wide canvas, and digits taken to Inside."""

import io
import subprocess
import sys
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from PIL import Image
from streamlit.testing.v1 import AppTest

from mnist_core import InputError, Recognizer
from mnist_core.drawings import DrawingStore
from mnist_core.ink import decode_image
from mnist_core.reading import Cuts, NumberDigit, NumberFigure, NumberReading
from mnist_core.reading.number_figure import SURE
from pages.components.draw.strokes_history import Drawn
from pages.components.numbers.number_answer import number_words
from pages.components.numbers.page_state import WIDTH, NumberPage
from pages.components.shared_state import GIVEN_VISITOR, PickedDigit, SharedState
from tests.pages.test_pages import draw_page, png, put_shared, texts
from tests.servers import ROOT
from tests.strokes import drawn

VISITOR = "a" * 22
READING = NumberReading("42", 0.97, (), (("12", 0.02),), (0.0, 0.0, 9.0, 9.0), Cuts())


def side_by_side(*digits: int) -> np.ndarray:
    """Digits on one canvas, uint8 [280, 720, 4]."""
    canvas = np.zeros((280, WIDTH, 4), np.uint8)
    canvas[..., 3] = 255
    for place, digit in enumerate(digits):
        small = np.asarray(Image.fromarray(drawn(digit)).resize((180, 180)))
        part = canvas[50:230, 20 + 140 * place : 200 + 140 * place]
        np.maximum(part, small, out=part)
    return canvas


def test_a_number_is_put_into_words() -> None:
    assert number_words(None, "Draw.") == ("–", "Draw.")
    assert number_words(READING, "") == ("42", ":material/check_circle: **97.0 % sure**")
    close = replace(READING, confidence=0.7, alternatives=(("12", 0.25), ("72", 0.04)))
    assert number_words(close, "") == ("42", ":material/help: **Not sure:** 70.0 %, otherwise **12** (25.0 %)")
    assert number_words(replace(READING, text=""), "")[0] == "✕"


def test_frames_stand_where_the_digits_are() -> None:
    rgba = side_by_side(4, 2)
    number = Recognizer.load().read_number(rgba)
    assert number.text == "42"
    picture = Image.open(io.BytesIO(NumberFigure(rgba).framed([number])))
    frames = (np.asarray(picture.convert("RGB")) == SURE).all(axis=2)
    scale = picture.width / WIDTH
    for digit in number.digits:
        left, top, right, bottom = (round(side * scale) for side in digit.box)
        # The middle of each side, just outside of the box.
        across, down = (left + right) // 2, (top + bottom) // 2
        assert frames[down, left - 4 : left + 1].any() and frames[down, right : right + 5].any()
        assert frames[bottom : bottom + 5, across].any() and not frames[down, left + 4 : right - 4].any()
    assert Image.open(io.BytesIO(NumberFigure(rgba).considered(number.cuts))).width > WIDTH / 2


@pytest.mark.parametrize("shape", [(20_000, 1), (1, 20_000), (1, 1)])
def test_a_picture_of_any_shape_is_shown_within_limits(shape: tuple[int, int]) -> None:
    rgba = np.full((*shape, 4), 255, np.uint8)
    picture = Image.open(io.BytesIO(NumberFigure(rgba).framed([])))
    assert max(picture.size) <= 1200


def test_a_digit_on_a_tall_picture_has_a_label() -> None:
    rgba = np.full((20_000, 200, 4), 255, np.uint8)
    rgba[9000:9100, 50:150, :3] = 0
    reading = Recognizer.load().read(drawn(7))
    digit = NumberDigit.of(7, reading, (50.0, 9000.0, 150.0, 9100.0))
    number = replace(READING, text="7", digits=(digit,), box=digit.box)
    assert Image.open(io.BytesIO(NumberFigure(rgba).framed([number]))).height == 1200


def number_page(rgba: np.ndarray | None) -> AppTest:
    page = AppTest.from_file(str(ROOT / "app.py"), default_timeout=60)
    page.query_params["mode"] = "number"
    state = NumberPage()
    if rgba is not None:
        state.pad.history.hear(Drawn([{"path": 1}], png(rgba)))
    page.session_state[NumberPage.__name__] = state
    page.run()
    assert not page.exception
    return page


def test_a_drawn_number_is_read_and_taken_back() -> None:
    page = number_page(side_by_side(1, 7, 3))
    assert page.metric[0].value == "173" and "% sure" in texts(page)
    assert [page.button(key=f"look_at_0_{place}").label for place in range(3)] == ["1", "7", "3"]
    assert len(page.get("image")) == 1 and page.query_params["mode"] == "number"
    page.button(key="undo").click().run()
    assert not page.exception and page.metric[0].value == "–" and "Draw a number" in texts(page)
    page.button(key="redo").click().run()
    assert page.metric[0].value == "173"


def test_a_misread_digit_is_kept_with_what_it_is() -> None:
    page = number_page(side_by_side(1, 7, 3))
    page.session_state[GIVEN_VISITOR.key] = VISITOR
    (digits,) = [choice for choice in page.segmented_control if choice.label == "Which one?"]
    assert digits.options == ["1", "7", "3"]
    digits.set_value(1).run()

    def keys() -> Any:
        return next(choice for choice in page.segmented_control if choice.label == "That is a …")

    keys().set_value("9").run()
    assert not page.exception and "Kept as a 9" in texts(page)
    kept = DrawingStore().of(VISITOR)
    assert kept.labels == ("9",)
    read = Recognizer.load().read_number(side_by_side(1, 7, 3)).digits[1].reading.image
    assert read is not None and np.array_equal(kept.images[0], np.round(read * 255))
    # Looking at another digit, and back, changes nothing.
    digits.set_value(2).run()
    assert keys().value is None and "Kept as" not in texts(page)
    digits.set_value(1).run()
    assert keys().value == "9" and "Kept as a 9" in texts(page)
    keys().set_value("7").run()
    assert DrawingStore().of(VISITOR).labels == ("7",)
    keys().set_value(None).run()
    assert not page.exception and len(DrawingStore().of(VISITOR)) == 0


def test_nothing_drawn_and_what_is_no_number() -> None:
    assert number_page(None).metric[0].value == "–"
    blob = side_by_side()
    blob[40:240, 100:400, :3] = 255
    page = number_page(blob)
    assert page.metric[0].value == "✕" and "No number" in texts(page)


def test_the_choice_stands_in_the_address_and_a_wrong_one_is_left_aside() -> None:
    page = draw_page(mode="nonsense")
    assert "mode" not in page.query_params and page.metric
    page.segmented_control(key="mode").set_value("picture").run()
    assert page.query_params["mode"] == "picture" and not page.exception and not page.metric
    assert "not kept" in texts(page)


def test_a_digit_of_a_number_is_explained_on_the_inside_page() -> None:
    number = Recognizer.load().read_number(side_by_side(4, 2))
    image = number.digits[1].reading.image
    assert image is not None
    page = AppTest.from_file(str(ROOT / "app.py"), default_timeout=60)
    put_shared(page, picked=PickedDigit(image, "Digit 2 of 42"))
    page.switch_page("pages/inside.py")
    page.query_params["image"] = "picked"
    page.run()
    assert not page.exception and page.query_params["image"] == "picked"
    assert any("Digit 2 of 42" in image.proto.imgs[0].caption for image in page.get("image"))
    # Without one, the address leads to something else.
    page.session_state[SharedState.__name__].picked = None
    page.run()
    assert not page.exception


@pytest.fixture
def page_file() -> Any:
    """The module of the page; it can be loaded by a page alone."""
    draw_page(mode="picture")
    return sys.modules["pages.components.numbers.number_page"]


def brought(data: bytes) -> AppTest:
    page = draw_page(mode="picture")
    page.file_uploader[0].set_value(("my_photo.png", data, "image/png")).run()
    assert not page.exception
    return page


def test_a_picture_is_still_shown_after_a_look_inside() -> None:
    page = brought(png(side_by_side(4, 2)))
    assert page.metric[0].value == "42" and "was read before" not in texts(page)
    page.switch_page("pages/inside.py").run()
    page.switch_page("app.py").run()
    assert not page.exception and page.metric[0].value == "42" and r"my\_photo.png** was read before" in texts(page)
    page.button(key="number_remove").click().run()
    assert not page.metric and "not kept" in texts(page)
    page = brought(png(side_by_side(4, 2)))
    page.file_uploader[0].set_value(None).run()
    assert not page.metric and "not kept" in texts(page)


def test_a_refused_picture_is_read_once(monkeypatch: pytest.MonkeyPatch, page_file: Any) -> None:
    reads: list[str] = []

    def refuse(data: bytes, name: str) -> np.ndarray:
        reads.append(name)
        raise InputError(f"{name}: it is no picture.")

    monkeypatch.setattr(page_file, "decode_image", refuse)
    page = brought(b"none")
    assert page.error[0].value == "my_photo.png: it is no picture." and reads == ["my_photo.png"]
    page.run()
    assert page.error[0].value == "my_photo.png: it is no picture." and len(reads) == 1


def test_a_busy_server_says_so_and_reads_the_picture_later(monkeypatch: pytest.MonkeyPatch, page_file: Any) -> None:
    monkeypatch.setattr(page_file, "LONGEST_WAIT", 0.01)
    with page_file._one_at_a_time:
        page = brought(png(side_by_side(4, 2)))
        assert "busy" in page.error[0].value and not page.metric
    page.run()
    assert not page.error and page.metric[0].value == "42"


@pytest.mark.slow
def test_a_photo_is_read_as_a_drawing_is() -> None:
    """Dark ink on gray paper, in a JPEG file."""
    ink = side_by_side(2, 0, 7)[..., :1].astype(float) / 255
    paper = np.linspace(150, 230, WIDTH)[None, :, None] * (1 - 0.8 * ink) * np.ones(3)
    buffer = io.BytesIO()
    Image.fromarray(paper.astype(np.uint8)).save(buffer, "JPEG", quality=80)
    (number,) = Recognizer.load().read_page(decode_image(buffer.getvalue()))
    assert number.text == "207"


UPLOAD = """
import asyncio, app
from starlette.datastructures import Headers
from starlette.formparsers import MultiPartParser

async def sent():
    yield b'--edge\\r\\nContent-Disposition: form-data; name="file"; filename="photo.jpg"\\r\\n\\r\\n'
    for _ in range(20):
        yield bytes(2 * 1024 * 1024)
    yield b"\\r\\n--edge--\\r\\n"

headers = Headers({"content-type": "multipart/form-data; boundary=edge"})
form = asyncio.run(MultiPartParser(headers, sent()).parse())
print(form["file"].size, "on disk" if form["file"].file._rolled else "in memory")
"""


def test_no_upload_is_written_to_disk() -> None:
    """The largest that the app takes, 40 MB, as the server takes it."""
    result = subprocess.run([sys.executable, "-c", UPLOAD], cwd=ROOT, capture_output=True, text=True, check=True)
    assert result.stdout.split("\n")[0] == f"{40 * 1024**2} in memory"
