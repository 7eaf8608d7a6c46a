"""The row of views at the top of a page; which one is open stands in the address."""

import streamlit as st


def choose_view(views: dict[str, str], key: str) -> str:
    """One of `views`, which maps what stands in the address to what people read; the first if nothing was chosen.

    key: the session's key for the choice. Another part of the page may set it, before this is called or in a callback.
    """
    address = st.query_params.get("view", "")
    if address in views and address != st.session_state.get(f"{key}_in_address"):
        st.session_state[key] = address
    if st.session_state.get(key) not in views:
        kept = st.session_state.get(f"{key}_kept")
        st.session_state[key] = kept if kept in views else next(iter(views))
    view = str(
        st.segmented_control(
            "View", list(views), format_func=views.__getitem__, key=key, required=True, label_visibility="collapsed"
        )
    )
    st.session_state[f"{key}_kept"] = st.session_state[f"{key}_in_address"] = view
    st.query_params["view"] = view
    return view
