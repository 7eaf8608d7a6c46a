"""The visitor's drawings: as a grid, by label, page by page."""

import numpy as np
import streamlit as st

from mnist_core.drawings import Collection, DrawingStore, held_out
from pages.components.inside.picture_grid import picture_grid
from pages.components.teach.chosen_drawing import chosen_drawing
from pages.components.teach.drawings_files import drawings_files
from pages.components.teach.labels import ALL, LABELS, label_words, short_label
from pages.components.teach.page_state import SHOWN_LABEL, Key, teach_page_state
from pages.components.words import counted

A_PAGE = 120


def my_drawings(store: DrawingStore, secret: str, drawings: Collection) -> None:
    """The whole part."""
    state = teach_page_state()
    st.header("My drawings", anchor=False)
    counts = drawings.counts()
    label = str(
        st.pills(
            "Shown",
            [ALL, *(label for label in LABELS if label in counts)],
            default=ALL,
            format_func=lambda label: "all" if label == ALL else f"{short_label(label)} · {counts.get(label, 0)}",
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
        alt=f"{counted(len(shown), '{count} drawing', '{count} drawings')}, the newest first, with their labels.",
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
    st.caption(
        f"{counted(len(drawings), '{count} drawing', '{count} drawings')}; click one to look at it, or to give it another label."  # noqa: E501
        + (
            " Those with a yellow frame are held out: they are not learned, but measure what was."
            if aside.any()
            else ""
        )
    )
    if state.chosen in drawings.ids:
        chosen_drawing(store, secret, drawings)
    drawings_files(store, secret, drawings)


def _words(label: str, aside: bool) -> str:
    return f"A drawing of {label_words(label)}" + (", held out" if aside else "")


def _choose(identity: str) -> None:
    teach_page_state().chosen = identity


def _leaf(pages: int) -> None:
    state = teach_page_state()
    with st.container(horizontal=True, vertical_alignment="center"):
        for key, icon, words, step in (
            (Key.BACKWARD, ":material/chevron_left:", "Newer", -1),
            (Key.FORWARD, ":material/chevron_right:", "Older", 1),
        ):
            there = 0 <= state.page + step < pages
            st.button(words, key=key, icon=icon, on_click=_turn, args=(step,), disabled=not there)
        st.caption(f"Page {state.page + 1} of {pages}", width="content")


def _turn(step: int) -> None:
    teach_page_state().page = max(0, teach_page_state().page + step)
