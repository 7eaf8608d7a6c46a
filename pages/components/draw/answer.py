"""The answer on the Draw page: the digit, how sure the network is, and the probabilities."""

from contextlib import nullcontext

import streamlit as st

from mnist_core import Reading
from pages.components.draw.announce import announce
from pages.components.draw.answer_texts import answer, bars
from pages.components.draw.live_reading import show_bars
from pages.components.draw.page_state import Key
from pages.components.language import _

LONG = 2
"""Answers with more letters than this are words."""


def show_answer(reading: Reading, knows_others: bool, pace: float | None) -> None:
    """The digit in large type, how sure the network is, and the probabilities.

    pace: seconds between two readings while the pen moves, None for none.
    """
    with st.container(key=Key.PREDICTION, border=True, gap="small"):
        digit, words = answer(reading)
        # A word needs smaller letters than a digit.
        words_are_long = max(map(len, reading.classes)) > LONG
        with st.container(key=Key.LONG_ANSWER) if words_are_long else nullcontext():
            st.metric(_("The network reads"), digit)
        st.markdown(words)
    told = _("The network reads {answer}. {words}").format(answer=digit, words=words)
    announce(words if reading.status == "blank" else told)
    with st.container(key=Key.PROBABILITIES):
        show_bars(bars(reading, knows_others), pace)
