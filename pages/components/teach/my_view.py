"""What one person sees on the Teach page: the drawings, and a network that is taught with them."""

import streamlit as st

from mnist_core import InputError
from mnist_core.drawings import ClassDrawings, Collection, DrawingStore
from mnist_core.runs import RunStore
from pages.components.language import _
from pages.components.teach.drawings_files import delete_all, drawings_files
from pages.components.teach.help_curve import help_curve
from pages.components.teach.lessons import Taught
from pages.components.teach.my_drawings import my_drawings
from pages.components.teach.page_state import Key, take_back_key, teach_page_state
from pages.components.teach.teach_panel import teach_panel
from pages.components.teach.why_changed import why_changed
from pages.components.words import escaped


def my_view(runs: RunStore, secret: str) -> None:
    """The whole view."""
    store, state = DrawingStore(runs.root), teach_page_state()
    store.remove_old()
    if state.problem:
        st.error(escaped(state.problem), icon=":material/error:")
    if state.done:
        st.toast(state.done, icon=":material/check:")
    state.problem = state.done = ""
    _given(ClassDrawings(store, runs.classes), secret)
    try:
        drawings = store.of(secret)
    except InputError as error:
        st.error(escaped(str(error)), icon=":material/error:")
        delete_all(store, secret)
        return
    if not len(drawings):
        _empty(store, secret)
        return
    left, right = st.columns([1, 1.1], gap="large")
    with left:
        my_drawings(store, secret, drawings)
    with right:
        taught = teach_panel(runs, secret, drawings)
    if taught is not None:
        _in_depth(runs, secret, taught, drawings)


def _given(drawings: ClassDrawings, secret: str) -> None:
    """The classes that get the drawings, each with a button that ends it."""
    for info in drawings.classes_of(secret):
        with st.container(border=True, horizontal=True, vertical_alignment="center"):
            words = _("The class **{name}** gets your drawings, also those that you draw from now on.")
            st.markdown(words.format(name=escaped(info.name)), width="stretch")
            st.button(
                _("Take back"),
                key=take_back_key(info.id),
                icon=":material/undo:",
                on_click=_take_back,
                args=(drawings, info.id, secret),
            )


def _take_back(drawings: ClassDrawings, identity: str, secret: str) -> None:
    state = teach_page_state()
    try:
        drawings.take_back(identity, secret)
        state.done = _("Your drawings are yours alone again: no training of that class that begins later has them.")
    except InputError as error:
        state.problem = str(error)


def _in_depth(runs: RunStore, secret: str, taught: Taught, drawings: Collection) -> None:
    """What can be asked once a network was taught."""
    left, right = st.columns(2, gap="large")
    try:
        before, after = taught.before(), taught.after()
    except InputError as error:
        st.error(str(error), icon=":material/error:")
        return
    with left:
        why_changed(before, after or before, drawings)
    with right:
        help_curve(runs, secret, before, drawings)


def _empty(store: DrawingStore, secret: str) -> None:
    with st.container(border=True, key=Key.EMPTY):
        st.markdown(
            _(
                "## You have no drawings yet\n"
                "1. Draw a digit on the **Draw** page, in the way that you write it.\n"
                "2. Press the key below the answer that says what it is, above all when the network misreads you.\n"
                "3. Come back with a few of them, and teach the network your hand."
            )
        )
        with st.container(horizontal=True, vertical_alignment="center"):
            st.page_link("app.py", label=_("Draw a digit"), icon=":material/draw:", width="content")
        st.caption(
            _(
                "Your drawings are kept for you alone, unless you give them to a class: this browser has a secret by "
                "which they are found. Those that you do not open for 90 days are deleted."
            )
        )
    drawings_files(store, secret, store.of(secret))
