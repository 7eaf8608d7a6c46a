"""How often a page may look at its runs: less often the more people watch, so that the server stays quick."""

import threading
import time

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx

PRESENT_SECONDS = 6.0
INTERVALS = ((15, 1.0), (40, 2.0), (80, 4.0))
"""Pairs: the largest number of watchers, and the seconds between two looks for so many."""
MANY_SECONDS = 8.0
EAGER_SECONDS, EAGER_SECONDS_OF_MANY = 0.2, 0.5
EAGER_FOR_SECONDS = 5.0
"""So long after Start a page looks more often, until there is a first point."""
FEW = 8


@st.cache_resource(show_spinner=False)
def _watchers() -> tuple[dict[str, float], threading.Lock]:
    return {}, threading.Lock()


def interval() -> float:
    """Seconds to the next look of this session, which is counted as a watcher from now on."""
    context = get_script_run_ctx()
    seen, lock = _watchers()
    now = time.monotonic()
    with lock:
        seen[context.session_id if context else ""] = now
        for session in [session for session, last in seen.items() if now - last > PRESENT_SECONDS + MANY_SECONDS]:
            del seen[session]
        count = len(seen)
    return next((seconds for most, seconds in INTERVALS if count <= most), MANY_SECONDS)


def eager_interval() -> float:
    """The same while a run has just been started: a class waits for the first point."""
    interval()
    return EAGER_SECONDS if len(_watchers()[0]) <= FEW else EAGER_SECONDS_OF_MANY


def calm_interval() -> float:
    """The same for what changes slowly: the look inside, and the table of all runs."""
    seconds = interval()
    return 2 * seconds if len(_watchers()[0]) <= FEW else 4 * seconds
