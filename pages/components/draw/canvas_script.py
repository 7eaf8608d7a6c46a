"""What the canvas component cannot be told from Python, done by a component that shows nothing (canvas_script.js).

By itself the canvas waits 200 ms after a stroke before it sends it, in case another one follows. Its toolbar has a
button, "Update the app with this drawing", that sends at once: it is pressed when a stroke ends, or a moment later if a
picture of it has been sent. Should a later canvas lack the button, only the waiting returns. The toolbar itself is
hidden: even while it cannot be seen it lies over the upper right of the canvas, takes the strokes that begin there, and
holds an edit mode that stops the drawing.

A stroke may begin beside the canvas and end anywhere. The canvas takes the focus: keys move a pen of its own. It is as
large as its place; its own pixels stay as many as they are.
"""

from pathlib import Path

import streamlit as st

from pages.components.draw.pad import Pad
from pages.components.draw.page_state import Key
from pages.components.drawing import SIDE
from pages.components.language import _

_component = st.components.v2.component(
    "digit_lab_canvas_script",
    html="<span></span>",
    js=Path(__file__).with_suffix(".js").read_text(encoding="utf-8"),
    isolate_styles=False,
)


def mount_canvas_script(pad: Pad) -> None:
    """Add it to the page, once, beside the canvas."""
    words = _("Canvas. Arrow keys move the pen, Space puts it down and lifts it, Z undoes, Y redoes, Escape clears.")
    data = {"key": pad.widget.key, "width": pad.width, "height": SIDE, "words": words}
    _component(key=Key.CANVAS_SCRIPT, data=data, width="content", height="content")
