"""How busy this server is, and how much rarer its pages should look at their runs for that reason."""

import threading
import time
from collections.abc import Callable

import streamlit as st

SAMPLE_SECONDS = 4.0
"""The load is taken over so long at least: a class that presses Start at once is no reason to look more rarely."""
BUSY, CALM = 0.6, 0.25
"""Shares of one core. A Python program uses hardly more than one, so above the first, answers begin to wait."""
MOST = 4.0


class ServerLoad:
    """The processor time of this process, sampled whenever a page asks.

    Twice as rare halves what the looks cost. CALM is below half of BUSY, so that this alone does not bring back what
    was too much before.
    """

    def __init__(
        self, clock: Callable[[], float] = time.monotonic, processor: Callable[[], float] = time.process_time
    ) -> None:
        self._clock, self._processor = clock, processor
        self._since, self._used = clock(), processor()
        self._stretch = 1.0
        self._lock = threading.Lock()

    def stretch(self) -> float:
        """By how much the usual time between two looks is to be multiplied: 1, 2 or 4."""
        with self._lock:
            now = self._clock()
            if now - self._since >= SAMPLE_SECONDS:
                used = self._processor()
                share = (used - self._used) / (now - self._since)
                self._since, self._used = now, used
                if share > BUSY:
                    self._stretch = min(MOST, 2 * self._stretch)
                elif share < CALM:
                    self._stretch = max(1.0, self._stretch / 2)
            return self._stretch


@st.cache_resource(show_spinner=False)
def server_load() -> ServerLoad:
    """The one of this server."""
    return ServerLoad()
