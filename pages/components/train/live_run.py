"""A run while it trains: how far it is, controls, curves, and a look inside; drawn again and again by a fragment."""

import math
import time
from collections.abc import Callable
from typing import Any, Literal

import numpy as np
import streamlit as st

from mnist_core import InputError
from mnist_core.ink import canvas
from mnist_core.insight import dead_shares_in
from mnist_core.nn import DIGITS, Network
from mnist_core.recipes import catalog
from mnist_core.runs import ACTIVE, ENDED, Curves, Finding, Run, RunInfo, RunStore, Status, diagnose
from mnist_core.training import TrainingConfig
from pages.components.charts import probability_chart
from pages.components.drawing import current_drawing
from pages.components.pictures import picture
from pages.components.train.class_board import escaped
from pages.components.train.curves import Line, curves_chart
from pages.components.train.look_inside import show_look
from pages.components.train.page_state import (
    AXIS,
    LOGARITHMIC,
    LOOK,
    SMOOTH,
    FromFile,
    Key,
    finding_key,
    new_augmentation,
    new_batch_size,
    new_rate,
    remedy_key,
    train_page_state,
)
from pages.components.train.settings_choices import (
    AUGMENTATION_NAMES,
    MAX_BATCH,
    MAX_RATE,
    MIN_RATE,
    augmentation_name,
    with_current,
)
from pages.components.train.shared_board import shared_curves
from pages.components.words import confidence, duration, number_or_dash, percent

FACTS_LOOK = (
    "<style>.facts {display: flex; flex-wrap: wrap; gap: 0.4rem 1.6rem; margin-bottom: 0.8rem}"
    ".facts span {display: flex; flex-direction: column}"
    ".facts b {font-size: 1.3rem; font-variant-numeric: tabular-nums}</style>"
)
"""The figures of a run: large, in one row as long as there is room."""
JUST_ASKED, ANSWER_SECONDS = 0.5, 3.0
SOON = 3.0
"""A run that has waited for less is not said to wait for long."""
STATES: dict[str, tuple[str, str, Literal["blue", "green", "orange", "red", "gray", "violet"]]] = {
    "waiting": ("Waiting", ":material/hourglass_empty:", "gray"),
    "training": ("Training", ":material/play_arrow:", "violet"),
    "measuring": ("Measuring", ":material/speed:", "violet"),
    "paused": ("Paused", ":material/pause:", "orange"),
    "finished": ("Finished", ":material/check_circle:", "green"),
    "stopped": ("Stopped", ":material/stop:", "gray"),
    "failed": ("Failed", ":material/error:", "red"),
    "interrupted": ("Interrupted", ":material/bolt:", "red"),
}


def curves_of(run: Run) -> Curves:
    """The run's curves up to now; what was read before is kept for all sessions."""
    return shared_curves().read(run)


def newest_look(run: Run) -> dict[str, np.ndarray] | None:
    """The newest look inside the run's network, read again only when there is another."""
    state, written = train_page_state(), run.view_time()
    if state.look is None or (state.look.run, state.look.time) != (run.id, written):
        state.look = FromFile(run.id, written, run.view())
    return state.look.content


def attempt(action: Callable[..., Any], *arguments: Any, **settings: Any) -> None:
    """Do it; if it cannot be done, the page says why at its next run."""
    try:
        action(*arguments, **settings)
    except InputError as error:
        train_page_state().problem = str(error)


def wait_for_answer(store: RunStore, secret: str, identity: str | None) -> bool:
    """Wait a moment if something was just asked of this run: then the page shows what came of it, and need not look
    again and again. Returns whether it was asked just now.
    """
    run = next((run for run in store.runs(secret) if run.id == identity), None)
    if run is None or run.asked_seconds() > JUST_ASKED:
        return False
    end = time.monotonic() + ANSWER_SECONDS
    marks = None
    try:
        while time.monotonic() < end:
            # Thirty pages wait at once: only what has changed is read.
            if marks != (marks := run.marks()) and not _is_awaited(run):
                break
            time.sleep(0.05)
    except InputError:
        # Deleted or damaged meanwhile; the page tells.
        pass
    return True


def _is_awaited(run: Run) -> bool:
    control, status = run.control, run.written_status()
    if control.serial != status.serial:
        return True
    return status.state in ACTIVE and (control.span != "" or len(curves_of(run)) == 0)


def title(info: RunInfo, *, mine: bool) -> None:
    """The run's name, and whose it is."""
    with st.container(horizontal=True, vertical_alignment="center"):
        st.subheader(escaped(info.name), anchor=False, width="content")
        if info.nickname and not mine:
            st.badge(escaped(info.nickname), icon=":material/person:", color="gray")


def may_change(status: Status) -> bool:
    """Whether it changes without anybody's click: what was interrupted goes on by itself."""
    return status.state in ACTIVE or status.state == "interrupted"


