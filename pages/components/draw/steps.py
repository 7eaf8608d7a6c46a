"""What the network sees: the drawing on its way to 28×28 pixels."""

import numpy as np
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from mnist_core.ink import Steps
from pages.components.pictures import SIDE, picture


def show_steps(steps: Steps, image: np.ndarray, normalized: bool, place: DeltaGenerator) -> None:
    """What becomes of the drawing on its way to the network, as pictures side by side."""
    top, bottom, left, right = steps.box
    height, width = steps.fitted.shape
    if normalized:
        shown = [
            (picture(steps.ink, mark=steps.box), "1 · find the ink", "The drawing with a frame around the ink."),
            (picture(steps.cropped), "2 · crop", f"The drawing cropped to {right - left} by {bottom - top} pixels."),
            (picture(steps.fitted), "3 · fit into 20×20", f"The drawing shrunk to {width} by {height} pixels."),
            (
                picture(image, cross=True),
                "4 · center by mass in 28×28",
                "The 28 by 28 pixels that the network reads; a cross marks where the center of mass lies.",
            ),
        ]
    else:
        shown = [
            (picture(steps.ink), "1 · your drawing", "The drawing on the canvas."),
            (picture(image), "2 · squeezed into 28×28", "The whole canvas as 28 by 28 pixels."),
        ]
    with place.container(horizontal=True):
        for url, caption, alt in shown:
            st.image(url, caption=caption, alt=alt, width=SIDE)
