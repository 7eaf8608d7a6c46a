"""The canvas to draw on, with undo, redo and clear; the drawing stays while another page is open."""

from typing import Any

import numpy as np
import streamlit as st
from streamlit_drawable_canvas import st_canvas

from pages.components.draw.canvas_message import parse_message
from pages.components.draw.kept_drawing import keep_drawing
from pages.components.draw.page_state import CANVAS, Key, draw_page_state
from pages.components.draw.strokes_history import Drawn
from pages.components.drawing import SIDE, current_drawing
from pages.components.shared_state import shared_state


def sketchpad(stroke_width: int) -> np.ndarray | None:
    """Show the canvas with its buttons. Returns the drawing as uint8 RGBA [280, 280, 4], None if there is none."""
    state, opened = draw_page_state(), shared_state().pages_opened
    if state.canvas_start is None or state.canvas_opened != opened:
        # The page was opened again: this canvas is a new one.
        state.canvas_opened = opened
        _start_from(state.history.now.strokes)
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
    with st.container(horizontal=True, gap="small", key=Key.CANVAS_BUTTONS):
        st.button(
            "Undo",
            key=Key.UNDO,
            icon=":material/undo:",
            on_click=_undo,
            disabled=not state.history.can_undo,
            width="stretch",
        )
        st.button(
            "Redo",
            key=Key.REDO,
            icon=":material/redo:",
            on_click=_redo,
            disabled=not state.history.can_redo,
            width="stretch",
        )
        st.button(
            "Clear",
            key=Key.CLEAR,
            icon=":material/delete:",
            on_click=_clear,
            width="stretch",
        )
    with st.container(key=Key.KEYS):
        st.caption(
            ":material/keyboard: With the canvas in focus, arrow keys move a pen, **Space** puts it down and lifts it, "
            "**Z** takes back, **Y** does again, **Esc** clears."
        )
    return current_drawing()


def restart_if_drawn_on() -> None:
    """Start the canvas with the current strokes. Called when the whole page runs.

    The browser may build the canvas anew in such a run, and would then show only what it once started from.
    """
    state = draw_page_state()
    if state.canvas_start is not None and state.canvas_start["objects"] != state.history.now.strokes:
        _start_from(state.history.now.strokes)


def _drawn() -> None:
    """Called when the canvas sends a drawing: after a stroke, or after it was started with other strokes."""
    message = parse_message(CANVAS.value)
    if message is not None and draw_page_state().history.hear(Drawn(*message)):
        _show(message[1])


def _undo() -> None:
    draw_page_state().history.undo()
    _restart()


def _redo() -> None:
    draw_page_state().history.redo()
    _restart()


def _clear() -> None:
    draw_page_state().history.clear()
    _restart()


def _restart() -> None:
    """Make the canvas show what is seen now."""
    state = draw_page_state()
    now = state.history.now
    state.course.clear()
    _show(now.png)
    _start_from(now.strokes)


def _show(png: bytes | None) -> None:
    shared_state().drawing = png
    draw_page_state().revision += 1
    keep_drawing()


def _start_from(strokes: list[Any]) -> None:
    state = draw_page_state()
    # The component ignores a start that equals the last one. The number makes every start different.
    state.canvas_starts += 1
    state.canvas_start = {"objects": strokes, "start": state.canvas_starts}
