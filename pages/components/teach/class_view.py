"""The drawings of a class: who gives them, how many there are, and what the teacher does with them."""

from collections.abc import Callable

import streamlit as st

from mnist_core import InputError
from mnist_core.drawings import ClassDrawings, Collection, DrawingStore, as_idx, as_pen, together
from mnist_core.runs import RunStore
from pages.components.classes.class_box import ways_in
from pages.components.classes.member_names import member_name
from pages.components.classes.seat import Seat, take_seat
from pages.components.language import _
from pages.components.teach.class_counts import class_counts, odd_ones_out
from pages.components.teach.class_lesson import class_lesson
from pages.components.teach.page_state import GIVE, SURE_TO_CLEAR_CLASS, Key, teach_page_state
from pages.components.words import counted, escaped, whole


def class_view(runs: RunStore, secret: str) -> None:
    """The whole view."""
    seat = take_seat(runs, secret)
    if not seat.member:
        _outside(runs, secret, seat)
        return
    store, state = DrawingStore(runs.root), teach_page_state()
    store.remove_old()
    drawings = ClassDrawings(store, runs.classes)
    if state.problem:
        st.error(escaped(state.problem), icon=":material/error:")
    state.problem = ""
    with st.container(horizontal=True, vertical_alignment="center"):
        st.header(_("Class {name}").format(name=escaped(seat.name)), anchor=False, width="content")
        st.badge(escaped(member_name(seat.nickname)), icon=":material/person:", color="orange")
        if seat.can_order:
            _teacher(drawings, seat)
    try:
        count = len(store.of(secret))
    except InputError as error:
        st.error(escaped(str(error)), icon=":material/error:")
        count = 0
    _give(drawings, secret, seat, count)
    given = drawings.of(seat.id)
    if not any(len(one.drawings) for one in given):
        st.info(_("Nobody has given the class a drawing yet."), icon=":material/groups:")
        return
    left, right = st.columns([1, 1.1], gap="large")
    with left:
        class_counts(given, seat)
        odd_ones_out(given)
    with right:
        class_lesson(runs, secret, seat, given)


def _outside(runs: RunStore, secret: str, seat: Seat) -> None:
    with st.container(border=True):
        st.markdown(
            _(
                "## You are in no class\n"
                "Members of a class can give it their drawings; networks are then taught with the digits of all, and "
                "one sees what it is to read somebody whom a network has never seen."
            )
        )
        if seat.problem:
            st.warning(escaped(seat.problem))
        ways_in(runs, secret, "")


def _give(drawings: ClassDrawings, secret: str, seat: Seat, count: int) -> None:
    gives = drawings.gives(seat.id, secret)
    GIVE.put(gives)
    with st.container(border=True):
        st.toggle(
            _("I give my drawings ({count}) to the class").format(count=whole(count)),
            key=GIVE.key,
            on_change=_given,
            args=(drawings, secret, seat.id),
            disabled=seat.closed and not gives,
        )
        st.caption(
            _(
                "The class sees them as those of **{nickname}**, and trains networks with them, also with "
                "what you draw from now on. Switch it off, and they are yours alone again: no training that begins "
                "later has them."
            ).format(nickname=escaped(member_name(seat.nickname)))
            if gives
            else _(
                "As long as this is off, nobody but you sees your drawings. Switched on, the class sees them with "
                "your nickname, and trains networks with them. You can take them back at any time."
            )
        )


def _given(drawings: ClassDrawings, secret: str, identity: str) -> None:
    try:
        if GIVE.value:
            drawings.give(identity, secret)
        else:
            drawings.take_back(identity, secret)
    except InputError as error:
        teach_page_state().problem = str(error)


def _teacher(drawings: ClassDrawings, seat: Seat) -> None:
    """What only the teacher can do; the secret in the address is asked for each time."""
    given = together(drawings.of(seat.id))
    count = len(given)
    if not count:
        return
    if given.digits() or given.with_strokes():
        with st.popover(_("Take away"), icon=":material/download:"):
            for there, label, make, name, key in (
                (given.digits(), _("IDX files, as MNIST's (ZIP)"), as_idx, "class-idx.zip", Key.CLASS_IDX),
                (given.with_strokes(), _("Strokes (.npz)"), as_pen, "class.npz", Key.CLASS_PEN),
            ):
                if there:
                    file = _exported(drawings, seat.id, make)
                    st.download_button(label, file, name, key=key, on_click="ignore", width="stretch")
            if given.digits():
                st.caption(_("Unpacked, the IDX files are a folder for `MNIST_DIR`."))
    with st.popover(_("Delete"), icon=":material/delete_forever:"):
        sure = st.checkbox(
            counted(count, "The class loses {count} drawing.", "The class loses {count} drawings."),
            key=SURE_TO_CLEAR_CLASS.key,
        )
        st.button(
            _("Delete all from the class"),
            key=Key.CLEAR_CLASS,
            disabled=not sure,
            on_click=_clear,
            args=(drawings, seat.id),
        )
        st.caption(_("Each member keeps the own drawings, and can give them again."))


def _exported(drawings: ClassDrawings, identity: str, make: Callable[[Collection], bytes]) -> Callable[[], bytes]:
    secret = st.query_params.get("teacher", "")
    return lambda: drawings.export(identity, secret, make)


def _clear(drawings: ClassDrawings, identity: str) -> None:
    try:
        drawings.clear(identity, st.query_params.get("teacher", ""))
    except InputError as error:
        teach_page_state().problem = str(error)
    SURE_TO_CLEAR_CLASS.put(False)
