"""The small print under a view: how it is computed, with the formula."""

import streamlit as st

from pages.components.language import _


def how_computed(text: str) -> None:
    """An expander with Markdown and formulas, in the visitor's language."""
    with st.expander(_("How is this computed?"), icon=":material/function:"):
        st.markdown(text)
