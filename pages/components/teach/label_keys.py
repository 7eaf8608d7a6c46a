"""The keys that say what a drawing is, and what becomes of the drawing when one is pressed."""

from collections.abc import Callable
from typing import Any

import streamlit as st

from mnist_core.drawings import DrawingStore, NewDrawing
from pages.components.language import _
from pages.components.session import Widget
from pages.components.teach.labels import LABELS, drawings_in_words, label_words, short_label
from pages.components.visitor import mount_visitor_cookie, visitor


def label_keys(widget: Widget[str | None], pressed: Callable[..., None], *arguments: Any, **options: Any) -> None:
    """A key for each digit, and one for what is none. pressed: is called with the arguments; options: Streamlit's."""
    st.segmented_control(
        _("That is a …"),
        list(LABELS),
        format_func=short_label,
        key=widget.key,
        on_change=pressed,
        args=arguments,
        **options,
    )


def keep_as(label: str | None, identity: str, new: NewDrawing) -> str:
    """Keep a drawing, or give the one that is kept another label; label None: it is not kept any more.

    identity: under which name it is kept, "" if it is not. Returns that name from now on. Raises InputError.
    """
    store, secret = DrawingStore(), visitor()
    if label is None:
        store.delete(secret, [identity])
        return ""
    if identity in store.of(secret).ids:
        store.relabel(secret, [identity], label)
        return identity
    (identity,) = store.add(secret, [new])
    return identity


def say_kept(label: str) -> None:
    """What the drawing is kept as, how many there are, and the way to teach with them."""
    words = _("Kept as {label}: {drawings}.").format(
        label=label_words(label), drawings=drawings_in_words(len(DrawingStore().of(visitor())))
    )
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.caption(f":material/check: {words}", width="content")
        st.page_link("pages/teach.py", label=_("Teach it your hand"), icon=":material/school:", width="content")
    mount_visitor_cookie()
