"""The Draw page: draw a digit, and a network reads it at once."""

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from mnist_core import Recognizer
from mnist_core.ink import canvas
from mnist_core.nn import DIGITS
from pages.components.draw.answer import show_answer
from pages.components.draw.canvas_script import mount_canvas_script
from pages.components.draw.kept_drawing import mount_kept_drawing
from pages.components.draw.page_state import NORMALIZED, STROKE_WIDTH
from pages.components.draw.sketchpad import canvas_width, restart_if_drawn_on, sketchpad
from pages.components.draw.steps import show_steps
from pages.components.frame import page_frame
from pages.components.network_choice import choose_network


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
            key=STROKE_WIDTH.key,
            persist_state="session",
            help="How thick the pen draws, in pixels of the canvas.",
        )
    with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
        st.header("What the network sees", anchor=False, width="content")
        normalized = st.toggle(
            "Normalize",
            value=True,
            key=NORMALIZED.key,
            persist_state="session",
            help="Bring the drawing to the size and place that the training images have. "
            "Switch it off to see what a network makes of the plain canvas.",
        )
    steps_place = st.empty()
    restart_if_drawn_on()
    with desk:
        draw_and_read(recognizer, stroke_width, normalized, steps_place)
    mount_canvas_script()
    mount_kept_drawing()


@st.fragment
def draw_and_read(recognizer: Recognizer, stroke_width: int, normalized: bool, steps_place: DeltaGenerator) -> None:
    """All that changes with a stroke; the pictures of the steps go to `steps_place`."""
    with st.container(horizontal=True, gap="medium"):
        left, right = st.container(width=canvas_width()), st.container(width="stretch")
    with left:
        drawing = sketchpad(stroke_width)
    steps = None if drawing is None else canvas.normalize_steps(drawing, canvas.BLACK)
    image = steps.image if steps else None
    if drawing is not None and not normalized:
        image = canvas.plain_resize(drawing, canvas.BLACK)
    (reading,) = recognizer.read_images([image])
    with right:
        show_answer(reading, knows_others=recognizer.network.classes > DIGITS)
    if steps is None or image is None:
        steps_place.caption("Here you will see how your drawing becomes the 28×28 pixels that the network reads.")
    else:
        show_steps(steps, image, normalized, steps_place)


draw_page()
