"""The canvas to draw on, with undo and clear; the drawing stays while another page is open."""

from typing import Any, Literal

import numpy as np
import streamlit as st
from streamlit_drawable_canvas import st_canvas

from pages.components.draw.canvas_message import objects, parse_message
from pages.components.draw.kept_drawing import keep_drawing
from pages.components.draw.page_state import CANVAS, Key, draw_page_state
from pages.components.drawing import SIDE, current_drawing
from pages.components.screen import for_projector
from pages.components.shared_state import shared_state


def sketchpad(stroke_width: int) -> np.ndarray | None:
    """Show the canvas with its buttons. Returns the drawing as uint8 RGBA [280, 280, 4], None if there is none."""
    state, opened = draw_page_state(), shared_state().pages_opened
    if state.canvas_start is None or state.canvas_opened != opened:
        # The page was opened again: this canvas is a new one.
        state.canvas_opened = opened
        _start_from(state.strokes)
    st.caption("Your drawing")
    st_canvas(
        stroke_width=stroke_width,
        stroke_color="#ffffff",
        background_color="#000000",
        width=SIDE,
        height=SIDE,
        initial_drawing=state.canvas_start,
        return_image_data=True,
        key=CANVAS.key,
        on_change=_drawn,
    )
    with st.container(horizontal=True, width=canvas_width()):
        st.button(
            "Undo",
            key=Key.UNDO,
            icon=":material/undo:",
            on_click=_undo,
            disabled=not objects(state.strokes),
            width="stretch",
        )
        st.button(
            "Clear",
            key=Key.CLEAR,
            icon=":material/delete:",
            on_click=_clear,
            width="stretch",
        )
    return current_drawing()


def canvas_width() -> int | Literal["content"]:
    """The width of the canvas and its buttons. A projector enlarges the canvas by a style: its pixels stay 280."""
    return "content" if for_projector() else SIDE


def restart_if_drawn_on() -> None:
    """Start the canvas with the current strokes. Called when the whole page runs.

    The browser may build the canvas anew in such a run, and would then show only what it once started from.
    """
    state = draw_page_state()
    if state.canvas_start is not None and state.canvas_start["objects"] != objects(state.strokes):
        _start_from(state.strokes)


def _drawn() -> None:
    """Called when the canvas sends a drawing: after a stroke, or after it was started with other strokes."""
    message = parse_message(CANVAS.value)
    if message is not None:
        draw_page_state().strokes, shared_state().drawing = message
        keep_drawing()


def _undo() -> None:
    strokes = dict(draw_page_state().strokes or {})
    strokes["objects"] = objects(strokes)[:-1]
    _restart(strokes)


def _clear() -> None:
    shared_state().drawing = None
    keep_drawing()
    _restart(None)


def _restart(strokes: dict[str, Any] | None) -> None:
    """Make the canvas show `strokes`; it answers with the picture of them."""
    draw_page_state().strokes = strokes
    _start_from(strokes)


def _start_from(strokes: dict[str, Any] | None) -> None:
    state = draw_page_state()
    # The component ignores a start that equals the last one. The number makes every start different.
    state.canvas_starts += 1
    state.canvas_start = {"objects": objects(strokes), "start": state.canvas_starts}
