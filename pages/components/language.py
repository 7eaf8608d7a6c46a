"""The language of the words that a visitor reads. English is written in the code, and is the key of every catalog."""

import contextlib
import contextvars
from collections.abc import Iterator

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx

from pages.components.catalogs import ENGLISH, LANGUAGES, catalog
from pages.components.shared_state import shared_state

_SPOKEN = contextvars.ContextVar[str | None]("spoken", default=None)
_OF_THIS_RUN = contextvars.ContextVar[tuple[object, str] | None]("language of this run", default=None)
"""The run of a page that goes on in this thread, and its language: a page asks for it hundreds of times."""


def language() -> str:
    """The language of the visitor whose page is drawn, such as "de"; where no page is drawn, English or `spoken`."""
    spoken = _SPOKEN.get()
    if spoken is not None:
        return spoken
    run = get_script_run_ctx(suppress_warning=True)
    if run is None:
        return ENGLISH
    known = _OF_THIS_RUN.get()
    if known is None or known[0] is not run:
        known = run, shared_state().language or language_of_browser()
        _OF_THIS_RUN.set(known)
    return known[1]


def language_of_browser() -> str:
    """The first language that the browser wants and the catalogs know; English if there is none."""
    wanted = [st.context.locale or "", *(st.context.headers.get("Accept-Language") or "").split(",")]
    codes = (text.strip().partition(";")[0].partition("-")[0].lower() for text in wanted)
    return next((code for code in codes if code in LANGUAGES), ENGLISH)


def choose_language(code: str) -> None:
    """From now on, this visitor's pages speak this language."""
    shared_state().language = code
    _OF_THIS_RUN.set(None)


@contextlib.contextmanager
def spoken(language: str) -> Iterator[None]:
    """Where no page is drawn, as in an answer of the server: words in this language."""
    token = _SPOKEN.set(language)
    try:
        yield
    finally:
        _SPOKEN.reset(token)


def _(message: str) -> str:
    """A text in the visitor's language. Values come into it afterwards: `_("{name} is ready.").format(name=name)`."""
    code = language()
    # The catalog's entry for "" is its own head.
    return message if code == ENGLISH or not message else catalog(code).gettext(message)


def ngettext(one: str, many: str, count: int) -> str:
    """Like `_`, in the form that the language wants for so many."""
    code = language()
    if code == ENGLISH:
        return one if count == 1 else many
    return catalog(code).ngettext(one, many, count)


def pgettext(context: str, message: str) -> str:
    """Like `_`, for a word that has several meanings. context: which one is meant, in English, for the translator."""
    code = language()
    return message if code == ENGLISH else catalog(code).pgettext(context, message)


def gettext_noop(message: str) -> str:
    """The text as it is: marks one that the catalogs shall have, and that `_` gets later, as `_(LABEL)`."""
    return message
