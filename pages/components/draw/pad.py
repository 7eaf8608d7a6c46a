"""A canvas to draw on, as the server knows it: the strokes, what can be taken back, and what the canvas began with."""

from dataclasses import dataclass, field
from typing import Any

from pages.components.draw.strokes_history import StrokesHistory
from pages.components.drawing import SIDE
from pages.components.session import Widget


@dataclass
class Pad:
    """widget: the canvas component. width: in the canvas's own pixels; it is `SIDE` high."""

    widget: Widget[object]
    width: int = SIDE
    history: StrokesHistory = field(default_factory=StrokesHistory)
    start: dict[str, Any] | None = None
    """The strokes that the canvas was last started with, as the component wants them."""
    starts: int = 0
    """How often the canvas was started with other strokes."""
    opened: int = 0
    """`SharedState.pages_opened` when the canvas was last started."""
    revision: int = 0
    """How often the strokes have changed, or were told again."""

    def start_from_now(self) -> None:
        """Make the canvas show what is seen now."""
        # The component ignores a start that equals the last one. The number makes every start different.
        self.starts += 1
        self.start = {"objects": self.history.now.strokes, "start": self.starts}
