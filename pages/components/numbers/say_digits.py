"""Below a number: whoever says what one of its digits is keeps that digit, to teach a network with it."""

import hashlib
from collections.abc import Sequence

import numpy as np
import streamlit as st

from mnist_core import InputError
from mnist_core.data import to_bytes
from mnist_core.drawings import NO_DIGIT, NewDrawing
from mnist_core.reading import NumberReading
from pages.components.language import _
from pages.components.numbers.page_state import KeptDigit, Key, kept_label, misread_digit, number_page_state
from pages.components.teach.label_keys import keep_as, label_keys, say_kept

MOST_DIGITS = 60
"""So many digits of one picture can be chosen."""


def say_digits(numbers: Sequence[NumberReading]) -> None:
    """A row of the digits that were read; for the chosen one, ten keys and ✕."""
    digits = [
        (str(digit.digit), image)
        for number in numbers
        for digit in number.digits
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
    label_keys(
        widget,
        _said,
        name,
        image,
        help=_("This digit alone is kept then (✕: not a digit), in your drawings, with which you can teach a network."),
    )
    if state.problem_of == name:
        st.error(state.said_problem, icon=":material/error:")
    elif name in state.kept:
        say_kept(state.kept[name].label)


def _said(name: str, image: np.ndarray) -> None:
    """A key was pressed: keep the digit, or give it another label; pressed once more, it is not kept any more."""
    state, widget = number_page_state(), kept_label(name)
    label, kept = widget.value_or(None), state.kept.get(name)
    state.problem_of = ""
    try:
        identity = keep_as(label, kept.id if kept else "", NewDrawing.of_image(to_bytes(image), label or NO_DIGIT))
        if label is None:
            state.kept.pop(name, None)
        else:
            state.kept[name] = KeptDigit(identity, label)
    except InputError as error:
        state.said_problem, state.problem_of = str(error), name
        widget.put(None if kept is None else kept.label)


def _name(image: np.ndarray) -> str:
    """The same for the same picture of a digit."""
    return hashlib.sha256(image.tobytes()).hexdigest()[:16]
