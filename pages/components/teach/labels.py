"""The labels of drawings as the page shows them."""

from mnist_core.data import TEN_DIGITS
from mnist_core.drawings import NO_DIGIT
from pages.components.language import _
from pages.components.words import a_class, counted

LABELS = (*TEN_DIGITS, NO_DIGIT)
ALL = "all"
"""Stands for every label in a choice; no label is called so."""
NO_DIGIT_SIGN = "✕"


def short_label(label: str) -> str:
    """Under a picture, and on a key."""
    return label or NO_DIGIT_SIGN


def label_words(label: str) -> str:
    """ "a 4", "no digit"."""
    return a_class(label) if label else _("no digit")


def drawings_in_words(count: int) -> str:
    """ "1 drawing", "2,000 drawings"."""
    return counted(count, "{count} drawing", "{count} drawings")
