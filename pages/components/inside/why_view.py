"""Why this digit: which pixels speak for it and which against it, and what would make it another."""

import numpy as np
import streamlit as st

from mnist_core import Reading, Recognizer
from mnist_core.data import TEN_DIGITS
from mnist_core.insight import explain
from pages.components.class_choice import choose_class
from pages.components.inside.answers import class_name
from pages.components.inside.class_table import two_digits
from pages.components.inside.how import how_computed
from pages.components.inside.page_state import changed_digit, explained_digit
from pages.components.inside.subject import Subject
from pages.components.language import _, gettext_noop
from pages.components.pictures import overlay, picture
from pages.components.session import Widget
from pages.components.spinner_text import SpinnerText
from pages.components.words import confidence, decimal, escaped

KEPT = 500
STEPS = 32
THIN = 0.4
"""If no pixel changes by more than this, people hardly see the change."""
SHOWN = (
    (gettext_noop("Gradient"), gettext_noop("Where a little more ink would raise the score, or lower it.")),
    (gettext_noop("Integrated gradients"), gettext_noop("What the ink that is there adds to the score.")),
    (
        gettext_noop("Occlusion"),
        gettext_noop("How much the score falls when the ink around a pixel is wiped out."),
    ),
)


def why_view(recognizer: Recognizer, subject: Subject) -> None:
    """The whole view."""
    if np.ptp(subject.image) == 0:
        st.info(_("This picture is the same everywhere: there is nothing in it to explain."), icon=":material/info:")
        return
    reading = recognizer.read_digits(subject.image[None])[0]
    preset = int(reading.digit or 0)
    if recognizer.reads_digits:
        colors = _("**Blue** pixels speak for the digit that is explained, **red** ones against it.")
        label, words = _("Explain the digit"), _("The score of this digit is explained, right or wrong.")
    else:
        colors = _("**Blue** pixels speak for the answer that is explained, **red** ones against it.")
        label, words = _("Explain the answer"), _("The score of this answer is explained, right or wrong.")
    st.markdown(f"{_headline(reading)} {colors}")
    digit = _digit(label, recognizer, preset, explained_digit(preset, len(recognizer.classes)), words)
    name_of_digit = recognizer.classes[digit]
    *maps, gap = attributions(recognizer.identity, subject.image.tobytes(), digit, recognizer)
    for place, values, (name, words) in zip(st.columns(3, gap="medium"), maps, SHOWN, strict=True):
        with place:
            st.markdown(f"**{_(name)}**")
            st.image(overlay(subject.image, values, 8), alt=_alt(_(name), name_of_digit, values), width="stretch")
            st.caption(_(words))
    if not np.abs(maps[0]).max():
        st.caption(_("The score does not move with any pixel: the network is dead for this picture."))
    _other(recognizer, subject, preset)
    how_computed(_how(abs(gap)))


def _how(gap: float) -> str:
    """gap: how far the integrated gradients are from adding up."""
    parts = [
        _(r"**Gradient** (Simonyan and others 2014): $\partial s / \partial x_i$, through the same layers that train."),
        _(
            r"**Integrated gradients** (Sundararajan and others 2017): $x_i \int_0^1 \partial s(a x) / \partial x_i \, "
            r"da$, in {steps} steps. They add up to $s(x) - s(0)$; here up to {gap}."
        ).format(steps=STEPS, gap=two_digits(gap)),
        _(
            "**Occlusion** (Zeiler, Fergus 2014): the mean fall of $s$ over all squares of 4×4 pixels that cover the "
            "pixel and are wiped out."
        ),
        _(
            r"**Smallest change** (DeepFool, Moosavi-Dezfooli and others 2016): steps along $\nabla (s_k - s)$, as if "
            r"the scores were straight lines, kept between no ink and full ink."
        ),
    ]
    first = _("With $x$ the pixels, $s$ the score of the digit, as the last layer gives it:")
    return first + "\n\n" + "\n".join(f"- {part}" for part in parts)


