"""Many people drawing at once: each has a session over a websocket and sends strokes as a browser does."""

import asyncio
import base64
import io
import json
import random
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import requests
from PIL import Image
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.proto.WidgetStates_pb2 import WidgetState
from websockets.exceptions import WebSocketException

from benchmarks.page_session import PageSession, UnexpectedPageError, connect_to, receive_run, until
from benchmarks.served_app import ServedApp
from mnist_core import Recognizer
from pages.components.draw.answer_texts import answer

PAUSE = 3.0
"""Seconds from one stroke of a user to the next."""
STROKE_SECONDS = 1.0
"""How long a stroke takes; as far as the page allows, pictures of it are sent meanwhile."""
PATIENCE = 20.0
"""Seconds until a picture counts as lost."""
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
    """A drawing as the canvas component sends it, its picture alone, and the answer that has to appear on the page."""

    canvas_state: str
    picture: str
    answer: str


Strokes = Sequence[Stroke]


@dataclass
class Tally:
    """What the users saw: how long each answer took, and how many strokes were not answered right.

    Errors of the warm-up count as well.
    """

    milliseconds: list[float] = field(default_factory=list)
    readings: int = 0
    """Answers while a pen moved."""
    errors: int = 0
    seconds: float = 0.0
    cpu_seconds: float | None = None


def make_strokes(recognizer: Recognizer, drawings: Sequence[np.ndarray]) -> list[Stroke]:
    """The drawings ready to be sent, each with what `recognizer` reads in it."""
    rng = np.random.default_rng(0)
    strokes = []
    for rgba in drawings:
        picture = _data_url(rgba)
        strokes.append(Stroke(_canvas_state(picture, rng), picture, answer(recognizer.read(rgba))[0]))
    return strokes


def simulate(app: ServedApp, network: str, users: int, seconds: float, strokes: Strokes) -> Tally:
    """Let `users` people draw for about `seconds`, after a warm-up."""
    return asyncio.run(_simulate(app, network, users, seconds, strokes))


async def _simulate(app: ServedApp, network: str, users: int, seconds: float, strokes: Strokes) -> Tally:
    tally = Tally()
    asyncio.get_running_loop().set_default_executor(ThreadPoolExecutor(max(8, users)))
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
            readings = await _move_the_pen(page, stroke)
            milliseconds, right = await _lift_the_pen(page, stroke)
        except (TimeoutError, WebSocketException, requests.RequestException):
            tally.errors += WARM_UP + counted - number
            return
        if number >= WARM_UP:
            tally.milliseconds.append(milliseconds)
            tally.readings += readings
        tally.errors += not right


async def _move_the_pen(page: "_DrawPage", stroke: Stroke) -> int:
    """A stroke before its end: pictures as often as the page allows, each after the answer to the last."""
    began = time.perf_counter()
    end, readings = began + STROKE_SECONDS, 0
    while page.pace is not None and time.perf_counter() + page.pace / 1000 < end:
        sent = time.perf_counter()
        readings += await page.send_picture(stroke, round(1000 * (sent - began))) is not None
        await until(sent + (page.pace or 0) / 1000)
    await until(end)
    return readings


async def _lift_the_pen(page: "_DrawPage", stroke: Stroke) -> tuple[float, bool]:
    """The end of a stroke; returns the milliseconds until the answer's run has finished, and whether it is right."""
    lifted = time.perf_counter()
    if page.pace is not None and page.pace <= page.at_ease:
        shown = await page.send_picture(stroke, round(1000 * STROKE_SECONDS), last=True)
        milliseconds = (time.perf_counter() - lifted) * 1000
        # The strokes follow, which nobody waits for.
        return milliseconds, [shown, *await page.send_strokes(stroke)] == 2 * [stroke.answer]
    answers = await page.send_strokes(stroke)
    return (time.perf_counter() - lifted) * 1000, answers == [stroke.answer]


class _DrawPage(PageSession):
    """An open Draw page. pace: milliseconds between two pictures while the pen moves, None for none.

    live, token: the address that reads them, and the page's secret for it.
    """

    canvas = ""
    live = ""
    token = ""
    port = 0
    pace: float | None = None
    at_ease = 0.0
    _number = 0

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        self._http = requests.Session()
        # Behind nginx a cookie says which server has the page.
        response = self.socket.response
        for cookie in response.headers.get_all("Set-Cookie") if response else []:
            name, _, value = cookie.partition(";")[0].partition("=")
            self._http.cookies.set(name, value)

    def learn(self, message: ForwardMsg) -> None:
        super().learn(message)
        element = message.delta.new_element
        if element.WhichOneof("type") != "bidi_component":
            return
        component = element.bidi_component
        if component.id.endswith("-canvas"):
            self.canvas = component.id
        elif component.id.endswith("-live_reading"):
            told = json.loads(component.json)
            self.pace, self.at_ease, self.live = told["pace"], told["at_ease"], told["address"]
            self.token = told["token"]

    async def send_strokes(self, stroke: Stroke) -> list[str]:
        """What the canvas sends when the pen is lifted; returns the answers that are shown then."""
        self.widgets[self.canvas] = WidgetState(id=self.canvas, json_value=stroke.canvas_state)
        await self.socket.send(self.message(self.fragments[self.canvas]))
        return await self._answers()

    async def send_picture(self, stroke: Stroke, drawn: int, *, last: bool = False) -> str | None:
        """What is sent while the pen moves, and when it was lifted; returns the answer that is shown then."""
        self._number += 1
        told: dict[str, Any] = {"token": self.token, "number": self._number, "drawn": drawn, "last": last}
        told["image"] = stroke.picture
        address = f"http://localhost:{self.port}/{self.live}"
        response = await asyncio.to_thread(self._http.post, address, json=told, timeout=PATIENCE)
        if not response.ok:
            return None
        answer = response.json()
        self.pace = answer["pace"]
        return str(answer["digit"])

    async def _answers(self) -> list[str]:
        messages = await receive_run(self.socket)
        for message in messages:
            self.learn(message)
        if messages[-1].script_finished != ForwardMsg.FINISHED_FRAGMENT_RUN_SUCCESSFULLY:
            return []
        elements = [message.delta.new_element for message in messages]
        return [element.metric.body for element in elements if element.WhichOneof("type") == "metric"]


async def _open_page(port: int, network: str) -> _DrawPage:
    """Connect as a browser does, let the page run once and remember what it consists of."""
    page = _DrawPage(await connect_to(port), query=f"network={network}")
    page.port = port
    await page.socket.send(page.message())
    for message in await receive_run(page.socket):
        page.learn(message)
    if not page.fragments.get(page.canvas) or not page.live:
        raise UnexpectedPageError("The page that the app sent has no canvas in a fragment, or no address that reads.")
    return page


def _data_url(rgba: np.ndarray) -> str:
    png = io.BytesIO()
    Image.fromarray(rgba).save(png, "PNG")
    return "data:image/png;base64," + base64.b64encode(png.getvalue()).decode()


def _canvas_state(picture: str, rng: np.random.Generator) -> str:
    """A drawing as the component describes it: a path of pen movements, and the picture."""
    raw = {"version": "7.4.0", "objects": [_path(rng)], "background": "#000000"}
    return json.dumps({"drawing": {"raw": raw, "data": picture}}, separators=(",", ":"))


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
