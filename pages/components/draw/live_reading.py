"""Readings while the pen moves, and the bars that show them (live_reading.js, live_reading.css).

The browser sends a picture of the canvas, never a second one before the first is answered, and as often as `live_pace`
allows while the pen moves. When it is lifted, one more is sent at once if the server is at ease; the strokes follow.
"""

import time
from pathlib import Path

import numpy as np
import streamlit as st

from pages.components.charts import DIGITS, OTHER
from pages.components.draw.live_pace import QUICKEST
from pages.components.draw.live_picture import parse_picture
from pages.components.draw.page_state import LIVE, draw_page_state
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


def show_bars(shares: np.ndarray | None, other: float | None, *, pace: float | None) -> None:
    """The probabilities as bars, and how often the browser may send pictures.

    shares: float [10], None without an answer; other: the probability of no digit, None for a network that does not
    know it; pace: seconds between two pictures, None for none.
    """
    state = draw_page_state()
    names = DIGITS if other is None else [*DIGITS, OTHER]
    heights = None
    labels: list[str] = []
    alt = "An empty bar chart: no answer yet."
    if shares is not None:
        heights = [round(float(share), 6) for share in shares] + ([] if other is None else [round(other, 6)])
        labels = [confidence(height) for height in heights]
        alt = "Bar chart of the probabilities. " + ", ".join(map(": ".join, zip(names, labels, strict=True)))
    data = {
        "names": names,
        "shares": heights,
        "labels": labels,
        "alt": alt,
        "answered": state.answered,
        "drawn": round(1000 * state.course.at[-1]) if state.course.at else 0,
        "empty": not state.history.now.strokes,
        "pace": None if pace is None else round(1000 * pace),
        "at_ease": AT_EASE,
        "strokes_later": STROKES_LATER,
    }
    _component(key=LIVE.key, data=data, on_picture_change=_heard, height="content")


def _heard() -> None:
    state, now = draw_page_state(), time.monotonic()
    picture = parse_picture(getattr(LIVE.value_or(None), "picture", None))
    if picture is None:
        return
    if picture.last or now > state.heard_at + QUICKEST / 2:
        # The browser keeps to the pace; a program that does not is not served.
        state.live, state.heard_at = picture, now
