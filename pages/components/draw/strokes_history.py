"""Undo and redo of everything that is done to the drawing: strokes, and Clear."""

import math
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

MOST = 50
"""So many changes can be taken back."""
LATE_SECONDS = 20.0
"""So long after Undo, Redo or Clear the canvas may still tell what it showed before."""


@dataclass(frozen=True)
class Drawn:
    """strokes: as the canvas component describes each. png: their picture, None for an empty canvas."""

    strokes: list[Any] = field(default_factory=list)
    png: bytes | None = None

    def same_strokes(self, strokes: list[Any]) -> bool:
        """Whether these are its strokes. The component tells sizes anew after a start, but never another path."""
        return len(strokes) == len(self.strokes) and _path(strokes) == _path(self.strokes)


@dataclass
class StrokesHistory:
    """now: what is seen."""

    now: Drawn = field(default_factory=Drawn)
    clock: Callable[[], float] = time.monotonic
    _restarted: float = -math.inf
    """When the canvas was last started with other strokes, and has not told them since."""
    _before: list[Drawn] = field(default_factory=list)
    _after: list[Drawn] = field(default_factory=list)

    @property
    def can_undo(self) -> bool:
        return bool(self._before)

    @property
    def can_redo(self) -> bool:
        return bool(self._after)

    def change(self, drawn: Drawn) -> None:
        """Somebody drew."""
        self._before = [*self._before, self.now][-MOST:]
        self._after = []
        self.now = drawn

    def hear(self, drawn: Drawn) -> bool:
        """The canvas tells what it shows. Returns whether that is what is seen from now on.

        It also repeats what it was started with: no change then. If it has been started with something else since, its
        answer is late, and another one follows.
        """
        if self.now.same_strokes(drawn.strokes):
            self.now, self._restarted = Drawn(self.now.strokes, drawn.png), -math.inf
            return True
        late = self.clock() < self._restarted + LATE_SECONDS
        if late and any(known.same_strokes(drawn.strokes) for known in (*self._before, *self._after)):
            return False
        count = len(self.now.strokes)
        if self.now.same_strokes(drawn.strokes[:count]):
            # Kept once, however many drawings hold them.
            drawn = Drawn([*self.now.strokes, *drawn.strokes[count:]], drawn.png)
        self._restarted = -math.inf
        self.change(drawn)
        return True

    def clear(self) -> None:
        """Somebody cleared the canvas; one that is empty stays as it is."""
        if self.now.strokes:
            self.change(Drawn())
            self._restarted = self.clock()

    def undo(self) -> None:
        """Take the last change back; nothing if there is none."""
        self._restarted = self.clock()
        if self._before:
            self._after.append(self.now)
            self.now = self._before.pop()

    def redo(self) -> None:
        """Do again what was taken back; nothing if there is none."""
        self._restarted = self.clock()
        if self._after:
            self._before.append(self.now)
            self.now = self._after.pop()


def _path(strokes: list[Any]) -> object:
    """The last stroke's path."""
    last = strokes[-1] if strokes else None
    return last.get("path") if isinstance(last, dict) else last
