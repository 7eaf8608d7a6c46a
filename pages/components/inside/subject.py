"""The picture that the Inside page explains: the visitor's drawing, or an image of the dataset; kept in the address."""

from dataclasses import dataclass

import numpy as np
import streamlit as st

from mnist_core.data import Dataset, to_unit
from mnist_core.ink import canvas
from pages.components.answers import OTHER, answer_name
from pages.components.draw.page_state import NORMALIZED
from pages.components.drawing import current_drawing
from pages.components.inside.page_state import PICTURE_NUMBER, PICTURE_SOURCE, Key, inside_page_state
from pages.components.language import _, gettext_noop
from pages.components.screen import as_wide
from pages.components.shared_state import shared_state
from pages.components.words import a_class, escaped, whole

ANY_WHOLE = 2**53 - 1
"""The largest whole number that a number input takes."""
SOURCES = {
    "picked": gettext_noop("A digit of a number"),
    "drawing": gettext_noop("Your drawing"),
    "test": gettext_noop("A test image"),
    "train": gettext_noop("A training image"),
}

OWN = ("drawing", "picked")
"""What the visitor brings."""


@dataclass(frozen=True, eq=False)
class Subject:
    """image: float32 [28, 28] in 0..1; label: what it shows, None for a drawing; title: for captions.

    test_number: which of the test images it is; None if it is none of them.
    """

    image: np.ndarray
    label: str | None
    title: str
    test_number: int | None = None


def address_of(source: str, number: int = 0) -> str:
    """What stands in the address for a picture: "drawing", "picked", or "test-123"."""
    return source if source in OWN else f"{source}-{number}"


def parse_address(text: str, dataset: Dataset) -> tuple[str, int] | None:
    """Source and number, from what `address_of` returned; None for any other text."""
    source, __, number = text.partition("-")
    if source in OWN and not number:
        return source, 0
    count = {"test": len(dataset.test_labels), "train": len(dataset.train_labels)}.get(source, 0)
    fine = number.isascii() and number.isdigit() and len(number) < 9 and int(number) < count
    return (source, int(number)) if fine else None


def open_picture(source: str, number: int = 0) -> None:
    """Show this picture in the next run. For callbacks, and before `choose_picture` has been called."""
    PICTURE_SOURCE.put(source)
    if source not in OWN:
        PICTURE_NUMBER.put(number)


def choose_picture(dataset: Dataset) -> Subject:
    """The controls that choose the picture, a drawing or an image of the dataset; returns it."""
    state = inside_page_state()
    address = st.query_params.get("image", "")
    if address and address != state.picture_in_address:
        found = parse_address(address, dataset)
        if found is None:
            st.toast(_("There is no picture of the name in this address."), icon=":material/info:")
        if found and found[0] == "picked" and shared_state().picked is None:
            found = "drawing", 0
        open_picture(*(found or ("test", 0)))
    if not PICTURE_SOURCE.has_value():
        first = ("test" if current_drawing() is None else "drawing", 0)
        open_picture(*(state.chosen_picture or first))
    source = st.segmented_control(
        _("Picture"),
        [source for source in SOURCES if source != "picked" or shared_state().picked is not None],
        format_func=lambda source: _(SOURCES[source]),
        key=PICTURE_SOURCE.key,
        required=True,
        help=_("What the network is shown: what you drew on the Draw page, or an image of {dataset}.").format(
            dataset=escaped(dataset.name)
        ),
    )
    subject = {"drawing": _drawing, "picked": _picked}.get(str(source), lambda: None)()
    number = 0
    if subject is None:
        split = "train" if source == "train" else "test"
        number, subject = _of_dataset(dataset, split)
    state.chosen_picture = (str(source), number)
    st.query_params["image"] = state.picture_in_address = address_of(str(source), number)
    return subject


def _drawing() -> Subject | None:
    drawing = current_drawing()
    # As on the Draw page, where normalizing can be switched off.
    prepare = canvas.normalize if NORMALIZED.value_or(True) else canvas.plain_resize
    image = None if drawing is None else prepare(drawing, canvas.BLACK)
    if image is None:
        st.caption(_("You have not drawn anything yet, so here is a test image."))
        st.page_link("app.py", label=_("Draw a digit"), icon=":material/draw:")
        return None
    return Subject(image, None, _("Your drawing"))


def _picked() -> Subject | None:
    picked = shared_state().picked
    return None if picked is None else Subject(picked.image, None, picked.title)


def _of_dataset(dataset: Dataset, split: str) -> tuple[int, Subject]:
    images, labels = images_and_labels(dataset, split)
    numbers = inside_page_state().numbers
    if PICTURE_NUMBER.value_or(len(labels)) >= len(labels):
        # Streamlit forgets the number while a drawing is shown.
        PICTURE_NUMBER.put(min(numbers.get(split, 0), len(labels) - 1))
    with st.container(horizontal=True, vertical_alignment="bottom"):
        number = int(
            # Without limits: the browser would keep a number beyond one in red, even after "Any".
            st.number_input(
                _("Number"),
                -ANY_WHOLE,
                ANY_WHOLE,
                key=PICTURE_NUMBER.key,
                width=as_wide(140),
                on_change=_keep_within,
                args=(len(labels),),
                help=_("Which of the {count} images, counted from 0.").format(count=whole(len(labels))),
            )
        )
        numbers[split] = number
        st.button(_("Any"), icon=":material/casino:", on_click=_any, args=(len(labels),), key=Key.ANY_PICTURE)
    label, test_number = _name_of(dataset, int(labels[number])), number if split == "test" else None
    return number, Subject(to_unit(images[number]), label, title_of(split, number, label), test_number)


def _name_of(dataset: Dataset, label: int) -> str:
    """What an image of that label shows; among training images there may be what is none of the classes."""
    return dataset.classes[label] if label < len(dataset.classes) else answer_name(OTHER)


def title_of(split: str, number: int, label: str) -> str:
    """ "Test image 7, a 9"."""
    text = _("Test image {number}, {what}") if split == "test" else _("Training image {number}, {what}")
    return text.format(number=whole(number), what=a_class(label))


def images_and_labels(dataset: Dataset, split: str) -> tuple[np.ndarray, np.ndarray]:
    """The test images and their labels for "test", the training images and theirs for "train"."""
    if split == "test":
        return dataset.test_images, dataset.test_labels
    return dataset.train_images, dataset.train_labels


def _keep_within(count: int) -> None:
    if not 0 <= PICTURE_NUMBER.value < count:
        text = _("The images have the numbers 0 to {last}.").format(last=whole(count - 1))
        st.toast(text, icon=":material/info:")
        PICTURE_NUMBER.put(min(max(PICTURE_NUMBER.value, 0), count - 1))


def _any(count: int) -> None:
    PICTURE_NUMBER.put(int(np.random.default_rng().integers(count)))
