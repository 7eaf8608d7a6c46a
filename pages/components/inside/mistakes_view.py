"""What it gets wrong: which classes it confuses, its surest mistakes, and how much damage it bears."""

from collections.abc import Sequence

import numpy as np
import streamlit as st

from mnist_core import Recognizer
from mnist_core.data import TEN_DIGITS
from mnist_core.nn import confusion_matrix
from pages.components.answers import most_confused
from pages.components.inside import derived
from pages.components.inside.damage_curves import damage_curves
from pages.components.inside.how import how_computed
from pages.components.inside.images import Images
from pages.components.inside.page_state import (
    INSIDE_VIEW,
    Key,
    chart_of,
    confusion_cell,
    mistake,
)
from pages.components.inside.picture_grid import number_grid, picture_grid
from pages.components.inside.subject import open_picture
from pages.components.language import _, gettext_noop
from pages.components.session import Widget
from pages.components.words import (
    a_class,
    confidence,
    counted,
    escaped,
    in_short,
    read_as,
    whole,
)

SHOWN = 25
ALL = gettext_noop("all mistakes")
HOW = gettext_noop(
    r"A row $i$ of the matrix holds the images of one class, a column $j$ those that were read as one: "
    r"$C_{ij} = |\{n : y_n = i, \hat y_n = j\}|$; the diagonal is right. The surest mistakes are those with the "
    r"largest share for the wrong answer, $p_{\hat y}$. Damage: 500 test images, each harmed in the same way. Noise is "
    r"normally distributed, rotation and shift sample the picture anew (bilinear), blur is Gaussian, thickness takes "
    r"the largest (or smallest) of a pixel and its neighbors."
)


def mistakes_view(recognizer: Recognizer, images: Images) -> None:
    """The whole view."""
    labels, names = images.labels, recognizer.classes
    if labels is None:
        st.info(nothing_to_compare(recognizer), icon=":material/info:")
        return
    found = derived.test_probabilities(recognizer, images)
    answers = found.argmax(axis=1)
    counts = confusion_matrix(answers, labels, len(names))
    wrong = int(counts.sum() - np.trace(counts))
    st.markdown(
        _summary(images, wrong)
        + " "
        + _("Click a cell to see its images, and an image to look at it through this network.")
    )
    widget = confusion_cell(recognizer.identity)
    cells = {ALL: None} | {_cell(names, *cell): cell for cell in _cells(counts)}
    if widget.value_or("") not in cells:
        widget.put(ALL)
    left, right = st.columns([4, 3], gap="large")
    with left:
        st.markdown(_("**What is taken for what**"))
        _matrix(counts, names, widget)
    with right:
        chosen = st.selectbox(
            _("Show"),
            list(cells),
            format_func=lambda text: _cell_title(names, cells.get(text)),
            key=widget.key,
            persist_state="session",
            help=_("Which images are shown; a click on a cell of the matrix chooses it, too."),
        )
        _images(recognizer, images, found, answers, cells[chosen])
    damage_curves(recognizer, images)
    how_computed(_(HOW))


def nothing_to_compare(recognizer: Recognizer) -> str:
    """Why there are no test images to try a network on."""
    return _(
        "This network reads {classes}. No dataset of these can be chosen here, so there is nothing to try it on."
    ).format(classes=escaped(in_short(recognizer.classes)))


def _summary(images: Images, wrong: int) -> str:
    """How many of the test images are read wrongly."""
    all_of_them, tried = len(images.dataset.test_labels), len(images.test_images)
    if tried == all_of_them:
        text = _("Of the {tried} test images, one look at each gives **{wrong}** wrong answers.")
    else:
        text = _("Of the first {tried} of {all} test images, one look at each gives **{wrong}** wrong answers.")
    return text.format(tried=whole(tried), all=whole(all_of_them), wrong=whole(wrong))


