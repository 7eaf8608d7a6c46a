"""The Lessons page: the list, a step of a lesson, a slide of it, or the words."""

import streamlit as st

from mnist_core.runs import RunStore
from pages.components.classes.page_state import class_state
from pages.components.classes.seat import leave, take_seat
from pages.components.frame import page_frame, page_head
from pages.components.language import _, gettext_noop
from pages.components.lessons.class_part import follow, teacher_part
from pages.components.lessons.glossary_view import glossary_view
from pages.components.lessons.lesson import Lesson
from pages.components.lessons.lesson_file import all_lessons
from pages.components.lessons.lesson_list import close_lesson, lesson_list
from pages.components.lessons.page_state import Key, lessons_page_state
from pages.components.lessons.place import Place, asked_lesson, class_pace, find_place, note_shown
from pages.components.lessons.slide_view import slide_view
from pages.components.lessons.step_view import step_view
from pages.components.shared_state import shared_state
from pages.components.visitor import mount_visitor_cookie, visitor
from pages.components.words import escaped

HEAD = (
    gettext_noop("Lessons"),
    gettext_noop("Predict, try, compare, explain: each lesson takes about twenty minutes, alone or with a class."),
)
"""The page's title and one sentence. They stand above the list alone: a step has a head of its own."""


def lessons_page() -> None:
    """The whole page."""
    slides = st.query_params.get("slides") == "1"
    page_frame(*HEAD, wide=slides, headed=False)
    if "word" in st.query_params:
        page_head(*HEAD)
        glossary_view()
        return
    store, secret = RunStore(), visitor()
    seat = take_seat(store, secret)
    pace = class_pace(store, seat)
    lessons, problems = all_lessons()
    lesson = _found(lessons, asked_lesson(seat, pace))
    shared_state().open_lesson = lesson.number if lesson else 0
    if lesson is None and not slides:
        page_head(*HEAD)
    for problem in problems:
        st.warning(_("A lesson was left out. {problem}").format(problem=escaped(problem)), icon=":material/error:")
    state = lessons_page_state()
    if state.problem:
        st.error(escaped(state.problem), icon=":material/error:")
        state.problem = ""
    if seat.problem:
        st.warning(escaped(seat.problem), icon=":material/groups:")
    place = None
    if lesson is None:
        lesson_list(store, secret, seat, lessons)
    else:
        place = find_place(store, secret, seat, pace, lesson, slides=slides)
        if slides:
            slide_view(place)
        else:
            _lesson(place)
        note_shown()
    if seat.id:
        state.drawn = pace
        follow(store, secret, seat, place)
        if not slides:
            st.button(
                _("Leave the class"),
                key=Key.LEAVE,
                icon=":material/logout:",
                on_click=_leave,
                args=(store, secret, seat.id),
                type="tertiary",
            )
    mount_visitor_cookie()


def _leave(store: RunStore, secret: str, identity: str) -> None:
    leave(store, secret, identity)
    lessons_page_state().problem = class_state().problem or ""


def _found(lessons: tuple[Lesson, ...], identity: str) -> Lesson | None:
    """The lesson of that id; by its number, too, so that an address can be told aloud."""
    return next((lesson for lesson in lessons if identity in (lesson.id, str(lesson.number))), None)


def _lesson(place: Place) -> None:
    step_view(place)
    if place.seat.can_order and not place.seat.closed:
        teacher_part(place)
    if place.leads:
        st.button(_("All lessons"), key=Key.LIST, icon=":material/list:", on_click=close_lesson, type="tertiary")
