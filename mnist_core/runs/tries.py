"""How often visitors have tried something lately: for limits on guessing and on opening things."""

import threading
import time
from collections import deque


class Tries:
    """How often something was tried lately, by each visitor and by all."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._tries: deque[tuple[float, str]] = deque()
        self.lock = threading.Lock()

    def counts(self, visitor: str) -> tuple[int, int]:
        """How many of this visitor, and of all. The lock must be held."""
        while self._tries and self._tries[0][0] < time.monotonic() - self._seconds:
            self._tries.popleft()
        return sum(who == visitor for _, who in self._tries), len(self._tries)

    def add(self, visitor: str) -> None:
        """The lock must be held."""
        self._tries.append((time.monotonic(), visitor))
