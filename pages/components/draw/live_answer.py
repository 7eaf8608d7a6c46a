"""The answer beside the canvas, drawn again by itself for each picture that comes while the pen moves."""

import time

import numpy as np
import streamlit as st

from mnist_core import InputError, Reading, Recognizer
from mnist_core.ink import Steps, canvas, decode_image
from mnist_core.nn import DIGITS
from pages.components.draw.answer import show_answer
from pages.components.draw.live_pace import live_pace
from pages.components.draw.live_picture import LivePicture
from pages.components.draw.page_state import DrawPage, draw_page_state
from pages.components.drawing import SIDE


def image_of(drawing: np.ndarray, steps: Steps | None, normalized: bool) -> np.ndarray | None:
    """What a network reads of a drawing, float32 [28, 28]; None if nothing is drawn.

    drawing: uint8 RGBA [H, W, 4]; steps: what becomes of it when it is normalized.
    """
    if not normalized:
        return canvas.plain_resize(drawing, canvas.BLACK)
    return None if steps is None else steps.image


@st.fragment
def live_answer(recognizer: Recognizer, image: np.ndarray | None, normalized: bool, live: bool) -> None:
    """Read the newest picture: the browser's if one has come since the strokes, else `image`, which is theirs."""
    began = time.thread_time()
    state = draw_page_state()
    picture, state.live = state.live, None
    if picture is not None:
        state.answered = picture.number
        try:
            drawing = decode_image(picture.png, "the picture", max_pixels=SIDE * SIDE)
            state.newest = image_of(drawing, canvas.normalize_steps(drawing, canvas.BLACK), normalized)
        except InputError:
            picture = None
    if state.newest is not None:
        image = state.newest
    (reading,) = recognizer.read_images([image])
    state.reading = reading
    knows_others = recognizer.network.classes > DIGITS
    _note_course(state, reading, (recognizer.identity, normalized), knows_others, picture)
    pace = live_pace()
    settled = picture.last if picture is not None else state.newest is None
    show_answer(reading, knows_others, pace.seconds() if live else None, settled=settled)
    if image is not None:
        pace.note(str(id(state)), time.thread_time() - began)


def _note_course(
    state: DrawPage, reading: Reading, of: tuple[str, bool], knows_others: bool, picture: LivePicture | None
) -> None:
    """How the answer came about. of: the network, and whether it is shown normalized pictures; another begins anew."""
    if reading.status == "blank" or of != state.course_of:
        state.course.clear()
        state.course_of = of
    if reading.digit is None:
        return
    shares = reading.probabilities * (1 - reading.other)
    drawn = picture.drawn / 1000 if picture is not None else state.course.at[-1] if state.course.at else 0.0
    state.course.add(drawn, np.append(shares, reading.other) if knows_others else shares)
