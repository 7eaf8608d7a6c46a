"""A row of choices at the top of a page, such as its views; the one that is open stands in the address."""

from dataclasses import dataclass

import streamlit as st

from pages.components.language import _, gettext_noop
from pages.components.session import Widget


@dataclass
class ViewChoice:
    """The view that is open on a page, also while another page is open."""

    chosen: str = ""
    in_address: str = ""


def choose_view(
    views: dict[str, str],
    widget: Widget[str],
    state: ViewChoice,
    *,
    parameter: str = "view",
    label: str = gettext_noop("View"),
    first_in_address: bool = True,
) -> str:
    """The key of one of `views`; the first if nothing was chosen.

    views: maps keys in the address to titles, marked by `gettext_noop`, as `label` is. first_in_address: whether the
    first view, too, is named in the address.
    """
    address = st.query_params.get(parameter, "")
    if address in views and address != state.in_address:
        widget.put(address)
    if widget.value_or("") not in views:
        widget.put(state.chosen if state.chosen in views else next(iter(views)))
    view = str(
        st.segmented_control(
            _(label),
            list(views),
            format_func=lambda view: _(views[view]),
            key=widget.key,
            required=True,
            label_visibility="collapsed",
        )
    )
    state.chosen = state.in_address = view
    if first_in_address or view != next(iter(views)):
        st.query_params[parameter] = view
    else:
        st.query_params.pop(parameter, None)
    return view
