"""The right side of the Train page: which runs are looked at, the chosen one in full, and a table of all."""

import dataclasses
import time

import streamlit as st

from mnist_core import InputError
from mnist_core.runs import Finding, Run, RunInfo, RunStore
from mnist_core.training import TrainingConfig
from pages.components.session import Widget
from pages.components.train import live_run
from pages.components.train.class_board import Seat
from pages.components.train.class_live import class_strip
from pages.components.train.curves import Line
from pages.components.train.page_state import (
    Key,
    delete_damaged_key,
    overlaid_box,
    run_box,
    run_name,
    sure_to_delete,
    train_page_state,
)
from pages.components.train.run_list import MAX_OVERLAID, Entry, entries, start_run
from pages.components.train.run_results import bring_back, keep_curves, run_results
from pages.components.train.run_table import run_table
from pages.components.train.training_link import Preset
from pages.components.train.watchers import EAGER_FOR_SECONDS, calm_interval, eager_interval, interval


def run_desk(store: RunStore, secret: str, seat: Seat) -> None:
    """Everything about runs. It is drawn again and again only while something trains or waits."""
    found = entries(store, secret, seat)
    state = train_page_state()
    if state.problem:
        st.error(state.problem, icon=":material/error:")
        state.problem = None
    for run, problem in state.damaged:
        with st.container(horizontal=True, vertical_alignment="center", border=True):
            st.markdown(f":material/broken_image: {problem}")
            st.button("Delete it", key=delete_damaged_key(run.id), on_click=live_run.attempt, args=(store.delete, run))
    if not found and not seat.id:
        _empty()
        bring_back()
        return
    seconds = _refresh_seconds(found, seat)
    st.fragment(_all_of_runs, run_every=None if seconds is None else calm_interval())(store, secret, seat)


def _refresh_seconds(found: list[Entry], seat: Seat) -> float | None:
    """After how many seconds the chosen run is looked at again; None if nothing can change."""
    active = [entry for entry in found if live_run.may_change(entry.status)]
    if any(map(_is_new, active)):
        return eager_interval()
    return interval() if active or seat.id else None


def _is_new(entry: Entry) -> bool:
    """Whether it was started a moment ago, and there is nothing to see yet."""
    young = entry.mine and time.time() - entry.info.created < EAGER_FOR_SECONDS
    return young and len(live_run.curves_of(entry.run)) == 0


def _empty() -> None:
    with st.container(border=True, key=Key.NO_RUNS):
        st.markdown(
            "### Nothing has been trained yet\n"
            "Press **Start**: the curves appear here within a second. Then try what happens when you\n"
            "- change the **learning rate** while it runs,\n"
            "- give it only 500 images, and watch it learn them by heart,\n"
            "- start from a **published** network, and then from its corrected twin."
        )


def _all_of_runs(store: RunStore, secret: str, seat: Seat) -> None:
    """Everything about runs, drawn now and then, and whenever the chosen run begins, rests or ends.

    What moves with every step is a fragment of its own inside (`_live`), which is drawn often.
    """
    if seat.id:
        class_strip(store, secret, seat)
    found = entries(store, secret, seat)
    if not found:
        if not seat.id:
            st.rerun()
        _empty()
        bring_back()
        return
    by_id = {entry.run.id: entry for entry in found}
    left, right = st.columns([1, 1.7])
    with left:
        chosen = _choose(by_id)
    with right:
        overlaid = _choose_overlaid(by_id, chosen)
    live_run.title(chosen.info, mine=chosen.mine)
    if chosen.mine:
        live_run.controls(store, chosen.run, chosen.info, chosen.status)
    curves = {entry.run.id: live_run.curves_of(entry.run) for entry in [chosen, *overlaid]}
    lines = [Line(entry.name, curves[entry.run.id]) for entry in overlaid]
    own = [entry.run for entry in found if entry.mine and live_run.may_change(entry.status)]
    st.fragment(_live, run_every=_refresh_seconds(found, seat))(store, secret, seat, chosen, overlaid, own)
    live_run.chart_switches()
    if (chosen.run.folder / "network.json").exists():
        run_results(chosen)
    st.divider()
    live_run.look_inside(chosen.run)
    st.divider()
    run_table(found, curves)
    with st.container(horizontal=True):
        keep_curves(lines, live_run.goal_of(chosen.info))
        if chosen.mine:
            _manage(store, secret, seat, chosen)
    bring_back()


def _live(store: RunStore, secret: str, seat: Seat, chosen: Entry, overlaid: list[Entry], own: list[Run]) -> None:
    """How far the chosen run is, what goes wrong in it, and the curves. own: the visitor's runs that are going."""
    for run in own:
        run.watch()
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

    def remedy(info: RunInfo, finding: Finding) -> None:
        preset = Preset(info.recipe, info.corrected)
        start_run(store, secret, preset, finding.config, seat, info.name)

    live_run.findings(chosen.run, chosen.info, status, curves, remedy if chosen.mine else None)
    lines = [Line(entry.name, live_run.curves_of(entry.run)) for entry in overlaid]
    live_run.charts(lines, live_run.goal_of(chosen.info))


def _choose(by_id: dict[str, Entry]) -> Entry:
    """The run that is looked at; at first, the newest of the visitor's own."""
    state = train_page_state()
    newest_own = next((entry.run.id for entry in by_id.values() if entry.mine), next(iter(by_id)))
    if state.run not in by_id:
        state.run = newest_own
    box = run_box(state.run_boxes)
    box.put(state.run)
    if len(by_id) > 1:
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
    train_page_state().run = box.value


def _choose_overlaid(by_id: dict[str, Entry], chosen: Entry) -> list[Entry]:
    """The runs whose curves are laid over each other; at first, only the one that is looked at."""
    state = train_page_state()
    if len(by_id) == 1:
        return [chosen]
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
        help=f"Up to {MAX_OVERLAID} runs, laid over each other on the same axes.",
    )
    _overlaid_chosen(box)
    return [by_id[identity] for identity in state.overlaid] or [chosen]


def _overlaid_chosen(box: Widget[list[str]]) -> None:
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
