"""Many people drawing at once: each has a session over a websocket and sends strokes as a browser does."""

import asyncio
import base64
import io
import json
import random
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from PIL import Image
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.proto.WidgetStates_pb2 import WidgetState
from websockets.exceptions import WebSocketException

from benchmarks.page_session import PageSession, UnexpectedPageError, connect_to, receive_run, until
from benchmarks.served_app import ServedApp
from mnist_core import Reading, Recognizer

PAUSE = 3.0
"""Seconds from one stroke of a user to the next."""
WARM_UP = 2
"""Strokes of each user that are not counted."""
PATH = """{
    "lockMovementX": false, "lockMovementY": false, "lockRotation": false, "lockScalingX": false,
    "lockScalingY": false, "lockSkewingX": false, "lockSkewingY": false, "lockScalingFlip": false,
    "type": "Path", "version": "7.4.0", "originX": "center", "originY": "center",
    "left": 0, "top": 0, "width": 0, "height": 0, "fill": null, "stroke": "#ffffff", "strokeWidth": 20,
    "strokeDashArray": null, "strokeLineCap": "round", "strokeDashOffset": 0, "strokeLineJoin": "round",
    "strokeUniform": false, "strokeMiterLimit": 10, "scaleX": 1, "scaleY": 1, "angle": 0,
    "flipX": false, "flipY": false, "opacity": 1, "shadow": null, "visible": true, "backgroundColor": "",
    "fillRule": "nonzero", "paintFirst": "fill", "globalCompositeOperation": "source-over",
    "skewX": 0, "skewY": 0}"""
"""What the component's drawing library notes down about a stroke."""


@dataclass(frozen=True)
class Stroke:
    """A drawing as the canvas component sends it, and the answer that has to appear on the page."""

    canvas_state: str
    answer: str


Strokes = Sequence[Stroke]


@dataclass
class Tally:
    """What the users saw: how long each answer took, and how many strokes were not answered right.

    Errors of the warm-up count as well.
    """

    milliseconds: list[float] = field(default_factory=list)
    errors: int = 0
    seconds: float = 0.0
    cpu_seconds: float | None = None


def make_strokes(recognizer: Recognizer, drawings: Sequence[np.ndarray]) -> list[Stroke]:
    """The drawings ready to be sent, each with what `recognizer` reads in it."""
    rng = np.random.default_rng(0)
    return [Stroke(_canvas_state(rgba, rng), _answer(recognizer.read(rgba))) for rgba in drawings]


def simulate(app: ServedApp, network: str, users: int, seconds: float, strokes: Strokes) -> Tally:
    """Let `users` people draw for about `seconds`, after a warm-up."""
    return asyncio.run(_simulate(app, network, users, seconds, strokes))


async def _simulate(app: ServedApp, network: str, users: int, seconds: float, strokes: Strokes) -> Tally:
    tally = Tally()
    pages = await asyncio.gather(*(_open_page(app.port, network) for _ in range(users)))
    start = time.perf_counter() + 1
    counted = max(1, round(seconds / PAUSE))
    starts = [start + random.uniform(0, PAUSE) for _ in pages]
    users_at_work = asyncio.gather(
        *(_use(page, first, counted, strokes, tally) for page, first in zip(pages, starts, strict=True))
    )
    # Every user's strokes before this moment are the warm-up, and every one after it counts.
    await until(start + WARM_UP * PAUSE)
    began, cpu_before = time.perf_counter(), app.cpu_seconds()
    await users_at_work
    await until(began + counted * PAUSE)  # the time belongs to the last stroke's pause, too
    tally.seconds, cpu_after = time.perf_counter() - began, app.cpu_seconds()
    if cpu_before is not None and cpu_after is not None:
        tally.cpu_seconds = cpu_after - cpu_before
    await asyncio.gather(*(page.socket.close() for page in pages))
    return tally


