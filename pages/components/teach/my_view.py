"""What one person sees on the Teach page: the drawings, and a network that is taught with them."""

import streamlit as st

from mnist_core import InputError
from mnist_core.drawings import DrawingStore
from mnist_core.runs import RunStore
from pages.components.teach.drawings_files import drawings_files
from pages.components.teach.my_drawings import my_drawings
from pages.components.teach.page_state import Key, teach_page_state


def my_view(runs: RunStore, secret: str) -> None:
    """The whole view."""
    store, state = DrawingStore(runs.root), teach_page_state()
    store.remove_old()
    if state.problem:
        st.error(state.problem, icon=":material/error:")
    if state.done:
        st.toast(state.done, icon=":material/check:")
    state.problem = state.done = ""
    try:
        drawings = store.of(secret)
    except InputError as error:
        st.error(str(error), icon=":material/error:")
        return
    if not len(drawings):
        _empty(store, secret)
        return
    my_drawings(store, secret, drawings)


def _empty(store: DrawingStore, secret: str) -> None:
    with st.container(border=True, key=Key.EMPTY):
        st.markdown(
            "## You have no drawings yet\n"
            "1. Draw a digit on the **Draw** page, in the way that you write it.\n"
            "2. Press the key below the answer that says what it is, above all when the network misreads you.\n"
            "3. Come back with a few of them, and teach the network your hand."
        )
        with st.container(horizontal=True, vertical_alignment="center"):
            st.page_link("app.py", label="Draw a digit", icon=":material/draw:", width="content")
        st.caption(
            "Your drawings are kept for you alone: this browser has a secret by which they are found. Those that "
            "nobody opens for 90 days are deleted."
        )
    drawings_files(store, secret, store.of(secret))
