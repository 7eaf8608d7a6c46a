"""The small print under a view: how it is computed, with the formula."""

import streamlit as st


def how_computed(text: str) -> None:
    """An expander with Markdown and formulas."""
    with st.expander("How is this computed?", icon=":material/function:"):
        st.markdown(text)
