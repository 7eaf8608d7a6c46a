"""The state of the Draw page, and the keys of its widgets."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from pages.components.session import Widget, state_of


@dataclass
class DrawPage:
    """strokes: the drawing as the canvas component describes it. Its picture is `SharedState.drawing`."""

    strokes: dict[str, Any] | None = None
    canvas_start: dict[str, Any] | None = None
    """The strokes that the canvas was last started with, as the component wants them."""
    canvas_starts: int = 0
    """How often the canvas was started with other strokes."""
    tab: str = ""
    """The secret of this tab of the browser, under which its drawing is kept."""
    canvas_opened: int = 0
    """`SharedState.pages_opened` when the canvas was last started."""


def draw_page_state() -> DrawPage:
    """The state of this session."""
    return state_of(DrawPage)


TAB = Widget[Any]("tab")
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
