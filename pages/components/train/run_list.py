"""Runs as the page knows them: which ones a visitor may look at, under which names, and how a new one is started."""

import dataclasses
import re
import time
from dataclasses import dataclass

import streamlit as st

from mnist_core import InputError
from mnist_core.data import USUAL
from mnist_core.nn import LOSSES
from mnist_core.runs import FirstState, Run, RunInfo, RunStore, Status, first_state_of
from mnist_core.training import TrainingConfig
from pages.components.classes.member_names import member_name
from pages.components.classes.seat import Seat
from pages.components.classes.shared_board import shared_board
from pages.components.datasets import images_along, mapped_dataset
from pages.components.language import _
from pages.components.shared_state import shared_state
from pages.components.train.page_state import Key, train_page_state
from pages.components.train.settings_form import Setting
from pages.components.train.training_link import OWN_NETWORK, Preset, presets, twin_config, twin_of
from pages.components.words import escaped

MAX_OVERLAID = 8
DOUBLE_CLICK_SECONDS = 1.0
MAX_LISTED = 60
GENTLE_RATE, GENTLE_EPOCHS = 0.0003, 3
"""How a network that is trained already is trained on."""
MAX_OF_OTHERS = 40
"""The newest ones; the board shows more."""


@dataclass(frozen=True)
class Entry:
    """A run that this visitor may look at, with what is known of it. name: unique on the page."""

    run: Run
    info: RunInfo
    status: Status
    name: str
    mine: bool


def entries(store: RunStore, secret: str, seat: Seat) -> list[Entry]:
    """The visitor's runs and those of the class, the newest first; damaged ones are noted in the page's state."""
    own = store.runs(secret)[-MAX_LISTED:]
    mine = {run.id for run in own}
    shown = shared_board(store, seat.id) if seat.id else None
    of_others = [other for other in shown.runs if other.run.folder.parent.name != seat.member] if shown else []
    others = {other.run.id: other for other in of_others[:MAX_OF_OTHERS]}
    found: list[Entry] = []
    names: set[str] = set()
    damaged = []
    # The oldest first: the names of older runs must not change when a new run gets a number.
    for run in sorted([*own, *(other.run for other in others.values())], key=lambda run: run.id):
        try:
            if run.id in others:
                info = dataclasses.replace(others[run.id].info, nickname=others[run.id].name)
                status = others[run.id].status
            else:
                info, status = run.info, run.status
        except InputError as error:
            if run.id in mine:
                damaged.append((run, str(error)))
            continue
        label = info.name if run.id in mine else f"{member_name(info.nickname)}: {info.name}"
        name = _new_name(label, names)
        names.add(name)
        found.append(Entry(run, info, status, name, run.id in mine))
    train_page_state().damaged = damaged
    return found[::-1]


def start_button(store: RunStore, secret: str, setting: Setting, seat: Seat) -> None:
    """The button that starts a new run, and one for a published network and its corrected twin, if it has one."""
    preset, config = setting.preset, setting.config
    name = escaped(setting.run_name)
    with st.container(horizontal=True):
        st.button(
            _("Start: {name}").format(name=name) if name else _("Start"),
            type="primary",
            icon=":material/play_arrow:",
            key=Key.START,
            width="stretch",
            disabled=config is None,
            on_click=start_run,
            args=(store, secret, preset, config, seat, setting.run_name),
            kwargs={"dataset": setting.dataset},
        )
        if twin_of(preset) in presets():
            st.button(
                _("Start both: published and corrected"),
                icon=":material/stacked_line_chart:",
                key=Key.START_BOTH,
                disabled=config is None,
                on_click=start_both,
                args=(store, secret, preset, config, seat, setting.dataset),
                help=_(
                    "The published network and its corrected twin, on the same axes. What you have set is for both."
                ),
            )


