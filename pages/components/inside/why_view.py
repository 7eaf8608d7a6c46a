"""Why this digit: which pixels speak for it and which against it, and what would make it another."""

import numpy as np
import streamlit as st

from mnist_core import Reading, Recognizer
from mnist_core.data import TEN_DIGITS
from mnist_core.insight import explain
from pages.components.class_choice import choose_class
from pages.components.inside.answers import class_name
from pages.components.inside.how import how_computed
from pages.components.inside.page_state import changed_digit, explained_digit
from pages.components.inside.subject import Subject
from pages.components.pictures import overlay, picture
from pages.components.session import Widget
from pages.components.words import confidence, escaped

KEPT = 500
STEPS = 32
THIN = 0.4
"""If no pixel changes by more than this, people hardly see the change."""
SHOWN = (
    ("Gradient", "Where a little more ink would raise the score, or lower it."),
    ("Integrated gradients", "What the ink that is there adds to the score."),
    ("Occlusion", "How much the score falls when the ink around a pixel is wiped out."),
)
HOW = r"""
With $x$ the pixels, $s$ the score of the digit, as the last layer gives it:

- **Gradient** (Simonyan and others 2014): $\partial s / \partial x_i$, through the same layers that train.
- **Integrated gradients** (Sundararajan and others 2017): $x_i \int_0^1 \partial s(a x) / \partial x_i \, da$, in %d
  steps. They add up to $s(x) - s(0)$; here up to %.2g.
- **Occlusion** (Zeiler, Fergus 2014): the mean fall of $s$ over all squares of 4×4 pixels that cover the pixel and are
  wiped out.
- **Smallest change** (DeepFool, Moosavi-Dezfooli and others 2016): steps along $\nabla (s_k - s)$, as if the scores
  were straight lines, kept between no ink and full ink.
"""


def why_view(recognizer: Recognizer, subject: Subject) -> None:
    """The whole view."""
    if np.ptp(subject.image) == 0:
        st.info("This picture is the same everywhere: there is nothing in it to explain.", icon=":material/info:")
        return
    reading = recognizer.read_digits(subject.image[None])[0]
    preset = int(reading.digit or 0)
    what = "digit" if recognizer.reads_digits else "answer"
    st.markdown(
        f"{_headline(reading)} **Blue** pixels speak for the {what} that is explained, **red** ones against it."
    )
    digit = _digit(
        f"Explain the {what}",
        recognizer,
        preset,
        explained_digit(preset, len(recognizer.classes)),
        f"The score of this {what} is explained, right or wrong.",
    )
    name_of_digit = recognizer.classes[digit]
    *maps, gap = attributions(recognizer.identity, subject.image.tobytes(), digit, recognizer)
    for place, values, (name, words) in zip(st.columns(3, gap="medium"), maps, SHOWN, strict=True):
        with place:
            st.markdown(f"**{name}**")
            st.image(overlay(subject.image, values, 8), alt=_alt(name, name_of_digit, values), width="stretch")
            st.caption(words)
    if not np.abs(maps[0]).max():
        st.caption("The score does not move with any pixel: the network is dead for this picture.")
    _other(recognizer, subject, preset)
    how_computed(HOW % (STEPS, abs(gap)))


def _headline(reading: Reading) -> str:
    answer = escaped(reading.answer)
    if reading.status == "other":
        if reading.classes == TEN_DIGITS:
            none, otherwise = "no digit", "as a digit, it would be"
        else:
            none, otherwise = "nothing that it knows", "otherwise, it would be"
        return f"The network sees **{none}** here ({confidence(reading.other)}); {otherwise} **{answer}**."
    return f"The network reads **{answer}** ({confidence(reading.confidence)})."


def _digit(label: str, recognizer: Recognizer, preset: int, widget: Widget[int], words: str) -> int:
    """A row of the classes, `preset` at first; each preset needs a widget of its own."""
    found = choose_class(label, recognizer.classes, key=widget.key, words=words, preset=preset)
    return preset if found is None else int(found)


@st.cache_data(show_spinner="Asking every pixel …", max_entries=KEPT)
def attributions(
    name: str, image_bytes: bytes, digit: int, _recognizer: Recognizer
) -> tuple[np.ndarray, np.ndarray, np.ndarray, float]:
    """Gradient, integrated gradients and occlusion for a digit, and how well the second adds up; name: the network's
    identity, image_bytes: float32 [28, 28].
    """
    network, image = _recognizer.reader, np.frombuffer(image_bytes, np.float32).reshape(28, 28)
    along = explain.integrated_gradients(network, image, digit, STEPS)
    gap = explain.completeness_gap(network, image, digit, along)
    return explain.gradients(network, image[None], digit)[0], along, explain.occlusion(network, image, digit), gap


@st.cache_data(show_spinner="Looking for the smallest change …", max_entries=KEPT)
def _flip(name: str, image_bytes: bytes, target: int, _recognizer: Recognizer) -> explain.Flip | None:
    image = np.frombuffer(image_bytes, np.float32).reshape(28, 28)
    return explain.flip(_recognizer.reader, image, target, len(_recognizer.classes))


def _other(recognizer: Recognizer, subject: Subject, digit: int) -> None:
    classes = recognizer.classes
    st.header(f"What would make it another {'digit' if recognizer.reads_digits else 'answer'}?", anchor=False)
    words = "The network looks for the smallest change that does it."
    first = (digit + 1) % len(classes)
    target = _digit("Make it a", recognizer, first, changed_digit(first, len(classes)), words)
    now = explain.answer(recognizer.reader, subject.image, len(classes))
    wanted, was = classes[target], class_name(recognizer, now)
    if target == now:
        st.caption(f"It is read as {escaped(wanted)} already.")
        return
    found = _flip(recognizer.identity, subject.image.tobytes(), target, recognizer)
    if found is None:
        st.info(f"No change was found that makes this network read {escaped(wanted)}.", icon=":material/info:")
        return
    change = found.image - subject.image
    ink = f"{found.added:.1f} pixels of ink added, {found.removed:.1f} taken away"
    shown = (
        (picture(subject.image), f"read as {escaped(was)}", f"{subject.title}, read as {was}."),
        (overlay(subject.image, change, 8), "blue: ink added; red: taken away", f"The change: {ink}."),
        (picture(np.clip(found.image, 0, 1)), f"read as {escaped(wanted)}", f"The changed picture, read as {wanted}."),
    )
    for place, (url, caption, alt) in zip(st.columns(3, gap="medium"), shown, strict=True):
        place.image(url, caption=caption, alt=alt[0].upper() + alt[1:], width="stretch")
    sentence = (
        f"**{found.added:.1f}** pixels of ink added and **{found.removed:.1f}** taken away are enough, of "
        f"{float(subject.image.sum()):.0f} in the picture."
    )
    if np.abs(change).max() < THIN:
        sentence += " No pixel changes much: people hardly see it, for a network looks at other things than we do."
    st.markdown(sentence)


def _alt(name: str, digit: str, values: np.ndarray) -> str:
    if not values.any():
        return f"{name} for {digit} on the picture: 0 everywhere."
    row, column = np.unravel_index(int(np.abs(values).argmax()), values.shape)
    sign = "for" if values[row, column] > 0 else "against"
    where = f"in row {row + 1} and column {column + 1}"
    return f"{name} for {digit} on the picture; the strongest pixel, {where}, speaks {sign} it."
