"""One of the visitor's drawings, large: another label for it, or away with it."""

import streamlit as st

from mnist_core import InputError
from mnist_core.drawings import Collection, DrawingStore
from pages.components.language import _
from pages.components.pictures import picture
from pages.components.screen import as_wide
from pages.components.teach.label_keys import label_keys
from pages.components.teach.labels import label_words
from pages.components.teach.page_state import Key, other_label, teach_page_state


def chosen_drawing(store: DrawingStore, secret: str, drawings: Collection) -> None:
    """The drawing that was clicked."""
    state = teach_page_state()
    place = drawings.ids.index(state.chosen)
    label, widget = drawings.labels[place], other_label(state.chosen)
    with st.container(border=True, horizontal=True, gap="medium", vertical_alignment="top", key=Key.CHOSEN):
        words = _("The drawing that you chose, labeled as {label}, in 28×28 pixels.")
        alt = words.format(label=label_words(label))
        st.image(picture(drawings.images[place] / 255), alt=alt, width=104)
        with st.container(gap="small", width=as_wide(290)):
            if not widget.has_value():
                widget.put(label)
            label_keys(widget, _relabel, store, secret, state.chosen, required=True, width="stretch")
            st.button(
                _("Delete this drawing"),
                key=Key.DELETE_ONE,
                icon=":material/delete:",
                on_click=_delete,
                args=(store, secret, state.chosen),
            )


def _relabel(store: DrawingStore, secret: str, identity: str) -> None:
    try:
        store.relabel(secret, [identity], str(other_label(identity).value))
    except InputError as error:
        teach_page_state().problem = str(error)


def _delete(store: DrawingStore, secret: str, identity: str) -> None:
    state = teach_page_state()
    try:
        store.delete(secret, [identity])
        state.chosen, state.done = "", _("The drawing is deleted.")
    except InputError as error:
        state.problem = str(error)
