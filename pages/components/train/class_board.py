"""A class: a name in the page's address, under which all its members' runs are shown together."""

from dataclasses import dataclass

import streamlit as st

from mnist_core import InputError
from mnist_core.runs import RunStore, clean_name
from pages.components.train.page_state import CLASS_NAME, NICKNAME, Key, train_page_state

NOBODY = "somebody"
MARKDOWN = frozenset("\\`*_{}[]()#+!|$<>:~^=&")


@dataclass(frozen=True)
class Board:
    """A class's name, "" for none, and how this member is called in it."""

    name: str = ""
    nickname: str = ""


def class_board(store: RunStore, secret: str) -> Board:
    """The class in the address, with a field for the nickname; without one, a way to open a class."""
    name = clean_name(st.query_params.get("class", ""))
    if not name:
        with st.popover("Open a class", icon=":material/groups:"):
            st.text_input(
                "Name of the class",
                key=CLASS_NAME.key,
                max_chars=40,
                on_change=_open,
                help="All who open the page with this name in its address see each other's runs beside their own.",
            )
            st.caption("Then share the address of the page. Whoever has it can look at the runs, but not touch them.")
        return Board()
    with st.container(border=True, key=Key.CLASS_BOARD):
        st.markdown(f":material/groups: **Class {escaped(name)}**: what you train here is shown to all in it.")
        state = train_page_state()
        if not NICKNAME.has_value():
            NICKNAME.put(state.nickname or _former_nickname(store, secret, name))
        nickname = st.text_input(
            "Your nickname", key=NICKNAME.key, max_chars=20, help="The name that the others see beside your runs."
        )
        state.nickname = nickname
        st.button("Leave the class", on_click=_leave, icon=":material/logout:", key=Key.LEAVE_CLASS)
    return Board(name, clean_name(nickname) or NOBODY)


def _former_nickname(store: RunStore, secret: str, board: str) -> str:
    """What the visitor was called at the last run in this class; "" if there was none."""
    for run in reversed(store.runs(secret)):
        try:
            info = run.info
        except InputError:
            continue
        if info.board.casefold() == board.casefold() and info.nickname != NOBODY:
            return info.nickname
    return ""


def _open() -> None:
    if name := clean_name(CLASS_NAME.value):
        st.query_params["class"] = name


def _leave() -> None:
    del st.query_params["class"]


def escaped(text: str) -> str:
    """A name with all signs of Markdown escaped."""
    return "".join(f"\\{letter}" if letter in MARKDOWN else letter for letter in text)
