"""How often a page may look at its runs: less often the more people watch, and while the server is busy."""

import weakref

import streamlit as st

from pages.components.classes.server_load import server_load
from pages.components.shared_state import SharedState, shared_state

INTERVALS = ((15, 1.0), (40, 1.25), (80, 4.0))
"""Pairs: the largest number of watchers, and the seconds between two looks for so many.

Thirty runs are each moved on about once in `ROUND_SECONDS` of the scheduler. A look may find nothing new, but two looks
one after the other should not: then no curve stands still for more than three seconds.
"""
MANY_SECONDS = 8.0
FEW = 8
"""Up to so many watchers, what changes slowly is looked at more often."""


@st.cache_resource(show_spinner=False)
def _sessions() -> "weakref.WeakValueDictionary[int, SharedState]":
    """The sessions that were at a page of a class or of runs, each for as long as the server keeps it."""
    return weakref.WeakValueDictionary()


def watchers() -> int:
    """How many sessions have this page open, this one included."""
    shared = shared_state()
    sessions = _sessions()
    sessions[id(shared)] = shared
    return sum(session.open_page == shared.open_page for session in list(sessions.values()))


def interval() -> float:
    """Seconds from one look to the next."""
    count = watchers()
    usual = next((seconds for most, seconds in INTERVALS if count <= most), MANY_SECONDS)
    return min(MANY_SECONDS, usual * server_load().stretch())


def calm_interval() -> float:
    """The same for what changes slowly: the look inside, the table of all runs, and who is in the class."""
    return (2 if watchers() <= FEW else 6) * interval()
