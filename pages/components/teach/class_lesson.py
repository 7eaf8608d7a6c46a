"""A network learns the drawings of a class, alone or mixed with MNIST, with one member left out if that is asked."""

import html

import numpy as np
import streamlit as st

from mnist_core import InputError, Recognizer
from mnist_core.drawings import ClassDrawings, Collection, DrawingStore, Given, held_out, together
from mnist_core.runs import RunStore
from mnist_core.teaching import MAX_DRAWINGS
from pages.components.classes.member_names import member_name
from pages.components.classes.seat import Seat
from pages.components.language import _, gettext_noop
from pages.components.network_choice import choose_network
from pages.components.teach.lessons import Taught, lessons, start_lesson
from pages.components.teach.measures import Group, not_learned, of_others
from pages.components.teach.page_state import CLASS_SOURCE, LEFT_OUT, Key, teach_page_state
from pages.components.teach.taught_network import taught_network
from pages.components.teach.teach_panel import LOOK_SECONDS, progress, show_cost
from pages.components.words import counted, whole

PURPOSE = "class"
NOBODY = ""
SOURCES = {"both": gettext_noop("MNIST and the class"), "class": gettext_noop("The class alone")}


def class_lesson(runs: RunStore, secret: str, seat: Seat, given: list[Given]) -> None:
    """What to learn from, whom to leave out, the button, and the newest lesson."""
    recognizer = choose_network()
    if not recognizer.reads_digits:
        st.info(_("This network reads no digits: choose another one."), icon=":material/info:")
        return
    names = {NOBODY: _("Nobody")} | {one.member.id: member_name(one.member.name) for one in given if len(one.drawings)}
    with st.container(horizontal=True, vertical_alignment="bottom"):
        source = st.segmented_control(
            _("Learn from"),
            list(SOURCES),
            default="both",
            format_func=lambda source: _(SOURCES[source]),
            key=CLASS_SOURCE.key,
            required=True,
            help=_("The network that is chosen has learned from MNIST; the column “before” tells how it reads."),
        )
    left_out = str(
        st.selectbox(
            _("Leave out"),
            list(names),
            format_func=lambda member: names.get(member, ""),
            key=LEFT_OUT.key,
            help=_(
                "A member whose drawings are not learned, but measured: so a network reads somebody whom it has "
                "never seen."
            ),
        )
        or NOBODY
    )
    count = len(_learned(given, left_out))
    st.button(
        counted(count, "Teach it {count} drawing", "Teach it {count} drawings"),
        type="primary",
        icon=":material/school:",
        key=Key.CLASS_TEACH,
        disabled=not count,
        on_click=_teach,
        args=(runs, secret, seat, recognizer, source == "both", left_out),
    )
    if count == MAX_DRAWINGS:
        words = _("More than {count} are not learned at once: these are spread evenly over all of them.")
        st.caption(words.format(count=whole(count)))
    found = _lessons(runs, secret, seat)
    if found:
        going = found[0].is_going
        st.fragment(_live, run_every=LOOK_SECONDS if going else None)(runs, secret, seat, given, found[0].run.id, going)


def _learned(given: list[Given], left_out: str) -> Collection:
    """What is learned: with nobody left out, all but every third drawing of each label.

    Of more than a lesson may have, an even part.
    """
    drawings = together(given, without=left_out)
    chosen = drawings if left_out else drawings.where(~held_out(drawings.labels))
    if len(chosen) > MAX_DRAWINGS:
        chosen = chosen.where(np.linspace(0, len(chosen) - 1, MAX_DRAWINGS).round().astype(int))
    return chosen


def _lessons(runs: RunStore, secret: str, seat: Seat) -> list[Taught]:
    return [one for one in lessons(runs, secret, PURPOSE) if one.info.purpose.split()[1] == seat.id]


def _teach(
    runs: RunStore,
    secret: str,
    seat: Seat,
    recognizer: Recognizer,
    with_mnist: bool,
    left_out: str,
) -> None:
    # As they are now: since this page was drawn, somebody may have taken the drawings back.
    given = ClassDrawings(DrawingStore(runs.root), runs.classes).of(seat.id)
    names = {one.member.id: one.member.name for one in given}
    learned = _learned(given, left_out)
    words = f"Class {seat.name}" + (f" without {names.get(left_out, '')}".rstrip() if left_out else "")
    try:
        start_lesson(
            runs,
            secret,
            recognizer,
            learned,
            with_mnist=with_mnist,
            name=words,
            purpose=f"{PURPOSE} {seat.id} {left_out}".strip(),
        )
    except InputError as error:
        teach_page_state().problem = str(error)


def _live(runs: RunStore, secret: str, seat: Seat, given: list[Given], identity: str, going: bool) -> None:
    found = next((one for one in _lessons(runs, secret, seat) if one.run.id == identity), None)
    if found is None or found.is_going != going:
        st.rerun()
    found.run.watch()
    progress(found)
    left_out = (*found.info.purpose.split(), NOBODY)[2]
    show_cost(found, lambda learned: groups_of_class(given, left_out, learned))
    taught_network(found)


def groups_of_class(given: list[Given], left_out: str, learned: frozenset[bytes]) -> list[Group]:
    """The class's drawings that were not learned and those that were; with a member left out, that member's apart.

    learned: the pixels of what was learned, see `Taught.learned`.
    """
    one = next((one for one in given if one.member.id == left_out), None)
    rest = together(given, without=left_out)
    groups = []
    if one is not None:
        title = _("{name}'s drawings").format(name=html.escape(member_name(one.member.name)))
        mine = one.drawings.where(not_learned(one.drawings, learned))
        groups.append(Group(title, _("whom it has never seen"), mine.images, mine.labels))
    aside = not_learned(rest, learned)
    for words, note, chosen in (
        (_("The class's drawings, held out"), _("not learned"), aside),
        (_("The class's drawings, learned"), _("seen with their labels"), ~aside),
    ):
        part = rest.where(chosen)
        groups.append(Group(words, note, part.images, part.labels))
    return [*groups, *of_others()]
