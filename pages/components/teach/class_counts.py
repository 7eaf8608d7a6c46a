"""Who has given the class how many drawings of which digit, and those whose label is probably wrong."""

import hashlib
import time

import numpy as np
import streamlit as st

from mnist_core import Recognizer
from mnist_core.drawings import Given
from mnist_core.teaching import Contradiction
from pages.components.classes.member_names import member_name
from pages.components.classes.seat import Seat
from pages.components.inside.picture_grid import number_grid, picture_grid
from pages.components.language import _
from pages.components.network_choice import bundled_cards, bundled_network
from pages.components.teach.contrary import contrary
from pages.components.teach.labels import LABELS, drawings_in_words, label_words, short_label
from pages.components.teach.page_state import Key, teach_page_state
from pages.components.words import confidence, counted, whole

MOST_SHOWN, MOST_ODD = 120, 40
BUDGET_SECONDS = 0.25
"""After so long the rest is read at the next look: the page must not wait for thousands of drawings."""
MOST_KNOWN = 2000
"""Members whose odd ones are kept."""
LOOK_SECONDS = 0.5


def class_counts(given: list[Given], seat: Seat) -> None:
    """A row for each member, a column for each label; a click on a number shows these drawings."""
    state = teach_page_state()
    counts = np.array([[one.drawings.labels.count(label) for label in LABELS] for one in given])
    total = int(counts.sum())
    words = _("**{drawings}** by {members}. Click a number to see the drawings.")
    st.markdown(
        words.format(
            drawings=drawings_in_words(total), members=counted(len(given), "{count} member", "{count} members")
        )
    )
    cells = [(one.member.id, label) for one in given for label in LABELS]
    totals = counts.sum(axis=0)
    number_grid(
        counts,
        np.sqrt(counts / max(1, counts.max())),
        [
            _("{member}: {drawings} of {label}").format(
                member=member_name(one.member.name), drawings=drawings_in_words(int(count)), label=label_words(label)
            )
            for one, row in zip(given, counts, strict=True)
            for label, count in zip(LABELS, row, strict=True)
        ],
        rows=[member_name(one.member.name) for one in given],
        columns=[short_label(label) for label in LABELS],
        alt=_("Drawings of each member, by label. {counts}").format(
            counts=", ".join(
                f"{label_words(label)}: {whole(count)}" for label, count in zip(LABELS, totals.tolist(), strict=True)
            )
        ),
        key=Key.CLASS_COUNTS,
        choose=lambda number: _choose(cells[number]),
        chosen=cells.index(state.cell) if state.cell in cells else None,
    )
    told = (f"{short_label(label)}: **{whole(count)}**" for label, count in zip(LABELS, totals.tolist(), strict=True))
    st.caption(_("Of each: {counts}").format(counts=", ".join(told)))
    one = next((one for one in given if state.cell and one.member.id == state.cell[0]), None)
    if one is not None and state.cell is not None:
        _drawings(one, state.cell[1], mine=one.member.id == seat.member)


def _choose(cell: tuple[str, str]) -> None:
    teach_page_state().cell = cell


def _drawings(one: Given, label: str, *, mine: bool) -> None:
    places = np.flatnonzero([found == label for found in one.drawings.labels])[::-1][:MOST_SHOWN]
    if not len(places):
        return
    what = label_words(label)
    words = _("**{label}**, drawn by you") if mine else _("**{label}**, drawn by this member")
    st.markdown(words.format(label=what[:1].upper() + what[1:]))
    picture_grid(
        one.drawings.images[places] / 255,
        [_("{label} by {member}").format(label=what, member=member_name(one.member.name))] * len(places),
        alt=_("{drawings} of {label} by {member}.").format(
            drawings=drawings_in_words(len(places)), label=what, member=member_name(one.member.name)
        ),
        key=Key.CLASS_CELL,
        choose=lambda number: None,
    )


def odd_ones_out(given: list[Given]) -> None:
    """The likely wrong labels. The page comes at once; the network reads in the next looks."""
    st.markdown(_("**The odd ones out**: the network is sure that they are something else."))
    waiting = find_odd_ones(given, 0)[1]
    teach_page_state().odd_ones_drawn = True
    st.fragment(_odd_ones, run_every=LOOK_SECONDS if waiting else None)(given, bool(waiting))


def _odd_ones(given: list[Given], again: bool) -> None:
    """again: this is drawn again and again, until all is read."""
    state = teach_page_state()
    found, waiting = find_odd_ones(given, 0 if state.odd_ones_drawn else BUDGET_SECONDS)
    if again and not waiting and not state.odd_ones_drawn:
        st.rerun()
    state.odd_ones_drawn = False
    shown = found[:MOST_ODD]
    if shown:
        picture_grid(
            np.stack([one.drawings.images[odd.index] for one, odd in shown]) / 255,
            [
                _("{member} says {label}, the network {answer}, {share}").format(
                    member=member_name(one.member.name),
                    label=label_words(odd.label),
                    answer=label_words(odd.answer),
                    share=confidence(odd.confidence),
                )
                for one, odd in shown
            ],
            alt=counted(
                len(shown),
                "{count} drawing whose label is probably wrong.",
                "{count} drawings whose label is probably wrong.",
            ),
            key=Key.CLASS_ODD,
            choose=lambda number: _choose((shown[number][0].member.id, shown[number][1].label)),
            captions=[
                _("{member}: {label}, not {answer}?").format(
                    member=member_name(one.member.name), label=short_label(odd.label), answer=short_label(odd.answer)
                )
                for one, odd in shown
            ],
        )
    if waiting:
        st.caption(counted(waiting, "{count} member is still being read …", "{count} members are still being read …"))
    elif not shown:
        st.caption(_("There are none: no label contradicts the network."))


def find_odd_ones(given: list[Given], seconds: float) -> tuple[list[tuple[Given, Contradiction]], int]:
    """The odd ones among the members that are known or could be read in time, the surest first, and how many are left.

    seconds: for so long the network reads, and then to the end of the member that it is at.
    """
    recognizer: Recognizer = bundled_network(next(iter(bundled_cards()[0])))
    end, known, waiting = time.monotonic() + seconds, _known(), 0
    found: list[tuple[Given, Contradiction]] = []
    for one in given:
        name = hashlib.sha256(one.drawings.images.tobytes() + repr(one.drawings.labels).encode()).hexdigest()
        odd_ones = known.get(name)
        if odd_ones is None:
            if time.monotonic() >= end:
                waiting += 1
                continue
            while len(known) >= MOST_KNOWN:
                known.pop(next(iter(known)), None)
            odd_ones = known[name] = contrary(recognizer, one.drawings)
        found += [(one, odd) for odd in odd_ones]
    return sorted(found, key=lambda pair: -pair[1].confidence), waiting


@st.cache_resource(show_spinner=False)
def _known() -> dict[str, list[Contradiction]]:
    """The odd ones of each member's drawings, by a digest of these, for all sessions."""
    return {}
