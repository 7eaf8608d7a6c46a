"""The visitor's drawings: as a grid, by label, page by page."""

import numpy as np
import streamlit as st

from mnist_core.drawings import Collection, DrawingStore, held_out
from pages.components.inside.picture_grid import picture_grid
from pages.components.language import _
from pages.components.teach.chosen_drawing import chosen_drawing
from pages.components.teach.drawings_files import drawings_files
from pages.components.teach.labels import ALL, LABELS, drawings_in_words, label_words, short_label
from pages.components.teach.page_state import SHOWN_LABEL, Key, teach_page_state
from pages.components.words import whole

A_PAGE = 120


def my_drawings(store: DrawingStore, secret: str, drawings: Collection) -> None:
    """The whole part."""
    state = teach_page_state()
    st.header(_("My drawings"), anchor=False)
    counts = drawings.counts()
    label = str(
        st.pills(
            _("Shown"),
            [ALL, *(label for label in LABELS if label in counts)],
            default=ALL,
            format_func=lambda label: (
                _("all") if label == ALL else f"{short_label(label)} · {whole(counts.get(label, 0))}"
            ),
            key=SHOWN_LABEL.key,
            required=True,
            wrap=True,
            label_visibility="collapsed",
        )
    )
    aside = held_out(drawings.labels)
    chosen = np.array([label in (ALL, one) for one in drawings.labels], bool)
    # The newest first.
    places = np.flatnonzero(chosen)[::-1]
    pages = max(1, -(-len(places) // A_PAGE))
    state.page = min(state.page, pages - 1)
    shown = places[state.page * A_PAGE : (state.page + 1) * A_PAGE]
    ids = [drawings.ids[place] for place in shown]
    picture_grid(
        drawings.images[shown] / 255,
        [_words(drawings.labels[place], bool(aside[place])) for place in shown],
        alt=_("{drawings}, the newest first, with their labels.").format(drawings=drawings_in_words(len(shown))),
        key=Key.GRID,
        choose=lambda number: _choose(ids[number]),
        captions=[short_label(drawings.labels[place]) for place in shown],
        chosen=ids.index(state.chosen) if state.chosen in ids else None,
        marked=[number for number, place in enumerate(shown) if aside[place]],
        scale=2,
        lead_to=Key.CHOSEN,
    )
    if pages > 1:
        _leaf(pages)
    words = _("{drawings}; click one to look at it, or to give it another label.")
    words = words.format(drawings=drawings_in_words(len(drawings)))
    if aside.any():
        words += " " + _("Those with a yellow frame are held out: they are not learned, but measure what was.")
    st.caption(words)
    if state.chosen in drawings.ids:
        chosen_drawing(store, secret, drawings)
    drawings_files(store, secret, drawings)


def _words(label: str, aside: bool) -> str:
    words = _("A drawing of {label}, held out") if aside else _("A drawing of {label}")
    return words.format(label=label_words(label))


def _choose(identity: str) -> None:
    teach_page_state().chosen = identity


def _leaf(pages: int) -> None:
    state = teach_page_state()
    with st.container(horizontal=True, vertical_alignment="center"):
        for key, icon, words, step in (
            (Key.BACKWARD, ":material/chevron_left:", _("Newer"), -1),
            (Key.FORWARD, ":material/chevron_right:", _("Older"), 1),
        ):
            there = 0 <= state.page + step < pages
            st.button(words, key=key, icon=icon, on_click=_turn, args=(step,), disabled=not there)
        st.caption(_("Page {page} of {pages}").format(page=whole(state.page + 1), pages=whole(pages)), width="content")


def _turn(step: int) -> None:
    teach_page_state().page = max(0, teach_page_state().page + step)
