"""The answer on the Draw page: the digit, how sure the network is, and the probabilities."""

import numpy as np
import streamlit as st

from mnist_core import Reading
from mnist_core.ink import encode_png
from pages.components.charts import probability_chart
from pages.components.draw.page_state import Key
from pages.components.words import confidence

CLOSE = 0.05
"""From this probability on, a second answer is named beside the first."""


def show_answer(reading: Reading, knows_others: bool) -> None:
    """The digit in large type, how sure the network is, and the probabilities."""
    with st.container(key=Key.PREDICTION, border=True, gap="small"):
        digit, words = answer(reading)
        st.metric("The network reads", digit)
        st.markdown(words)
    with st.container(key=Key.PROBABILITIES):
        shares = None if reading.digit is None else reading.probabilities * (1 - reading.other)
        probability_chart(shares, reading.other if knows_others else None)
    image = np.zeros((28, 28), np.float32) if reading.image is None else reading.image
    st.download_button(
        "Download the 28×28 picture",
        data=lambda: encode_png(image),
        file_name=f"digit-{reading.digit}.png" if reading.status == "digit" else "drawing.png",
        mime="image/png",
        key=Key.DOWNLOAD,
        icon=":material/download:",
        on_click="ignore",
        disabled=reading.image is None,
    )


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
