"""Labels that contradict what a network knows: they are shown before it learns them."""

import streamlit as st

from mnist_core import Reading, Recognizer
from mnist_core.drawings import Collection
from mnist_core.teaching import Contradiction, contradictions
from pages.components.inside.picture_grid import picture_grid
from pages.components.language import _
from pages.components.teach.labels import label_words, short_label
from pages.components.teach.measures import OTHER_FROM, shares_of
from pages.components.teach.page_state import Key, teach_page_state
from pages.components.words import confidence, counted, whole

MOST = 40


def contrary(recognizer: Recognizer, drawings: Collection) -> list[Contradiction]:
    """Those of whose answer the network is sure, and whose label says something else; the surest first."""
    if not len(drawings):
        return []
    readings = []
    for row in shares_of(recognizer, drawings.images):
        *_, other = row.tolist()
        digit = int(row[:-1].argmax())
        sure = float(row[digit])
        status = "other" if other >= OTHER_FROM else "digit" if sure >= recognizer.card.unsure_below else "unsure"
        readings.append(Reading(status, digit, sure, row[:-1], None, other))  # type: ignore[arg-type]
    found = contradictions(readings, drawings.labels)
    return found if recognizer.knows_others else [one for one in found if one.label]


def contrary_labels(recognizer: Recognizer, drawings: Collection) -> None:
    """Say which labels contradict what this network knows."""
    found = contrary(recognizer, drawings)
    if not found:
        return
    count, all_of_them = len(found), len(found) > len(drawings) / 2
    told = [
        _("**{some} of {labels}** contradict what this network knows.").format(
            some=whole(count), labels=counted(len(drawings), "{count} label", "{count} labels")
        ),
        *([_("Are they all right?")] if all_of_them else []),
        _("Either it has yet to learn your way of writing, or the label is wrong: click one to look at it."),
    ]
    with st.expander(" ".join(told), expanded=all_of_them, icon=":material/rule:"):
        show_contrary(found, drawings, Key.CONTRARY)
        if count > MOST:
            st.caption(_("The {count} are shown of which it is surest.").format(count=whole(MOST)))


def show_contrary(found: list[Contradiction], drawings: Collection, key: str) -> None:
    """The drawings, each with its label and what the network reads."""
    shown = found[:MOST]
    state = teach_page_state()
    ids = [drawings.ids[one.index] for one in shown]
    picture_grid(
        drawings.images[[one.index for one in shown]] / 255,
        [
            _("Labeled {label}, read as {answer}, {share}").format(
                label=label_words(one.label), answer=label_words(one.answer), share=confidence(one.confidence)
            )
            for one in shown
        ],
        alt=counted(
            len(shown),
            "{count} drawing whose label the network contradicts.",
            "{count} drawings whose label the network contradicts.",
        ),
        key=key,
        choose=lambda number: _choose(ids[number]),
        captions=[
            _("{label} not {answer}?").format(label=short_label(one.label), answer=short_label(one.answer))
            for one in shown
        ],
        chosen=ids.index(state.chosen) if state.chosen in ids else None,
        lead_to=Key.CHOSEN,
    )


def _choose(identity: str) -> None:
    teach_page_state().chosen = identity
