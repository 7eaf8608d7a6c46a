"""A run while it trains: how far it is, controls, curves, and a look inside; drawn again and again by a fragment."""

import math
import time
from collections.abc import Callable
from typing import Any, Literal

import streamlit as st

from mnist_core import InputError
from mnist_core.insight import dead_shares_in
from mnist_core.recipes import catalog
from mnist_core.runs import ACTIVE, ENDED, Curves, Finding, Run, RunInfo, RunStore, Status, diagnose
from mnist_core.training import TrainingConfig
from pages.components.classes.member_names import member_name
from pages.components.classes.shared_board import shared_curves
from pages.components.language import _, gettext_noop, pgettext
from pages.components.told import told
from pages.components.train.curves import Goal, Line, Options, curves_chart
from pages.components.train.curves_spec import AXES
from pages.components.train.look_inside import newest_look
from pages.components.train.page_state import (
    AXIS,
    LOGARITHMIC,
    SMOOTH,
    Key,
    finding_key,
    remedy_key,
    train_page_state,
)
from pages.components.words import duration, escaped, number_or_dash, percent

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
    "waiting": (gettext_noop("Waiting"), ":material/hourglass_empty:", "gray"),
    "training": (gettext_noop("Training"), ":material/play_arrow:", "violet"),
    "measuring": (gettext_noop("Measuring"), ":material/speed:", "violet"),
    "paused": (gettext_noop("Paused"), ":material/pause:", "orange"),
    "finished": (gettext_noop("Finished"), ":material/check_circle:", "green"),
    "stopped": (gettext_noop("Stopped"), ":material/stop:", "gray"),
    "failed": (gettext_noop("Failed"), ":material/error:", "red"),
    "interrupted": (gettext_noop("Interrupted"), ":material/bolt:", "red"),
}


def look_of_state(status: Status) -> tuple[str, str, Literal["blue", "green", "orange", "red", "gray", "violet"]]:
    """The word for what a run does, its icon, and its color."""
    word, icon, color = STATES["waiting" if status.cause == "no_workers" else status.state]
    return _(word), icon, color


def curves_of(run: Run) -> Curves:
    """The run's curves up to now; what was read before is kept for all sessions."""
    return shared_curves().read(run)


def attempt(action: Callable[..., Any], *arguments: Any, **settings: Any) -> None:
    """Do it; if it cannot be done, the page says why at its next run."""
    try:
        action(*arguments, **settings)
    except InputError as error:
        train_page_state().problem = str(error)


def wait_for_answer(store: RunStore, secret: str, identity: str | None) -> None:
    """Wait a moment if something was just asked of this run: then the page shows what came of it, and need not look
    again and again.
    """
    run = next((run for run in store.runs(secret) if run.id == identity), None)
    if run is None or run.asked_seconds() > JUST_ASKED:
        return
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


def _is_awaited(run: Run) -> bool:
    control, status = run.control, run.written_status()
    if control.serial != status.serial:
        return True
    return status.state in ACTIVE and (control.span != "" or len(curves_of(run)) == 0)


def title(info: RunInfo, *, mine: bool) -> None:
    """The run's name, and whose it is."""
    with st.container(horizontal=True, vertical_alignment="center"):
        st.header(escaped(info.name), anchor=False, width="content")
        if info.dataset:
            st.badge(escaped(info.dataset), icon=":material/image:", color="gray")
        if info.nickname and not mine:
            st.badge(escaped(member_name(info.nickname)), icon=":material/person:", color="gray")
        else:
            st.empty()


def may_change(status: Status) -> bool:
    """Whether it changes without anybody's click: what was interrupted goes on by itself."""
    return status.state in ACTIVE or status.state == "interrupted"


def phase(status: Status) -> str:
    """What of a state decides which buttons there are."""
    return "going" if status.state in ACTIVE else "ended" if status.state in ENDED else "resting"


def state_and_progress(run: Run, info: RunInfo, status: Status, curves: Curves) -> None:
    """What it is doing, in a word or a sentence, and how far it is."""
    label, icon, color = look_of_state(status)
    st.badge(label, icon=icon, color=color)
    if status.message and status.state not in ("waiting", "training", "failed"):
        st.caption(told(status.message))
    elif status.message and (status.state == "training" or status.cause == "no_workers"):
        st.warning(told(status.message))
    elif status.state == "waiting" and (seconds := run.asked_seconds()) >= SOON:
        words = _("It has waited for {duration}: other runs are computed before it, and all take turns.")
        st.caption(words.format(duration=duration(seconds)))
    show_progress(info, status, curves)


