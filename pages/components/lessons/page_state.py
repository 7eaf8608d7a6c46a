"""The state of the Lessons page, and the keys of its widgets."""

import math
from dataclasses import dataclass
from enum import StrEnum

from mnist_core.runs import Pace, Progress
from pages.components.session import Widget, state_of


@dataclass
class LessonsPage:
    """progress: by the lesson's id, None before it was read."""

    progress: dict[str, Progress] | None = None
    lesson: str = ""
    """The lesson that was last open."""
    class_id: str = ""
    """The class that the visitor was in when the page was last drawn."""
    list_open: bool = False
    """Whether the visitor of a class has gone back to the list."""
    pages_opened: int = 0
    """`SharedState.pages_opened` when this page was last drawn."""
    drawn: Pace | None = None
    """Where the class was when the page was last drawn."""
    stepping: bool = False
    """Whether another step was asked for and is not shown yet."""
    direction: int = 0
    """1 if that was one on, -1 if it was one back."""
    stepped_at: float = -math.inf
    """When the step that was asked for last was shown, in seconds of `time.monotonic`."""
    problem: str = ""
    """What the last click could not do; shown once."""


def lessons_page_state() -> LessonsPage:
    """The state of this session."""
    return state_of(LessonsPage)


WORD = Widget[str | None]("word")


def prediction(lesson: str, name: str) -> Widget[str | None]:
    """What the visitor predicts."""
    return Widget(f"prediction_{lesson}_{name}")


class Key(StrEnum):
    """Buttons and boxes."""

    BACK = "step_back"
    NEXT = "step_on"
    NEXT_LESSON = "next_lesson"
    LIST = "all_lessons"
    LEAD = "lead_class"
    ALONE = "own_pace"
    REVEAL = "reveal_predictions"
    CLASS = "lesson_class"
    STEP = "lesson_step"
    SLIDE = "lesson_slide"
    SHEETS = "teacher_sheets"
    LEAVE = "leave_lesson_class"


def open_key(lesson: str) -> str:
    """The button that opens a lesson."""
    return f"open_lesson_{lesson}"
