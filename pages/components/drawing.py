"""The session's drawing, which every page may look at.

The session key "drawing" holds it as the bytes of a PNG file; without it nothing is drawn.
"""

import numpy as np
import streamlit as st

from mnist_core import InputError
from mnist_core.ink import decode_image

SIDE = 280


def current_drawing() -> np.ndarray | None:
    """The session's drawing, uint8 RGBA [280, 280, 4], or None; any page may ask."""
    png = st.session_state.get("drawing")
    if png is None:
        return None
    try:
        return decode_image(png, "the drawing", max_pixels=4 * SIDE * SIDE)
    except InputError:
        return None
