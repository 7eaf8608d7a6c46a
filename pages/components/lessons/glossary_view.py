"""The words of the lessons, one at a time or all of them."""

import streamlit as st

from pages.components.language import _
from pages.components.lessons.glossary import Term, glossary
from pages.components.lessons.page_state import WORD


def glossary_view() -> None:
    """A box to choose a word; without a choice, all words."""
    terms = dict(sorted(glossary().items(), key=lambda entry: _(entry[0]).casefold()))
    asked = st.query_params.get("word", "")
    if not WORD.has_value():
        WORD.put(asked if asked in terms else None)
    chosen = st.selectbox(
        _("Word"), list(terms), index=None, key=WORD.key, placeholder=_("All words"), on_change=_chosen, format_func=_
    )
    for term in [terms[chosen]] if chosen else terms.values():
        _show(term)


def _chosen() -> None:
    st.query_params["word"] = WORD.value or "all"


def _show(term: Term) -> None:
    st.subheader(_(term.name), anchor=False)
    st.markdown(_(term.plain))
    st.markdown(_("*In computer science:* {exact}").format(exact=_(term.exact)))
    st.caption(_("In the code: `{place}`").format(place=term.code))