def _headline(reading: Reading) -> str:
    answer = escaped(reading.answer)
    if reading.status == "other":
        if reading.classes == TEN_DIGITS:
            text = _("The network sees **no digit** here ({sure}); as a digit, it would be **{answer}**.")
        else:
            text = _("The network sees **nothing that it knows** here ({sure}); otherwise, it would be **{answer}**.")
        return text.format(sure=confidence(reading.other), answer=answer)
    return _("The network reads **{answer}** ({sure}).").format(answer=answer, sure=confidence(reading.confidence))


def _digit(label: str, recognizer: Recognizer, preset: int, widget: Widget[int], words: str) -> int:
    """A row of the classes, `preset` at first; each preset needs a widget of its own."""
    found = choose_class(label, recognizer.classes, key=widget.key, words=words, preset=preset)
    return preset if found is None else int(found)


@st.cache_data(show_spinner=SpinnerText(gettext_noop("Asking every pixel …")), max_entries=KEPT)
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


@st.cache_data(show_spinner=SpinnerText(gettext_noop("Looking for the smallest change …")), max_entries=KEPT)
def _flip(name: str, image_bytes: bytes, target: int, _recognizer: Recognizer) -> explain.Flip | None:
    image = np.frombuffer(image_bytes, np.float32).reshape(28, 28)
    return explain.flip(_recognizer.reader, image, target, len(_recognizer.classes))


def _other(recognizer: Recognizer, subject: Subject, digit: int) -> None:
    classes = recognizer.classes
    digits = recognizer.reads_digits
    head = _("What would make it another digit?") if digits else _("What would make it another answer?")
    st.header(head, anchor=False)
    words = _("The network looks for the smallest change that does it.")
    first = (digit + 1) % len(classes)
    target = _digit(_("Make it a"), recognizer, first, changed_digit(first, len(classes)), words)
    now = explain.answer(recognizer.reader, subject.image, len(classes))
    wanted, was = classes[target], class_name(recognizer, now)
    if target == now:
        st.caption(_("It is read as {answer} already.").format(answer=escaped(wanted)))
        return
    found = _flip(recognizer.identity, subject.image.tobytes(), target, recognizer)
    if found is None:
        text = _("No change was found that makes this network read {answer}.").format(answer=escaped(wanted))
        st.info(text, icon=":material/info:")
        return
    change = found.image - subject.image
    ink = {"added": decimal(found.added), "removed": decimal(found.removed)}
    shown = (
        (
            picture(subject.image),
            _("read as {answer}").format(answer=escaped(was)),
            _("{title}, read as {answer}.").format(title=subject.title, answer=was),
        ),
        (
            overlay(subject.image, change, 8),
            _("blue: ink added; red: taken away"),
            _("The change: {added} pixels of ink added, {removed} taken away.").format(**ink),
        ),
        (
            picture(np.clip(found.image, 0, 1)),
            _("read as {answer}").format(answer=escaped(wanted)),
            _("The changed picture, read as {answer}.").format(answer=wanted),
        ),
    )
    for place, (url, caption, alt) in zip(st.columns(3, gap="medium"), shown, strict=True):
        place.image(url, caption=caption, alt=alt[0].upper() + alt[1:], width="stretch")
    sentence = _(
        "**{added}** pixels of ink added and **{removed}** taken away are enough, of {all} in the picture."
    ).format(**ink, all=decimal(float(subject.image.sum()), 0))
    if np.abs(change).max() < THIN:
        sentence += " " + _(
            "No pixel changes much: people hardly see it, for a network looks at other things than we do."
        )
    st.markdown(sentence)


def _alt(name: str, digit: str, values: np.ndarray) -> str:
    if not values.any():
        return _("{method} for {answer} on the picture: 0 everywhere.").format(method=name, answer=digit)
    row, column = np.unravel_index(int(np.abs(values).argmax()), values.shape)
    text = (
        _("{method} for {answer} on the picture; the strongest pixel, in row {row} and column {column}, speaks for it.")
        if values[row, column] > 0
        else _(
            "{method} for {answer} on the picture; the strongest pixel, in row {row} and column {column}, speaks "
            "against it."
        )
    )
    return text.format(method=name, answer=digit, row=row + 1, column=column + 1)