def phase(status: Status) -> str:
    """What of a state decides which buttons there are."""
    return "going" if status.state in ACTIVE else "ended" if status.state in ENDED else "resting"


def state_and_progress(run: Run, info: RunInfo, status: Status, curves: Curves) -> None:
    """What it is doing, in a word or a sentence, and how far it is."""
    label, icon, color = STATES[status.state]
    st.badge(label, icon=icon, color=color)
    if status.message and status.state not in ("waiting", "training", "failed"):
        st.caption(status.message)
    elif status.message and status.state == "training":
        st.warning(status.message)
    elif status.state == "waiting" and (seconds := run.asked_seconds()) >= SOON:
        st.caption(f"It has waited for {duration(seconds)}: other runs are computed before it, and all take turns.")
    show_progress(info, status, curves)


def show_progress(info: RunInfo, status: Status, curves: Curves) -> None:
    """A bar, and the figures that a class looks at, in large type."""
    step, epoch = max(curves.last("step"), float(status.step)), curves.last("epoch")
    seconds, images = curves.last("seconds"), curves.last("images")
    steps = total_steps(info.config, curves)
    share = 0.0 if math.isnan(step) or not steps else min(1.0, step / steps)
    if status.state == "finished":
        share = 1.0
    left = seconds / share - seconds if share > 0 and not math.isnan(seconds) else math.nan
    done = 0.0 if math.isnan(step) else step
    words = f"Step {done:,.0f} of {'' if status.state == 'finished' else 'about '}{steps:,.0f}"
    st.progress(share, text=words if steps else "Starting")
    facts = {
        "epoch": number_or_dash(epoch, ".2f"),
        "loss": number_or_dash(curves.last("loss"), ".3f"),
        "right, training": percent(curves.last("accuracy")),
        "right, validation": percent(curves.last("validation_accuracy")),
        "images a second": number_or_dash(images / seconds if seconds > 0 else math.nan),
    }
    if status.state not in (*ENDED, "failed"):
        facts["left"] = duration(left)
    figures = "".join(f"<span><b>{value}</b>{name}</span>" for name, value in facts.items())
    # One element for all: each costs the server time, for every page that looks and every look.
    st.markdown(f"{FACTS_LOOK}<div class='facts'>{figures}</div>", unsafe_allow_html=True)


def controls(store: RunStore, run: Run, info: RunInfo, status: Status) -> None:
    """Pause, Resume, one step, one epoch, Stop, and what can be changed on the way."""
    running, ended = status.state in ACTIVE, status.state in ENDED
    if status.state == "measuring":
        return
    go = {"width": "content"}
    with st.container(horizontal=True, key=Key.CONTROLS):
        if running:
            st.button("Pause", icon=":material/pause:", key=Key.PAUSE, on_click=attempt, args=(store.pause, run), **go)  # type: ignore[arg-type]
        elif not ended:
            st.button(
                "Resume",
                icon=":material/play_arrow:",
                key=Key.RESUME,
                type="primary",
                on_click=attempt,
                args=(store.start, run),
            )
        if not ended:
            st.button(
                "One step",
                icon=":material/skip_next:",
                key=Key.ONE_STEP,
                disabled=running,
                on_click=attempt,
                args=(store.start, run, "step"),
            )
            st.button(
                "One epoch",
                icon=":material/fast_forward:",
                key=Key.ONE_EPOCH,
                disabled=running,
                on_click=attempt,
                args=(store.start, run, "epoch"),
            )
            st.button("Stop", icon=":material/stop:", key=Key.STOP, on_click=attempt, args=(store.stop, run))
            with st.popover("Change", icon=":material/tune:", key=Key.CHANGE):
                _changes(run, info)


def _changes(run: Run, info: RunInfo) -> None:
    try:
        now = info.config.changeable() | run.control.settings
    except InputError as error:
        st.error(str(error))
        return
    st.caption("Takes effect with the next step, and is marked on the curves.")
    rate, batch_size, augmentation = new_rate(run.id), new_batch_size(run.id), new_augmentation(run.id)
    st.number_input(
        "Learning rate",
        MIN_RATE,
        MAX_RATE,
        value=float(np.clip(now["learning_rate"], MIN_RATE, MAX_RATE)),
        step=0.001,
        format="%g",
        key=rate.key,
        on_change=lambda: attempt(run.set, learning_rate=float(rate.value)),
        help="How large each step is.",
    )
    st.number_input(
        "Batch size (0: all images)",
        0,
        MAX_BATCH,
        value=int(now["batch_size"]),
        step=32,
        key=batch_size.key,
        on_change=lambda: attempt(run.set, batch_size=int(batch_size.value)),
        help="How many images the network looks at before each step.",
    )
    choices = with_current(AUGMENTATION_NAMES, now["augmentation"])
    st.selectbox(
        "Augmentation",
        choices,
        index=choices.index(now["augmentation"]),
        format_func=augmentation_name,
        key=augmentation.key,
        on_change=lambda: attempt(run.set, augmentation=augmentation.value),
        help="New images out of old ones, slightly changed each time.",
    )


