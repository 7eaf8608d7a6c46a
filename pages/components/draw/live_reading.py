"""The bars of the Draw page, and readings while the pen moves (live_reading.js, live_reading.css).

The browser sends a picture of the canvas to `live_route`, never a second one before the first is answered, and as often
as `live_pace` allows while the pen moves. When it is lifted, one more is sent at once if the server is at ease; the
strokes follow. Until they are answered, too, what the browser shows is newer than what the page knows.
"""

from pathlib import Path

import streamlit as st

from pages.components.draw.answer_texts import Bars
from pages.components.draw.live_route import PATH
from pages.components.draw.page_state import Key, draw_page_state
from pages.components.words import confidence

AT_EASE = 150
"""With a pace of at most so many milliseconds the server answers a lifted pen twice: by the picture and the strokes."""
STROKES_LATER = 150
"""Milliseconds after the pen was lifted until the strokes are sent, if that picture is not answered before."""
HERE = Path(__file__).parent
_component = st.components.v2.component(
    "digit_lab_live_reading",
    html="<div class='bars' role='img'></div>",
    css=(HERE / "live_reading.css").read_text(encoding="utf-8"),
    js=(HERE / "live_reading.js").read_text(encoding="utf-8"),
)


def show_bars(bars: Bars, pace: float | None) -> None:
    """The probabilities as bars, and how often the browser may send pictures: pace in seconds, None for never."""
    state = draw_page_state()
    data = {
        **bars,
        # The browser goes on from the address of the page, whatever stands before it.
        "address": PATH.removeprefix("/"),
        "token": state.reader.token if state.reader else "",
        "drawn": round(1000 * state.course.last()),
        "revision": state.pad.revision,
        "empty": not state.pad.history.now.strokes,
        "pace": None if pace is None else round(1000 * pace),
        "at_ease": AT_EASE,
        "strokes_later": STROKES_LATER,
        # The script writes shares itself while it replays a reading.
        "percents": {"most": confidence(1.0), "least": confidence(0.0), "between": confidence(0.123)},
    }
    _component(key=Key.LIVE_READING, data=data, height="content")
