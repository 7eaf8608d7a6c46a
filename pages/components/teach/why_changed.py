"""Why did it change? Which pixels of a drawing speak for its label, before and after a network was taught."""

import numpy as np
import streamlit as st

from mnist_core import Recognizer
from mnist_core.drawings import Collection
from pages.components.inside.why_view import attributions
from pages.components.pictures import overlay
from pages.components.teach.labels import label_words, short_label
from pages.components.teach.measures import answers_of
from pages.components.teach.page_state import teach_page_state
from pages.components.words import a_class, confidence


def why_changed(before: Recognizer, after: Recognizer, drawings: Collection) -> None:
    """The explanation of the drawing that was clicked, before and after, side by side."""
    state = teach_page_state()
    st.header("Why did it change?", anchor=False)
    if state.chosen not in drawings.ids:
        st.caption("Click one of your drawings: its explanation, before and after, appears here.")
        return
    place = drawings.ids.index(state.chosen)
    label = drawings.labels[place]
    image = (drawings.images[place] / 255).astype(np.float32)
    if not label:
        st.caption("This drawing is labeled as no digit: there is no digit to explain.")
        return
    digit = int(label)
    st.markdown(
        f"What the ink adds to the score of **{digit}** (integrated gradients): **blue** pixels speak for "
        f"{a_class(label)}, **red** ones against it."
    )
    for column, words, network in zip(st.columns(2, gap="medium"), ("Before", "After"), (before, after), strict=True):
        (answer, sure), *_ = answers_of(network, drawings.images[place][None])
        _, along, _, _ = attributions(network.identity, image.tobytes(), digit, network)
        total = float(along.sum())
        with column:
            st.markdown(f"**{words}**: read as {short_label(answer)}, {confidence(sure)}")
            alt = f"{words}: the drawing of {label_words(label)}, read as {label_words(answer)}."
            st.image(overlay(image, along, 8), alt=alt, width="stretch")
            st.caption(f"All pixels together: {total:+.1f}".replace("-", "−"))
