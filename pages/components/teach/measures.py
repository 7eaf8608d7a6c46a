"""How well a network reads, before and after it was taught: on the drawings, on strangers', on MNIST's test images."""

import hashlib
import math
from collections.abc import Collection as Several
from dataclasses import dataclass

import numpy as np
import streamlit as st

from mnist_core import Recognizer
from mnist_core.data import TEN_DIGITS, load_mnist, to_unit
from mnist_core.drawings import NO_DIGIT, Collection, held_out, made_up_drawings
from pages.components.language import _, ngettext
from pages.components.words import UNKNOWN, decimal, percent, whole

OTHER_FROM = 0.5
"""The probability of being no digit from which on a drawing counts as none, as for a reading."""
NAMES = (*TEN_DIGITS, NO_DIGIT)
EVERY = 10
"""Every so manieth of MNIST's test images is read while a network learns."""
KEPT = 2000
LOOK = (
    "<style>.cost {width: 100%; border-collapse: collapse; font-variant-numeric: tabular-nums}"
    ".cost :is(th, td) {padding: 0.4rem 0.3rem; text-align: right; border: 0;"
    " border-bottom: 1px solid rgb(128 128 140 / 30%)}"
    ".cost :is(th, td):first-child {text-align: left} .cost th {font-weight: 400; opacity: 0.75}"
    ".cost small {opacity: 0.75; display: block} .cost b {font-size: 1.15rem; white-space: nowrap}"
    ".cost .up {color: light-dark(#0c7468, #2fc7b2)} .cost .down {color: light-dark(#c62a2f, #ff8a8d)}"
    ".cost .same {opacity: 0.75}"
    ".cost td + td {white-space: nowrap}</style>"
)
"""The table of what was gained and what it cost; Streamlit's own table stands on end on a phone."""


@dataclass(frozen=True, eq=False)
class Group:
    """Pictures to measure with, uint8 [N, 28, 28], and what each is. title, note: for people."""

    title: str
    note: str
    images: np.ndarray
    labels: tuple[str, ...]


def groups_of(drawings: Collection, learned: Several[bytes] | None = None) -> list[Group]:
    """The visitor's drawings that are held out and those that are learned, then other people's; see `of_others`.

    learned: the pixels of what was learned, see `Taught.learned`; None before there is a lesson.
    """
    aside = held_out(drawings.labels) if learned is None else not_learned(drawings, learned)
    measured, seen = drawings.where(aside), drawings.where(~aside)
    return [
        Group(_("My drawings, held out"), _("not learned"), measured.images, measured.labels),
        Group(_("My drawings, learned"), _("of these it has seen the answers"), seen.images, seen.labels),
        *of_others(),
    ]


def not_learned(drawings: Collection, learned: Several[bytes]) -> np.ndarray:
    """Which drawings a lesson did not have, booleans [N]; some may have come since it began, and others be gone."""
    return np.array([image.tobytes() not in learned for image in drawings.images], bool)


def of_others() -> list[Group]:
    """Strangers' drawings, and some of MNIST's test images, if these are digits."""
    images, labels = made_up_drawings()
    groups = [Group(_("Strangers' drawings"), _("made up by a program, in many hands"), images, labels)]
    dataset = load_mnist()
    if dataset.classes == TEN_DIGITS:
        note = _("every {number}th of them").format(number=EVERY)
        some, answers = dataset.test_images[::EVERY], dataset.test_labels[::EVERY]
        groups.append(Group(_("MNIST's test images"), note, some, tuple(map(str, answers))))
    return groups


def share_right(recognizer: Recognizer, group: Group) -> tuple[int, int]:
    """How many of a group are read rightly, and of how many; one that knows digits only is not asked of others."""
    answers = answers_of(recognizer, group.images)
    asked = [place for place, label in enumerate(group.labels) if label != NO_DIGIT or recognizer.knows_others]
    return sum(answers[place][0] == group.labels[place] for place in asked), len(asked)


def answers_of(recognizer: Recognizer, images: np.ndarray) -> list[tuple[str, float]]:
    """What the network reads in each picture, as a label, and how sure it is."""
    if not len(images):
        return []
    found = shares_of(recognizer, images)
    return [(NAMES[place], float(row[place])) for row, place in zip(found, found.argmax(axis=1), strict=True)]


def shares_of(recognizer: Recognizer, images: np.ndarray) -> np.ndarray:
    """float32 [N, 11]: how likely each picture is each digit, and that it is none."""
    return _shares(recognizer.identity, hashlib.sha256(images.tobytes()).hexdigest(), images, recognizer)


@st.cache_data(show_spinner=False, max_entries=KEPT)
def _shares(name: str, content: str, _images: np.ndarray, _recognizer: Recognizer) -> np.ndarray:
    # One look at each, whatever the card asks for: the page waits.
    found = _recognizer.group_probabilities(to_unit(_images, _recognizer.network.dtype))
    return np.column_stack([found[:, : len(TEN_DIGITS)], found[:, len(TEN_DIGITS) :].sum(axis=1)])


def cost_table(groups: list[Group], before: Recognizer, after: Recognizer | None) -> str:
    """The table as HTML: of each group the share that was right, that is right now, and the change."""
    rows = []
    for group in groups:
        right, count = share_right(before, group)
        if not count:
            continue
        now = None if after is None else share_right(after, group)[0] / count
        was = right / count
        change = f"<td class='same'>{UNKNOWN}</td>" if now is None else _change(was, now)
        words = ngettext("{count} picture, {note}", "{count} pictures, {note}", count)
        note = words.format(count=whole(count), note=group.note)
        rows.append(
            f"<tr><td>{group.title}<small>{note}</small></td><td>{percent(was)}</td>"
            f"<td><b>{percent(now)}</b></td>{change}</tr>"
        )
    titles = _("Read rightly"), _("before"), _("after"), _("points")
    head = "".join(f"<th scope='col'>{title}</th>" for title in titles)
    return f"{LOOK}<table class='cost'><tr>{head}</tr>{''.join(rows)}</table>"


def _change(was: float, now: float) -> str:
    """A cell with a sign, an arrow and a color: the difference of the percents as they are shown."""
    points = _shown(now) - _shown(was)
    if abs(points) < 0.05:
        return f"<td class='same'>± {decimal(0)}</td>"
    size = decimal(abs(points))
    return f"<td class='up'>▲ + {size}</td>" if points > 0 else f"<td class='down'>▼ − {size}</td>"


def _shown(share: float) -> float:
    """The percents that are shown, as a number: cut off like them."""
    return math.floor(share * 1000 + 1e-4) / 10
