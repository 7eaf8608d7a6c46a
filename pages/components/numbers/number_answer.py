"""What was read of a number: in large type, with frames, the second best, and the cuts that were considered."""

from collections.abc import Sequence

import streamlit as st

from mnist_core.reading import NumberFigure, NumberReading
from pages.components.draw.announce import announce
from pages.components.numbers.page_state import Key, digit_key
from pages.components.pictures import data_url
from pages.components.shared_state import PickedDigit, shared_state
from pages.components.words import confidence

CLOSE = 0.05
"""From this probability on, a second number is named beside the first."""
SURE = 0.9
"""A number that is less likely is one that the network is not sure of."""
FRAMES = "A frame for each digit, with how sure its network is; orange: less than 90 %."
MOST_BUTTONS = 60
"""So many digits of one picture can be looked at inside."""


def number_words(number: NumberReading | None, empty: str) -> tuple[str, str]:
    """A number in large type and in words. number: None if nothing was drawn, and then `empty` asks for it."""
    if number is None:
        return "–", empty
    if not number.text:
        return "✕", ":material/block: **No number** is found in this."
    sign, sure = (
        (":material/check_circle:", f"**{confidence(number.confidence)} sure**")
        if number.confidence >= SURE
        else (":material/help:", f"**Not sure:** {confidence(number.confidence)}")
    )
    second = ""
    if number.alternatives and number.alternatives[0][1] >= CLOSE:
        text, share = number.alternatives[0]
        second = f", otherwise **{text}** ({confidence(share)})"
    return number.text, f"{sign} {sure}{second}"


def show_number(number: NumberReading | None, figure: NumberFigure | None, empty: str) -> None:
    """The answer to one drawing, and the drawing."""
    text, words = number_words(number, empty)
    left, right = st.columns([2, 3], gap="medium")
    with left:
        with st.container(key=Key.NUMBER, border=True, gap="small"):
            st.metric("The network reads", text)
            st.markdown(words)
        announce(words if number is None else f"The network reads {text}. {words}")
        if number is not None:
            look_inside([number])
    if number is None or figure is None:
        return
    with right:
        if number.text:
            st.image(data_url(figure.framed([number])), caption=FRAMES, alt=_alt([number]), width="stretch")
        cuts = st.expander("The cuts that were considered", key=Key.CUTS, on_change="rerun")
        # The pictures are made only for somebody who looks.
        if cuts.open:
            with cuts:
                _cuts(number, figure)


def _cuts(number: NumberReading, figure: NumberFigure) -> None:
    st.caption(f"**1 · pieces:** the ink is cut into {len(number.cuts.pieces)} pieces, more than there are digits.")
    alt = "The drawing with a frame around each piece."
    st.image(data_url(figure.pieces(number.cuts)), alt=alt, width="stretch")
    st.caption(
        f"**2 · groups:** neighbors are put together in {len(number.cuts.groupings)} ways, and each is read: the "
        "brighter, the likelier; a dash is no digit. **3 · the way:** the likeliest row of groups from left to right "
        "has the color of the frames."
    )
    alt = "A bar for each group of pieces, with the digit that it may be."
    st.image(data_url(figure.considered(number.cuts)), alt=alt, width="stretch")


def show_numbers(numbers: Sequence[NumberReading], figure: NumberFigure) -> None:
    """All numbers of a picture, framed, and in a table if there are several."""
    if len(numbers) == 1:
        show_number(numbers[0], figure, "")
        return
    found = f"{len(numbers)} numbers are found" if numbers else "No number is found"
    left, right = st.columns([2, 3], gap="medium")
    with left:
        announce(f"{found} in this picture.")
        with st.container(key=Key.NUMBER, border=True, gap="small"):
            st.markdown(f"**{found}** in this picture.")
            if numbers:
                rows = ["| the network reads | how sure |", "| --- | --- |"]
                read = (number_words(number, "") for number in numbers)
                st.markdown("\n".join([*rows, *(f"| **{text}** | {words} |" for text, words in read)]))
        look_inside(numbers)
    with right:
        caption = FRAMES if numbers else None
        st.image(data_url(figure.framed(numbers)), caption=caption, alt=_alt(numbers), width="stretch")


def look_inside(numbers: Sequence[NumberReading]) -> None:
    """A button for each digit; it takes the digit to the Inside page."""
    digits = [(index, place) for index, number in enumerate(numbers) for place in range(len(number.digits))]
    if not digits:
        return
    with st.container(horizontal=True, gap="small", vertical_alignment="center", key=Key.DIGITS):
        st.caption("Look inside:", width="content")
        for index, place in digits[:MOST_BUTTONS]:
            number = numbers[index]
            clicked = st.button(
                number.text[place],
                key=digit_key(index, place),
                help=f"Digit {place + 1} of {number.text}: why is it read so?",
            )
            image = number.digits[place].reading.image
            if clicked and image is not None:
                title = f"Digit {place + 1} of {number.text}"
                shared_state().picked = PickedDigit(image, title)
                st.switch_page("pages/inside.py", query_params={"image": "picked"})


def _alt(numbers: Sequence[NumberReading]) -> str:
    if not numbers:
        return "The picture; nothing in it has a frame."
    return "The picture with a frame around each digit of " + ", ".join(number.text for number in numbers) + "."