def findings(
    run: Run, info: RunInfo, status: Status, curves: Curves, rerun: Callable[[RunInfo, Finding], None] | None
) -> None:
    """What goes wrong, in plain words, with a button that trains again with what would help."""
    look = newest_look(run)
    dead = {} if look is None else dead_shares_in(look)
    found = diagnose(info.config, curves, status, dead)
    if status.state == "failed" and not status.cause:
        st.error(status.message, icon=":material/error:")
    for number, finding in enumerate(found):
        with st.container(border=True, horizontal=True, vertical_alignment="center", key=finding_key(number)):
            st.markdown(f":material/warning: {finding.message}")
            if rerun is not None:
                st.button(finding.remedy, key=remedy_key(number), on_click=rerun, args=(info, finding))


def chart_switches() -> None:
    """How the curves are drawn; below them, so that they are not drawn anew with every step."""
    with st.container(horizontal=True, vertical_alignment="bottom", gap="medium"):
        st.segmented_control(
            "Along the bottom",
            ["epoch", "step"],
            default="epoch",
            key=AXIS.key,
            required=True,
            help="An epoch is one pass over all images, a step one batch.",
        )
        st.toggle("Smooth", key=SMOOTH.key, help="Average the training curves, so that their trend is seen.")
        st.toggle(
            "Logarithmic loss",
            key=LOGARITHMIC.key,
            help="Equal distances are equal ratios; shows small losses.",
        )


def charts(lines: list[Line], goal: float | None) -> None:
    """Loss and accuracy side by side, on the same axes for all runs."""
    axis, smooth, log = AXIS.value_or("epoch"), SMOOTH.value_or(False), LOGARITHMIC.value_or(False)
    if not any(len(line.curves) for line in lines):
        st.caption("The curves begin with the first step.")
        return
    if len(lines) > 1:
        st.caption("Solid lines: the training images. Dashed lines: the validation images.")
    left, right = st.columns(2)
    with left:
        st.markdown("**Loss**: how wrong the answers are")
        curves_chart(lines, "loss", axis=axis, smooth=smooth, log=log, key=Key.LOSS_CHART)
    with right:
        st.markdown("**Accuracy**: the share that is right")
        curves_chart(lines, "accuracy", axis=axis, smooth=smooth, goal=goal, key=Key.ACCURACY_CHART)


def goal_of(info: RunInfo) -> float | None:
    """The figure that was published for the recipe that a run came from."""
    recipe = catalog.RECIPES.get(info.recipe)
    return recipe.printed if recipe else None


def look_inside(run: Run) -> None:
    """What the network looks like at the moment, and how it reads the visitor's own drawing."""
    which = st.segmented_control(
        "Look inside",
        ["First layer", "Updates", "Mistakes", "Your drawing"],
        default="First layer",
        key=LOOK.key,
        required=True,
        help="Refreshed every second or two while it trains.",
    )
    if which == "Your drawing":
        own_drawing(run)
    else:
        show_look(newest_look(run), str(which))


def own_drawing(run: Run) -> None:
    """The drawing of the Draw page, read by the network as it stands."""
    drawing = current_drawing()
    image = None if drawing is None else canvas.normalize(drawing, canvas.BLACK)
    if image is None:
        st.caption("Draw a digit on the Draw page first; then watch here how the network learns to read it.")
        st.page_link("app.py", label="Draw a digit", icon=":material/draw:")
        return
    try:
        network = _network_now(run)
    except InputError as error:
        st.error(str(error))
        return
    if network is None:
        st.caption("The network has not begun yet.")
        return
    with np.errstate(all="ignore"):
        probabilities = np.nan_to_num(network.predict(image[None])[0][:DIGITS])
    digit = int(probabilities.argmax())
    left, right = st.columns([1, 3])
    left.image(picture(image), caption="28×28 pixels", alt="Your drawing as the network sees it.")
    with right:
        st.markdown(f"### It reads {digit}, {confidence(float(probabilities[digit]))} sure")
        probability_chart(probabilities)


def _network_now(run: Run) -> Network | None:
    """The network of the last checkpoint, read again only if there is a newer one."""
    written = run.checkpoint_time()
    state = train_page_state()
    if state.network is None or (state.network.run, state.network.time) != (run.id, written):
        state.network = FromFile(run.id, written, run.network())
    return state.network.content


def total_steps(config: TrainingConfig, curves: Curves) -> float:
    """How many steps there will be, as the training itself reports; 0 if it has not reported yet.

    Curves of an earlier version do not hold the number: there it is estimated from the steps so far.
    """
    if not math.isnan(reported := curves.last("steps")):
        return reported
    if config.steps:
        return config.steps
    step, epoch = curves.last("step"), curves.last("epoch")
    return step / epoch * config.epochs if epoch > 0 else 0.0
