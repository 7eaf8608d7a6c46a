"""The picture that the Inside page explains: the session's drawing, or an image of the dataset; kept in the address."""

from dataclasses import dataclass

import numpy as np
import streamlit as st

from mnist_core.data import Dataset, load_mnist, to_unit
from mnist_core.ink import canvas
from pages.components.drawing import current_drawing

SOURCES = {"drawing": "Your drawing", "test": "A test image", "train": "A training image"}


@dataclass(frozen=True, eq=False)
class Subject:
    """image: float32 [28, 28] in 0..1; label: the right digit, None for a drawing; title: for captions."""

    image: np.ndarray
    label: int | None
    title: str


def address_of(source: str, place: int = 0) -> str:
    """What stands in the address for a picture: "drawing", or "test-123"."""
    return source if source == "drawing" else f"{source}-{place}"


def parse_address(text: str, dataset: Dataset) -> tuple[str, int] | None:
    """The reverse of `address_of`; None for anything else."""
    source, _, place = text.partition("-")
    if source == "drawing" and not place:
        return source, 0
    count = {"test": len(dataset.test_labels), "train": len(dataset.train_labels)}.get(source, 0)
    fine = place.isascii() and place.isdigit() and len(place) < 9 and int(place) < count
    return (source, int(place)) if fine else None


def open_picture(source: str, place: int = 0) -> None:
    """Show this picture in the next run. For callbacks, and before `choose_picture` has been called."""
    st.session_state["picture_source"] = source
    if source != "drawing":
        st.session_state["picture_place"] = place


def choose_picture() -> Subject:
    """The controls that choose the picture; returns it."""
    dataset = load_mnist()
    address = st.query_params.get("image", "")
    if address and address != st.session_state.get("picture_in_address"):
        found = parse_address(address, dataset)
        if found is None:
            st.toast("There is no picture of the name in this address.", icon=":material/info:")
        open_picture(*(found or ("test", 0)))
    if "picture_source" not in st.session_state:
        open_picture(
            *st.session_state.get("chosen_picture", ("drawing" if current_drawing() is not None else "test", 0))
        )
    source = st.segmented_control(
        "Picture",
        list(SOURCES),
        format_func=SOURCES.__getitem__,
        key="picture_source",
        required=True,
        help="What the network is shown: what you drew on the Draw page, or an image of MNIST.",
    )
    subject = _drawing() if source == "drawing" else None
    place = 0
    if subject is None:
        split = "train" if source == "train" else "test"
        place, subject = _of_dataset(dataset, split)
    st.session_state["chosen_picture"] = (source, place)
    st.query_params["image"] = st.session_state["picture_in_address"] = address_of(str(source), place)
    return subject


def _drawing() -> Subject | None:
    drawing = current_drawing()
    # As on the Draw page, where normalizing can be switched off.
    prepare = canvas.normalize if st.session_state.get("normalized", True) else canvas.plain_resize
    image = None if drawing is None else prepare(drawing)
    if image is None:
        st.caption("You have not drawn anything yet, so here is a test image.")
        st.page_link("app.py", label="Draw a digit", icon=":material/draw:")
        return None
    return Subject(image, None, "your drawing")


def _of_dataset(dataset: Dataset, split: str) -> tuple[int, Subject]:
    images, labels = (
        (dataset.test_images, dataset.test_labels) if split == "test" else (dataset.train_images, dataset.train_labels)
    )
    kept = f"picture_place_{split}"
    if st.session_state.get("picture_place", len(labels)) >= len(labels):
        # Streamlit forgets the number while a drawing is shown.
        st.session_state["picture_place"] = min(st.session_state.get(kept, 0), len(labels) - 1)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        place = int(
            st.number_input(
                "Number",
                0,
                len(labels) - 1,
                key="picture_place",
                width=140,
                help=f"Which of the {len(labels):,} images, counted from 0.",
            )
        )
        st.session_state[kept] = place
        st.button("Any", icon=":material/casino:", on_click=_any, args=(len(labels),), key="any_picture")
    word = "test" if split == "test" else "training"
    return place, Subject(
        to_unit(images[place]), int(labels[place]), f"{word} image {place:,}, {a_digit(labels[place])}"
    )


def a_digit(digit: int) -> str:
    """ "a 7", "an 8"."""
    return f"an {digit}" if digit == 8 else f"a {digit}"


def _any(count: int) -> None:
    st.session_state["picture_place"] = int(np.random.default_rng().integers(count))
