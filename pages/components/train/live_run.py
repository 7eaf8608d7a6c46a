"""A run while it trains: how far it is, controls, curves, and a look inside; drawn again and again by a fragment."""

import math
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
from pages.components.charts import percent, probability_chart
from pages.components.drawing import current_drawing
from pages.components.pictures import picture
from pages.components.train.class_board import escaped
from pages.components.train.curves import Line, curves_chart
from pages.components.train.learning_views import show_view
from pages.components.train.settings_choices import AUGMENTATION_NAMES

EAGER_SECONDS = 0.2
EAGER_FOR_SECONDS = 5.0
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
    """The run's curves up to now; what was read before is kept in the session."""
    kept: dict[str, Curves] = st.session_state.setdefault("curves", {})
    curves = kept.setdefault(run.id, Curves(run.file("metrics.jsonl")))
    curves.read()
    return curves


def view_of(run: Run) -> dict[str, np.ndarray] | None:
    """The run's newest view, read again only when there is another."""
    kept = st.session_state.get("view")
    time = run.view_time()
    if kept is None or kept[:2] != (run.id, time):
        kept = st.session_state["view"] = (run.id, time, run.view())
    view: dict[str, np.ndarray] | None = kept[2]
    return view


def attempt(action: Callable[..., Any], *arguments: Any, **settings: Any) -> None:
    """Do it; if it cannot be done, the page says why at its next run."""
    try:
        action(*arguments, **settings)
    except InputError as error:
        st.session_state["trouble"] = str(error)


def header(store: RunStore, run: Run, info: RunInfo, status: Status, curves: Curves, *, mine: bool) -> None:
    """Name, state and how far it is; with the controls, if it is the visitor's own."""
    label, icon, color = STATES[status.state]
    with st.container(horizontal=True, vertical_alignment="center"):
        st.subheader(escaped(info.name), anchor=False, width="content")
        st.badge(label, icon=icon, color=color)
        if info.nickname and not mine:
            st.badge(escaped(info.nickname), icon=":material/person:", color="gray")
    if status.message and status.state not in ("waiting", "training", "failed"):
        st.caption(status.message)
    elif status.message and status.state == "training":
        st.warning(status.message)
    show_progress(info, status, curves)
    if mine:
        controls(store, run, info, status)


def show_progress(info: RunInfo, status: Status, curves: Curves) -> None:
    """A bar, and the figures that a class looks at, in large type."""
    step, epoch = max(curves.last("step"), float(status.step)), curves.last("epoch")
    seconds, images = curves.last("seconds"), curves.last("images")
    steps = total_steps(info.config, curves)
    share = 0.0 if math.isnan(step) or not steps else min(1.0, step / steps)
    if status.state == "finished":
        share = 1.0
    left = seconds / share - seconds if share > 0 and not math.isnan(seconds) else math.nan
    if status.state in ENDED:
        left = 0.0
    st.progress(share, text=f"Step {_count(step)} of about {_count(steps)}" if steps else "Starting")
    facts = {
        "epoch": "–" if math.isnan(epoch) else f"{epoch:.2f}",
        "loss": _number(curves.last("loss"), ".3f"),
        "right, training": _percent(curves.last("accuracy")),
        "right, validation": _percent(curves.last("validation_accuracy")),
        "images a second": _number(images / seconds if seconds > 0 else math.nan, ",.0f"),
        "left": "–" if math.isnan(left) else _duration(left),
    }
    with st.container(horizontal=True, gap="medium", key="facts"):
        for name, value in facts.items():
            st.markdown(f"## {value}\n{name}", width="content")


def controls(store: RunStore, run: Run, info: RunInfo, status: Status) -> None:
    """Pause, Resume, one step, one epoch, Stop, and what can be changed on the way."""
    running, ended = status.state in ACTIVE, status.state in ENDED
    if status.state == "measuring":
        return
    go = {"width": "content"}
    with st.container(horizontal=True, key="controls"):
        if running:
            st.button("Pause", icon=":material/pause:", key="pause", on_click=attempt, args=(store.pause, run), **go)  # type: ignore[arg-type]
        elif not ended:
            st.button(
                "Resume",
                icon=":material/play_arrow:",
                key="resume",
                type="primary",
                on_click=attempt,
                args=(store.start, run),
            )
        if not ended:
            st.button(
                "One step",
                icon=":material/skip_next:",
                key="one_step",
                disabled=running,
                on_click=attempt,
                args=(store.start, run, "step"),
            )
            st.button(
                "One epoch",
                icon=":material/fast_forward:",
                key="one_epoch",
                disabled=running,
                on_click=attempt,
                args=(store.start, run, "epoch"),
            )
            st.button("Stop", icon=":material/stop:", key="stop", on_click=attempt, args=(store.stop, run))
            with st.popover("Change", icon=":material/tune:", key="change"):
                _changes(run, info)


