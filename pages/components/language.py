"""The language of the words that a visitor reads. English is written in the code, and is the key of every catalog."""

import contextlib
import contextvars
from collections.abc import Iterator

ENGLISH = "en"
_SPOKEN = contextvars.ContextVar("language", default=ENGLISH)


def language() -> str:
    """The language of the visitor whose page is drawn, such as "de"."""
    return _SPOKEN.get()


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
    return message


def ngettext(one: str, many: str, count: int) -> str:
    """Like `_`, in the form that the language wants for so many."""
    return one if count == 1 else many


def gettext_noop(message: str) -> str:
    """The text as it is: marks one that the catalogs shall have, and that `_` gets later, as `_(LABEL)`."""
    return message
