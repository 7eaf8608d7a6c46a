"""The box of the class: open one, join one, the nickname, and how others come in."""

from collections.abc import Callable

import streamlit as st

from mnist_core import InputError
from mnist_core.runs import RunStore, clean_name
from pages.components.classes.invitation import invitation
from pages.components.classes.member_names import is_given, member_name
from pages.components.classes.page_state import CLASS_CODE, CLASS_NAME, NICKNAME, Key, class_state
from pages.components.classes.seat import Seat, leave
from pages.components.language import _, pgettext
from pages.components.words import escaped


def class_box(store: RunStore, secret: str, seat: Seat) -> None:
    """The class with a field for the nickname; without one, ways to open a class and to join one."""
    if not seat.id:
        asked = clean_name(st.query_params.get("class", ""))
        if asked:
            st.warning(
                _(
                    "There is no class at this address: classes are joined by a code or a full link now, not by a name "
                    "such as {name}. You can open a class of that name."
                ).format(name=escaped(asked)),
                icon=":material/groups:",
            )
        ways_in(store, secret, asked)
        return
    with st.container(border=True, key=Key.CLASS_BOX):
        st.markdown("## :material/groups: " + _("Class {name}").format(name=escaped(seat.name)))
        if seat.closed:
            st.markdown(_("This class is closed. Its runs can still be looked at; nothing is added."))
        elif seat.problem:
            st.warning(escaped(seat.problem))
        elif seat.barred:
            words = _("Your teacher has removed your nickname. The others see you as **{nickname}**.")
            st.markdown(words.format(nickname=escaped(member_name(seat.nickname))))
        elif seat.member:
            _nickname(store, secret, seat)
        if problem := class_state().problem:
            st.error(escaped(problem), icon=":material/person_off:")
        with st.container(horizontal=True):
            st.button(_("Board"), icon=":material/leaderboard:", key=Key.SHOW_BOARD, on_click=_show_board)
            if not seat.closed:
                with st.popover(_("Invite"), icon=":material/qr_code_2:"):
                    if info := store.classes.find(seat.id):
                        invitation(info)
            st.button(
                _("Leave"), on_click=leave, args=(store, secret, seat.id), icon=":material/logout:", key=Key.LEAVE_CLASS
            )


def _nickname(store: RunStore, secret: str, seat: Seat) -> None:
    member = store.classes.members.find(seat.id, secret)
    if not NICKNAME.has_value():
        NICKNAME.put("" if member is None or is_given(member.nickname) else member.nickname)
    st.text_input(
        _("Your nickname"),
        key=NICKNAME.key,
        max_chars=20,
        placeholder=member_name(seat.nickname),
        on_change=_attempt,
        args=(lambda: _rename(store, secret, seat),),
        help=_("The name that the others see beside your curve. Nobody else in the class can have it."),
    )
    words = _("You are **{nickname}**. What you train here joins the board of the class by itself.")
    st.caption(words.format(nickname=escaped(member_name(seat.nickname))))


def _rename(store: RunStore, secret: str, seat: Seat) -> None:
    if is_given(NICKNAME.value):
        raise InputError(f"Somebody is called {NICKNAME.value.strip()} already; choose another nickname.")
    store.classes.members.rename(seat.id, secret, NICKNAME.value)


def ways_in(store: RunStore, secret: str, name: str) -> None:
    """Two small forms."""
    if name and not CLASS_NAME.has_value():
        CLASS_NAME.put(name[:40])
    with st.container(horizontal=True):
        with st.popover(_("Join a class"), icon=":material/login:"):
            st.text_input(
                _("Code of the class"),
                key=CLASS_CODE.key,
                max_chars=12,
                placeholder="ABC-DEF",
                help=_("Six letters and digits that your teacher shows."),
            )
            _first_button(pgettext("a class", "Join"), Key.JOIN_CLASS, lambda: _join(store, secret))
        with st.popover(_("Open a class"), icon=":material/groups:"):
            st.text_input(
                _("Name of the class"),
                key=CLASS_NAME.key,
                max_chars=40,
                placeholder="5b",
                help=_("For you and your class to see. Two classes may have the same name."),
            )
            _first_button(pgettext("a class", "Open"), Key.OPEN_CLASS, lambda: _open(store, secret))
            st.caption(_("You get a code and a link for your class, and one for yourself."))


def _first_button(label: str, key: Key, action: Callable[[], object]) -> None:
    """The button of a small form, and what is wrong with the form: outside of it, the form would lie over the words."""
    st.button(label, type="primary", key=key, on_click=_attempt, args=(action, key))
    state = class_state()
    if state.problem and state.form == key:
        st.error(escaped(state.problem), icon=":material/error:")


def _attempt(action: Callable[[], object], form: str = "") -> None:
    """Do it; if it cannot be done, the box of the class says why until the next try. form: the key of its button."""
    state = class_state()
    state.problem, state.form = None, form
    try:
        action()
    except InputError as error:
        state.problem = str(error)


def _join(store: RunStore, secret: str) -> None:
    _enter(store.classes.by_code(CLASS_CODE.value, secret).id)


def _open(store: RunStore, secret: str) -> None:
    info, order_secret = store.classes.open(CLASS_NAME.value, secret)
    class_state().opened = info.id, order_secret
    _enter(info.id, order_secret)


def _enter(identity: str, order_secret: str = "") -> None:
    NICKNAME.forget()
    st.query_params["class"] = identity
    if order_secret:
        st.query_params["teacher"] = order_secret


def _show_board() -> None:
    st.query_params["view"] = "board"
