"""The answer on the Draw page: the digit, how sure the network is, and the probabilities."""

import streamlit as st

from mnist_core import Reading
from pages.components.draw.announce import announce
from pages.components.draw.live_reading import show_bars
from pages.components.draw.page_state import Key
from pages.components.words import confidence

CLOSE = 0.05
"""From this probability on, a second answer is named beside the first."""


def show_answer(reading: Reading, knows_others: bool, pace: float | None, *, settled: bool) -> None:
    """The digit in large type, how sure the network is, and the probabilities.

    pace: seconds between two readings while the pen moves, None for none. settled: the pen is lifted.
    """
    with st.container(key=Key.PREDICTION, border=True, gap="small"):
        digit, words = answer(reading)
        st.metric("The network reads", digit)
        st.markdown(words)
    announce(words if reading.status == "blank" else f"The network reads {digit}. {words}", settled=settled)
    with st.container(key=Key.PROBABILITIES):
        shares = None if reading.digit is None else reading.probabilities * (1 - reading.other)
        show_bars(shares, reading.other if knows_others else None, pace=pace)


def answer(reading: Reading) -> tuple[str, str]:
    """A reading in large type and in words."""
    if reading.status == "blank":
        return "–", "**Draw a digit** from 0 to 9 on the black square."
    if reading.digit is None:
        return (
            "?",
            ":material/help: **Not sure:** there are no strokes to read in a dot, a dash, specks or a filled shape.",
        )
    digit, second = reading.likeliest(2)
    runner_up = float(reading.probabilities[second]) * (1 - reading.other)
    if reading.status == "digit":
        sure = f":material/check_circle: **{confidence(reading.confidence)} sure**"
        if runner_up >= CLOSE and runner_up >= reading.other:
            return str(digit), f"{sure}, otherwise **{second}** ({confidence(runner_up)})"
        return str(digit), sure
    if reading.status == "other":
        words = f":material/block: **Not a digit**, {confidence(reading.other)} sure."
        if reading.confidence >= CLOSE:
            words += f" Or else **{digit}** ({confidence(reading.confidence)})."
        return "✕", words
    likely = [(f"**{digit}**", reading.confidence), (f"**{second}**", runner_up), ("no digit at all", reading.other)]
    (first, most), (other, less) = sorted(likely, key=lambda pair: -pair[1])[:2]
    return (
        f"{digit}?",
        f":material/help: **Not sure:** it could be {first} ({confidence(most)}) or {other} ({confidence(less)}).",
    )
