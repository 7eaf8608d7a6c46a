"""The right side of the Train page: which runs are looked at, the chosen one in full, and a table of all."""

import math
import time
from dataclasses import dataclass

import streamlit as st

from mnist_core import InputError
from mnist_core.runs import Finding, Run, RunInfo, RunStore
from pages.components.classes.seat import Seat
from pages.components.classes.watchers import calm_interval, interval
from pages.components.language import _
from pages.components.train import live_run
from pages.components.train.bring_into_view import bring_into_view
from pages.components.train.class_live import class_strip, take_order
from pages.components.train.curves import Line
from pages.components.train.look_inside import look_inside
from pages.components.train.manage_run import manage_run
from pages.components.train.page_state import Key, delete_damaged_key, train_page_state
from pages.components.train.part import part
from pages.components.train.run_choices import run_choices
from pages.components.train.run_controls import controls, go_back
from pages.components.train.run_list import Entry, entries, start_button, start_run, train_on
from pages.components.train.run_results import bring_back, keep_curves, run_results
from pages.components.train.run_table import run_table
from pages.components.train.settings_form import Setting
from pages.components.train.training_link import Preset
from pages.components.words import escaped

BRIEF_SECONDS = 1.0
ADAPT_SECONDS = 30.0


def run_desk(store: RunStore, secret: str, seat: Seat, setting: Setting) -> None:
    """Everything about runs. setting: of the run that Start makes."""
    if seat.id:
        st.fragment(_class_desk, run_every=ADAPT_SECONDS)(store, secret, seat, setting)
    else:
        st.fragment(_desk)(store, secret, seat, setting)


def _class_desk(store: RunStore, secret: str, seat: Seat, setting: Setting) -> None:
    """The desk of somebody in a class, drawn now and then by itself, for the others' news.

    How often it is drawn is set from outside it only, and so set anew here as people come and go.
    """
    st.fragment(_desk, run_every=calm_interval())(store, secret, seat, setting)


def _desk(store: RunStore, secret: str, seat: Seat, setting: Setting) -> None:
    """What a click on Start or a control changes."""
    state = train_page_state()
    start_button(store, secret, setting, seat)
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
            bring_back(lambda start: train_on(store, secret, seat, start))
    places = part(len(found) > 1), part(bool(found)), part(bool(found)), part(bool(found))
    if not found:
        return
    by_id = {entry.run.id: entry for entry in found}
    with places[0]:
        chosen, overlaid = run_choices(by_id, secret)
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
        view = _View(store, secret, seat, chosen, overlaid, own, active, brief_until)
        st.fragment(_run, run_every=again)(view)


def _damaged(store: RunStore, run: Run, problem: str) -> None:
    with st.container(horizontal=True, vertical_alignment="center", border=True):
        st.markdown(f":material/broken_image: {problem}")
        st.button(_("Delete it"), key=delete_damaged_key(run.id), on_click=live_run.attempt, args=(store.delete, run))


def _empty() -> None:
    with st.container(border=True, key=Key.NO_RUNS):
        words = _(
            "Press **Start**: the curves appear here within a second. Then try what happens when you\n"
            "- change the **learning rate** while it runs,\n"
            "- give it only 500 images, and watch it learn them by heart,\n"
            "- start from a **published** network, and then from its corrected twin."
        )
        head = _("Nothing has been trained yet")
        st.markdown(f"## {head}\n{words}")


def _listen(store: RunStore, secret: str, seat: Seat) -> None:
    """While there is no run to look at: start what the teacher orders, as soon as any page with a run would."""
    state = train_page_state()
    before = state.run
    take_order(store, secret, seat)
    if state.run != before or state.problem:
        st.rerun()


@dataclass(frozen=True)
class _View:
    """What the desk shows, and to whom. overlaid: whose curves are drawn; own: the visitor's runs that are going.

    active: whether any run changes by itself. brief_until: the moment (`time.monotonic`) until which only a part is
    drawn, because somebody waits for the first point.
    """

    store: RunStore
    secret: str
    seat: Seat
    chosen: Entry
    overlaid: list[Entry]
    own: list[Run]
    active: bool
    brief_until: float

    def lines(self) -> list[Line]:
        """The curves that are laid over each other."""
        return [Line(entry.name, live_run.curves_of(entry.run)) for entry in self.overlaid]


def _run(view: _View) -> None:
    """The chosen run: what moves with every step, which is drawn more often by itself, and the rest."""
    again = interval() if view.active or view.seat.id else None
    resting_since = math.inf if again else time.monotonic()
    st.fragment(_live, run_every=again)(view, resting_since)
    live_run.chart_switches()
    _rest(view)


def _live(view: _View, resting_since: float) -> None:
    """How far the chosen run is, what goes wrong in it, and the curves.

    resting_since: when it was drawn with nothing that moves (`time.monotonic`); infinite if something does.
    """
    chosen = view.chosen
    if time.monotonic() > resting_since + BRIEF_SECONDS:
        # The browser still asks again and again, as an earlier draw had told it; only a run of the whole page ends it.
        st.rerun()
    for run in view.own:
        run.watch()
    if view.seat.id:
        take_order(view.store, view.secret, view.seat)
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
            go_back(view.store, chosen.run, finding.go_back)
            return
        preset = Preset(info.recipe, info.corrected)
        start_run(
            view.store,
            view.secret,
            preset,
            finding.config,
            view.seat,
            info.name,
            dataset=info.dataset,
            like=chosen.run,
        )

    live_run.findings(chosen.run, chosen.info, status, curves, mend if chosen.mine else None)
    live_run.charts(view.lines(), live_run.goal_of(chosen.info))


def _rest(view: _View) -> None:
    """What the chosen run leaves, a look inside it, and the table of all runs."""
    chosen = view.chosen
    _rerun_if_another(chosen)
    found = entries(view.store, view.secret, view.seat)
    by_id = {entry.run.id: entry for entry in found}
    if not view.seat.id and (chosen.run.id not in by_id or by_id[chosen.run.id].name != chosen.name):
        # Deleted or renamed: here, or on another page of the same visitor.
        st.rerun()
    trained = (chosen.run.folder / "network.json").exists()
    # Places that stay: a box that somebody has opened below must not close when the network is trained.
    with part(trained):
        if trained:
            run_results(chosen)
    begun = len(live_run.curves_of(chosen.run)) > 0 and time.monotonic() >= view.brief_until
    seen = begun or len(found) > 1
    with part(seen):
        if seen:
            st.divider()
            look_inside(chosen.run, chosen.info.class_names)
            st.divider()
            run_table(found, {entry.run.id: live_run.curves_of(entry.run) for entry in [chosen, *view.overlaid]})
    with st.container(horizontal=True):
        if begun:
            created = {entry.name: entry.info.created for entry in view.overlaid}
            keep_curves(view.lines(), live_run.goal_of(chosen.info), created)
        if chosen.mine:
            manage_run(view.store, view.secret, view.seat, chosen)
    bring_back(lambda start: train_on(view.store, view.secret, view.seat, start))


def _rerun_if_another(chosen: Entry) -> None:
    """Draw the whole page again if a click in this part of it chose another run, or could not do what it should."""
    state = train_page_state()
    if state.run != chosen.run.id or state.problem:
        st.rerun()
