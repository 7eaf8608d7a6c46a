"""Where a visitor is in a lesson: at the step of the class, or at the own one, which outlives a reload."""

import dataclasses
import time
from dataclasses import dataclass

import streamlit as st

from mnist_core import InputError
from mnist_core.runs import LessonProgress, Pace, Progress, RunStore
from pages.components.classes.seat import Seat
from pages.components.lessons.lesson import Lesson, Step
from pages.components.lessons.page_state import lessons_page_state
from pages.components.shared_state import shared_state

DOUBLE_CLICK_SECONDS = 0.3
"""A click so soon after a step was shown is the second one of a double click."""


@dataclass(frozen=True)
class Place:
    """What the parts of the page need: the visitor, the class, and the step that is shown.

    leads: the visitor is the teacher of a class, or alone. followed: the class's own step is shown.
    """

    store: RunStore
    secret: str
    seat: Seat
    pace: Pace
    lesson: Lesson
    number: int
    followed: bool

    @property
    def step(self) -> Step:
        return self.lesson.steps[self.number]

    @property
    def leads(self) -> bool:
        return not self.followed or self.seat.can_order

    def choice(self, name: str) -> int | None:
        """What the visitor has predicted."""
        return progress_of(self.store, self.secret, self.lesson).choices.get(name)


def class_pace(store: RunStore, seat: Seat) -> Pace:
    """Where the class is; nowhere for one who is in none."""
    return store.classes.lesson.pace(seat.id) if seat.id and not seat.closed else Pace()


def asked_lesson(seat: Seat, pace: Pace) -> str:
    """The id of the lesson to show, "" for the list: the class's if it goes together, or else what the address says.

    A teacher may look at another lesson before bringing the class there. Whoever comes back from another page finds
    the lesson that was open.
    """
    state, opened = lessons_page_state(), shared_state().pages_opened
    if state.pages_opened not in (0, opened) and "lesson" not in st.query_params and state.lesson:
        st.query_params["lesson"] = state.lesson
    state.pages_opened = opened
    asked = st.query_params.get("lesson", "")
    if state.class_id != seat.id:
        state.class_id, state.list_open, state.drawn = seat.id, False, None
    moved = state.drawn is not None and state.drawn.lesson != pace.lesson
    follows = pace.together and (moved or not seat.can_order)
    if follows:
        state.list_open = False
    # Who opens the class's link lands where the class is.
    if pace.lesson and (follows or not (asked or state.list_open)):
        asked = pace.lesson
        if seat.can_order and moved:
            # Else this page would go back to the lesson before.
            st.query_params["lesson"] = asked
    state.lesson = asked
    return asked


def find_place(store: RunStore, secret: str, seat: Seat, pace: Pace, lesson: Lesson, *, slides: bool) -> Place:
    """Where the visitor is in the lesson. slides: the projector shows where the class is, in any case."""
    followed = pace.lesson == lesson.id and (pace.together or (slides and bool(seat.id)))
    number = pace.step if followed else progress_of(store, secret, lesson).step
    return Place(store, secret, seat, pace, lesson, min(number, len(lesson.steps) - 1), followed)


def all_progress(store: RunStore, secret: str) -> dict[str, Progress]:
    """How far the visitor is, by the lesson's id."""
    state = lessons_page_state()
    if state.progress is None:
        state.progress = LessonProgress(store.root).of(secret)
    return state.progress


def progress_of(store: RunStore, secret: str, lesson: Lesson) -> Progress:
    """How far the visitor is in one lesson."""
    return all_progress(store, secret).get(lesson.id, Progress())


def go(place: Place, number: int) -> None:
    """Show another step; to all pages of the class, if it goes together and this is its teacher.

    The second click of a double click does nothing: it was meant for the step before.
    """
    direction = 1 if number > place.number else -1
    if is_double_click(direction):
        return
    if place.followed:
        lead(place, number, together=place.pace.together)
    else:
        keep(place, step=number)
    note_click(direction)


def is_double_click(direction: int) -> bool:
    """Whether a step in this direction, 1 or -1, was asked for and is not shown yet, or was shown only just now."""
    state = lessons_page_state()
    if direction != state.direction:
        return False
    return state.stepping or time.monotonic() - state.stepped_at < DOUBLE_CLICK_SECONDS


def note_click(direction: int) -> None:
    """Called when a step in this direction is noted, at the very end: a click that comes in between starts anew."""
    state = lessons_page_state()
    state.stepping, state.direction = True, direction


def note_shown() -> None:
    """Called when the step is drawn: what was asked for, if anything, is shown now."""
    state = lessons_page_state()
    if state.stepping:
        state.stepping, state.stepped_at = False, time.monotonic()


def lead(place: Place, number: int, *, together: bool) -> None:
    """Bring the class to a step."""
    try:
        teacher = st.query_params.get("teacher", "")
        place.store.classes.lesson.lead(place.seat.id, teacher, place.lesson.id, number, together=together)
    except InputError as error:
        lessons_page_state().problem = str(error)
        return
    # Whoever goes on alone begins where the class was.
    keep(place, step=number)


def reveal(place: Place, name: str) -> None:
    """Let the class see what it has predicted."""
    try:
        teacher = st.query_params.get("teacher", "")
        place.store.classes.lesson.reveal(place.seat.id, teacher, question(place.lesson, name))
    except InputError as error:
        lessons_page_state().problem = str(error)


def predict(place: Place, name: str, choice: int) -> None:
    """Note a prediction, for the visitor and for the class."""
    now = progress_of(place.store, place.secret, place.lesson)
    keep(place, choices=now.choices | {name: choice})
    if place.seat.member and not place.seat.closed:
        try:
            place.store.classes.lesson.vote(place.seat.id, place.secret, question(place.lesson, name), choice)
        except InputError as error:
            lessons_page_state().problem = str(error)


def question(lesson: Lesson, name: str) -> str:
    """The name under which a class keeps its predictions."""
    return f"{lesson.id}/{name}"


def keep(place: Place, **changes: object) -> None:
    """Note what has changed of the visitor's progress."""
    known = all_progress(place.store, place.secret)
    now = dataclasses.replace(known.get(place.lesson.id, Progress()), **changes)  # type: ignore[arg-type]
    known[place.lesson.id] = now
    try:
        LessonProgress(place.store.root).keep(place.secret, place.lesson.id, now)
    except InputError as error:
        lessons_page_state().problem = str(error)
