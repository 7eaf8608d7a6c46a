"""What a page does for its class at every look: say that it is there, carry out orders, show who else is there."""

from collections.abc import Callable
from typing import Any

import streamlit as st

from mnist_core import InputError
from mnist_core.data import USUAL
from mnist_core.runs import Board, Order, RunStore, clean_name
from mnist_core.training import TrainingConfig
from pages.components.classes.member_names import member_name
from pages.components.classes.page_state import Key as ClassKey
from pages.components.classes.seat import Seat
from pages.components.classes.shared_board import shared_board
from pages.components.classes.who_is_there import who_is_there
from pages.components.datasets import mapped_dataset
from pages.components.language import _, pgettext
from pages.components.session import Widget
from pages.components.train.page_state import (
    REMOVED_NICKNAME,
    REMOVED_RUN,
    SURE_TO_CLOSE,
    Key,
    train_page_state,
)
from pages.components.train.run_list import start_run
from pages.components.train.settings_state import check_limits
from pages.components.train.training_link import NAME, NAMES, Preset, from_query, preset_title
from pages.components.words import accuracy, counted, number_or_dash


def take_order(store: RunStore, secret: str, seat: Seat) -> None:
    """Say that this page is there, and start what the teacher has ordered."""
    if not seat.member:
        return
    store.classes.members.touch(seat.id, secret)
    try:
        order = store.classes.orders.take(seat.id, secret)
        if order is not None:
            preset, config, dataset = _setting(store, order)
            start_run(store, secret, preset, config, seat, clean_name(order.setting.get(NAME, "")), dataset=dataset)
            st.toast(_("Your teacher has started this training on all pages."), icon=":material/groups:")
    except InputError as error:
        train_page_state().problem = str(error)


def class_strip(store: RunStore, seat: Seat) -> Board | None:
    """Who is there, and for the teacher the orders; returns what was shown."""
    board = shared_board(store, seat.id)
    if board is None:
        return None
    if board.info.closed:
        st.info(_("The class is closed: nothing is added to its board any more."), icon=":material/lock:")
    with st.container(key=ClassKey.WHO_IS_THERE):
        st.markdown(who_is_there(board, seat))
    if seat.can_order and not board.info.closed:
        _orders(store, seat, board)
    return board


def _setting(store: RunStore, order: Order) -> tuple[Preset, TrainingConfig, str]:
    name = order.setting.get("dataset", USUAL)
    dataset = mapped_dataset(store.root, name)
    preset, config = from_query(order.setting, dataset)
    check_limits(config, len(dataset.train_labels))
    return preset, config, name


def _orders(store: RunStore, seat: Seat, board: Board) -> None:
    """The teacher's buttons. Each asks for the secret in the address once more when it is pressed."""
    with st.container(horizontal=True, vertical_alignment="center", key=Key.TEACHER):
        _order_button(
            _("Start on all pages"),
            Key.START_ALL,
            lambda teacher: store.classes.orders.start(seat.id, teacher, _setting_of_address()),
            icon=":material/play_arrow:",
            type="primary",
            help=_("Every open page of a member starts a run of its own with your setting: {setting}.").format(
                setting=_setting_in_words()
            ),
        )
        _order_button(
            _("Pause all"),
            Key.PAUSE_ALL,
            lambda teacher: store.pause_class(seat.id, teacher),
            icon=":material/pause:",
        )
        _order_button(
            _("Resume all"),
            Key.RESUME_ALL,
            lambda teacher: store.resume_class(seat.id, teacher),
            icon=":material/play_circle:",
            help=_("Lets what you have paused go on."),
        )
        with st.popover(_("Remove"), icon=":material/person_remove:"):
            _remove(store, seat, board)
        with st.popover(_("Close"), icon=":material/lock:"):
            sure = st.checkbox(_("The hour is over."), key=SURE_TO_CLOSE.key)
            _order_button(
                _("Close the class"),
                Key.CLOSE_CLASS,
                lambda teacher: store.classes.close(seat.id, teacher),
                disabled=not sure,
            )
            st.caption(_("Nobody can join any more. The runs stay with those who made them."))


def _remove(store: RunStore, seat: Seat, board: Board) -> None:
    names = {member.id: member.name for member in board.members.values() if member.nickname and not member.teacher}
    runs = {
        shown.run.id: f"{member_name(shown.name)}: {shown.info.name}, {accuracy(shown.best)}" for shown in board.runs
    }
    removed = _choose(_("A nickname"), pgettext("no member", "Nobody"), names, REMOVED_NICKNAME)
    _order_button(
        _("Remove the nickname"),
        Key.REMOVE_NICKNAME,
        lambda teacher: store.classes.members.remove_nickname(seat.id, teacher, REMOVED_NICKNAME.value),
        disabled=not removed,
    )
    removed = _choose(_("A run"), pgettext("no run", "None"), runs, REMOVED_RUN)
    _order_button(
        _("Take it off the board"),
        Key.REMOVE_RUN,
        lambda teacher: store.classes.runs.remove(seat.id, teacher, REMOVED_RUN.value),
        disabled=not removed,
    )


def _choose(label: str, nothing: str, titles: dict[str, str], widget: Widget[str]) -> bool:
    """A box with one of `titles`, which stand by id, or with nothing; returns whether something is chosen."""
    st.selectbox(
        label,
        list(titles),
        index=None,
        format_func=lambda identity: titles.get(identity, ""),
        key=widget.key,
        placeholder=nothing,
    )
    return widget.value_or("") in titles


def _order_button(label: str, key: Key, order: Callable[[str], object], **look: Any) -> None:
    """A button that gives an order. order: is given the teacher's secret. look: see `st.button`."""
    st.button(label, key=key, on_click=_order, args=(order,), **look)


def _order(order: Callable[[str], object]) -> None:
    """Give an order with the secret that is in the address now; the library refuses it without."""
    try:
        found = order(st.query_params.get("teacher", ""))
    except InputError as error:
        train_page_state().problem = str(error)
        return
    if isinstance(found, Order):
        st.toast(_("All open pages start within a few seconds."), icon=":material/groups:")
    elif isinstance(found, int):
        st.toast(counted(found, "{count} run.", "{count} runs."), icon=":material/groups:")


def _setting_of_address() -> dict[str, str]:
    """What the address says of the setting. Raises InputError if it cannot be."""
    setting = {name: value for name, value in st.query_params.to_dict().items() if name in NAMES}
    from_query(setting)
    return setting


def _setting_in_words() -> str:
    try:
        preset, config = from_query(_setting_of_address())
    except InputError:
        return _("it cannot be used")
    return _("{network}, learning rate {rate}, seed {seed}").format(
        network=preset_title(preset), rate=number_or_dash(config.learning_rate, "g"), seed=config.seed
    )
