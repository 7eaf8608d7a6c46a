"""The canvas to draw on, with undo, redo and clear; the drawing stays while another page is open."""

from collections.abc import Callable

import numpy as np
import streamlit as st
from streamlit_drawable_canvas import st_canvas

from pages.components.draw.canvas_message import parse_message
from pages.components.draw.kept_drawing import keep_drawing
from pages.components.draw.page_state import CANVAS, Key, draw_page_state
from pages.components.draw.strokes_history import Strokes
from pages.components.drawing import SIDE, current_drawing
from pages.components.shared_state import shared_state


def sketchpad(stroke_width: int) -> np.ndarray | None:
    """Show the canvas with its buttons. Returns the drawing as uint8 RGBA [280, 280, 4], None if there is none."""
    state, opened = draw_page_state(), shared_state().pages_opened
    if state.canvas_start is None or state.canvas_opened != opened:
        # The page was opened again: this canvas is a new one.
        state.canvas_opened = opened
        _start_from(state.history.now)
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
    if state.canvas_start is not None and state.canvas_start["objects"] != state.history.now:
        _start_from(state.history.now)


def _drawn() -> None:
    """Called when the canvas sends a drawing: after a stroke, or after it was started with other strokes."""
    message = parse_message(CANVAS.value)
    if message is not None:
        strokes, shared_state().drawing = message
        draw_page_state().history.change(strokes)
        keep_drawing()


def _undo() -> None:
    _restart(draw_page_state().history.undo)


def _redo() -> None:
    _restart(draw_page_state().history.redo)


def _clear() -> None:
    _restart(lambda: draw_page_state().history.change([]))


def _restart(change: Callable[[], None]) -> None:
    """Make the canvas show other strokes; it answers with the picture of them."""
    change()
    history = draw_page_state().history
    if not history.now:
        shared_state().drawing = None
        keep_drawing()
    _start_from(history.now)


def _start_from(strokes: Strokes) -> None:
    state = draw_page_state()
    # The component ignores a start that equals the last one. The number makes every start different.
    state.canvas_starts += 1
    state.canvas_start = {"objects": strokes, "start": state.canvas_starts}
