"""What a lesson leaves: a network to draw with, to take away, or to go back from."""

import streamlit as st

from mnist_core import InputError, Recognizer
from pages.components.language import _
from pages.components.network_choice import bundled_cards
from pages.components.own_networks import keep_network, key_of
from pages.components.shared_state import shared_state
from pages.components.teach.lessons import Taught
from pages.components.teach.page_state import Key, teach_page_state


def taught_network(found: Taught) -> None:
    """Use it, go back, and its files. It can be used as soon as there is one, and is better at the end."""
    state = teach_page_state()
    if state.chosen_anew:
        state.chosen_anew = False
        st.rerun()
    used = shared_state().chosen_network == key_of(found.run)
    try:
        network = found.after()
    except InputError as error:
        st.error(str(error), icon=":material/error:")
        return
    if used and network is not None:
        # It may have learned more since it was chosen.
        keep_network(key_of(found.run), network)
    with st.container(horizontal=True, key=Key.RESULT):
        if used:
            st.button(_("Go back to the network before"), key=Key.UNDO, icon=":material/undo:", on_click=_go_back)
        elif network is not None:
            st.button(
                _("Use it from now on"),
                key=Key.USE,
                type="primary",
                icon=":material/check:",
                on_click=_use,
                args=(found, network),
            )
        if found.has_ended:
            _files(found)
    if used:
        with st.container(horizontal=True, vertical_alignment="center"):
            st.caption(_("The **Draw** page reads with it now."), width="content")
            st.page_link("app.py", label=_("Draw again"), icon=":material/draw:", width="content")


def _files(found: Taught) -> None:
    try:
        npz = (found.run.folder / "network.npz").read_bytes()
        card = (found.run.folder / "network.json").read_bytes()
    except OSError:
        return
    for label, data, name, key in (
        (_("Weights"), npz, "network.npz", Key.WEIGHTS),
        (_("Model card"), card, "network.json", Key.CARD),
    ):
        st.download_button(label, data, name, key=key, icon=":material/download:", on_click="ignore")


def _use(found: Taught, network: Recognizer) -> None:
    teach_page_state().used_before = shared_state().chosen_network
    keep_network(key_of(found.run), network)
    _choose(key_of(found.run))


def _go_back() -> None:
    before = teach_page_state().used_before
    # After a reload nobody knows what was used before.
    _choose(before or next(iter(bundled_cards()[0])))


def _choose(network: str) -> None:
    shared = shared_state()
    # The box of networks stands elsewhere on the page, and the browser still has its old choice: it is set anew.
    shared.chosen_network, shared.network_asked_at = network, None
    st.query_params["network"] = shared.network_in_address = network
    teach_page_state().chosen_anew = True