def _matrix(counts: np.ndarray, names: Sequence[str], widget: Widget[str]) -> None:
    """The confusion matrix; a click on a cell chooses its images, a second one all mistakes."""
    shown = most_confused(counts)
    places = [(digit, answer) for digit in shown for answer in shown]

    def choose(place: int) -> None:
        cell = _cell(names, *places[place])
        widget.put(ALL if widget.value == cell else cell)

    labels = [
        _cell_title(names, place) + ": " + counted(int(counts[place]), "{count} image", "{count} images")
        for place in places
    ]
    shares = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
    wrong = counts - np.diag(np.diag(counts))
    alt = _("Confusion matrix: {wrong} of {all} images are read wrongly.").format(
        wrong=whole(int(wrong.sum())), all=whole(int(counts.sum()))
    )
    if wrong.any():
        digit, answer = divmod(int(wrong.argmax()), len(names))
        most = _("Most often {a_class} is read as {another}.")
        alt += " " + most.format(a_class=a_class(names[digit]), another=a_class(names[answer]))
    chosen = [number for number, place in enumerate(places) if _cell(names, *place) == widget.value]
    heads = [names[index] for index in shown]
    number_grid(
        counts[np.ix_(shown, shown)],
        shares[np.ix_(shown, shown)],
        labels,
        rows=heads,
        columns=heads,
        alt=alt,
        key=chart_of(widget),
        choose=choose,
        chosen=chosen[0] if chosen else None,
    )
    if len(shown) == len(names):
        st.caption(
            _("A row for each digit, a column for each answer.")
            if tuple(names) == TEN_DIGITS
            else _("A row for each class, a column for each answer.")
        )
    else:
        st.caption(
            _(
                "A row for each class, a column for each answer: of {all} classes, the {shown} with the most mistakes."
            ).format(all=len(names), shown=len(shown))
        )


def _cells(counts: np.ndarray) -> list[tuple[int, int]]:
    """Digit and answer of all cells that are not empty, mistakes first, the most frequent first."""
    cells = [(int(digit), int(answer)) for digit, answer in np.argwhere(counts > 0)]
    return sorted(cells, key=lambda cell: (cell[0] == cell[1], -counts[cell]))


def _cell_title(names: Sequence[str], cell: tuple[int, int] | None) -> str:
    """What a visitor reads for a cell, or for all mistakes."""
    if cell is None:
        return _(ALL)
    name, answer = names[cell[0]], names[cell[1]]
    if cell[0] == cell[1]:
        return _("{name}, read rightly").format(name=name)
    return _("{name}, read as {answer}").format(name=name, answer=answer)


def _cell(names: Sequence[str], digit: int, answer: int) -> str:
    """What a cell is called in the state of the session, in any language."""
    return f"{names[digit]}, read as {names[answer]}" if digit != answer else f"{names[digit]}, read rightly"


def _images(
    recognizer: Recognizer, images: Images, found: np.ndarray, answers: np.ndarray, cell: tuple[int, int] | None
) -> None:
    labels, classes = images.labels, recognizer.classes
    assert labels is not None
    sure = found[np.arange(len(labels)), answers]
    rightly = cell is not None and cell[0] == cell[1]
    if cell is None:
        indices = np.flatnonzero(answers != labels)
    else:
        indices = np.flatnonzero((labels == cell[0]) & (answers == cell[1]))
    if rightly:
        sure = 1 - sure
    if len(indices) == 0:
        st.caption(_("It makes no mistakes on the test images."))
        return
    indices = indices[np.argsort(-sure[indices], kind="stable")][:SHOWN]
    if len(indices) == SHOWN:
        text = _("{count} of them, the least sure first:") if rightly else _("{count} of them, the surest first:")
        st.caption(text.format(count=SHOWN))
    else:
        st.caption(_("The least sure first:") if rightly else _("The surest first:"))
    widget = mistake(recognizer.identity, cell, images.name)
    names = [read_as(classes[labels[index]], classes[answers[index]]) for index in indices]
    shares = [confidence(float(found[index, answers[index]])) for index in indices]
    listed, chosen = indices.tolist(), widget.value_or(-1)
    picture_grid(
        images.test_images[indices] / 255,
        [
            _("Test image {number}: {what} ({share})").format(number=whole(index), what=name, share=share)
            for index, name, share in zip(listed, names, shares, strict=True)
        ],
        alt=_("Test images to choose from."),
        key=chart_of(widget),
        choose=lambda place: widget.put(int(indices[place])),
        captions=[f"{classes[labels[index]]}→{classes[answers[index]]}" for index in indices],
        chosen=listed.index(chosen) if chosen in listed else 0,
    )
    index = int(
        st.selectbox(
            _("Test image"),
            listed,
            key=widget.key,
            format_func=lambda index: f"{whole(index)}: {read_as(classes[labels[index]], classes[answers[index]])}",
            help=_("Its number. A click on a picture chooses it, too."),
        )
    )
    st.button(
        _("Look at it through the layers"),
        icon=":material/search:",
        key=Key.OPEN_MISTAKE,
        type="primary",
        on_click=_open,
        args=(index,),
    )


def _open(index: int) -> None:
    open_picture("test", index)
    INSIDE_VIEW.put("layers")
