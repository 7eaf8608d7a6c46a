"""A step for the projector: a few words in large letters, and what the class predicts as bars."""

import streamlit as st

from pages.components.classes.invitation import invitation
from pages.components.language import _
from pages.components.lessons import votes
from pages.components.lessons.page_state import Key
from pages.components.lessons.place import Place, question
from pages.components.lessons.step_view import buttons, heading, where
from pages.components.words import unbroken_percent

LARGE = (
    f"<style>.st-key-{Key.SLIDE} h2 {{font-size: clamp(1.8rem, 3.4vw, 5rem); line-height: 1.25}}"
    f".st-key-{Key.SLIDE} [data-testid=stHeading] h2 {{font-size: clamp(1.4rem, 2.2vw, 3.2rem)}}"
    f".st-key-{Key.SLIDE} :is(li, label, p) {{font-size: clamp(1.2rem, 2vw, 3rem); line-height: 1.4}}</style>"
)
"""The question is what the last row of a room has to read."""


def slide_view(place: Place) -> None:
    """The whole slide. Without a class it has buttons of its own; with one, it shows where the class is."""
    step = place.step
    st.caption(where(place))
    with st.container(key=Key.SLIDE):
        st.html(LARGE)
        st.header(heading(step), anchor=False)
        st.markdown(f"## {unbroken_percent(_(step.slide))}")
        if step.kind == "predict":
            # Once the class may see what it predicts, the bars below name the choices (`class_part.py`).
            if question(place.lesson, step.name) not in place.pace.revealed:
                choices = (f"{number}. {votes.shown(choice)}" for number, choice in enumerate(step.choices, 1))
                st.markdown("\n".join(choices))
        elif step.kind == "compare":
            votes.look_back(place)
    if place.seat.id and place.number == 0 and (info := place.store.classes.find(place.seat.id)):
        invitation(info, for_lessons=True)
    if not place.seat.id or place.seat.can_order:
        buttons(place)
