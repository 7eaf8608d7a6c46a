"""Undo and redo of everything that is done to the drawing: strokes, and Clear."""

from dataclasses import dataclass, field
from typing import Any

Strokes = list[Any]
MOST = 100
"""So many changes can be taken back."""


@dataclass
class StrokesHistory:
    """now: the strokes that are seen, as the canvas component describes each. They are never changed in place."""

    now: Strokes = field(default_factory=list)
    _before: list[Strokes] = field(default_factory=list)
    _after: list[Strokes] = field(default_factory=list)

    @property
    def can_undo(self) -> bool:
        return bool(self._before)

    @property
    def can_redo(self) -> bool:
        return bool(self._after)

    def change(self, strokes: Strokes) -> None:
        """Somebody drew, or cleared. The same strokes once more, as the canvas repeats them, are no change."""
        if len(strokes) == len(self.now):
            self.now = strokes
            return
        self._before = [*self._before, self.now][-MOST:]
        self._after = []
        self.now = strokes

    def undo(self) -> None:
        """Take the last change back; nothing if there is none."""
        if self._before:
            self._after.append(self.now)
            self.now = self._before.pop()

    def redo(self) -> None:
        """Do again what was taken back; nothing if there is none."""
        if self._after:
            self._before.append(self.now)
            self.now = self._after.pop()
