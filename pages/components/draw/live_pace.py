"""How often a drawing is read while it is drawn: the more people draw on this server, the more rarely."""

import functools
import threading
import time
from collections import OrderedDict
from collections.abc import Callable

QUICKEST = 0.08
"""Seconds between two readings of one drawing, if nobody else draws."""
FEW = 2
"""So few need not be held back: each waits for its answer before it sends the next picture."""
SHARE = 0.3
"""What all readings in between may take of the server's one core; the rest is for the answers after strokes."""
FRESH = 4.0
"""Who has sent something within so many seconds is drawing."""
OVERHEAD = 1.3
"""What a reading takes the server, as a multiple of the reading itself; an estimate, for the message around it."""
MOST_COST = 0.1
"""No reading counts for more seconds: one picture must not end all readings."""
RAREST = 1.5
"""If they had to be rarer, there are none: few strokes last longer."""


class LivePace:
    """Counts who draws, and what a reading takes."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._seen: OrderedDict[str, float] = OrderedDict()
        self._cost = 0.003

    def note(self, session: str, seconds: float | None = None) -> None:
        """This session has drawn; seconds: what its reading took, if it was measured."""
        with self._lock:
            now = self._clock()
            self._seen[session] = now
            self._seen.move_to_end(session)
            if seconds is not None:
                self._cost += 0.1 * (min(seconds, MOST_COST) - self._cost)

    def seconds(self) -> float | None:
        """The time from one reading of a drawing to its next; None if there should be none."""
        with self._lock:
            now = self._clock()
            while self._seen and now - next(iter(self._seen.values())) > FRESH:
                self._seen.popitem(last=False)
            people = len(self._seen)
            pace = QUICKEST if people <= FEW else max(QUICKEST, people * self._cost * OVERHEAD / SHARE)
        return pace if pace <= RAREST else None


@functools.cache
def live_pace() -> LivePace:
    """The one of this server."""
    return LivePace()
