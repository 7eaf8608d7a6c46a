"""What it gets wrong: which classes it confuses, its surest mistakes, and how much damage it bears."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pyarrow as pa
import streamlit as st

from mnist_core import Recognizer
from mnist_core.data import TEN_DIGITS
from mnist_core.insight import DAMAGES
from mnist_core.nn import confusion_matrix
from pages.components.answers import most_confused
from pages.components.charts import LINE, TEXT, draw_chart
from pages.components.inside import derived
from pages.components.inside.how import how_computed
from pages.components.inside.images import Images
from pages.components.inside.page_state import (
    DAMAGE,
    INSIDE_VIEW,
    Key,
    chart_of,
    confusion_cell,
    mistake,
    second_network,
)
from pages.components.inside.picture_grid import number_grid, picture_grid
from pages.components.inside.subject import open_picture
from pages.components.inside.units import ACCENT
from pages.components.language import _, gettext_noop
from pages.components.network_choice import network_labels, network_named
from pages.components.session import Widget
from pages.components.words import a_class, by_language, confidence, counted, escaped, in_short, percent, read_as, whole

SHOWN = 25
ALL = gettext_noop("all mistakes")
DAMAGE_WORDS = {
    "noise": (gettext_noop("Noise"), gettext_noop("standard deviation of the noise")),
    "rotation": (gettext_noop("Rotation"), gettext_noop("degrees, counterclockwise")),
    "shift": (gettext_noop("Shift"), gettext_noop("pixels to the right")),
    "blur": (gettext_noop("Blur"), gettext_noop("width of the blur in pixels")),
    "thickness": (gettext_noop("Stroke thickness"), gettext_noop("pixels on each side")),
}
HOW = gettext_noop(r"""
A row $i$ of the matrix holds the images of one class, a column $j$ those that were read as one:
$C_{ij} = |\{n : y_n = i, \hat y_n = j\}|$; the diagonal is right. The surest mistakes are those with the largest share
for the wrong answer, $p_{\hat y}$. Damage: 500 test images, each harmed in the same way. Noise is normally distributed,
rotation and shift sample the picture anew (bilinear), blur is Gaussian, thickness takes the largest (or smallest) of a
pixel and its neighbors.
""")


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
        _of_the_images(images, wrong)
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
            key=widget.key,
            format_func=lambda text: _cell_words(names, cells[text]),
            persist_state="session",
            help=_("Which images are shown; a click on a cell of the matrix chooses it, too."),
        )
        _images(recognizer, images, found, answers, cells[chosen])
    _damage(recognizer, images)
    how_computed(_(HOW))


def nothing_to_compare(recognizer: Recognizer) -> str:
    """Why there are no test images to try a network on."""
    return _(
        "This network reads {classes}. No dataset of these can be chosen here, so there is nothing to try it on."
    ).format(classes=escaped(in_short(recognizer.classes)))


def _of_the_images(images: Images, wrong: int) -> str:
    """How many of them are read wrongly."""
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
        f"{_cell_words(names, place)}: {counted(int(counts[place]), '{count} image', '{count} images')}"
        for place in places
    ]
    shares = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
    wrong = counts - np.diag(np.diag(counts))
    alt = _("Confusion matrix: {wrong} of {all} images are read wrongly.").format(
        wrong=whole(int(wrong.sum())), all=whole(int(counts.sum()))
    )
    if wrong.any():
        digit, answer = divmod(int(wrong.argmax()), len(names))
        often = _("Most often {name} is read as {answer}.")
        alt += " " + often.format(name=a_class(names[digit]), answer=a_class(names[answer]))
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
        digits = tuple(names) == TEN_DIGITS
        st.caption(
            _("A row for each digit, a column for each answer.")
            if digits
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


def _cell(names: Sequence[str], digit: int, answer: int) -> str:
    """A cell as the select box keeps it."""
    return f"{names[digit]}, read as {names[answer]}" if digit != answer else f"{names[digit]}, read rightly"


def _cell_words(names: Sequence[str], cell: tuple[int, int] | None) -> str:
    """The same as a visitor reads it; None: all mistakes."""
    if cell is None:
        return _(ALL)
    digit, answer = cell
    if digit == answer:
        return _("{name}, read rightly").format(name=names[digit])
    return _("{name}, read as {answer}").format(name=names[digit], answer=names[answer])


def _images(
    recognizer: Recognizer, images: Images, found: np.ndarray, answers: np.ndarray, cell: tuple[int, int] | None
) -> None:
    labels, classes = images.labels, recognizer.classes
    assert labels is not None
    sure = found[np.arange(len(labels)), answers]
    if cell is None:
        indices = np.flatnonzero(answers != labels)
    else:
        indices = np.flatnonzero((labels == cell[0]) & (answers == cell[1]))
        if cell[0] == cell[1]:
            sure = 1 - sure
    if len(indices) == 0:
        st.caption(_("It makes no mistakes on the test images."))
        return
    indices = indices[np.argsort(-sure[indices], kind="stable")][:SHOWN]
    right, some = cell is not None and cell[0] == cell[1], len(indices) == SHOWN
    if right:
        text = _("{count} of them, the least sure first:") if some else _("The least sure first:")
    else:
        text = _("{count} of them, the surest first:") if some else _("The surest first:")
    st.caption(text.format(count=len(indices)))
    widget = mistake(recognizer.identity, cell, images.name)
    names = [read_as(classes[labels[index]], classes[answers[index]]) for index in indices]
    shares = [confidence(float(found[index, answers[index]])) for index in indices]
    listed, chosen = indices.tolist(), widget.value_or(-1)
    picture_grid(
        images.test_images[indices] / 255,
        [
            _("Test image {number}: {name} ({share})").format(number=whole(index), name=name, share=share)
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


def _damage(recognizer: Recognizer, images: Images) -> None:
    st.header(_("How much damage it bears"), anchor=False)
    damage = st.segmented_control(
        _("Damage"),
        list(DAMAGES),
        format_func=lambda name: _(DAMAGE_WORDS[name][0]),
        default="rotation",
        required=True,
        key=DAMAGE.key,
        persist_state="session",
        help=_("What is done to 500 test images before they are read."),
    )
    labels = network_labels()
    others = [
        name
        for name in labels
        if network_named(name).identity != recognizer.identity and network_named(name).classes == recognizer.classes
    ]
    readers = {_("this network"): recognizer}
    if others:
        second = st.selectbox(
            _("Compare with"),
            others,
            index=others.index("mlp") if "mlp" in others else 0,
            format_func=labels.__getitem__,
            key=second_network(recognizer.identity).key,
            persist_state="session",
            help=_("A second network, on the same axes."),
        )
        readers[network_named(second).card.title] = network_named(second)
    damage = str(damage or "rotation")
    rows: list[dict[str, Any]] = [
        {"amount": float(amount), "right": right, "network": name}
        for name, reader in readers.items()
        for amount, right in zip(DAMAGES[damage][1], derived.damage_curve(reader, images, damage), strict=True)
    ]
    name, unit = map(_, DAMAGE_WORDS[damage])
    series = {"field": "network", "type": "nominal", "sort": None}
    legend = {"orient": "top", "title": None}
    spec = {
        "height": 320,
        "mark": {"type": "line", "point": {"size": 60}, "strokeWidth": LINE},
        "encoding": {
            "x": {"field": "amount", "type": "quantitative", "title": unit},
            "y": {
                "field": "right",
                "type": "quantitative",
                "title": _("read rightly"),
                "axis": {"format": "%"},
                "scale": {"domain": [0, 1]},
            },
            "color": series | {"scale": {"range": [ACCENT, TEXT]}, "legend": legend},
            "strokeDash": series | {"legend": None},
            "shape": series | {"legend": None},
            "tooltip": [
                {"field": "network", "title": _("network")},
                {"field": "amount", "title": unit},
                {"field": "right", "title": _("read rightly"), "format": ".1%"},
            ],
        },
    }
    ends = rows[0], rows[len(DAMAGES[damage][1]) - 1]
    low, high = (
        _("{share} at {amount}").format(share=percent(row["right"], 0), amount=by_language(f"{row['amount']:g}"))
        for row in ends
    )
    if others:
        text = _("{damage}: this network reads {low} and {high} rightly, beside another.")
    else:
        text = _("{damage}: this network reads {low} and {high} rightly.")
    draw_chart(
        pa.Table.from_pylist(rows),
        spec,
        key=Key.DAMAGE_CHART,
        alt=text.format(damage=name, low=low, high=high),
    )
