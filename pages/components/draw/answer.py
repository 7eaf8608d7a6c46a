"""The answer on the Draw page: the digit, how sure the network is, and the probabilities."""

import streamlit as st

from mnist_core import Reading
from pages.components.draw.announce import announce
from pages.components.draw.answer_texts import answer, bars
from pages.components.draw.live_reading import show_bars
from pages.components.draw.page_state import Key


def show_answer(reading: Reading, knows_others: bool, pace: float | None) -> None:
    """The digit in large type, how sure the network is, and the probabilities.

    pace: seconds between two readings while the pen moves, None for none.
    """
    with st.container(key=Key.PREDICTION, border=True, gap="small"):
        digit, words = answer(reading)
        st.metric("The network reads", digit)
        st.markdown(words)
    announce(words if reading.status == "blank" else f"The network reads {digit}. {words}")
    with st.container(key=Key.PROBABILITIES):
        show_bars(bars(reading, knows_others), pace)
