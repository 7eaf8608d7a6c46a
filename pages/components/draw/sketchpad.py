"""The canvas to draw on, with undo and clear; the drawing is kept in the session, also while another page is open.

Session keys: "drawing" is the picture as the bytes of a PNG file (absent: nothing drawn), "strokes" the same drawing
as the canvas component describes it.
"""

from typing import Any

import numpy as np
import streamlit as st
from streamlit_drawable_canvas import st_canvas

from pages.components.draw.canvas_message import objects, parse_message
from pages.components.drawing import SIDE, current_drawing


def sketchpad(stroke_width: int) -> np.ndarray | None:
    """Draw the canvas with its buttons; returns the drawing as uint8 RGBA [280, 280, 4], None if there is none."""
    if "canvas_start" not in st.session_state:
        st.session_state["canvas_start"] = _start(st.session_state.get("strokes"))
    st.caption("Your drawing")
    st_canvas(
        stroke_width=stroke_width,
        stroke_color="#ffffff",
        background_color="#000000",
        width=SIDE,
        height=SIDE,
        initial_drawing=st.session_state["canvas_start"],
        return_image_data=True,
        key="canvas",
        on_change=_drawn,
    )
    with st.container(horizontal=True, width=SIDE):
        st.button(
            "Undo",
            key="undo",
            icon=":material/undo:",
            on_click=_undo,
            disabled=not objects(st.session_state.get("strokes")),
            width="stretch",
        )
        st.button(
            "Clear",
            key="clear",
            icon=":material/delete:",
            on_click=_clear,
            width="stretch",
        )
    return current_drawing()


def restart_if_drawn_on() -> None:
    """Let the canvas start from what is drawn by now; for a run of the whole page.

    The browser may build the canvas anew in such a run, and would then show only what it once started from.
    """
    start = st.session_state.get("canvas_start")
    if start is not None and start["objects"] != objects(st.session_state.get("strokes")):
        st.session_state["canvas_start"] = _start(st.session_state.get("strokes"))


def _drawn() -> None:
    """A stroke has been drawn, or the canvas has taken over a changed start."""
    message = parse_message(st.session_state["canvas"])
    if message is not None:
        st.session_state["strokes"], st.session_state["drawing"] = message


def _undo() -> None:
    strokes = dict(st.session_state.get("strokes") or {})
    strokes["objects"] = objects(strokes)[:-1]
    _restart(strokes)


def _clear() -> None:
    st.session_state.pop("drawing", None)
    _restart(None)


def _restart(strokes: dict[str, Any] | None) -> None:
    """Make the canvas show `strokes`; it answers with the picture of them."""
    st.session_state["strokes"] = strokes
    st.session_state["canvas_start"] = _start(strokes)


def _start(strokes: dict[str, Any] | None) -> dict[str, Any]:
    # The component takes a new start only if it differs from the last one it was given: number them.
    number = st.session_state["canvas_starts"] = st.session_state.get("canvas_starts", 0) + 1
    return {"objects": objects(strokes), "start": number}
