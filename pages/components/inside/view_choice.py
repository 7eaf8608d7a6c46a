"""The row of views at the top of a page; the open one stands in the address."""

import streamlit as st

from pages.components.inside.page_state import ViewChoice
from pages.components.language import _
from pages.components.session import Widget


def choose_view(views: dict[str, str], widget: Widget[str], state: ViewChoice) -> str:
    """The key of one of `views`; the first if nothing was chosen.

    views: maps keys in the address to titles, marked by `gettext_noop`.
    """
    address = st.query_params.get("view", "")
    if address in views and address != state.in_address:
        widget.put(address)
    if widget.value_or("") not in views:
        widget.put(state.chosen if state.chosen in views else next(iter(views)))
    view = str(
        st.segmented_control(
            _("View"),
            list(views),
            format_func=lambda view: _(views[view]),
            key=widget.key,
            required=True,
            label_visibility="collapsed",
        )
    )
    state.chosen = state.in_address = view
    st.query_params["view"] = view
    return view
