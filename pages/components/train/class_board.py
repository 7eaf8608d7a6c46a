"""The box of the class on the left of the Train page: open one, join one, the nickname, and how others come in."""

from collections.abc import Callable
from dataclasses import dataclass

import streamlit as st

from mnist_core import InputError
from mnist_core.drawings import ClassDrawings, DrawingStore
from mnist_core.runs import ClassInfo, RunStore, clean_name, is_local
from pages.components.language import _, pgettext
from pages.components.shared_state import shared_state
from pages.components.train.class_address import card, class_address, teacher_address
from pages.components.train.member_names import is_given, member_name
from pages.components.train.page_state import CLASS_CODE, CLASS_NAME, NICKNAME, Key, train_page_state
from pages.components.words import escaped


@dataclass(frozen=True)
class Seat:
    """A visitor's place in a class. id: the class's, "" for none; nickname: how the others see the visitor.

    member: the visitor's id in the class, "" for one who only looks on. can_order: has the teacher's secret.
    """

    id: str = ""
    name: str = ""
    nickname: str = ""
    member: str = ""
    barred: bool = False
    closed: bool = False
    can_order: bool = False
    problem: str = ""


def board_is_open() -> bool:
    """Whether the address asks for the board, in large type, instead of the settings."""
    return st.query_params.get("view", "") == "board" and bool(st.query_params.get("class", ""))


def take_seat(store: RunStore, secret: str) -> Seat:
    """The place in the class that the address names; whoever opens it becomes a member, unless only the board is."""
    _remember()
    info = store.classes.find(st.query_params.get("class", ""))
    if info is None:
        return Seat()
    order_secret = st.query_params.get("teacher", "")
    member, problem = store.classes.members.find(info.id, secret), ""
    if not info.closed and (member or not board_is_open()):
        try:
            member = store.classes.members.join(info.id, secret, order_secret)
        except InputError as error:
            problem = str(error)
    return Seat(
        id=info.id,
        name=info.name,
        nickname=member.name if member else "",
        member=member.id if member else "",
        barred=member is not None and member.barred,
        closed=info.closed,
        can_order=store.classes.is_teacher(info.id, order_secret),
        problem=problem,
    )


def _remember() -> None:
    """A link to another page drops the class from the address: whoever comes back to this page is still in it."""
    state, opened = train_page_state(), shared_state().pages_opened
    if state.pages_opened not in (0, opened) and "class" not in st.query_params:
        st.query_params.update(state.class_link)
    state.pages_opened = opened
    state.class_link = {
        name: value for name, value in st.query_params.to_dict().items() if name in ("class", "teacher", "view")
    }


def class_board(store: RunStore, secret: str, seat: Seat) -> None:
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
    with st.container(border=True, key=Key.CLASS_BOARD):
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
        if problem := train_page_state().class_problem:
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
        NICKNAME.put(member.nickname if member else "")
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
    state = train_page_state()
    if state.class_problem and state.class_form == key:
        st.error(escaped(state.class_problem), icon=":material/error:")


def _attempt(action: Callable[[], object], form: str = "") -> None:
    """Do it; if it cannot be done, the box of the class says why until the next try. form: the key of its button."""
    state = train_page_state()
    state.class_problem, state.class_form = None, form
    try:
        action()
    except InputError as error:
        state.class_problem = str(error)


def _join(store: RunStore, secret: str) -> None:
    _enter(store.classes.by_code(CLASS_CODE.value, secret).id)


def _open(store: RunStore, secret: str) -> None:
    info, order_secret = store.classes.open(CLASS_NAME.value, secret)
    train_page_state().opened_class = info.id, order_secret
    _enter(info.id, order_secret)


def _enter(identity: str, order_secret: str = "") -> None:
    NICKNAME.forget()
    st.query_params["class"] = identity
    if order_secret:
        st.query_params["teacher"] = order_secret


def leave(store: RunStore, secret: str, identity: str) -> None:
    """Leave the class, and take back the drawings that it was given; if that fails, stay, with a `class_problem`."""
    state = train_page_state()
    try:
        ClassDrawings(DrawingStore(store.root), store.classes).take_back(identity, secret)
    except InputError as error:
        state.class_problem = str(error)
        return
    NICKNAME.forget()
    state.class_problem = None
    for name in ("class", "teacher", "view"):
        st.query_params.pop(name, None)


def _show_board() -> None:
    st.query_params["view"] = "board"


def hide_board() -> None:
    """Back to the settings and the own runs."""
    st.query_params.pop("view", None)


def just_opened(store: RunStore, seat: Seat, *, for_lessons: bool = False) -> None:
    """Everything that the teacher needs at the moment of opening a class; the own link is shown only now.

    for_lessons: the others are to open the Lessons page.
    """
    opened, info = train_page_state().opened_class, store.classes.find(seat.id)
    if opened is None or info is None or opened[0] != seat.id:
        return
    with st.container(border=True):
        st.markdown("## " + _("Your class is open"))
        invitation(info, for_lessons=for_lessons)
        st.markdown(
            _(
                ":material/key: **Your own link**, with which you give orders to the class. It is shown only now: it "
                "is the address of this page, so a bookmark keeps it. Do not hand it on."
            )
        )
        st.code(teacher_address(info.id, opened[1]), language=None, wrap_lines=True)
        st.button(_("I have noted it"), key=Key.CLASS_IS_NOTED, icon=":material/check:", on_click=_noted)


def _noted() -> None:
    train_page_state().opened_class = None


def invitation(info: ClassInfo, *, for_lessons: bool = False) -> None:
    """How others come in: the code, the address with a button that copies it, and a code to scan."""
    address = class_address(info.id)
    code = info.spoken_code()
    if for_lessons:
        words = _("The others open **Lessons**, press **Join a class** and write **{code}**. Or they scan this:")
    else:
        words = _("The others open **Train**, press **Join a class** and write **{code}**. Or they scan this:")
    st.markdown(words.format(code=code))
    card_with_code(info, address)
    st.markdown(_("Or they open this address:"))
    st.code(address, language=None, wrap_lines=True)
    if is_local(address.partition("//")[2].partition("/")[0].partition(":")[0]):
        st.caption(_("Only this computer can open this address: open the page by the computer's name in your network."))


def card_with_code(info: ClassInfo, address: str) -> None:
    """The code in large type, beside the address for a phone to scan."""
    st.image(
        card(address, info.spoken_code()),
        width=600,
        alt=_("The code {code}, and a QR code of the address {address}").format(
            code=info.spoken_code(), address=address
        ),
    )
