"""The buttons of a run: pause, go on, one step, one epoch, stop, and what can be changed on the way."""

from typing import Any

import numpy as np
import streamlit as st

from mnist_core import InputError
from mnist_core.runs import ACTIVE, ENDED, Run, RunInfo, RunStore, Status
from pages.components.language import _
from pages.components.train.live_run import attempt, curves_of
from pages.components.train.page_state import Key, new_augmentation, new_batch_size, new_rate, train_page_state
from pages.components.train.part import part
from pages.components.train.settings_choices import (
    AUGMENTATION_NAMES,
    MAX_BATCH,
    MAX_RATE,
    MIN_RATE,
    augmentation_name,
    with_current,
)
from pages.components.words import number_or_dash


def go_back(store: RunStore, run: Run, settings: dict[str, Any]) -> None:
    """Let a run that has exploded go on from the state that is kept, with other settings."""
    # New boxes: the browser may still send the values of the old ones, as if somebody had set them again.
    times_back = train_page_state().times_back
    times_back[run.id] = times_back.get(run.id, 0) + 1
    attempt(run.set, **settings)
    attempt(store.start, run)


def _again(run: Run, info: RunInfo, status: Status) -> str:
    """What Resume says on a run that has exploded and is asked to go on as before; "" for any other run."""
    if status.cause != "diverged":
        return ""
    asked = exploded = info.config.changeable()
    for change in curves_of(run).changes:
        exploded = exploded | {name: value for name, value in change.items() if name in asked}
    try:
        asked = asked | run.control.settings
    except InputError:
        return ""
    rate = number_or_dash(asked["learning_rate"], "g")
    return _("Try again with rate {rate}").format(rate=rate) if asked == exploded else ""


def controls(store: RunStore, run: Run, info: RunInfo, status: Status) -> None:
    """Pause, Resume, one step, one epoch, Stop, and what can be changed on the way."""
    running, ended = status.state in ACTIVE, status.state in ENDED
    if status.state == "measuring":
        return
    with st.container(horizontal=True, key=Key.CONTROLS):
        # Pause and Resume have a place each: see `part`.
        with part(running, width="content"):
            if running:
                st.button(_("Pause"), icon=":material/pause:", key=Key.PAUSE, on_click=attempt, args=(store.pause, run))
        with part(not running and not ended, width="content"):
            if not running and not ended:
                _resume_button(store, run, info, status)
        if not ended:
            st.button(
                _("One step"),
                icon=":material/skip_next:",
                key=Key.ONE_STEP,
                disabled=running,
                on_click=attempt,
                args=(store.start, run, "step"),
            )
            st.button(
                _("One epoch"),
                icon=":material/fast_forward:",
                key=Key.ONE_EPOCH,
                disabled=running,
                on_click=attempt,
                args=(store.start, run, "epoch"),
                help=_("To the end of the epoch that it is in."),
            )
            st.button(_("Stop"), icon=":material/stop:", key=Key.STOP, on_click=attempt, args=(store.stop, run))
            with st.popover(_("Change"), icon=":material/tune:", key=Key.CHANGE):
                _changes(run, info)


def _resume_button(store: RunStore, run: Run, info: RunInfo, status: Status) -> None:
    again = _again(run, info, status)
    st.button(
        again or _("Resume"),
        icon=":material/play_arrow:",
        key=Key.RESUME,
        type="secondary" if again else "primary",
        on_click=attempt,
        args=(store.start, run),
        help=_("With these settings it exploded, and will again. Change shows them.") if again else None,
    )


def _changes(run: Run, info: RunInfo) -> None:
    try:
        now = info.config.changeable() | run.control.settings
    except InputError as error:
        st.error(str(error))
        return
    st.caption(_("Takes effect with the next step, and is marked on the curves."))
    rate, batch_size, augmentation = new_rate(run.id), new_batch_size(run.id), new_augmentation(run.id)
    st.number_input(
        _("Learning rate"),
        MIN_RATE,
        MAX_RATE,
        value=float(np.clip(now["learning_rate"], MIN_RATE, MAX_RATE)),
        step=0.001,
        format="%g",
        key=rate.key,
        on_change=lambda: attempt(run.set, learning_rate=float(rate.value)),
        help=_("How large each step is."),
    )
    st.number_input(
        _("Batch size (0: all images)"),
        0,
        MAX_BATCH,
        value=int(now["batch_size"]),
        step=32,
        key=batch_size.key,
        on_change=lambda: attempt(run.set, batch_size=int(batch_size.value)),
        help=_("How many images the network looks at before each step."),
    )
    choices = with_current(AUGMENTATION_NAMES, now["augmentation"])
    st.selectbox(
        _("Augmentation"),
        choices,
        index=choices.index(now["augmentation"]),
        format_func=augmentation_name,
        key=augmentation.key,
        on_change=lambda: attempt(run.set, augmentation=augmentation.value),
        help=_("New images out of old ones, slightly changed each time."),
    )
