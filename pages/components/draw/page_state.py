"""The state of the Draw page, and the keys of its widgets."""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from mnist_core import Reading
from pages.components.course import Course
from pages.components.draw.live_reader import LiveReader
from pages.components.draw.pad import Pad
from pages.components.session import Widget, state_of
from pages.components.view_choice import ViewChoice

CANVAS = Widget[object]("canvas")


@dataclass
class DrawPage:
    """pad: the canvas for one digit. Its picture is `SharedState.drawing`."""

    pad: Pad = field(default_factory=lambda: Pad(CANVAS))
    mode: ViewChoice = field(default_factory=ViewChoice)
    normalize_in_address: str = ""
    tab: str = ""
    """The secret of this tab of the browser, under which its drawing is kept."""
    reader: LiveReader | None = None
    """Reads the pictures that the browser sends while the pen moves."""
    reading: Reading | None = None
    """The answer that is seen."""
    course: Course = field(default_factory=Course)
    """How the reading came about, over the seconds of drawing."""
    said: list[Any] | None = None
    """The strokes of the drawing that was last kept."""
    said_id: str = ""
    """The name under which it is kept; "" for none."""
    said_problem: str = ""


def draw_page_state() -> DrawPage:
    """The state of this session."""
    return state_of(DrawPage)


MODE = Widget[str]("mode")
TAB = Widget[Any]("tab")
STROKE_WIDTH = Widget[int]("stroke_width")
NORMALIZED = Widget[bool]("normalized")
SAID = Widget[str | None]("said")
"""What the visitor says that the drawing is."""
LIVE_SWITCH = Widget[bool]("live")


class Key(StrEnum):
    """Buttons, boxes and charts."""

    LIVE_READING = "live_reading"
    CANVAS_SCRIPT = "canvas_script"
    CANVAS_BUTTONS = "canvas_buttons"
    UNDO = "undo"
    REDO = "redo"
    KEYS = "keys"
    CLEAR = "clear"
    PREDICTION = "prediction"
    LONG_ANSWER = "long_answer"
    PROBABILITIES = "probabilities"
    SAY = "say"
    DOWNLOAD = "download"
    COURSE = "course"
    COURSE_FIGURE = "course_figure"
