"""Below a number: whoever says what one of its digits is keeps that digit, to teach a network with it."""

import hashlib
from collections.abc import Sequence

import numpy as np
import streamlit as st

from mnist_core import InputError
from mnist_core.drawings import DrawingStore, NewDrawing
from mnist_core.reading import NumberReading
from pages.components.language import _
from pages.components.numbers.page_state import KeptDigit, Key, kept_label, misread_digit, number_page_state
from pages.components.teach.labels import LABELS, drawings_in_words, label_words, short_label
from pages.components.visitor import mount_visitor_cookie, visitor

MOST_DIGITS = 60
"""So many digits of one picture can be chosen."""


def say_digits(numbers: Sequence[NumberReading]) -> None:
    """A row of the digits that were read; for the chosen one, ten keys and ✕."""
    digits = [
        (text, image)
        for number in numbers
        for text, digit in zip(number.text, number.digits, strict=True)
        if (image := digit.reading.image) is not None
    ][:MOST_DIGITS]
    if not digits:
        return
    with st.expander(_("Was a digit misread?"), key=Key.MISREAD):
        chosen = st.segmented_control(
            _("Which one?"),
            range(len(digits)),
            format_func=lambda place: digits[place][0],
            key=misread_digit([image for _text, image in digits]).key,
            help=_("Digits from left to right, number by number."),
        )
        if chosen is not None:
            _keys(digits[chosen][1])


def _keys(image: np.ndarray) -> None:
    name = _name(image)
    state, widget = number_page_state(), kept_label(name)
    if name in state.kept and not widget.has_value():
        # The keys of another digit stood here meanwhile, and Streamlit has forgotten what these said.
        widget.put(state.kept[name].label)
    st.segmented_control(
        _("That is a …"),
        list(LABELS),
        format_func=short_label,
        key=widget.key,
        on_change=_said,
        args=(name, image),
        help=_("This digit alone is kept then (✕: not a digit), in your drawings, with which you can teach a network."),
    )
    if state.problem_of == name:
        st.error(state.said_problem, icon=":material/error:")
    elif name in state.kept:
        label, count = label_words(state.kept[name].label), len(DrawingStore().of(visitor()))
        words = _("Kept as {label}: {drawings}.").format(label=label, drawings=drawings_in_words(count))
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            st.caption(f":material/check: {words}", width="content")
            st.page_link("pages/teach.py", label=_("Teach it your hand"), icon=":material/school:", width="content")
        mount_visitor_cookie()


def _said(name: str, image: np.ndarray) -> None:
    """A key was pressed: keep the digit, or give it another label; pressed once more, it is not kept any more."""
    state, store, secret, widget = number_page_state(), DrawingStore(), visitor(), kept_label(name)
    label, kept = widget.value_or(None), state.kept.get(name)
    state.problem_of = ""
    try:
        if label is None:
            if kept is not None:
                store.delete(secret, [kept.id])
                del state.kept[name]
        elif kept is not None and kept.id in store.of(secret).ids:
            store.relabel(secret, [kept.id], label)
            state.kept[name] = KeptDigit(kept.id, label)
        else:
            pixels = np.round(image * 255).astype(np.uint8)
            rgba = np.full((*pixels.shape, 4), 255, np.uint8)
            rgba[..., :3] = pixels[..., None]
            (identity,) = store.add(secret, [NewDrawing(rgba, label, image=pixels)])
            state.kept[name] = KeptDigit(identity, label)
    except InputError as error:
        state.said_problem, state.problem_of = str(error), name
        widget.put(None if kept is None else kept.label)


def _name(image: np.ndarray) -> str:
    """The same for the same picture of a digit."""
    return hashlib.sha256(image.tobytes()).hexdigest()[:16]
