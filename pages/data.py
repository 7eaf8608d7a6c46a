"""The Data page: the images that the networks learn from."""

import streamlit as st

from mnist_core.data import Dataset
from pages.components.datasets import choose_dataset, dataset_titles
from pages.components.frame import page_frame
from pages.components.inside.data_views import doubts_view, gallery_view, numbers_view
from pages.components.inside.page_state import DATA_DATASET, DATA_VIEW, data_page_state
from pages.components.language import _, gettext_noop
from pages.components.screen import for_projector
from pages.components.view_choice import choose_view
from pages.components.words import escaped, in_short, whole

MNIST = gettext_noop(
    "MNIST: 70,000 digits, written by American census employees and high-school students, and brought to 28×28 pixels "
    "by LeCun, Cortes and Burges. The networks learn from 60,000 of them; 10,000 are kept for the test."
)
VIEWS = {
    "numbers": gettext_noop("In numbers"),
    "gallery": gettext_noop("Gallery"),
    "doubts": gettext_noop("Doubtful labels"),
}


def data_page() -> None:
    """One view at a time."""
    page_frame(gettext_noop("The digits"), gettext_noop("What the networks learn from, and what they are tested on."))
    state = data_page_state()
    words = _("The digits, or any folder of images that this server was given.")
    name, dataset = choose_dataset(dataset_titles(), DATA_DATASET, state.dataset, words=words)
    if not for_projector():
        st.markdown(_(MNIST) if dataset.name == "MNIST" else _about(dataset))
    view = choose_view(VIEWS, DATA_VIEW, state.view)
    if view == "numbers":
        numbers_view(name, dataset)
    elif view == "gallery":
        gallery_view(name, dataset)
    else:
        doubts_view(dataset)


def _about(dataset: Dataset) -> str:
    words = _("{name}: {train} training images and {test} test images of {count} classes, {classes}.")
    return words.format(
        name=escaped(dataset.name),
        train=whole(len(dataset.train_labels)),
        test=whole(len(dataset.test_labels)),
        count=whole(len(dataset.classes)),
        classes=escaped(in_short(dataset.classes)),
    )


data_page()
