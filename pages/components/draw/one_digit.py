"""One digit on the Draw page: the canvas, the answer beside it, and what the network sees below."""

import time

import numpy as np
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from mnist_core import Recognizer
from mnist_core.ink import canvas
from pages.components.course_strip import course_strip
from pages.components.draw.answer import show_answer
from pages.components.draw.canvas_script import mount_canvas_script
from pages.components.draw.kept_drawing import keep_drawing, mount_kept_drawing
from pages.components.draw.live_pace import live_pace
from pages.components.draw.live_reader import LiveReader
from pages.components.draw.live_route import new_reader
from pages.components.draw.pad import Pad
from pages.components.draw.page_state import LIVE_SWITCH, NORMALIZED, Key, draw_page_state
from pages.components.draw.say_what_it_is import say_what_it_is
from pages.components.draw.sketchpad import choose_stroke_width, restart_if_drawn_on, sketchpad
from pages.components.draw.steps import show_steps
from pages.components.drawing import current_drawing, image_of
from pages.components.language import _, language
from pages.components.network_choice import choose_network
from pages.components.shared_state import shared_state
from pages.components.words import escaped, in_short


def one_digit() -> None:
    """All of it. Only `draw_and_read` runs again after a stroke: a class draws on one small machine."""
    desk = st.container()
    choice, pen = st.columns(2, gap="medium")
    with choice:
        recognizer = choose_network()
        if not recognizer.reads_digits:
            st.caption(_("This network reads {classes}.").format(classes=escaped(in_short(recognizer.classes))))
        elif not recognizer.knows_others:
            st.caption(_("This network knows digits only: shown a letter, it looks for the digit in it."))
    with pen:
        stroke_width = choose_stroke_width()
        live = st.toggle(
            _("Read while drawing"),
            value=True,
            key=LIVE_SWITCH.key,
            persist_state="session",
            help=_(
                "The network reads while the pen moves: rarely if many people draw. Switched off, it reads when the "
                "pen is lifted."
            ),
        )
    with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
        st.header(_("What the network sees"), anchor=False, width="content")
        normalized = _normalize_switch()
    steps_place = st.empty()
    pad = draw_page_state().pad
    restart_if_drawn_on(pad)
    with desk:
        draw_and_read(recognizer, stroke_width, normalized, live, steps_place)
    mount_canvas_script(pad)
    mount_kept_drawing()


def _normalize_switch() -> bool:
    """Whether drawings are normalized. That they are not stands in the address, as a link of a lesson asks for."""
    state, asked = draw_page_state(), st.query_params.get("normalize", "")
    if asked in ("0", "1") and asked != state.normalize_in_address:
        NORMALIZED.put(asked == "1")
    elif not NORMALIZED.has_value():
        NORMALIZED.put(True)
    normalized = st.toggle(
        _("Normalize"),
        key=NORMALIZED.key,
        persist_state="session",
        help=_(
            "Bring the drawing to the size and place that the training images have. "
            "Switch it off to see what a network makes of the plain canvas."
        ),
    )
    if normalized:
        st.query_params.pop("normalize", None)
    else:
        st.query_params["normalize"] = "0"
    state.normalize_in_address = "" if normalized else "0"
    return normalized


@st.fragment
def draw_and_read(
    recognizer: Recognizer, stroke_width: int, normalized: bool, live: bool, steps_place: DeltaGenerator
) -> None:
    """All that changes with a stroke; the pictures of the steps go to `steps_place`."""
    left, right = st.columns([6, 5], gap="medium")
    with left:
        sketchpad(draw_page_state().pad, stroke_width, _changed)
        drawing = current_drawing()
    steps = None if drawing is None else canvas.normalize_steps(drawing, canvas.BLACK)
    image = None if drawing is None else image_of(drawing, steps, normalized)
    with right:
        _read_and_answer(recognizer, image, normalized, live)
        say_what_it_is(image is not None and recognizer.reads_digits)
        course_strip(draw_page_state().course, "s", Key.COURSE, Key.COURSE_FIGURE, recognizer.classes)
    with steps_place.container():
        show_steps(steps, image, normalized)


def _changed(pad: Pad, by_pen: bool) -> None:
    if not by_pen:
        draw_page_state().course.clear()
    shared_state().drawing = pad.history.now.png
    keep_drawing()


def _read_and_answer(recognizer: Recognizer, image: np.ndarray | None, normalized: bool, live: bool) -> None:
    state = draw_page_state()
    reader = _reader()
    reader.use(recognizer, normalized, language())
    began = time.thread_time()
    (reading,) = recognizer.read_images([image])
    seconds = time.thread_time() - began
    state.reading = reading
    reader.note(reading)
    pace = live_pace()
    if image is not None:
        pace.note(reader.token, seconds)
    show_answer(reading, recognizer.knows_others, pace.seconds() if live else None)


def _reader() -> LiveReader:
    """The one of this page's session."""
    state = draw_page_state()
    state.reader = state.reader or new_reader(state.course)
    return state.reader
