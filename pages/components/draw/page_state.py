"""The state of the Draw page, and the keys of its widgets."""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from mnist_core import Reading
from pages.components.course import Course
from pages.components.draw.live_reader import LiveReader
from pages.components.draw.strokes_history import StrokesHistory
from pages.components.session import Widget, state_of


@dataclass
class DrawPage:
    """history: the strokes, and what can be taken back. Their picture is `SharedState.drawing`."""

    history: StrokesHistory = field(default_factory=StrokesHistory)
    canvas_start: dict[str, Any] | None = None
    """The strokes that the canvas was last started with, as the component wants them."""
    canvas_starts: int = 0
    """How often the canvas was started with other strokes."""
    tab: str = ""
    """The secret of this tab of the browser, under which its drawing is kept."""
    canvas_opened: int = 0
    """`SharedState.pages_opened` when the canvas was last started."""
    reader: LiveReader | None = None
    """Reads the pictures that the browser sends while the pen moves."""
    revision: int = 0
    """How often the strokes have changed, or were told again."""
    reading: Reading | None = None
    """The answer that is seen."""
    course: Course = field(default_factory=Course)
    """How the reading came about, over the seconds of drawing."""


def draw_page_state() -> DrawPage:
    """The state of this session."""
    return state_of(DrawPage)


TAB = Widget[Any]("tab")
CANVAS = Widget[object]("canvas")
STROKE_WIDTH = Widget[int]("stroke_width")
NORMALIZED = Widget[bool]("normalized")
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
    PROBABILITIES = "probabilities"
    DOWNLOAD = "download"
    COURSE = "course"
    COURSE_FIGURE = "course_figure"