async def _use(page: "_DrawPage", start: float, counted: int, strokes: Strokes, tally: Tally) -> None:
    """Send a stroke every three seconds; the next one only after the answer, as people do."""
    answer = ""
    for number in range(WARM_UP + counted):
        await until(start + number * PAUSE)
        # Never the same answer twice in a row: the last one, left standing, must not pass for the next.
        stroke = random.choice([stroke for stroke in strokes if stroke.answer != answer])
        answer = stroke.answer
        try:
            milliseconds, right = await _draw(page, stroke)
        except (TimeoutError, WebSocketException):
            tally.errors += WARM_UP + counted - number
            return
        if number >= WARM_UP:
            tally.milliseconds.append(milliseconds)
        tally.errors += not right


async def _draw(page: "_DrawPage", stroke: Stroke) -> tuple[float, bool]:
    """Send a stroke; returns the milliseconds until its run has finished, and whether the answer is right."""
    message = page.stroke_message(stroke)
    sent = time.perf_counter()
    await page.socket.send(message)
    messages = await receive_run(page.socket)
    milliseconds = (time.perf_counter() - sent) * 1000
    elements = [message.delta.new_element for message in messages]
    answers = [element.metric.body for element in elements if element.WhichOneof("type") == "metric"]
    finished = messages[-1].script_finished == ForwardMsg.FINISHED_FRAGMENT_RUN_SUCCESSFULLY
    return milliseconds, finished and answers == [stroke.answer]


class _DrawPage(PageSession):
    """An open Draw page."""

    canvas = ""

    def learn(self, message: ForwardMsg) -> None:
        super().learn(message)
        element = message.delta.new_element
        if element.WhichOneof("type") == "bidi_component" and element.bidi_component.id.endswith("-canvas"):
            self.canvas = element.bidi_component.id

    def stroke_message(self, stroke: Stroke) -> bytes:
        """The fragment is to run again: here are the states of all widgets, the canvas's last."""
        self.widgets[self.canvas] = WidgetState(id=self.canvas, json_value=stroke.canvas_state)
        return self.message(self.fragments[self.canvas])


async def _open_page(port: int, network: str) -> _DrawPage:
    """Connect as a browser does, let the page run once and remember what it consists of."""
    page = _DrawPage(await connect_to(port), query=f"network={network}")
    await page.socket.send(page.message())
    for message in await receive_run(page.socket):
        page.learn(message)
    if not page.fragments.get(page.canvas):
        raise UnexpectedPageError("The page that the app sent has no canvas in a fragment.")
    return page


def _answer(reading: Reading) -> str:
    """The large text beside the canvas."""
    if reading.status == "blank":
        return "–"
    digit = "" if reading.digit is None else f"{reading.digit}"
    return f"{digit}?" if reading.status == "unsure" else digit


def _canvas_state(rgba: np.ndarray, rng: np.random.Generator) -> str:
    """A drawing as the component describes it: a path of pen movements, and the picture."""
    png = io.BytesIO()
    Image.fromarray(rgba).save(png, "PNG")
    raw = {"version": "7.4.0", "objects": [_path(rng)], "background": "#000000"}
    drawing = {"raw": raw, "data": "data:image/png;base64," + base64.b64encode(png.getvalue()).decode()}
    return json.dumps({"drawing": drawing}, separators=(",", ":"))


def _path(rng: np.random.Generator) -> dict[str, Any]:
    """A stroke of 20 to 50 points."""
    steps = rng.normal(0, 6, (int(rng.integers(20, 51)), 2)).cumsum(axis=0)
    points = np.clip(140 + steps, 0, 280).round(4)
    middles = ((points[1:] + points[:-1]) / 2).round(4)
    curves = [["Q", *numbers] for numbers in np.hstack([points[:-1], middles]).tolist()]
    path = [["M", *points[0].tolist()], *curves, ["L", *points[-1].tolist()]]
    width, height = np.ptp(points, axis=0).round(4).tolist()
    left, top = ((points.min(axis=0) + points.max(axis=0)) / 2).round(4).tolist()
    place = {"left": left, "top": top, "width": width, "height": height}
    return {**json.loads(PATH), **place, "path": path}
