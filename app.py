"""The Draw page: draw a digit, and a network reads it at once."""

import numpy as np
import streamlit as st

from mnist_core import Reading, canvas
from mnist_core.images import encode_png
from pages.components import sketchpad
from pages.components.charts import percent, probability_chart
from pages.components.frame import page_frame
from pages.components.networks import choose_network
from pages.components.pictures import SIDE, picture
from pages.components.prompt import send_promptly


@st.fragment
def draw_and_read() -> None:
    """All that changes with a stroke; only this is run again after one."""
    with st.container(horizontal=True, gap="medium"):
        left, right = st.container(width=sketchpad.SIDE), st.container(width="stretch")
    choice, pen = st.columns(2, gap="medium")
    with choice:
        recognizer = choose_network()
    with pen:
        stroke_width = st.slider(
            "Stroke width", 8, 40, 20, key="stroke_width", help="How thick the pen draws, in pixels of the canvas."
        )
    with left:
        drawing = sketchpad.sketchpad(stroke_width)
    normalized = st.session_state.get("normalized", True)
    reading = recognizer.read(np.zeros((1, 1, 4), np.uint8) if drawing is None else drawing, normalized=normalized)
    with right:
        show_answer(reading)
    show_steps(drawing, reading)


def show_answer(reading: Reading) -> None:
    """The digit in large type, how sure the network is, and the ten probabilities."""
    with st.container(key="prediction", border=True, gap="small"):
        first, second = reading.likeliest(2)
        if reading.status == "blank":
            st.metric("The network reads", "–")
            st.markdown("**Draw a digit** from 0 to 9 on the black square.")
        elif reading.status == "digit":
            st.metric("The network reads", str(reading.digit))
            st.markdown(f":material/check_circle: **{percent(reading.confidence)} sure**")
        elif reading.digit is None:
            st.metric("The network reads", "?")
            st.markdown(":material/help: **Not sure:** a dot or a filled shape has no strokes to read.")
        else:
            st.metric("The network reads", f"{first}?")
            chances = " or ".join(
                f"**{digit}** ({percent(float(reading.probabilities[digit]))})" for digit in (first, second)
            )
            st.markdown(f":material/help: **Not sure:** it could be {chances}.")
    with st.container(key="probabilities"):
        probability_chart(None if reading.digit is None else reading.probabilities)


def show_steps(drawing: np.ndarray | None, reading: Reading) -> None:
    """What becomes of the drawing on its way to the network, as pictures."""
    with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
        st.subheader("What the network sees", anchor=False, width="content")
        st.toggle(
            "Normalize",
            value=True,
            key="normalized",
            help="Bring the drawing to the size and place that the training images have. "
            "Switch it off to see what a network makes of the plain canvas.",
        )
    image = reading.image
    if drawing is None or image is None:
        st.caption("The steps from your drawing to the 28×28 pixels that the network reads will be shown here.")
        return
    with st.container(horizontal=True):
        for shown, caption, alt in pictures(drawing, reading):
            st.image(shown, caption=caption, width=SIDE, alt=alt)
    st.download_button(
        "Download the 28×28 picture",
        data=lambda: encode_png(image),
        file_name="drawing.png" if reading.digit is None else f"digit-{reading.digit}.png",
        mime="image/png",
        key="download",
        icon=":material/download:",
        on_click="ignore",
    )


def pictures(drawing: np.ndarray, reading: Reading) -> list[tuple[str, str, str]]:
    """The steps as (picture, caption, alt text)."""
    steps = canvas.normalize_steps(drawing)
    if steps is None or reading.image is None:
        return []
    top, bottom, left, right = steps.box
    what = "a digit" if reading.digit is None else f"what may be a {reading.digit}"
    if not st.session_state["normalized"]:
        return [
            (picture(steps.ink), "1 · your drawing", f"The drawing on the canvas, {what}."),
            (picture(reading.image), "2 · squeezed into 28×28", "The whole canvas as 28 by 28 pixels."),
        ]
    height, width = steps.fitted.shape
    return [
        (picture(steps.ink, mark=steps.box), "1 · find the ink", f"The drawing, {what}, with a frame around the ink."),
        (picture(steps.cropped), "2 · crop", f"The drawing cropped to {right - left} by {bottom - top} pixels."),
        (picture(steps.fitted), "3 · fit into 20×20", f"The drawing fitted into 20 by 20: {width} by {height} pixels."),
        (
            picture(steps.image, cross=True),
            "4 · center by mass in 28×28",
            "The 28 by 28 pixels that the network reads; a cross marks the middle, where the center of mass lies.",
        ),
    ]


page_frame(
    "Draw a digit", "Draw with the mouse, a pen or a finger. A neural network written in NumPy reads it at once."
)
draw_and_read()
send_promptly()
