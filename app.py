"""The Draw page: draw a digit, and a network reads it at once."""

import numpy as np
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from mnist_core import Reading, Recognizer
from mnist_core.ink import Steps, canvas, encode_png
from mnist_core.nn import DIGITS
from pages.components.charts import probability_chart
from pages.components.draw.answer import answer
from pages.components.draw.canvas_script import mount_canvas_script
from pages.components.draw.sketchpad import restart_if_drawn_on, sketchpad
from pages.components.drawing import SIDE as CANVAS_SIDE
from pages.components.frame import page_frame
from pages.components.network_choice import choose_network
from pages.components.pictures import SIDE, picture


def draw_page() -> None:
    """The whole page. Only `draw_and_read` runs again after a stroke: a class draws on one small machine."""
    page_frame(
        "Draw a digit",
        "Draw a digit from 0 to 9 with the mouse, a pen or a finger. "
        "A neural network written in NumPy reads it at once.",
    )
    desk = st.container()
    choice, pen = st.columns(2, gap="medium")
    with choice:
        recognizer = choose_network()
        if recognizer.network.classes == DIGITS:
            st.caption("This network knows digits only: shown a letter, it looks for the digit in it.")
    with pen:
        stroke_width = st.slider(
            "Stroke width",
            8,
            40,
            20,
            key="stroke_width",
            persist_state="session",
            help="How thick the pen draws, in pixels of the canvas.",
        )
    with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
        st.subheader("What the network sees", anchor=False, width="content")
        normalized = st.toggle(
            "Normalize",
            value=True,
            key="normalized",
            persist_state="session",
            help="Bring the drawing to the size and place that the training images have. "
            "Switch it off to see what a network makes of the plain canvas.",
        )
    steps_place = st.empty()
    restart_if_drawn_on()
    with desk:
        draw_and_read(recognizer, stroke_width, normalized, steps_place)
    mount_canvas_script()


@st.fragment
def draw_and_read(recognizer: Recognizer, stroke_width: int, normalized: bool, steps_place: DeltaGenerator) -> None:
    """All that changes with a stroke; the pictures of the steps go to `steps_place`."""
    with st.container(horizontal=True, gap="medium"):
        left, right = st.container(width=CANVAS_SIDE), st.container(width="stretch")
    with left:
        drawing = sketchpad(stroke_width)
    steps = None if drawing is None else canvas.normalize_steps(drawing)
    image = steps.image if steps else None
    if drawing is not None and not normalized:
        image = canvas.plain_resize(drawing)
    (reading,) = recognizer.read_images([image])
    with right:
        show_answer(reading, knows_others=recognizer.network.classes > DIGITS)
    if steps is None or image is None:
        steps_place.caption("Here you will see how your drawing becomes the 28×28 pixels that the network reads.")
    else:
        show_steps(steps, image, normalized, steps_place)


def show_answer(reading: Reading, knows_others: bool) -> None:
    """The digit in large type, how sure the network is, and the probabilities."""
    with st.container(key="prediction", border=True, gap="small"):
        digit, words = answer(reading)
        st.metric("The network reads", digit)
        st.markdown(words)
    with st.container(key="probabilities"):
        shares = None if reading.digit is None else reading.probabilities * (1 - reading.other)
        probability_chart(shares, reading.other if knows_others else None)
    image = np.zeros((28, 28), np.float32) if reading.image is None else reading.image
    st.download_button(
        "Download the 28×28 picture",
        data=lambda: encode_png(image),
        file_name="drawing.png" if reading.digit is None else f"digit-{reading.digit}.png",
        mime="image/png",
        key="download",
        icon=":material/download:",
        on_click="ignore",
        disabled=reading.image is None,
    )


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


draw_page()