def _changes(run: Run, info: RunInfo) -> None:
    try:
        now = info.config.changeable() | run.control.settings
    except InputError as error:
        st.error(str(error))
        return
    st.caption("Takes effect with the next step, and is marked on the curves.")
    rate_key, batch_key, warp_key = (f"change_{what}_{run.id}" for what in ("rate", "batch", "warp"))
    st.number_input(
        "Learning rate",
        1e-7,
        100.0,
        value=float(np.clip(now["learning_rate"], 1e-7, 100.0)),
        step=0.001,
        format="%g",
        key=rate_key,
        on_change=lambda: attempt(run.set, learning_rate=float(st.session_state[rate_key])),
        help="How large each step is.",
    )
    st.number_input(
        "Batch size (0: all images)",
        0,
        65536,
        value=int(now["batch_size"]),
        step=32,
        key=batch_key,
        on_change=lambda: attempt(run.set, batch_size=int(st.session_state[batch_key])),
        help="How many images the network looks at before each step.",
    )
    choices = list(AUGMENTATION_NAMES)
    if now["augmentation"] not in choices:
        choices.append(now["augmentation"])
    st.selectbox(
        "Augmentation",
        choices,
        index=choices.index(now["augmentation"]),
        format_func=lambda text: AUGMENTATION_NAMES.get(text, text),
        key=warp_key,
        on_change=lambda: attempt(run.set, augmentation=st.session_state[warp_key]),
        help="New images out of old ones, slightly changed each time.",
    )


def findings(
    run: Run, info: RunInfo, status: Status, curves: Curves, rerun: Callable[[RunInfo, Finding], None] | None
) -> None:
    """What goes wrong, in plain words, with a button that trains again with what would help."""
    view = view_of(run)
    dead = {} if view is None else dead_shares_in(view)
    found = diagnose(info.config, curves, status, dead)
    if status.state == "failed" and not status.cause:
        st.error(status.message, icon=":material/error:")
    for number, finding in enumerate(found):
        with st.container(border=True, horizontal=True, vertical_alignment="center", key=f"finding_{number}"):
            st.markdown(f":material/warning: {finding.message}")
            if rerun is not None:
                st.button(finding.remedy, key=f"remedy_{number}", on_click=rerun, args=(info, finding))


def charts(lines: list[Line], goal: float | None) -> None:
    """Loss and accuracy side by side, on the same axes for all runs."""
    with st.container(horizontal=True, vertical_alignment="bottom", gap="medium"):
        axis = st.segmented_control(
            "Along the bottom",
            ["epoch", "step"],
            default="epoch",
            key="axis",
            required=True,
            help="An epoch is one pass over all images, a step one batch.",
        )
        smooth = st.toggle("Smooth", key="smooth", help="Average the training curves, so that their trend is seen.")
        log = st.toggle("Logarithmic loss", key="log", help="Equal distances are equal ratios: shows small losses.")
    if not any(len(line.curves) for line in lines):
        st.caption("The curves begin with the first step.")
        return
    if len(lines) > 1:
        st.caption("Solid lines: the training images. Dashed lines: the validation images.")
    left, right = st.columns(2)
    with left:
        st.markdown("**Loss**: how wrong the answers are")
        curves_chart(lines, "loss", axis=axis, smooth=smooth, log=log, key="loss_chart")  # type: ignore[arg-type]
    with right:
        st.markdown("**Accuracy**: the share that is right")
        curves_chart(lines, "accuracy", axis=axis, smooth=smooth, goal=goal, key="accuracy_chart")  # type: ignore[arg-type]


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
        key="look",
        required=True,
        help="Refreshed every second or two while it trains.",
    )
    if which == "Your drawing":
        own_drawing(run)
    else:
        show_view(view_of(run), str(which))


def own_drawing(run: Run) -> None:
    """The drawing of the Draw page, read by the network as it stands."""
    drawing = current_drawing()
    image = None if drawing is None else canvas.normalize(drawing)
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
        st.markdown(f"### It reads {digit}, {percent(float(probabilities[digit]))} sure")
        probability_chart(probabilities)


def _network_now(run: Run) -> Network | None:
    """The network of the last checkpoint, read again only if there is a newer one."""
    time = run.checkpoint_time()
    kept = st.session_state.get("network_now")
    if kept is None or kept[:2] != (run.id, time):
        kept = (run.id, time, run.network())
        st.session_state["network_now"] = kept
    network: Network | None = kept[2]
    return network


def total_steps(config: TrainingConfig, curves: Curves) -> float:
    """How many steps there will be, as the training itself says; 0 if it has said nothing yet.

    Curves that an earlier version wrote do not tell: there it is about as many as the steps so far suggest.
    """
    if not math.isnan(told := curves.last("steps")):
        return told
    if config.steps:
        return config.steps
    step, epoch = curves.last("step"), curves.last("epoch")
    return step / epoch * config.epochs if epoch > 0 else 0.0


def _count(value: float) -> str:
    return "0" if math.isnan(value) else f"{value:,.0f}"


def _number(value: float, form: str) -> str:
    return "–" if math.isnan(value) else format(value, form)


def _percent(value: float) -> str:
    return "–" if math.isnan(value) else f"{math.floor(value * 1000 + 1e-6) / 10:.1f} %"


def _duration(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} min {rest} s" if minutes else f"{rest} s"
