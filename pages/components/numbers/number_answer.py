"""What was read of a number: in large type, with frames, the second best, and the cuts that were considered."""

from collections.abc import Sequence

import streamlit as st

from mnist_core.reading import NumberFigure, NumberReading
from pages.components.draw.announce import announce
from pages.components.language import _, gettext_noop
from pages.components.numbers.page_state import Key, digit_key
from pages.components.numbers.say_digits import say_digits
from pages.components.pictures import data_url
from pages.components.shared_state import PickedDigit, shared_state
from pages.components.words import confidence, counted, whole

CLOSE = 0.05
"""From this probability on, a second number is named beside the first."""
SURE = 0.9
"""A number that is less likely is one that the network is not sure of."""
FRAMES = gettext_noop("A frame for each digit, with how sure its network is; orange: less than 90 %.")
MOST_BUTTONS = 60
"""So many digits of one picture can be looked at inside."""


def number_words(number: NumberReading | None, empty: str) -> tuple[str, str]:
    """A number in large type and in words. number: None if nothing was drawn, and then `empty` asks for it."""
    if number is None:
        return "–", empty
    if not number.text:
        return "✕", ":material/block: " + _("**No number** is found in this.")
    sure = number.confidence >= SURE
    second, less = number.alternatives[0] if number.alternatives else ("", 0.0)
    if less >= CLOSE:
        words = (
            _("**{share} sure**, otherwise **{second}** ({less})")
            if sure
            else _("**Not sure:** {share}, otherwise **{second}** ({less})")
        )
    else:
        words = _("**{share} sure**") if sure else _("**Not sure:** {share}")
    words = words.format(share=confidence(number.confidence), second=second, less=confidence(less))
    return number.text, f":material/check_circle: {words}" if sure else f":material/help: {words}"


def show_number(number: NumberReading | None, figure: NumberFigure | None, empty: str) -> None:
    """The answer to one drawing, and the drawing."""
    text, words = number_words(number, empty)
    left, right = st.columns([2, 3], gap="medium")
    with left:
        with st.container(key=Key.NUMBER, border=True, gap="small"):
            st.metric(_("The network reads"), text)
            st.markdown(words)
        told = _("The network reads {answer}. {words}").format(answer=text, words=words)
        announce(words if number is None else told)
        if number is not None:
            look_inside([number])
            say_digits([number])
    if number is None or figure is None:
        return
    with right:
        if number.text:
            st.image(data_url(figure.framed([number])), caption=_(FRAMES), alt=_alt([number]), width="stretch")
        cuts = st.expander(_("The cuts that were considered"), key=Key.CUTS, on_change="rerun")
        # The pictures are made only for somebody who looks.
        if cuts.open:
            with cuts:
                _cuts(number, figure)


def _cuts(number: NumberReading, figure: NumberFigure) -> None:
    words = _("**1 · pieces:** the ink is cut into {count} pieces, more than there are digits.")
    st.caption(words.format(count=whole(len(number.cuts.pieces))))
    alt = _("The drawing with a frame around each piece.")
    st.image(data_url(figure.pieces(number.cuts)), alt=alt, width="stretch")
    words = _(
        "**2 · groups:** neighbors are put together in {count} ways, and each is read: the "
        "brighter, the likelier; a dash is no digit. **3 · the way:** the likeliest row of groups from left to right "
        "has the color of the frames."
    )
    st.caption(words.format(count=whole(len(number.cuts.groupings))))
    alt = _("A bar for each group of pieces, with the digit that it may be.")
    st.image(data_url(figure.considered(number.cuts)), alt=alt, width="stretch")


def show_numbers(numbers: Sequence[NumberReading], figure: NumberFigure) -> None:
    """All numbers of a picture, framed, and in a table if there are several."""
    if len(numbers) == 1:
        show_number(numbers[0], figure, "")
        return
    if numbers:
        shown = counted(
            len(numbers),
            "**{count} number is found** in this picture.",
            "**{count} numbers are found** in this picture.",
        )
    else:
        shown = _("**No number is found** in this picture.")
    left, right = st.columns([2, 3], gap="medium")
    with left:
        announce(shown)
        with st.container(key=Key.NUMBER, border=True, gap="small"):
            st.markdown(shown)
            if numbers:
                rows = ["| " + _("the network reads") + " | " + _("how sure") + " |", "| --- | --- |"]
                read = (number_words(number, "") for number in numbers)
                st.markdown("\n".join([*rows, *(f"| **{text}** | {words} |" for text, words in read)]))
        look_inside(numbers)
        say_digits(numbers)
    with right:
        caption = _(FRAMES) if numbers else None
        st.image(data_url(figure.framed(numbers)), caption=caption, alt=_alt(numbers), width="stretch")


def look_inside(numbers: Sequence[NumberReading]) -> None:
    """A button for each digit; it takes the digit to the Inside page."""
    digits = [(index, place) for index, number in enumerate(numbers) for place in range(len(number.digits))]
    if not digits:
        return
    with st.container(horizontal=True, gap="small", vertical_alignment="center", key=Key.DIGITS):
        st.caption(_("Look inside:"), width="content")
        for index, place in digits[:MOST_BUTTONS]:
            number = numbers[index]
            clicked = st.button(
                str(number.digits[place].digit),
                key=digit_key(index, place),
                help=_("Digit {place} of {number}: why is it read so?").format(place=place + 1, number=number.text),
            )
            image = number.digits[place].reading.image
            if clicked and image is not None:
                title = _("Digit {place} of {number}").format(place=place + 1, number=number.text)
                shared_state().picked = PickedDigit(image, title)
                st.switch_page("pages/inside.py", query_params={"image": "picked"})


def _alt(numbers: Sequence[NumberReading]) -> str:
    if not numbers:
        return _("The picture; nothing in it has a frame.")
    words = _("The picture with a frame around each digit of {numbers}.")
    return words.format(numbers=", ".join(number.text for number in numbers))
