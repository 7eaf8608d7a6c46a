"""The Draw page: draw a digit or a number, or bring a picture, and a network reads it."""

import streamlit as st

from pages.components.draw.one_digit import one_digit
from pages.components.draw.page_state import MODE, draw_page_state
from pages.components.frame import page_frame
from pages.components.language import _, gettext_noop
from pages.components.link import kept_in_links
from pages.components.network_choice import digits_are_read
from pages.components.numbers.number_page import brought_picture, drawn_number
from pages.components.shared_state import shared_state
from pages.components.view_choice import choose_view

MODES = {"digit": gettext_noop("One digit"), "number": gettext_noop("A number"), "picture": gettext_noop("A picture")}


def draw_page() -> None:
    """The whole page, for what the visitor has chosen to be read."""
    page_frame(
        gettext_noop("Draw a digit") if digits_are_read() else gettext_noop("Draw"),
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
    # The Inside page's picture stays in the address when the browser goes back from there.
    st.query_params.pop("image", None)
    mode = choose_view(
        MODES,
        MODE,
        draw_page_state().mode,
        parameter="mode",
        label=gettext_noop("What is read"),
        first_in_address=False,
    )
    {"digit": one_digit, "number": drawn_number, "picture": brought_picture}[mode]()


def _way_in() -> None:
    """What somebody who has just come can begin with; nothing for one who is in a lesson."""
    if shared_state().open_lesson:
        return
    st.page_link(
        "pages/lessons.py",
        label=_("New here? Lesson 1"),
        icon=":material/menu_book:",
        query_params={"lesson": "1"} | kept_in_links(),
        width="content",
        help=_("What does the computer see? Twenty minutes, step by step."),
    )
