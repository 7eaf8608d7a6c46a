"""The answer beside the canvas, drawn again by itself for each picture that comes while the pen moves."""

import time

import numpy as np
import streamlit as st

from mnist_core import InputError, Recognizer
from mnist_core.ink import Steps, canvas, decode_image
from mnist_core.nn import DIGITS
from pages.components.draw.answer import show_answer
from pages.components.draw.live_pace import live_pace
from pages.components.draw.page_state import draw_page_state
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
    """Read the newest picture: the browser's if one has come, else `image`, and note how the answer came about."""
    began = time.thread_time()
    state = draw_page_state()
    picture, state.live = state.live, None
    if picture is not None:
        state.answered = picture.number
        try:
            drawing = decode_image(picture.png, "the picture", max_pixels=4 * SIDE * SIDE)
            image = image_of(drawing, canvas.normalize_steps(drawing, canvas.BLACK), normalized)
        except InputError:
            picture = None
    (reading,) = recognizer.read_images([image])
    state.reading = reading
    knows_others = recognizer.network.classes > DIGITS
    if reading.status == "blank":
        state.course.clear()
    elif reading.digit is not None:
        shares = reading.probabilities * (1 - reading.other)
        drawn = picture.drawn / 1000 if picture is not None else state.course.at[-1] if state.course.at else 0.0
        state.course.add(drawn, np.append(shares, reading.other) if knows_others else shares)
    pace = live_pace()
    show_answer(reading, knows_others, pace.seconds() if live else None, settled=picture is None or picture.last)
    if picture is not None:
        pace.note(str(id(state)), time.thread_time() - began)
