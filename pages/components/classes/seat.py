"""A visitor's place in the class that the address names."""

from dataclasses import dataclass

import streamlit as st

from mnist_core import InputError
from mnist_core.drawings import ClassDrawings, DrawingStore
from mnist_core.runs import RunStore
from pages.components.classes.page_state import NICKNAME, class_state
from pages.components.shared_state import shared_state


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
    state, opened = class_state(), shared_state().pages_opened
    if state.pages_opened not in (0, opened) and "class" not in st.query_params:
        st.query_params.update(state.link)
    state.pages_opened = opened
    state.link = {
        name: value for name, value in st.query_params.to_dict().items() if name in ("class", "teacher", "view")
    }


def leave(store: RunStore, secret: str, identity: str) -> None:
    """Leave the class, and take back the drawings that it was given; if that fails, stay, with a `problem`."""
    state = class_state()
    try:
        ClassDrawings(DrawingStore(store.root), store.classes).take_back(identity, secret)
    except InputError as error:
        state.problem = str(error)
        return
    NICKNAME.forget()
    state.problem = None
    for name in ("class", "teacher", "view"):
        st.query_params.pop(name, None)


def hide_board() -> None:
    """Back to the settings and the own runs."""
    st.query_params.pop("view", None)
