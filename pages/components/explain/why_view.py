"""Why this digit: which pixels speak for it and which against it, and what would make it another."""

import numpy as np
import streamlit as st

from mnist_core import Recognizer, explain
from mnist_core.folding import folded
from mnist_core.network import DIGITS, Network, probabilities
from pages.components.charts import percent
from pages.components.explain.derived import identity
from pages.components.explain.how import how_computed
from pages.components.explain.subject import Subject
from pages.components.pictures import overlay, picture

KEPT = 200
STEPS = 64


def why_view(recognizer: Recognizer, subject: Subject) -> None:
    """The whole view."""
    if np.ptp(subject.image) == 0:
        st.info("This picture is the same everywhere: there is nothing in it to explain.", icon=":material/info:")
        return
    shares = probabilities(recognizer.network.logits(subject.image[None]), recognizer.network.output)[0, :DIGITS]
    answer = int(shares.argmax())
    st.markdown(
        f"The network reads **{answer}** ({percent(float(shares[answer]))}). **Blue** pixels speak for the digit "
        f"below, "
        "**red** ones against it."
    )
    digit = _digit("Explain the digit", answer, "why_digit", "The score of this digit is explained, right or wrong.")
    pixels, along, wiped, gap = _attributions(identity(recognizer), subject.image.tobytes(), digit, recognizer)
    for place, values, name, words in zip(
        st.columns(3, gap="medium"),
        (pixels, along, wiped),
        ("Gradient", "Integrated gradients", "Occlusion"),
        (
            "Where a little more ink would raise the score, or lower it.",
            "What the ink that is there adds to the score.",
            "How much the score falls when the ink around a pixel is wiped out.",
        ),
        strict=True,
    ):
        with place:
            st.markdown(f"**{name}**")
            st.image(overlay(subject.image, values, 8), alt=_alt(name, digit, values), width="stretch")
            st.caption(words)
    if not np.abs(pixels).max():
        st.caption("The score does not move with any pixel: the network is dead for this picture.")
    _other(recognizer, subject, answer)
    how_computed(
        "With $x$ the pixels, $s$ the score of the digit (before the softmax):\n\n"
        r"- **Gradient** (Simonyan and others 2014): $\partial s / \partial x_i$, through the same layers that train."
        "\n"
        r"- **Integrated gradients** (Sundararajan and others 2017): $x_i \int_0^1 \partial s(a x) / \partial "
        r"x_i \, da$, "
        f"in {STEPS} steps. They add up to $s(x) - s(0)$; here up to {abs(gap):.2g}."
        "\n"
        "- **Occlusion** (Zeiler, Fergus 2014): the mean fall of $s$ over all squares of 4×4 pixels that cover "
        "the pixel "
        "and are wiped out.\n"
        r"- **Smallest change** (DeepFool, Moosavi-Dezfooli and others 2016): steps along $\nabla (s_k - s)$, as "
        r"if the "
        "scores were straight lines, kept between no ink and full ink."
    )


def _digit(label: str, preset: int, key: str, words: str) -> int:
    chosen = st.session_state.get(key)
    found = st.segmented_control(
        label,
        list(range(DIGITS)),
        default=None if chosen is not None else preset,
        key=key,
        help=words,
        required=True,
    )
    return preset if found is None else int(found)


@st.cache_data(show_spinner="Asking every pixel …", max_entries=KEPT)
def _attributions(
    name: str, image_bytes: bytes, digit: int, _recognizer: Recognizer
) -> tuple[np.ndarray, np.ndarray, np.ndarray, float]:
    network, image = _reader(name, _recognizer), np.frombuffer(image_bytes, np.float32).reshape(28, 28)
    along = explain.integrated_gradients(network, image, digit, STEPS)
    gap = explain.completeness_gap(network, image, digit, along)
    return explain.gradients(network, image[None], digit)[0], along, explain.occlusion(network, image, digit), gap


@st.cache_data(show_spinner="Looking for the smallest change …", max_entries=KEPT)
def _flip(name: str, image_bytes: bytes, target: int, _recognizer: Recognizer) -> explain.Flip | None:
    image = np.frombuffer(image_bytes, np.float32).reshape(28, 28)
    return explain.flip(_reader(name, _recognizer), image, target)


@st.cache_resource(max_entries=16, show_spinner=False)
def _reader(name: str, _recognizer: Recognizer) -> Network:
    """The network in fewer steps: the same scores and gradients, sooner."""
    return folded(_recognizer.network)


def _other(recognizer: Recognizer, subject: Subject, answer: int) -> None:
    st.subheader("What would make it another digit?", anchor=False)
    target = _digit(
        "Make it a", (answer + 1) % DIGITS, "flip_digit", "The network looks for the smallest change that does it."
    )
    if target == answer:
        st.caption(f"It is read as {answer} already.")
        return
    found = _flip(identity(recognizer), subject.image.tobytes(), target, recognizer)
    if found is None:
        st.info(f"No change was found that makes this network read {target}.", icon=":material/info:")
        return
    change = found.image - subject.image
    shown = (
        (picture(subject.image), f"read as {answer}", f"{subject.title}, read as {answer}.".capitalize()),
        (
            overlay(subject.image, change, 8),
            "blue: ink added; red: taken away",
            "Blue: ink added. Red: ink taken away.",
        ),
        (picture(np.clip(found.image, 0, 1)), f"read as {target}", f"The changed picture, read as {target}."),
    )
    for place, (url, caption, alt) in zip(st.columns(3, gap="medium"), shown, strict=True):
        place.image(url, caption=caption, alt=alt, width="stretch")
    st.markdown(
        f"**{found.added:.1f}** pixels of ink added and **{found.removed:.1f}** taken away are enough, of "
        f"{float(subject.image.sum()):.0f} in the picture, spread so thinly that it hardly looks like a {target}: "
        "a network looks at other things than we do."
    )


def _alt(name: str, digit: int, values: np.ndarray) -> str:
    row, column = np.unravel_index(int(np.abs(values).argmax()), values.shape)
    sign = "for" if values[row, column] > 0 else "against"
    where = f"in row {row + 1} and column {column + 1}"
    return f"{name} for {digit} on the picture; the strongest pixel, {where}, speaks {sign} it."
