"""The state of the Draw page, and the keys of its widgets."""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

import numpy as np

from mnist_core import Reading
from pages.components.course_strip import Course
from pages.components.draw.live_picture import LivePicture
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
    live: LivePicture | None = None
    """A picture from the browser that is not yet read."""
    reading: Reading | None = None
    """The answer that is seen."""
    heard_at: float = 0.0
    """When the last picture came (`time.monotonic`)."""
    newest: np.ndarray | None = None
    """What the network reads of a picture that is newer than the strokes; float32 [28, 28]."""
    answered: int = 0
    """The number of the last picture that was read."""
    course_of: tuple[str, bool] = "", True
    """The network (`Recognizer.identity`) that the course belongs to, and whether its pictures were normalized."""
    course: Course = field(default_factory=Course)
    """How the reading came about, over the seconds of drawing."""


def draw_page_state() -> DrawPage:
    """The state of this session."""
    return state_of(DrawPage)


TAB = Widget[Any]("tab")
CANVAS = Widget[object]("canvas")
STROKE_WIDTH = Widget[int]("stroke_width")
NORMALIZED = Widget[bool]("normalized")
LIVE = Widget[Any]("live_reading")
LIVE_SWITCH = Widget[bool]("live")


class Key(StrEnum):
    """Buttons, boxes and charts."""

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
