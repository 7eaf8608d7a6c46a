"""One step of a lesson: its text, what is predicted, and links to the pages that set everything up."""

import re
from urllib.parse import quote, urlencode

import streamlit as st

from pages.components.frame import PAGES as MENU
from pages.components.language import _
from pages.components.lessons import votes
from pages.components.lessons.lesson import KINDS, PAGES, Lesson, Link, Step
from pages.components.lessons.lesson_file import all_lessons
from pages.components.lessons.lesson_list import open_lesson
from pages.components.lessons.page_state import Key
from pages.components.lessons.place import Place, go, is_double_click, note_click
from pages.components.link import kept_in_links
from pages.components.words import unbroken_percent

WORD = re.compile(r"\[\[([^\]|]+)(?:\|([^\]|]+))?\]\]")
"""A word of the glossary in a text: [[weight]], or [[weight|weights]] to show another form of it."""
ICONS = {
    "predict": ":material/psychology_alt:",
    "try": ":material/science:",
    "compare": ":material/compare_arrows:",
    "explain": ":material/lightbulb:",
    "harder": ":material/local_fire_department:",
}


def with_words(text: str) -> str:
    """The text with its words linked to the glossary, which opens beside it, in another tab."""

    def link(found: re.Match[str]) -> str:
        return f"[{found[2] or found[1]}](lessons?{urlencode({'word': found[1]} | kept_in_links(), quote_via=quote)})"

    return unbroken_percent(WORD.sub(link, text))


def heading(step: Step) -> str:
    """The kind of a step and its title, with the icon of the kind."""
    words = _("{kind}: {title}").format(kind=_(KINDS[step.kind]), title=unbroken_percent(_(step.title)))
    return f"{ICONS[step.kind]} {words}"


def where(place: Place) -> str:
    """The lesson and the step, in a line."""
    words = _("Lesson {number}: {title} · Step {step} of {steps}")
    lesson = place.lesson
    return words.format(number=lesson.number, title=_(lesson.title), step=place.number + 1, steps=len(lesson.steps))


def step_view(place: Place) -> None:
    """The whole step, with the buttons that lead on."""
    step, count = place.step, len(place.lesson.steps)
    st.caption(where(place))
    st.progress((place.number + 1) / count)
    with st.container(key=Key.STEP):
        st.header(heading(step), anchor=False)
        st.markdown(with_words(_(step.text)))
        if step.kind == "predict":
            votes.ask(place)
        elif step.kind == "compare":
            votes.look_back(place)
        if step.links:
            with st.container(horizontal=True):
                for link in step.links:
                    open_link(place, link)
    if place.leads:
        buttons(place)
    else:
        st.caption(_("Your teacher goes on for the whole class."))


def open_link(place: Place, link: Link) -> None:
    """A link to a page, which keeps the class and the projector."""
    query, label = dict(link.query), _(link.label)
    if link.page == "train" and link.query.keys() != {"preset"}:
        # What a lesson compares is told apart by its name; a preset has one of its own.
        query["name"] = label
    if link.page == "train" and place.seat.id:
        query["class"] = place.seat.id
        if place.seat.can_order:
            query["teacher"] = st.query_params.get("teacher", "")
    query |= kept_in_links()
    path = PAGES[link.page]
    # The page opens in this tab, and has the icon that it has in the menu.
    icon = next(icon for page, _label, icon in MENU if page == path)
    st.page_link(path, label=label, icon=icon, query_params=query, width="content")


def buttons(place: Place) -> None:
    """One step back, one step on; from the last one to the next lesson."""
    with st.container(horizontal=True):
        st.button(
            _("Back"),
            icon=":material/arrow_back:",
            key=Key.BACK,
            disabled=place.number == 0,
            on_click=go,
            args=(place, place.number - 1),
        )
        if place.number < len(place.lesson.steps) - 1:
            st.button(
                _("Next step"),
                icon=":material/arrow_forward:",
                key=Key.NEXT,
                type="primary",
                on_click=go,
                args=(place, place.number + 1),
            )
        elif after := lesson_after(place.lesson):
            st.button(
                _("Next lesson"),
                icon=":material/skip_next:",
                key=Key.NEXT_LESSON,
                type="primary",
                on_click=_next_lesson,
                args=(after.id,),
            )


def _next_lesson(identity: str) -> None:
    if not is_double_click(1):
        open_lesson(identity)
        note_click(1)


def lesson_after(lesson: Lesson) -> Lesson | None:
    """The lesson with the next number, None behind the last."""
    return next((other for other in all_lessons()[0] if other.number > lesson.number), None)
