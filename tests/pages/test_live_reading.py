"""Readings while the pen moves, without a browser: messages, pace, history, and how an answer came about."""

import asyncio
import base64
import gc
import io
import json
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
import pytest
from PIL import Image
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Message

from mnist_core import Recognizer
from mnist_core.ink import encode_png
from pages.components.course import MOST, Course
from pages.components.course_strip import course_figure, course_words
from pages.components.draw import answer_texts, live_reader
from pages.components.draw.live_pace import FRESH, OVERHEAD, QUICKEST, RAREST, SHARE, LivePace, live_pace
from pages.components.draw.live_picture import LivePicture, parse_picture
from pages.components.draw.live_route import new_reader, read_drawing
from pages.components.draw.page_state import DrawPage
from pages.components.draw.strokes_history import LATE_SECONDS, Drawn, StrokesHistory
from pages.components.draw.strokes_history import MOST as MOST_CHANGES
from pages.components.language import language
from tests.pages.test_pages import bars_data, draw_page, png
from tests.strokes import drawn

DATA_URL = "data:image/png;base64,AAAA"
ONE, SEVEN = np.eye(11)[1], np.eye(11)[7]
NAMES = [*"0123456789", "none"]


@pytest.fixture(autouse=True)
def nobody_else_draws(monkeypatch: pytest.MonkeyPatch) -> None:
    live_pace.cache_clear()
    # Tests lift the pen more often than a hand can.
    monkeypatch.setattr(live_reader, "LIFTED", 0.0)


def test_a_picture_from_the_browser_is_taken_and_anything_else_is_not() -> None:
    sent = {"number": 3, "drawn": 250, "last": False, "image": DATA_URL}
    assert parse_picture(sent) == LivePicture(3, 250, False, bytes(3))
    strange: list[object] = [
        None,
        [],
        sent | {"number": "3"},
        sent | {"number": True},
        sent | {"drawn": -1},
        sent | {"drawn": 1e400},
        sent | {"image": None},
        sent | {"image": "data:image/png;base64,é"},
        sent | {"image": "x" * 200_000},
    ]
    for wrong in strange:
        assert parse_picture(wrong) is None


def test_readings_become_rarer_the_more_people_draw_and_then_end() -> None:
    now = [0.0]
    pace = LivePace(lambda: now[0])
    for _ in range(200):
        pace.note("a", 0.008)
    assert pace.seconds() == QUICKEST
    for number in range(9):
        pace.note(f"{number}")
    expected = 10 * 0.008 * OVERHEAD / SHARE
    assert QUICKEST < expected <= RAREST and pace.seconds() == pytest.approx(expected, rel=1e-3)
    for number in range(100):
        pace.note(f"{number}")
    assert pace.seconds() is None
    now[0] += FRESH + 1
    assert pace.seconds() == QUICKEST


def strokes(*paths: int) -> Drawn:
    return Drawn([{"path": path} for path in paths], b"a picture" if paths else None)


def test_everything_can_be_taken_back_and_done_again() -> None:
    now = [0.0]
    history = StrokesHistory(clock=lambda: now[0])
    for drawn_so_far in (strokes(1), strokes(1, 2)):
        assert history.hear(drawn_so_far)
    history.clear()
    assert history.hear(strokes(3)) and history.hear(strokes(3))
    seen = []
    while history.can_undo:
        history.undo()
        seen.append(history.now)
    assert seen == [strokes(), strokes(1, 2), strokes(1), strokes()]
    history.undo()
    assert history.now == strokes()
    history.redo()
    history.redo()
    assert history.now == strokes(1, 2) and history.can_redo
    # The canvas answers a start late, when it has been started with something else: nobody drew.
    for late in (strokes(), strokes(1), strokes(3)):
        assert not history.hear(late) and history.now == strokes(1, 2) and history.can_redo
    # Once it has told what it shows, or long after, the same strokes once more are new ones.
    assert history.hear(strokes(1, 2)) and history.hear(strokes(1)) and history.now == strokes(1)
    history.undo()
    now[0] += LATE_SECONDS + 1
    assert history.hear(strokes(1)) and history.now == strokes(1)
    history.undo()
    assert history.hear(strokes(1, 2, 4)) and not history.can_redo
    for length in range(2 * MOST_CHANGES):
        history.change(strokes(*range(length)))
    undone = 0
    while history.can_undo:
        history.undo()
        undone += 1
    assert undone == MOST_CHANGES


def test_a_course_says_since_when_the_answer_stands() -> None:
    course = Course()
    for at, shares in ((0.1, ONE), (0.2, SEVEN), (0.3, ONE), (0.4, SEVEN), (0.5, SEVEN)):
        course.add(at, shares)
    assert course.settled() == (7, 0.4)
    assert course_words(course, "s", NAMES) == "At first 1; read as 7 since 0.4 s."
    course.add(0.5, ONE)
    assert len(course) == 5 and course.settled() == (1, 0.5)
    # A new drawing begins at the beginning, and another kind of network has other answers.
    course.add(0.2, np.eye(11)[10])
    assert course.at == [0.2] and course_words(course, "s", NAMES) == "Read as no digit from the beginning."
    course.add(0.3, np.eye(10)[1])
    assert len(course) == 1


