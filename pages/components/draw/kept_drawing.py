"""A drawing outlives a reload: the server keeps it for a while under a secret that only this tab of the browser has.

The tab keeps the secret in its `sessionStorage`, which a reload leaves as it is, and which a new tab does not have.
"""

import re
from collections import OrderedDict

import streamlit as st

from mnist_core.runs import new_secret
from pages.components.draw.page_state import TAB, draw_page_state
from pages.components.draw.strokes_history import Drawn
from pages.components.shared_state import shared_state

MOST_DRAWINGS, MOST_BYTES = 300, 200_000
"""So many drawings are kept, those last drawn; none with a longer description or a larger picture."""
PATTERN = re.compile(r"[A-Za-z0-9_-]{22}")
SCRIPT = """
export default function ({ data, setStateValue }) {
  try {
    const kept = sessionStorage.getItem("digit_tab");
    if (!kept) sessionStorage.setItem("digit_tab", data.tab);
    else if (kept !== data.tab) setStateValue("tab", kept);
  } catch {
    // A browser that stores nothing: a reload begins with an empty canvas.
  }
}
"""

_component = st.components.v2.component("digit_lab_kept_drawing", html="<span></span>", js=SCRIPT, isolate_styles=False)


@st.cache_resource(show_spinner=False)
def _kept() -> OrderedDict[str, Drawn]:
    """The strokes and the picture, by the tab's secret, those last drawn at the end."""
    return OrderedDict()


def keep_drawing() -> None:
    """Called when the drawing has changed."""
    state, drawing = draw_page_state(), shared_state().drawing
    if not state.tab:
        return
    kept = _kept()
    kept.pop(state.tab, None)
    now = state.pad.history.now
    if drawing is None or len(drawing) > MOST_BYTES or len(repr(now.strokes)) > MOST_BYTES:
        return
    kept[state.tab] = now
    while len(kept) > MOST_DRAWINGS:
        kept.popitem(last=False)


def mount_kept_drawing() -> None:
    """Called at the end of a page, in every run: tells the tab its secret, or hears the one that it has."""
    state = draw_page_state()
    state.tab = state.tab or new_secret()
    _component(key=TAB.key, data={"tab": state.tab}, on_tab_change=take_up, width="content", height="content")


def take_up() -> None:
    """Called when the tab has another secret, after a reload: what it drew comes back, unless it has drawn since."""
    state, shared = draw_page_state(), shared_state()
    sent: object = getattr(TAB.value_or(None), "tab", None)
    if not isinstance(sent, str) or not PATTERN.fullmatch(sent) or sent == state.tab:
        return
    state.tab = sent
    if not state.pad.history.now.strokes and sent in _kept():
        drawn = _kept()[sent]
        state.pad.history.change(drawn)
        shared.drawing = drawn.png
