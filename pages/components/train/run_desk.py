"""The right side of the Train page: which runs are looked at, the chosen one in full, and a table of all."""

import dataclasses
import math
import time

import streamlit as st

from mnist_core import InputError
from mnist_core.runs import Finding, Run, RunInfo, RunStore
from mnist_core.training import TrainingConfig
from pages.components.session import Widget
from pages.components.train import live_run
from pages.components.train.bring_into_view import bring_into_view
from pages.components.train.class_board import Seat, escaped
from pages.components.train.class_live import class_strip, take_order
from pages.components.train.curves import Line
from pages.components.train.look_inside import look_inside
from pages.components.train.page_state import (
    Key,
    delete_damaged_key,
    overlaid_box,
    run_box,
    run_name,
    sure_to_delete,
    train_page_state,
)
from pages.components.train.part import part
from pages.components.train.run_controls import controls, go_back
from pages.components.train.run_list import MAX_OVERLAID, Entry, entries, start_button, start_run
from pages.components.train.run_results import bring_back, keep_curves, run_results
from pages.components.train.run_table import run_table
from pages.components.train.training_link import Preset
from pages.components.train.watchers import calm_interval, interval

BRIEF_SECONDS = 1.0
ADAPT_SECONDS = 30.0


def run_desk(store: RunStore, secret: str, seat: Seat, preset: Preset, config: TrainingConfig | None) -> None:
    """Everything about runs. preset, config: of the run that Start makes; None for settings that cannot be."""
    if seat.id:
        st.fragment(_class_desk, run_every=ADAPT_SECONDS)(store, secret, seat, preset, config)
    else:
        st.fragment(_desk)(store, secret, seat, preset, config)


def _class_desk(store: RunStore, secret: str, seat: Seat, preset: Preset, config: TrainingConfig | None) -> None:
    """The desk of somebody in a class, drawn now and then by itself, for the others' news.

    How often it is drawn is set from outside it only, and so set anew here as people come and go.
    """
    st.fragment(_desk, run_every=calm_interval())(store, secret, seat, preset, config)


def _desk(store: RunStore, secret: str, seat: Seat, preset: Preset, config: TrainingConfig | None) -> None:
    """What a click on Start or a control changes."""
    state = train_page_state()
    start_button(store, secret, preset, config, seat)
    if seat.id:
        take_order(store, secret, seat)
    with part(bool(state.problem)):
        if state.problem:
            st.error(escaped(state.problem), icon=":material/error:")
        state.problem = None
    live_run.wait_for_answer(store, secret, state.run)
    starting = state.starting
    if starting:
        state.starting, state.answered = False, time.time()
    found = entries(store, secret, seat)
    with part(bool(state.damaged)):
        for run, problem in state.damaged:
            _damaged(store, run, problem)
    with part(bool(seat.id)):
        if seat.id:
            class_strip(store, seat)
    with part(not found):
        if not found:
            _empty()
            if seat.id:
                st.fragment(_listen, run_every=interval())(store, secret, seat)
            bring_back()
    places = part(len(found) > 1), part(bool(found)), part(bool(found)), part(bool(found))
    if not found:
        return
    by_id = {entry.run.id: entry for entry in found}
    with places[0]:
        chosen, overlaid = _choices(by_id)
    with places[1], st.container(key=Key.RUN_TITLE):
        live_run.title(chosen.info, mine=chosen.mine)
        bring_into_view(chosen.run.id if starting else "")
    with places[2], part(chosen.mine):
        if chosen.mine:
            controls(store, chosen.run, chosen.info, chosen.status)
    own = [entry.run for entry in found if entry.mine and live_run.may_change(entry.status)]
    active = any(live_run.may_change(entry.status) for entry in found)
    again = calm_interval() if active and not seat.id else None
    # Brief only if it is drawn again by itself: the look inside must not vanish for good at a click on Pause.
    brief_until = time.monotonic() + BRIEF_SECONDS if starting and active else 0.0
    with places[3]:
        st.fragment(_run, run_every=again)(store, secret, seat, chosen, overlaid, own, active, brief_until)


def _damaged(store: RunStore, run: Run, problem: str) -> None:
    with st.container(horizontal=True, vertical_alignment="center", border=True):
        st.markdown(f":material/broken_image: {problem}")
        st.button("Delete it", key=delete_damaged_key(run.id), on_click=live_run.attempt, args=(store.delete, run))


def _empty() -> None:
    with st.container(border=True, key=Key.NO_RUNS):
        st.markdown(
            "## Nothing has been trained yet\n"
            "Press **Start**: the curves appear here within a second. Then try what happens when you\n"
            "- change the **learning rate** while it runs,\n"
            "- give it only 500 images, and watch it learn them by heart,\n"
            "- start from a **published** network, and then from its corrected twin."
        )


def _listen(store: RunStore, secret: str, seat: Seat) -> None:
    """While there is no run to look at: start what the teacher orders, as soon as any page with a run would."""
    state = train_page_state()
    before = state.run
    take_order(store, secret, seat)
    if state.run != before or state.problem:
        st.rerun()


def _run(
    store: RunStore,
    secret: str,
    seat: Seat,
    chosen: Entry,
    overlaid: list[Entry],
    own: list[Run],
    active: bool,
    brief_until: float,
) -> None:
    """The chosen run: what moves with every step, which is drawn more often by itself, and the rest."""
    again = interval() if active or seat.id else None
    resting_since = math.inf if again else time.monotonic()
    st.fragment(_live, run_every=again)(store, secret, seat, chosen, overlaid, own, resting_since)
    live_run.chart_switches()
    _rest(store, secret, seat, chosen, overlaid, brief_until)