def test_a_long_course_is_thinned_and_keeps_its_end() -> None:
    course = Course()
    for step in range(5 * MOST):
        course.add(step, ONE)
    assert len(course) <= MOST and course.at[-1] == 5 * MOST - 1 and course.at == sorted(course.at)
    image = Image.open(io.BytesIO(course_figure(course, "step", NAMES, "A title")))
    assert image.size[0] > 800


def ask(body: bytes) -> tuple[int, dict[str, Any]]:
    """What the server answers to a message: status, and the JSON."""

    async def receive() -> Message:
        return {"type": "http.request", "body": body, "more_body": False}

    async def answer() -> Response:
        return await read_drawing(Request({"type": "http", "method": "POST", "headers": []}, receive))

    # In a thread of its own: where a browser was used before, this one has an event loop that still runs.
    with ThreadPoolExecutor(1) as threads:
        response = threads.submit(asyncio.run, answer()).result()
    return response.status_code, json.loads(bytes(response.body))


def picture(token: str, number: int, digit: int, *, last: bool = False, moment: int = 200) -> bytes:
    image = "data:image/png;base64," + base64.b64encode(png(drawn(digit))).decode()
    return json.dumps({"token": token, "number": number, "drawn": moment, "last": last, "image": image}).encode()


def test_a_picture_that_comes_while_drawing_is_read_and_noted() -> None:
    page = draw_page(drawn(3))
    state = page.session_state[DrawPage.__name__]
    token = bars_data(page)["token"]
    state.course.clear()
    for number, (digit, moment) in enumerate(((1, 200), (7, 400)), 1):
        status, told = ask(picture(token, number, digit, last=True, moment=moment))
        assert status == 200 and told["number"] == number and told["digit"] == str(digit)
        assert int(np.argmax(told["shares"])) == digit and "% sure**" in told["words"]
        assert told["pace"] == round(1000 * QUICKEST) and told["names"] == NAMES and len(told["labels"]) == 11
    assert state.course.at == [0.2, 0.4]
    # The page itself still shows what it knows, the strokes; another network begins anew.
    page.run()
    assert page.metric[0].value == "3" and state.course.at == [0.2, 0.4]
    state.reader.use(Recognizer.load("mlp"), True)
    assert state.course.at == []


def test_a_message_that_is_no_picture_is_refused_in_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    page = draw_page(drawn(3))
    token = bars_data(page)["token"]
    good = json.loads(picture(token, 1, 7))
    too_large = "data:image/png;base64," + base64.b64encode(encode_png(np.ones((1000, 1000), np.float32))).decode()
    # Pictures that come too quickly are not read (here: within an hour); the last one of a stroke is.
    monkeypatch.setattr(live_reader, "QUICKEST", 7200.0)
    assert [ask(picture(token, number, 7))[0] for number in range(2)] == [200, 429]
    assert ask(picture(token, 3, 7, last=True))[0] == 200
    monkeypatch.setattr(live_reader, "LIFTED", 7200.0)
    assert ask(picture(token, 4, 7, last=True))[0] == 429
    monkeypatch.setattr(live_reader, "LIFTED", 0.0)
    for status, body in (
        (413, b"x" * 200_000),
        (400, b"{"),
        (400, b"[" * 100_000),
        (400, b"[]"),
        (404, json.dumps(good | {"token": "another"}).encode()),
        (404, json.dumps(good | {"token": 3}).encode()),
        (400, json.dumps(good | {"image": DATA_URL, "last": True}).encode()),
        (400, json.dumps(good | {"image": too_large, "last": True}).encode()),
    ):
        found, told = ask(body)
        assert found == status and list(told) == ["detail"] and told["detail"].endswith("."), body[:50]
    assert not page.run().exception


def test_a_page_that_is_gone_is_not_answered() -> None:
    reader = new_reader(Course())
    assert ask(picture(reader.token, 1, 7))[0] == 400
    reader.use(Recognizer.load("mlp"), True)
    assert ask(picture(reader.token, 1, 7, last=True))[0] == 200
    token = reader.token
    del reader
    gc.collect()
    assert ask(picture(token, 2, 7, last=True))[0] == 404


def test_the_switch_ends_readings_in_between() -> None:
    page = draw_page(drawn(3))
    assert bars_data(page)["pace"] == round(1000 * QUICKEST)
    page.toggle(key="live").set_value(False).run()
    assert bars_data(page)["pace"] is None and page.metric[0].value == "3"


def test_a_picture_is_answered_in_the_language_of_its_page(monkeypatch: pytest.MonkeyPatch) -> None:
    german = {"**{share} sure**": "**{share} sicher**", "none": "keine"}
    monkeypatch.setattr(
        answer_texts, "_", lambda message: german.get(message, message) if language() == "de" else message
    )
    page = draw_page(drawn(3))
    assert "sure" in ask(picture(bars_data(page)["token"], 1, 7, last=True))[1]["words"]
    monkeypatch.setattr("pages.components.draw.one_digit.language", lambda: "de")
    page.run()
    told = ask(picture(bars_data(page)["token"], 2, 7, last=True))[1]
    assert told["words"].endswith("% sicher**") and told["names"][-1] == "keine"
    # The thread that answered speaks no German to anybody else.
    assert language() == "en"
