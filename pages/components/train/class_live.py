"""What a page does for its class at every look: say that it is there, carry out orders, show who else is there."""

from collections.abc import Callable

import streamlit as st

from mnist_core import InputError
from mnist_core.runs import Board, Member, Order, RunStore
from mnist_core.training import TrainingConfig
from pages.components.train.class_board import Seat, escaped
from pages.components.train.page_state import (
    REMOVED_NICKNAME,
    REMOVED_RUN,
    SURE_TO_CLOSE,
    Key,
    train_page_state,
)
from pages.components.train.run_list import start_run
from pages.components.train.settings_state import check_limits
from pages.components.train.shared_board import shared_board, shared_dataset
from pages.components.train.training_link import NAMES, Preset, from_query, presets
from pages.components.words import accuracy, counted


def take_order(store: RunStore, secret: str, seat: Seat) -> None:
    """Say that this page is there, and start what the teacher has ordered."""
    if not seat.member:
        return
    store.classes.members.touch(seat.id, secret)
    try:
        order = store.classes.orders.take(seat.id, secret)
        if order is not None:
            preset, config = _setting(store, order)
            start_run(store, secret, preset, config, seat)
            st.toast("Your teacher has started this training on all pages.", icon=":material/groups:")
    except InputError as error:
        train_page_state().problem = str(error)


def class_strip(store: RunStore, seat: Seat) -> Board | None:
    """Who is there, and for the teacher the orders; returns what was shown."""
    board = shared_board(store, seat.id)
    if board is None:
        return None
    if board.info.closed:
        st.info("The class is closed: nothing is added to its board any more.", icon=":material/lock:")
    with st.container(key=Key.WHO_IS_THERE):
        st.markdown(who_is_there(board, seat))
    if seat.can_order and not board.info.closed:
        _orders(store, seat, board)
    return board


def who_is_there(board: Board, seat: Seat) -> str:
    """The members whose pages are open, as Markdown."""
    if not board.present:
        return f":material/groups: Nobody is in class {escaped(board.info.name)} at the moment."
    names = " ".join(f":{_color(member, seat)}-badge[{escaped(member.name)}]" for member in board.present)
    return f":material/groups: **{len(board.present)}** here: {names}"


def _color(member: Member, seat: Seat) -> str:
    return "orange" if member.id == seat.member else "violet" if member.teacher else "gray"


def _setting(store: RunStore, order: Order) -> tuple[Preset, TrainingConfig]:
    preset, config = from_query(order.setting)
    check_limits(config, len(shared_dataset(store.root).train_labels))
    return preset, config


def _orders(store: RunStore, seat: Seat, board: Board) -> None:
    """The teacher's buttons. Each asks for the secret in the address once more when it is pressed."""
    with st.container(horizontal=True, vertical_alignment="center", key=Key.TEACHER):
        st.button(
            "Start on all pages",
            icon=":material/play_arrow:",
            type="primary",
            key=Key.START_ALL,
            on_click=_order,
            args=(lambda teacher: store.classes.orders.start(seat.id, teacher, _setting_of_address()),),
            help=f"Every open page of a member starts a run of its own with your setting: {_setting_in_words()}.",
        )
        st.button(
            "Pause all",
            icon=":material/pause:",
            key=Key.PAUSE_ALL,
            on_click=_order,
            args=(lambda teacher: store.pause_class(seat.id, teacher),),
        )
        st.button(
            "Resume all",
            icon=":material/play_circle:",
            key=Key.RESUME_ALL,
            on_click=_order,
            args=(lambda teacher: store.resume_class(seat.id, teacher),),
            help="Lets what you have paused go on.",
        )
        with st.popover("Remove", icon=":material/person_remove:"):
            _remove(store, seat, board)
        with st.popover("Close", icon=":material/lock:"):
            sure = st.checkbox("The hour is over.", key=SURE_TO_CLOSE.key)
            st.button(
                "Close the class",
                key=Key.CLOSE_CLASS,
                disabled=not sure,
                on_click=_order,
                args=(lambda teacher: store.classes.close(seat.id, teacher),),
            )
            st.caption("Nobody can join any more. The runs stay with those who made them.")


def _remove(store: RunStore, seat: Seat, board: Board) -> None:
    names = {member.id: member.name for member in board.members.values() if member.nickname and not member.teacher}
    runs = {shown.run.id: f"{shown.name}: {shown.info.name}, {accuracy(shown.best)}" for shown in board.runs}
    st.selectbox(
        "A nickname",
        list(names),
        index=None,
        format_func=lambda identity: names.get(identity, ""),
        key=REMOVED_NICKNAME.key,
        placeholder="Nobody",
    )
    st.button(
        "Remove the nickname",
        key=Key.REMOVE_NICKNAME,
        disabled=REMOVED_NICKNAME.value_or("") not in names,
        on_click=_order,
        args=(lambda teacher: store.classes.members.remove_nickname(seat.id, teacher, REMOVED_NICKNAME.value),),
    )
    st.selectbox(
        "A run",
        list(runs),
        index=None,
        format_func=lambda identity: runs.get(identity, ""),
        key=REMOVED_RUN.key,
        placeholder="None",
    )
    st.button(
        "Take it off the board",
        key=Key.REMOVE_RUN,
        disabled=REMOVED_RUN.value_or("") not in runs,
        on_click=_order,
        args=(lambda teacher: store.classes.runs.remove(seat.id, teacher, REMOVED_RUN.value),),
    )


def _order(action: Callable[[str], object]) -> None:
    """Give an order with the secret that is in the address now; the library refuses it without."""
    try:
        found = action(st.query_params.get("teacher", ""))
    except InputError as error:
        train_page_state().problem = str(error)
        return
    if isinstance(found, Order):
        st.toast("All open pages start within a few seconds.", icon=":material/groups:")
    elif isinstance(found, int):
        st.toast(f"{counted(found, 'run')}.", icon=":material/groups:")


def _setting_of_address() -> dict[str, str]:
    """What the address says of the setting. Raises InputError if it cannot be."""
    setting = {name: value for name, value in st.query_params.to_dict().items() if name in NAMES}
    from_query(setting)
    return setting


def _setting_in_words() -> str:
    try:
        preset, config = from_query(_setting_of_address())
    except InputError:
        return "it cannot be used"
    return f"{presets().get(preset, 'Own network')}, learning rate {config.learning_rate:g}, seed {config.seed}"