def standing(status: Status, curves: Curves) -> Curves:
    """The curves up to where a run stands: one that has exploded has gone back."""
    return curves.until(status.step) if status.cause == "diverged" else curves


def show_progress(info: RunInfo, status: Status, curves: Curves) -> None:
    """A bar, and the figures that a class looks at, in large type."""
    steps = total_steps(info.config, curves)
    curves = standing(status, curves)
    step, epoch = max(curves.last("step"), float(status.step)), curves.last("epoch")
    seconds, images = curves.last("seconds"), curves.last("images")
    share = 0.0 if math.isnan(step) or not steps else min(1.0, step / steps)
    if status.state == "finished":
        share = 1.0
    left = seconds / share - seconds if share > 0 and not math.isnan(seconds) else math.nan
    done = 0.0 if math.isnan(step) else step
    place = _("Step {step} of {steps}") if status.state == "finished" else _("Step {step} of about {steps}")
    words = place.format(step=number_or_dash(done), steps=number_or_dash(steps))
    st.progress(share, text=words if steps else _("Starting"))
    facts = {
        _("epoch"): number_or_dash(epoch, ".2f"),
        _("loss"): number_or_dash(curves.last("loss"), ".3f"),
        _("right, training"): percent(curves.last("accuracy")),
    }
    if info.config.validation or not math.isnan(curves.last("validation_accuracy")):
        facts[_("right, validation")] = percent(curves.last("validation_accuracy"))
    facts[_("images a second")] = number_or_dash(images / seconds if seconds > 0 else math.nan)
    if status.state not in (*ENDED, "failed"):
        facts[pgettext("time", "left")] = duration(left)
    figures = "".join(f"<span><b>{value}</b>{name}</span>" for name, value in facts.items())
    # One element for all: each costs the server time, for every page that looks and every look.
    st.markdown(f"{FACTS_LOOK}<div class='facts'>{figures}</div>", unsafe_allow_html=True)


def findings(
    run: Run, info: RunInfo, status: Status, curves: Curves, mend: Callable[[RunInfo, Finding], None] | None
) -> None:
    """What goes wrong, in plain words, with a button that does what would help. mend: what it does, None for none."""
    look = newest_look(run)
    dead = {} if look is None else dead_shares_in(look)
    found = diagnose(info.config, curves, status, dead, len(info.class_names))
    if status.state == "failed" and not status.cause:
        st.error(told(status.message), icon=":material/error:")
    for number, finding in enumerate(found):
        with st.container(border=True, horizontal=True, vertical_alignment="center", key=finding_key(number)):
            st.markdown(f":material/warning: {told(finding.message)}")
            if mend is not None:
                kind: Literal["primary", "secondary"] = "secondary" if finding.go_back is None else "primary"
                st.button(told(finding.remedy), key=remedy_key(number), type=kind, on_click=mend, args=(info, finding))


def chart_switches() -> None:
    """How the curves are drawn; below them, so that they are not drawn anew with every step."""
    with st.container(horizontal=True, vertical_alignment="bottom", gap="medium"):
        st.segmented_control(
            _("Along the bottom"),
            list(AXES),
            default="epoch",
            format_func=lambda axis: _(AXES[axis]),
            key=AXIS.key,
            required=True,
            help=_("An epoch is one pass over all images, a step one batch."),
        )
        st.toggle(_("Smooth"), key=SMOOTH.key, help=_("Average the training curves, so that their trend is seen."))
        st.toggle(
            _("Logarithmic loss"),
            key=LOGARITHMIC.key,
            help=_("Equal distances are equal ratios; shows small losses."),
        )


def charts(lines: list[Line], goal: Goal | None) -> None:
    """Loss and accuracy side by side, on the same axes for all runs."""
    options = Options(AXIS.value_or("epoch"), SMOOTH.value_or(False), LOGARITHMIC.value_or(False), goal)
    if not any(len(line.curves) for line in lines):
        st.caption(_("The curves begin with the first step."))
        return
    left, right = st.columns(2)
    with left:
        st.markdown(_("**Loss**: how wrong the answers are"))
        curves_chart(lines, "loss", options, Key.LOSS_CHART)
    with right:
        st.markdown(_("**Accuracy**: the share that is right"))
        curves_chart(lines, "accuracy", options, Key.ACCURACY_CHART)


def goal_of(info: RunInfo) -> Goal | None:
    """The figure that was published for the recipe that a run came from."""
    recipe = catalog.RECIPES.get(info.recipe)
    return None if recipe is None or recipe.printed is None else Goal(recipe.printed, recipe.measure)


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
