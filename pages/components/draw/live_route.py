"""The address at which the server reads a drawing while the pen moves, past Streamlit: a picture in, an answer out.

A run of the page costs many times what the reading costs. This costs the reading, so that the answer is there within
one or two frames, and a class can draw. The page tells its browser the address, and a secret for this one page; with
any other there is no answer.
"""

import functools
import json
from weakref import WeakValueDictionary

import streamlit as st
from anyio import CapacityLimiter, to_thread
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from mnist_core import InputError
from pages.components.course import Course
from pages.components.draw.live_picture import MAX_PICTURE, parse_picture
from pages.components.draw.live_reader import LiveReader, TooSoonError

PATH = "/api/read-drawing"
MAX_BYTES = MAX_PICTURE + 1000
AT_ONCE = 4
"""So many pictures are read at once; the others wait."""

_readers: WeakValueDictionary[str, LiveReader] = WeakValueDictionary()
"""By token, as long as the page's session holds them."""


def new_reader(course: Course) -> LiveReader:
    """For a page that has just been opened. It can be reached as long as the page keeps it."""
    reader = LiveReader(course)
    _readers[reader.token] = reader
    return reader


@functools.cache
def _limiter() -> CapacityLimiter:
    """Readings have threads of their own: Streamlit needs its own to hand out files."""
    return CapacityLimiter(AT_ONCE)


def _path() -> str:
    """Below the same address as the app."""
    base = str(st.get_option("server.baseUrlPath") or "").strip("/")
    return f"/{base}{PATH}" if base else PATH


async def read_drawing(request: Request) -> Response:
    """Answer one picture: JSON with token, number, drawn, last and image. A refusal is one sentence."""
    body = b""
    async for chunk in request.stream():
        body += chunk
        if len(body) > MAX_BYTES:
            return _refuse(413, f"The message is too large: expected at most {MAX_BYTES:,} bytes.")
    try:
        sent = json.loads(body)
    except (ValueError, RecursionError):
        return _refuse(400, "The message is not JSON.")
    picture = parse_picture(sent)
    if picture is None:
        return _refuse(400, "The message has no picture: expected token, number, drawn, last and image.")
    token = sent.get("token")
    reader = _readers.get(token) if isinstance(token, str) else None
    if reader is None:
        return _refuse(404, "This page is not open on this server: load it again.")
    try:
        return JSONResponse(await to_thread.run_sync(reader.read, picture, limiter=_limiter()))
    except TooSoonError:
        return _refuse(429, "The last picture is not answered yet.")
    except InputError as error:
        return _refuse(400, str(error))


def routes() -> list[Route]:
    """What the server offers beside Streamlit's own."""
    return [Route(_path(), read_drawing, methods=["POST"])]


def _refuse(status: int, sentence: str) -> Response:
    return JSONResponse({"detail": sentence}, status_code=status)