def _live(
    store: RunStore,
    secret: str,
    seat: Seat,
    chosen: Entry,
    overlaid: list[Entry],
    own: list[Run],
    resting_since: float,
) -> None:
    """How far the chosen run is, what goes wrong in it, and the curves. own: the visitor's runs that are going.

    resting_since: when the desk was drawn with nothing that moves (`time.monotonic`); infinite if something does.
    """
    if time.monotonic() > resting_since + BRIEF_SECONDS:
        # The browser still asks again and again, as an earlier draw had told it; only a run of the whole page ends it.
        st.rerun()
    for run in own:
        run.watch()
    if seat.id:
        take_order(store, secret, seat)
    _rerun_if_another(chosen)
    try:
        status = chosen.run.status
    except InputError:
        # Deleted or damaged since; the whole page tells.
        st.rerun()
    curves = live_run.curves_of(chosen.run)
    if live_run.phase(status) != live_run.phase(chosen.status):
        # Other buttons, which a run of the whole page draws.
        st.rerun()
    live_run.state_and_progress(chosen.run, chosen.info, status, curves)

    def mend(info: RunInfo, finding: Finding) -> None:
        if finding.go_back is not None:
            go_back(store, chosen.run, finding.go_back)
            return
        preset = Preset(info.recipe, info.corrected)
        start_run(store, secret, preset, finding.config, seat, info.name)

    live_run.findings(chosen.run, chosen.info, status, curves, mend if chosen.mine else None)
    lines = [Line(entry.name, live_run.curves_of(entry.run)) for entry in overlaid]
    live_run.charts(lines, live_run.goal_of(chosen.info))


def _rest(store: RunStore, secret: str, seat: Seat, chosen: Entry, overlaid: list[Entry], brief_until: float) -> None:
    """What the chosen run leaves, a look inside it, and the table of all runs.

    brief_until: the moment (`time.monotonic`) until which only a part is drawn: somebody waits for the first point.
    """
    _rerun_if_another(chosen)
    found = entries(store, secret, seat)
    by_id = {entry.run.id: entry for entry in found}
    if not seat.id and (chosen.run.id not in by_id or by_id[chosen.run.id].name != chosen.name):
        # Deleted or renamed: here, or on another page of the same visitor.
        st.rerun()
    if (chosen.run.folder / "network.json").exists():
        run_results(chosen)
    begun = len(live_run.curves_of(chosen.run)) > 0 and time.monotonic() >= brief_until
    if begun or len(found) > 1:
        st.divider()
        look_inside(chosen.run)
        st.divider()
        run_table(found, {entry.run.id: live_run.curves_of(entry.run) for entry in [chosen, *overlaid]})
    with st.container(horizontal=True):
        if begun:
            keep_curves(
                [Line(entry.name, live_run.curves_of(entry.run)) for entry in overlaid], live_run.goal_of(chosen.info)
            )
        if chosen.mine:
            _manage(store, secret, seat, chosen)
    bring_back()


def _rerun_if_another(chosen: Entry) -> None:
    """Draw the whole page again if a click in this part of it chose another run, or could not do what it should."""
    state = train_page_state()
    if state.run != chosen.run.id or state.problem:
        st.rerun()


def _choices(by_id: dict[str, Entry]) -> tuple[Entry, list[Entry]]:
    """The run that is looked at, and those whose curves are laid over each other."""
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
        "Run",
        list(by_id),
        format_func=lambda identity: by_id[identity].name if identity in by_id else "",
        key=box.key,
        help="The run that you look at and control.",
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
        "On the curves",
        list(by_id),
        format_func=lambda identity: by_id[identity].name if identity in by_id else "",
        key=box.key,
        max_selections=MAX_OVERLAID,
        on_change=_overlaid_chosen,
        args=(box,),
        help=f"Up to {MAX_OVERLAID} runs on the same axes; a new one joins them. × puts all away but the chosen one.",
    )
    _overlaid_chosen(box)
    return [by_id[identity] for identity in state.overlaid] or [chosen]


def _overlaid_chosen(box: Widget[list[str]]) -> None:
    if box == overlaid_box(train_page_state().run_boxes):
        train_page_state().overlaid = list(box.value)


def _manage(store: RunStore, secret: str, seat: Seat, entry: Entry) -> None:
    """Rename, train again, delete."""
    run, info = entry.run, entry.info
    new_name = run_name(run.id)
    preset = Preset(info.recipe, info.corrected)
    with st.popover("Manage this run", icon=":material/settings:", key=Key.MANAGE):
        st.text_input(
            "Name",
            value=info.name,
            key=new_name.key,
            max_chars=60,
            help="Press Enter to rename the run.",
            on_change=lambda: live_run.attempt(run.rename, new_name.value),
        )
        st.button(
            "Train again, same seed",
            key=Key.AGAIN,
            icon=":material/replay:",
            on_click=start_run,
            args=(store, secret, preset, info.config, seat, info.name),
        )
        st.button(
            "Train again, another seed",
            key=Key.AGAIN_SEED,
            icon=":material/casino:",
            on_click=lambda: start_run(store, secret, preset, _other_seed(info.config), seat, info.name),
        )
        st.divider()
        sure = st.checkbox("I want to lose this run and its network.", key=sure_to_delete(run.id).key)
        st.button(
            "Delete this run",
            key=Key.DELETE,
            icon=":material/delete:",
            disabled=not sure,
            on_click=live_run.attempt,
            args=(store.delete, run),
        )


def _other_seed(config: TrainingConfig) -> TrainingConfig:
    return dataclasses.replace(config, seed=(config.seed + 1) % 2**32)
