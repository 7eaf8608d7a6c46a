"""Which runs are looked at: the chosen one, and those whose curves are laid over each other."""

import streamlit as st

from pages.components.language import _
from pages.components.session import Widget
from pages.components.train.page_state import overlaid_box, run_box, train_page_state
from pages.components.train.run_list import MAX_OVERLAID, Entry

MOST_VISITORS = 1000


@st.cache_resource(show_spinner=False)
def _last_looks() -> dict[str, tuple[str | None, list[str], int]]:
    """By visitor: the run that was looked at last, what was compared with it, and in which lesson (see
    `TrainPage.lesson_of_curves`). A reload begins with these."""
    return {}


def run_choices(by_id: dict[str, Entry], secret: str) -> tuple[Entry, list[Entry]]:
    """The run that is looked at, and those whose curves are laid over each other. secret: the visitor's."""
    state, looks = train_page_state(), _last_looks()
    if state.run is None and secret in looks:
        state.run, overlaid, state.lesson_of_curves = looks[secret]
        state.overlaid = list(overlaid)
    found = _choices(by_id)
    looks.pop(secret, None)
    looks[secret] = state.run, list(state.overlaid), state.lesson_of_curves
    if len(looks) > MOST_VISITORS:
        looks.pop(next(iter(looks)), None)
    return found


def _choices(by_id: dict[str, Entry]) -> tuple[Entry, list[Entry]]:
    if len(by_id) == 1:
        (chosen,) = by_id.values()
        state = train_page_state()
        state.run, state.overlaid = chosen.run.id, [chosen.run.id]
        return chosen, [chosen]
    left, right = st.columns([1, 1.7])
    with left:
        chosen = _choose(by_id)
    with right:
        return chosen, _choose_overlaid(by_id, chosen)


def _choose(by_id: dict[str, Entry]) -> Entry:
    """The run that is looked at; at first, the newest of the visitor's own."""
    state = train_page_state()
    newest_own = next((entry.run.id for entry in by_id.values() if entry.mine), next(iter(by_id)))
    if state.run not in by_id:
        state.run = newest_own
    box = run_box(state.run_boxes)
    box.put(state.run)
    state.run = st.selectbox(
        _("Run"),
        list(by_id),
        format_func=lambda identity: by_id[identity].name if identity in by_id else "",
        key=box.key,
        help=_("The run that you look at and control."),
        on_change=_chosen,
        args=(box,),
    )
    return by_id[state.run]


def _chosen(box: Widget[str]) -> None:
    # A browser that has not yet seen the new boxes still sends the value of the old ones, as if somebody had chosen.
    if box == run_box(train_page_state().run_boxes):
        train_page_state().run = box.value


def _choose_overlaid(by_id: dict[str, Entry], chosen: Entry) -> list[Entry]:
    """The runs whose curves are laid over each other; at first, only the one that is looked at."""
    state = train_page_state()
    box = overlaid_box(state.run_boxes)
    box.put([identity for identity in state.overlaid if identity in by_id] or [chosen.run.id])
    st.multiselect(
        _("On the curves"),
        list(by_id),
        format_func=lambda identity: by_id[identity].name if identity in by_id else "",
        key=box.key,
        max_selections=MAX_OVERLAID,
        on_change=_overlaid_chosen,
        args=(box,),
        help=_(
            "Up to {most} runs on the same axes; a new one joins them, the first one of another lesson begins anew. × "
            "puts all away but the chosen one."
        ).format(most=MAX_OVERLAID),
    )
    _overlaid_chosen(box)
    return [by_id[identity] for identity in state.overlaid] or [chosen]


def _overlaid_chosen(box: Widget[list[str]]) -> None:
    if box == overlaid_box(train_page_state().run_boxes):
        train_page_state().overlaid = list(box.value)