def start_both(
    store: RunStore, secret: str, preset: Preset, config: TrainingConfig, seat: Seat, dataset: str = USUAL
) -> None:
    """Start the published network and its corrected twin; preset, config: of either."""
    twin = twin_of(preset)
    try:
        pair = [(preset, config), (twin, twin_config(preset, config, mapped_dataset(store.root, dataset)))]
    except InputError as error:
        train_page_state().problem = str(error)
        return
    pair.sort(key=lambda one: one[0].corrected)
    newest = [entry.info for entry in entries(store, secret, Seat())[:2]]
    same = [info.config for info in reversed(newest)] == [its_config for _, its_config in pair]
    if same and time.time() - _start_seen(newest[0]) < DOUBLE_CLICK_SECONDS:
        return
    state = train_page_state()
    for one, its_config in pair:
        start_run(store, secret, one, its_config, seat, toast=one.corrected, dataset=dataset)
        if state.problem:
            return


def start_run(
    store: RunStore,
    secret: str,
    preset: Preset,
    config: TrainingConfig,
    seat: Seat,
    name: str = "",
    *,
    toast: bool = True,
    dataset: str = USUAL,
    start: FirstState | None = None,
    like: Run | None = None,
) -> None:
    """Make a run and start it; if it cannot be done, the page says why at its next run.

    name: see `name_for_new_run`. toast: whether to say so. dataset: the name of what it learns from. start: the network
    that it goes on from, if not from new weights; like: the run that it repeats, which may have begun so.
    """
    try:
        own = [entry.info for entry in entries(store, secret, Seat())]
        same = own and (own[0].config, own[0].dataset) == (config, dataset)
        if same and time.time() - _start_seen(own[0]) < DOUBLE_CLICK_SECONDS:
            return
        taken = {info.name for info in own}
        if like is not None and like.info.config.layers == config.layers:
            start = first_state_of(like)
        run = store.create(
            secret,
            config,
            name_for_new_run(name, presets().get(preset, OWN_NETWORK), taken, repeats=like is not None),
            recipe=preset.recipe,
            corrected=preset.corrected,
            board=seat.id,
            nickname=seat.nickname,
            start=start,
            dataset=dataset,
            images=images_along(dataset),
        )
        store.start(run)
    except InputError as error:
        train_page_state().problem = str(error)
        return
    state = train_page_state()
    state.run, state.starting = run.id, True
    # New select boxes: an answer of the old ones, which may be on its way, must not choose another run.
    state.run_boxes += 1
    # What is compared stays until it is put away, or until a lesson compares something else.
    lesson = 0 if like is not None else shared_state().open_lesson
    kept = state.overlaid if lesson in (0, state.lesson_of_curves) else []
    state.lesson_of_curves = lesson or state.lesson_of_curves
    others = [identity for identity in kept if identity != run.id]
    state.overlaid = [*others[-(MAX_OVERLAID - 1) :], run.id]
    if toast:
        st.toast(_("Training has started."), icon=":material/play_arrow:")


def train_on(store: RunStore, secret: str, seat: Seat, start: FirstState) -> None:
    """Start a run that goes on from a network, gently: with a low learning rate, for a few epochs."""
    network = start.network
    try:
        loss = next(name for name, kind in LOSSES.items() if kind.output == network.output)
        config = TrainingConfig(tuple(network.description), loss=loss, learning_rate=GENTLE_RATE, epochs=GENTLE_EPOCHS)
    except InputError as error:
        train_page_state().problem = str(error)
        return
    start_run(store, secret, Preset(""), config, seat, start.title, start=start)


def _start_seen(newest: RunInfo) -> float:
    """When the page could first show the newest run: a click until then may be the second of a double click."""
    return max(newest.created, train_page_state().answered)


def name_for_new_run(name: str, title: str, taken: set[str], *, repeats: bool) -> str:
    """The name of a new run. name: that of the run it repeats, or that of a link; "" for none. title: of its preset.

    repeats: a number that the program gave is counted on; one that a person wrote stays: "batch 32", then "batch 32 2".
    """
    if repeats and (first := re.sub(r" \d+$", "", name)) in taken | {title}:
        name = first
    return _new_name(name or title, taken)


def _new_name(name: str, taken: set[str]) -> str:
    base, number, found = name, 2, name
    while found in taken:
        found, number = f"{base} {number}", number + 1
    return found
