"""The Draw page: draw a digit or a number, or bring a picture, and a network reads it."""

import streamlit as st

from pages.components.draw.one_digit import one_digit
from pages.components.draw.page_state import MODE
from pages.components.frame import page_frame
from pages.components.language import _, gettext_noop
from pages.components.link import kept_in_links
from pages.components.network_choice import digits_are_read
from pages.components.numbers.number_page import brought_picture, drawn_number

MODES = {"digit": gettext_noop("One digit"), "number": gettext_noop("A number"), "picture": gettext_noop("A picture")}


def draw_page() -> None:
    """The whole page, for what the visitor has chosen to be read."""
    page_frame(
        gettext_noop("Draw a digit"),
        gettext_noop(
            "Draw a digit from 0 to 9 with the mouse, a pen or a finger. A neural network written in NumPy reads it "
            "while you draw. It reads whole numbers, too."
        )
        if digits_are_read()
        else gettext_noop(
            "Draw with the mouse, a pen or a finger. A neural network written in NumPy reads it while you draw."
        ),
        wide=True,
        beside=_way_in,
    )
    {"digit": one_digit, "number": drawn_number, "picture": brought_picture}[_choose_mode()]()


def _way_in() -> None:
    """What somebody who has just come can begin with."""
    st.page_link(
        "pages/lessons.py",
        label=_("New here? Lesson 1"),
        icon=":material/menu_book:",
        query_params={"lesson": "1"} | kept_in_links(),
        width="content",
        help=_("What does the computer see? Twenty minutes, step by step."),
    )


def _choose_mode() -> str:
    """What is read; it stands in the address, if it is not the usual."""
    asked = st.query_params.get("mode")
    if not MODE.has_value():
        MODE.put(asked if asked in MODES else "digit")
    mode = str(
        st.segmented_control(
            _("What is read"),
            list(MODES),
            format_func=lambda mode: _(MODES[mode]),
            key=MODE.key,
            required=True,
            label_visibility="collapsed",
            persist_state="session",
        )
    )
    if mode != "digit":
        st.query_params["mode"] = mode
    elif asked is not None:
        del st.query_params["mode"]
    return mode
