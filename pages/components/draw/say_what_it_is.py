"""Ten keys beside the answer: whoever says what was drawn keeps the drawing, to teach a network with it."""

import streamlit as st

from mnist_core import InputError
from mnist_core.drawings import DrawingStore, NewDrawing
from mnist_core.ink import canvas
from pages.components.draw.page_state import SAID, Key, draw_page_state
from pages.components.draw.pen_strokes import pen_strokes
from pages.components.drawing import current_drawing
from pages.components.language import _
from pages.components.teach.labels import LABELS, drawings_in_words, label_words, short_label
from pages.components.visitor import mount_visitor_cookie, visitor


def say_what_it_is(drawn: bool) -> None:
    """The keys, and what became of the drawing. drawn: whether there is anything on the canvas."""
    state = draw_page_state()
    if state.said is not None and not state.pad.history.now.same_strokes(state.said):
        # Something else is on the canvas now.
        state.said, state.said_id, state.said_problem = None, "", ""
        SAID.put(None)
    with st.container(key=Key.SAY):
        st.segmented_control(
            _("That is a …"),
            list(LABELS),
            format_func=short_label,
            key=SAID.key,
            on_change=_said,
            disabled=not drawn,
            width="stretch",
            help=_(
                "Say what you have drawn (✕: not a digit): it is kept in your drawings, with which you "
                "can teach a network your hand."
            ),
        )
        if state.said_problem:
            st.error(state.said_problem, icon=":material/error:")
        elif state.said_id:
            _kept()


def _kept() -> None:
    what, count = label_words(SAID.value_or(None) or ""), len(DrawingStore().of(visitor()))
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        words = _("Kept as {label}: {drawings}.").format(label=what, drawings=drawings_in_words(count))
        st.caption(f":material/check: {words}", width="content")
        st.page_link("pages/teach.py", label=_("Teach it your hand"), icon=":material/school:", width="content")
    mount_visitor_cookie()


def _said() -> None:
    """A key was pressed: keep the drawing, or give it another label; pressed once more, it is not kept any more."""
    state, store, secret = draw_page_state(), DrawingStore(), visitor()
    label, drawing = SAID.value_or(None), current_drawing()
    state.said_problem = ""
    try:
        if label is None:
            store.delete(secret, [state.said_id])
            state.said_id = ""
        elif state.said_id in store.of(secret).ids:
            store.relabel(secret, [state.said_id], label)
        elif drawing is not None:
            strokes = state.pad.history.now.strokes
            new = NewDrawing(drawing, label, pen_strokes(strokes), background=canvas.BLACK)
            (state.said_id,) = store.add(secret, [new])
            state.said = list(strokes)
    except InputError as error:
        state.said_problem = str(error)
        SAID.put(None)
