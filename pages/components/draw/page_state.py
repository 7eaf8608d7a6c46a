"""The state of the Draw page, and the keys of its widgets."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from pages.components.session import Widget, state_of


@dataclass
class DrawPage:
    """strokes: the drawing as the canvas component describes it; the picture of it is in the shared state."""

    strokes: dict[str, Any] | None = None
    canvas_start: dict[str, Any] | None = None
    """What the canvas was last told to start from."""
    canvas_starts: int = 0
    """How often it was told."""
    canvas_opened: int = 0
    """The number of the opened page on which the canvas stands, see `SharedState.pages_opened`."""


def draw_page_state() -> DrawPage:
    """The one of this session."""
    return state_of(DrawPage)


CANVAS = Widget[object]("canvas")
STROKE_WIDTH = Widget[int]("stroke_width")
NORMALIZED = Widget[bool]("normalized")


class Key(StrEnum):
    """Buttons, boxes and charts."""

    CANVAS_SCRIPT = "canvas_script"
    UNDO = "undo"
    CLEAR = "clear"
    PREDICTION = "prediction"
    PROBABILITIES = "probabilities"
    DOWNLOAD = "download"
