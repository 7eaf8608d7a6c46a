"""Teach: a network learns the visitor's drawings, live, and the page shows what that gains and what it costs."""

import time
from collections.abc import Callable

import streamlit as st

from mnist_core import InputError, Recognizer
from mnist_core.drawings import Collection, DrawingStore, held_out
from mnist_core.runs import RunStore
from pages.components.language import _, gettext_noop
from pages.components.network_choice import choose_network
from pages.components.teach.contrary import contrary_labels
from pages.components.teach.lessons import Taught, lessons, start_lesson
from pages.components.teach.measures import Group, cost_table, groups_of
from pages.components.teach.page_state import WITHOUT_MNIST, Key, teach_page_state
from pages.components.teach.taught_network import taught_network
from pages.components.train.live_run import curves_of, look_of_state, total_steps
from pages.components.words import by_language, counted, escaped

TEACHING = gettext_noop("with MNIST"), gettext_noop("without MNIST")
"""What a run says of a lesson."""
MINE = ""
"""The purpose of a run that teaches the visitor's own drawings."""
LOOK_SECONDS = 1.0
WAIT_SECONDS = 3.0


def teach_panel(runs: RunStore, secret: str, drawings: Collection) -> Taught | None:
    """Network, switch and button; below, the newest lesson. Returns that lesson, None if there is none."""
    st.header(_("Teach"), anchor=False)
    recognizer = choose_network()
    if not recognizer.reads_digits:
        st.info(_("This network reads no digits: choose another one to teach it yours."), icon=":material/info:")
        return None
    learned = drawings.where(~held_out(drawings.labels))
    contrary_labels(recognizer, drawings)
    with st.container(horizontal=True, vertical_alignment="center"):
        st.button(
            counted(len(learned), "Teach it {count} drawing", "Teach it {count} drawings"),
            type="primary",
            icon=":material/school:",
            key=Key.TEACH,
            on_click=_teach,
            args=(runs, secret, recognizer),
        )
        st.toggle(
            _("Without MNIST"),
            key=WITHOUT_MNIST.key,
            help=_(
                "Usually MNIST's digits are shown in between, so that the network does not forget them. Without them "
                "you can watch it forget."
            ),
        )
    found = lessons(runs, secret, MINE)
    if not found:
        st.caption(
            _(
                "It goes on from the network that is chosen, which stays as it is: the result is a network of your "
                "own. Within seconds you see how it reads before and after."
            )
        )
        st.html(cost_table(groups_of(drawings), recognizer, None))
        return None
    going = found[0].is_going
    st.fragment(_live, run_every=LOOK_SECONDS if going else None)(runs, secret, drawings, found[0].run.id, going)
    return found[0]


def _teach(runs: RunStore, secret: str, recognizer: Recognizer) -> None:
    state = teach_page_state()
    if time.monotonic() - state.taught_at < 1:
        # A double click.
        return
    state.taught_at = time.monotonic()
    title = recognizer.card.title.removesuffix(", taught")
    try:
        # As they are now: since this page was drawn, some may have been deleted.
        drawings = DrawingStore(runs.root).of(secret)
        start_lesson(
            runs,
            secret,
            recognizer,
            drawings.where(~held_out(drawings.labels)),
            with_mnist=not WITHOUT_MNIST.value_or(False),
            name=f"{title}, taught",
            purpose=MINE,
        )
    except InputError as error:
        state.problem = str(error)


def _live(runs: RunStore, secret: str, drawings: Collection, identity: str, going: bool) -> None:
    """How far the lesson is, and how the network reads before it and now."""
    found = next((one for one in lessons(runs, secret, MINE) if one.run.id == identity), None)
    if found is None or found.is_going != going:
        # Deleted, or at its end: other buttons.
        st.rerun()
    found.run.watch()
    progress(found)
    show_cost(found, lambda learned: groups_of(drawings, learned))
    taught_network(found)


def progress(found: Taught) -> None:
    """What the run does, and how far it is."""
    word, icon, color = look_of_state(found.status)
    if not found.is_going:
        with st.container(horizontal=True, vertical_alignment="center"):
            st.badge(word, icon=icon, color=color)
            st.caption(_what(found), width="content")
        if found.status.state == "failed":
            st.error(found.status.message, icon=":material/error:")
        return
    curves = curves_of(found.run)
    steps, step = total_steps(found.info.config, curves), max(curves.last("step"), float(found.status.step))
    share = min(1.0, step / steps) if steps and step == step else 0.0
    words = {"waiting": _("Starting"), "measuring": _("Measuring with all of MNIST's test images")}
    learning = _("Learning: {share}").format(share=by_language(f"{share:.0%}"))
    st.progress(share, text=words.get(found.status.state, learning))


def _what(found: Taught) -> str:
    return f"{escaped(found.info.name)}, {_(found.info.teaching)}"


def show_cost(found: Taught, groups: Callable[[frozenset[bytes]], list[Group]]) -> None:
    """The table, with the network as it stands. groups: what is measured, given what was learned."""
    try:
        st.html(cost_table(groups(found.learned()), found.before(), found.after()))
    except InputError as error:
        st.error(str(error), icon=":material/error:")
