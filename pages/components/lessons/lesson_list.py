"""All lessons to choose from, how far the visitor is in each, and what is there for teachers."""

import functools

import streamlit as st

from mnist_core.runs import RunStore
from pages.components.classes.class_box import ways_in
from pages.components.classes.invitation import just_opened
from pages.components.classes.seat import Seat
from pages.components.language import _, language, spoken
from pages.components.lessons.lesson import Lesson
from pages.components.lessons.page_state import Key, lessons_page_state, open_key
from pages.components.lessons.place import all_progress
from pages.components.lessons.sheets import html_of_all
from pages.components.words import escaped


def lesson_list(store: RunStore, secret: str, seat: Seat, lessons: tuple[Lesson, ...]) -> None:
    """The list."""
    if not seat.id:
        ways_in(store, secret, "")
    elif seat.member and not (seat.can_order or seat.closed):
        words = _("You are in class **{name}**. When your teacher opens a lesson for all, it appears here.")
        st.info(words.format(name=escaped(seat.name)), icon=":material/groups:")
    just_opened(store, seat, for_lessons=True)
    known = all_progress(store, secret)
    for lesson in lessons:
        with st.container(border=True, horizontal=True, vertical_alignment="center"):
            with st.container(width="stretch", gap="small"):
                st.markdown(f"**{lesson.number} · {escaped(_(lesson.title))}**  \n{escaped(_(lesson.question))}")
                st.caption(_about(lesson, known[lesson.id].step if lesson.id in known else None))
            st.button(
                _("Go on") if lesson.id in known else _("Begin"),
                key=open_key(lesson.id),
                icon=":material/play_arrow:",
                type="primary" if lesson is lessons[0] and not known else "secondary",
                on_click=open_lesson,
                args=(lesson.id,),
            )
    with st.expander(_("For teachers"), icon=":material/school:"):
        st.markdown(
            _(
                "Open a class, open a lesson, and press **Bring all pages here**: all pages then go on with yours. "
                "Each lesson has a page to print, with goals, a time plan, what students usually say and why, and the "
                "answers."
            )
        )
        st.download_button(
            _("All pages to print"),
            functools.partial(_sheets, language(), lessons),
            file_name="lessons.html",
            mime="text/html",
            key=Key.SHEETS,
            icon=":material/print:",
        )


def _sheets(spoken_here: str, lessons: tuple[Lesson, ...]) -> bytes:
    """The file is made when somebody takes it, and no page is drawn then."""
    with spoken(spoken_here):
        return html_of_all(lessons).encode()


def _about(lesson: Lesson, step: int | None) -> str:
    if step is None:
        return _("{minutes} minutes, {steps} steps.").format(minutes=lesson.minutes, steps=len(lesson.steps))
    words = _("{minutes} minutes. You are at step {step} of {steps}.")
    number = min(step, len(lesson.steps) - 1) + 1
    return words.format(minutes=lesson.minutes, step=number, steps=len(lesson.steps))


def open_lesson(identity: str) -> None:
    """Show a lesson."""
    lessons_page_state().list_open = False
    st.query_params["lesson"] = identity


def close_lesson() -> None:
    """Show the list again."""
    state = lessons_page_state()
    state.lesson, state.list_open = "", True
    st.query_params.pop("lesson", None)
