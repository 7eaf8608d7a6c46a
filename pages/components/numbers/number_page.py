"""Whole numbers on the Draw page: drawn on a wide canvas, or in a picture that is brought."""

import hashlib
import threading

import streamlit as st

from mnist_core import InputError, Recognizer
from mnist_core.ink import decode_image
from mnist_core.reading import NumberFigure
from pages.components.draw.canvas_script import mount_canvas_script
from pages.components.draw.pad import Pad
from pages.components.draw.sketchpad import choose_stroke_width, restart_if_drawn_on, sketchpad
from pages.components.drawing import SIDE
from pages.components.language import _, gettext_noop
from pages.components.network_choice import choose_network
from pages.components.numbers.number_answer import show_number, show_numbers
from pages.components.numbers.page_state import WIDTH, Key, NumberPage, number_page_state
from pages.components.numbers.picture_source import choose_source
from pages.components.words import escaped

LONGEST_WAIT = 15.0
"""Seconds that a picture waits for those of others."""
DRAW = gettext_noop("**Draw a number** on the black field, from left to right.")


def drawn_number() -> None:
    """A wide canvas, and the number that is read on it after each stroke."""
    pad = number_page_state().pad
    desk = st.container()
    choice, pen = st.columns(2, gap="medium")
    with choice:
        recognizer = choose_network()
    with pen:
        stroke_width = choose_stroke_width()
    restart_if_drawn_on(pad)
    with desk:
        _draw_and_read(recognizer, stroke_width)
    mount_canvas_script(pad)


@st.fragment
def _draw_and_read(recognizer: Recognizer, stroke_width: int) -> None:
    pad = number_page_state().pad
    sketchpad(pad, stroke_width, _changed)
    png = pad.history.now.png
    if png is None:
        show_number(None, None, _(DRAW))
        return
    try:
        rgba = decode_image(png, "the drawing", max_pixels=4 * WIDTH * SIDE)
        show_number(recognizer.read_number(rgba), NumberFigure(rgba), _(DRAW))
    except InputError as error:
        st.error(str(error), icon=":material/error:")


def _changed(pad: Pad, by_pen: bool) -> None:
    """The answer is drawn with the canvas; nothing else depends on it."""


def brought_picture() -> None:
    """A picture from a file, the clipboard or the camera, with all numbers that are found in it."""
    state = number_page_state()
    recognizer = choose_network()
    brought = choose_source(state.forget_picture)
    if brought is not None:
        try:
            with st.spinner(_("Looking for numbers ...")):
                _read_picture(*brought, recognizer)
        except InputError as error:
            st.error(str(error), icon=":material/error:")
            return
    elif state.name:
        _seen_before(state)
    else:
        st.caption(_("A photo or a scan of numbers on paper. It is read on this server and not kept."))
        return
    if state.problem:
        st.error(state.problem, icon=":material/error:")
    elif state.figure is not None:
        show_numbers(state.found, state.figure)


def _seen_before(state: NumberPage) -> None:
    """The name of a picture that was read before the visitor left this page: the field for files forgets it."""
    with st.container(horizontal=True, gap="small", vertical_alignment="center"):
        words = _("**{name}** was read before. Bring it again to read it with another network.")
        st.caption(words.format(name=escaped(state.name)), width="content")
        st.button(_("Remove"), key=Key.REMOVE, icon=":material/close:", on_click=state.forget_picture)


def _read_picture(name: str, data: bytes, recognizer: Recognizer) -> None:
    """Find the numbers in a picture, if it is another picture, or another network, than the last time.

    What is wrong with it is kept, too. Raises InputError if other pictures take too long.
    """
    state = number_page_state()
    wanted = hashlib.sha256(data).hexdigest(), recognizer.identity
    if state.read == wanted:
        return
    # One picture at a time on the whole server: each takes a core, and some hundred megabytes.
    if not _one_at_a_time.acquire(timeout=LONGEST_WAIT):
        raise InputError(_("The server is busy with the pictures of others: try again in a moment."))
    try:
        rgba = decode_image(data, name)
        state.found, state.figure, state.problem = recognizer.read_page(rgba), NumberFigure(rgba), ""
    except InputError as error:
        state.found, state.figure, state.problem = (), None, str(error)
    finally:
        _one_at_a_time.release()
    state.read, state.name = wanted, name


_one_at_a_time = threading.Lock()
