"""The words of the lessons, one at a time or all of them."""

import streamlit as st

from pages.components.lessons.glossary import Term, glossary
from pages.components.lessons.page_state import WORD


def glossary_view() -> None:
    """A box to choose a word; without a choice, all words."""
    terms, asked = glossary(), st.query_params.get("word", "")
    if not WORD.has_value():
        WORD.put(asked if asked in terms else None)
    chosen = st.selectbox("Word", list(terms), index=None, key=WORD.key, placeholder="All words", on_change=_chosen)
    for term in [terms[chosen]] if chosen else terms.values():
        _show(term)


def _chosen() -> None:
    st.query_params["word"] = WORD.value or "all"


def _show(term: Term) -> None:
    st.subheader(term.name, anchor=False)
    st.markdown(term.plain)
    st.markdown(f"*In computer science:* {term.exact}")
    st.caption(f"In the code: `{term.code}`")
