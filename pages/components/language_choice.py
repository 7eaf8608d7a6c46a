"""The choice of a language, above the menu. It stands in the address, and follows to the other pages."""

import streamlit as st

from pages.components.catalogs import LANGUAGES, LONGER
from pages.components.language import _, choose_language, language
from pages.components.shared_state import LANGUAGE, shared_state


def take_language_of_address() -> None:
    """Note the language of the address; to an address that names none, add what was last chosen."""
    asked = st.query_params.get("lang")
    known = asked in LANGUAGES or asked == LONGER
    choose_language(str(asked) if known else shared_state().language)
    if not known and shared_state().language:
        st.query_params["lang"] = shared_state().language


def language_menu() -> None:
    """A button with the language's code; its menu has the languages by their own names."""
    st.menu_button(
        language().upper(),
        list(LANGUAGES),
        key=LANGUAGE.key,
        format_func=LANGUAGES.__getitem__,
        on_click=_chosen,
        help=_("The language of these pages"),
        type="tertiary",
    )


def _chosen() -> None:
    code = LANGUAGE.value_or("")
    if code in LANGUAGES:
        choose_language(code)
        st.query_params["lang"] = code
