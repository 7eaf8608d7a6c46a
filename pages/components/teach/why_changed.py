"""Why did it change? Which pixels of a drawing speak for its label, before and after a network was taught."""

import numpy as np
import streamlit as st

from mnist_core import Recognizer
from mnist_core.drawings import Collection
from pages.components.inside.why_view import attributions
from pages.components.language import _
from pages.components.pictures import overlay
from pages.components.teach.labels import label_words, short_label
from pages.components.teach.measures import answers_of
from pages.components.teach.page_state import teach_page_state
from pages.components.words import a_class, by_language, confidence


def why_changed(before: Recognizer, after: Recognizer, drawings: Collection) -> None:
    """The explanation of the drawing that was clicked, before and after, side by side."""
    state = teach_page_state()
    st.header(_("Why did it change?"), anchor=False)
    if state.chosen not in drawings.ids:
        st.caption(_("Click one of your drawings: its explanation, before and after, appears here."))
        return
    place = drawings.ids.index(state.chosen)
    label = drawings.labels[place]
    image = (drawings.images[place] / 255).astype(np.float32)
    if not label:
        st.caption(_("This drawing is labeled as no digit: there is no digit to explain."))
        return
    digit = int(label)
    words = _(
        "What the ink adds to the score of **{digit}** (integrated gradients): **blue** pixels speak for "
        "{a_class}, **red** ones against it."
    )
    st.markdown(words.format(digit=digit, a_class=a_class(label)))
    told = (
        (_("**Before**: read as {answer}, {share}"), _("Before: the drawing of {label}, read as {answer}.")),
        (_("**After**: read as {answer}, {share}"), _("After: the drawing of {label}, read as {answer}.")),
    )
    for column, (words, alt), network in zip(st.columns(2, gap="medium"), told, (before, after), strict=True):
        answer, sure = answers_of(network, drawings.images[place][None])[0]
        along = attributions(network.identity, image.tobytes(), digit, network)[1]
        total = float(along.sum())
        with column:
            st.markdown(words.format(answer=short_label(answer), share=confidence(sure)))
            alt = alt.format(label=label_words(label), answer=label_words(answer))
            st.image(overlay(image, along, 8), alt=alt, width="stretch")
            points = by_language(f"{total:+.1f}").replace("-", "−")
            st.caption(_("All pixels together: {points}").format(points=points))
