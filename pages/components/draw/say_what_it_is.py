"""Ten keys beside the answer: whoever says what was drawn keeps the drawing, to teach a network with it."""

import streamlit as st

from mnist_core import InputError
from mnist_core.drawings import NO_DIGIT, DrawingStore, NewDrawing
from mnist_core.ink import canvas
from pages.components.draw.page_state import SAID, Key, draw_page_state
from pages.components.draw.pen_strokes import pen_strokes
from pages.components.drawing import current_drawing
from pages.components.language import _
from pages.components.teach.label_keys import keep_as, label_keys, say_kept
from pages.components.visitor import visitor


def say_what_it_is(drawn: bool) -> None:
    """The keys, and what became of the drawing. drawn: whether there is anything on the canvas."""
    state = draw_page_state()
    if state.said is not None and not state.pad.history.now.same_strokes(state.said):
        # Something else is on the canvas now.
        state.said, state.said_id, state.said_problem = None, "", ""
        SAID.put(None)
    kept = _kept_label(state.said_id) if state.said_id else None
    if state.said_id and kept is None:
        # Deleted on the Teach page.
        state.said, state.said_id = None, ""
        SAID.put(None)
    elif kept is not None:
        # It may have another label by now; and Streamlit forgets the key while another page is open.
        SAID.put(kept)
    with st.container(key=Key.SAY):
        label_keys(
            SAID,
            _said,
            disabled=not drawn,
            width="stretch",
            help=_(
                "Say what you have drawn (✕: not a digit): it is kept in your drawings, with which you "
                "can teach a network your hand."
            ),
        )
        if state.said_problem:
            st.error(state.said_problem, icon=":material/error:")
        elif kept is not None:
            say_kept(kept)


def _kept_label(identity: str) -> str | None:
    """The label of a kept drawing; None if it is not kept any more."""
    try:
        drawings = DrawingStore().of(visitor())
    except InputError:
        return None
    return drawings.labels[drawings.ids.index(identity)] if identity in drawings.ids else None


def _said() -> None:
    """A key was pressed: keep the drawing, or give it another label; pressed once more, it is not kept any more."""
    state, label, drawing = draw_page_state(), SAID.value_or(None), current_drawing()
    state.said_problem = ""
    if drawing is None:
        return
    strokes = state.pad.history.now.strokes
    new = NewDrawing(drawing, label or NO_DIGIT, pen_strokes(strokes), background=canvas.BLACK)
    try:
        state.said_id = keep_as(label, state.said_id, new)
        state.said = list(strokes)
    except InputError as error:
        state.said_problem = str(error)
        SAID.put(None)
