"""The canvas to draw on, with undo, redo and clear; the drawing stays while another page is open."""

from collections.abc import Callable
from functools import partial

import streamlit as st
from streamlit_drawable_canvas import st_canvas

from pages.components.draw.canvas_message import parse_message
from pages.components.draw.pad import Pad
from pages.components.draw.page_state import STROKE_WIDTH, Key
from pages.components.draw.strokes_history import Drawn
from pages.components.drawing import SIDE
from pages.components.language import _
from pages.components.shared_state import shared_state

Changed = Callable[[Pad, bool], None]
"""Called when other strokes are seen: after a stroke (then True), and after Undo, Redo or Clear."""


def sketchpad(pad: Pad, stroke_width: int, changed: Changed) -> None:
    """Show the canvas with its buttons."""
    opened = shared_state().pages_opened
    if pad.start is None or pad.opened != opened:
        # The page was opened again: this canvas is a new one.
        pad.opened = opened
        pad.start_from_now()
    st_canvas(
        stroke_width=stroke_width,
        stroke_color="#ffffff",
        background_color="#000000",
        width=pad.width,
        height=SIDE,
        initial_drawing=pad.start,
        return_image_data=True,
        key=pad.widget.key,
        on_change=partial(_drawn, pad, changed),
    )
    with st.container(horizontal=True, gap="small", key=Key.CANVAS_BUTTONS):
        for name, key, icon, change, there in (
            (_("Undo"), Key.UNDO, ":material/undo:", pad.history.undo, pad.history.can_undo),
            (_("Redo"), Key.REDO, ":material/redo:", pad.history.redo, pad.history.can_redo),
            (_("Clear"), Key.CLEAR, ":material/delete:", pad.history.clear, True),
        ):
            st.button(
                name,
                key=key,
                icon=icon,
                on_click=_change,
                args=(pad, change, changed),
                disabled=not there,
                width="stretch",
            )
    with st.container(key=Key.KEYS):
        st.caption(
            ":material/keyboard: "
            + _(
                "With the canvas in focus, arrow keys move a pen, **Space** puts it down and lifts it, "
                "**Z** takes back, **Y** does again, **Esc** clears."
            )
        )


def choose_stroke_width() -> int:
    """A slider for how thick the pen draws, in pixels of the canvas."""
    return st.slider(
        _("Stroke width"),
        8,
        40,
        20,
        key=STROKE_WIDTH.key,
        persist_state="session",
        help=_("How thick the pen draws, in pixels of the canvas."),
    )


def restart_if_drawn_on(pad: Pad) -> None:
    """Start the canvas with the current strokes. Called when the whole page runs.

    The browser may build the canvas anew in such a run, and would then show only what it once started from.
    """
    if pad.start is not None and pad.start["objects"] != pad.history.now.strokes:
        pad.start_from_now()


def _drawn(pad: Pad, changed: Changed) -> None:
    """Called when the canvas sends a drawing: after a stroke, or after it was started with other strokes."""
    message = parse_message(pad.widget.value)
    if message is not None and pad.history.hear(Drawn(*message)):
        pad.revision += 1
        changed(pad, True)


def _change(pad: Pad, change: Callable[[], None], changed: Changed) -> None:
    change()
    pad.revision += 1
    changed(pad, False)
    pad.start_from_now()
