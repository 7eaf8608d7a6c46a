"""What the network sees: the drawing on its way to 28×28 pixels."""

import numpy as np
import streamlit as st

from mnist_core import Reading
from mnist_core.data import TEN_DIGITS
from mnist_core.ink import Steps, encode_png
from pages.components.draw.page_state import Key, draw_page_state
from pages.components.language import _
from pages.components.pictures import SIDE, picture


def _is_digit(reading: Reading) -> bool:
    return reading.status == "digit" and reading.answer in TEN_DIGITS


def show_steps(steps: Steps | None, image: np.ndarray | None, normalized: bool) -> None:
    """What becomes of the drawing on its way to the network, as pictures side by side; the last one to download.

    image: float32 [28, 28], what the network reads; None if nothing is drawn.
    """
    if steps is None or image is None:
        st.caption(_("Here you will see how your drawing becomes the 28×28 pixels that the network reads."))
        return
    top, bottom, left, right = steps.box
    height, width = steps.fitted.shape
    if normalized:
        cropped = _("The drawing cropped to {width} by {height} pixels.")
        shrunk = _("The drawing shrunk to {width} by {height} pixels.")
        shown = [
            (picture(steps.ink, mark=steps.box), _("1 · find the ink"), _("The drawing with a frame around the ink.")),
            (picture(steps.cropped), _("2 · crop"), cropped.format(width=right - left, height=bottom - top)),
            (picture(steps.fitted), _("3 · fit into 20×20"), shrunk.format(width=width, height=height)),
            (
                picture(image, cross=True),
                _("4 · center by mass in 28×28"),
                _("The 28 by 28 pixels that the network reads; a cross marks where the center of mass lies."),
            ),
        ]
    else:
        shown = [
            (picture(steps.ink), _("1 · your drawing"), _("The drawing on the canvas.")),
            (picture(image), _("2 · squeezed into 28×28"), _("The whole canvas as 28 by 28 pixels.")),
        ]
    with st.container(horizontal=True):
        for url, caption, alt in shown:
            st.image(url, caption=caption, alt=alt, width=SIDE)
    reading = draw_page_state().reading
    st.download_button(
        _("Download the 28×28 picture"),
        # Made now: what is made at the click is gone when the page has been drawn again meanwhile, as after Undo.
        data=encode_png(image),
        file_name=f"digit-{reading.answer}.png" if reading and _is_digit(reading) else "drawing.png",
        mime="image/png",
        key=Key.DOWNLOAD,
        icon=":material/download:",
        on_click="ignore",
    )
