"""A network learns the drawings of a class, alone or mixed with MNIST, with one member left out if that is asked."""

import html

import numpy as np
import streamlit as st

from mnist_core import InputError, Recognizer
from mnist_core.data import load_mnist
from mnist_core.drawings import Collection, Given, held_out, made_up_drawings, together
from mnist_core.runs import RunStore
from pages.components.language import _, gettext_noop
from pages.components.network_choice import choose_network
from pages.components.teach.lessons import Taught, lessons, start_lesson
from pages.components.teach.measures import EVERY, Group
from pages.components.teach.page_state import CLASS_SOURCE, LEFT_OUT, Key, teach_page_state
from pages.components.teach.taught_network import taught_network
from pages.components.teach.teach_panel import LOOK_SECONDS, progress, show_cost
from pages.components.train.class_board import Seat
from pages.components.words import counted

PURPOSE = "class"
NOBODY = ""
SOURCES = {"both": gettext_noop("MNIST and the class"), "class": gettext_noop("The class alone")}


def class_lesson(runs: RunStore, secret: str, seat: Seat, given: list[Given]) -> None:
    """What to learn from, whom to leave out, the button, and the newest lesson."""
    recognizer = choose_network()
    if not recognizer.reads_digits:
        st.info(_("This network reads no digits: choose another one."), icon=":material/info:")
        return
    names = {NOBODY: _("Nobody")} | {one.member.id: one.member.name for one in given if len(one.drawings)}
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
    learned = _learned(given, left_out)
    st.button(
        counted(len(learned), "Teach it {count} drawing", "Teach it {count} drawings"),
        type="primary",
        icon=":material/school:",
        key=Key.CLASS_TEACH,
        disabled=not len(learned),
        on_click=_teach,
        args=(runs, secret, seat, recognizer, learned, source == "both", left_out, names[left_out]),
    )
    found = _lessons(runs, secret, seat)
    if found:
        going = found[0].is_going
        st.fragment(_live, run_every=LOOK_SECONDS if going else None)(runs, secret, seat, given, found[0].run.id, going)


def _learned(given: list[Given], left_out: str) -> Collection:
    """What is learned: with nobody left out, all but every third drawing of each label."""
    drawings = together(given, without=left_out)
    return drawings if left_out else drawings.where(~held_out(drawings.labels))


def _lessons(runs: RunStore, secret: str, seat: Seat) -> list[Taught]:
    return [one for one in lessons(runs, secret, PURPOSE) if one.info.purpose.split()[1] == seat.id]


def _teach(
    runs: RunStore,
    secret: str,
    seat: Seat,
    recognizer: Recognizer,
    learned: Collection,
    with_mnist: bool,
    left_out: str,
    name: str,
) -> None:
    words = f"Class {seat.name}" + (f" without {name}" if left_out else "")
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
    show_cost(found, groups_of_class(given, (*found.info.purpose.split(), NOBODY)[2]))
    taught_network(found)


def groups_of_class(given: list[Given], left_out: str) -> list[Group]:
    """The drawings that were not learned: of the member who was left out, or every third of all; then strangers'."""
    images, labels = made_up_drawings()
    dataset = load_mnist()
    mnist = dataset.test_images[::EVERY], dataset.test_labels[::EVERY]
    one = next((one for one in given if one.member.id == left_out), None)
    groups = []
    if one is not None:
        title = _("{name}'s drawings").format(name=html.escape(one.member.name))
        groups.append(Group(title, _("whom it has never seen"), one.drawings.images, one.drawings.labels))
        rest = together(given, without=left_out)
        groups.append(Group(_("The others' drawings"), _("learned"), rest.images, rest.labels))
    elif not left_out:
        all_of_them = together(given)
        aside = held_out(all_of_them.labels)
        for title, note, chosen in (
            (_("The class's drawings, held out"), _("not learned"), aside),
            (_("The class's drawings, learned"), _("seen with their labels"), ~aside),
        ):
            part = all_of_them.where(np.asarray(chosen))
            groups.append(Group(title, note, part.images, part.labels))
    groups.append(Group(_("Strangers' drawings"), _("made up by a program, in many hands"), images, labels))
    note = _("every {number}th of them").format(number=EVERY)
    groups.append(Group(_("MNIST's test images"), note, mnist[0], tuple(map(str, mnist[1]))))
    return groups
