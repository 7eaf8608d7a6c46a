"""The Train page: set up a network, press Start, and watch it learn; alone or with a class."""

import streamlit as st

from mnist_core.runs import RunStore
from pages.components.classes.class_box import class_box
from pages.components.classes.invitation import just_opened
from pages.components.classes.seat import board_is_open, take_seat
from pages.components.classes.watchers import watchers
from pages.components.frame import page_frame
from pages.components.language import gettext_noop
from pages.components.train.board_view import board_view
from pages.components.train.run_desk import run_desk
from pages.components.train.settings_form import settings_form
from pages.components.visitor import mount_visitor_cookie, visitor


def train_page() -> None:
    """Settings on the left, runs on the right; or the board of the class."""
    page_frame(
        gettext_noop("Train a network"),
        gettext_noop(
            "Choose a setting, press Start, and watch a network learn to read digits: from nothing, in NumPy."
        ),
        wide=True,
        headed=not board_is_open(),
    )
    # Counted from the start: how often the others may look depends on how many there are.
    watchers()
    store = RunStore()
    store.be_ready()
    secret = visitor()
    seat = take_seat(store, secret)
    if seat.id and board_is_open():
        board_view(store, secret, seat)
    else:
        left, right = st.columns([1, 2.4], gap="large")
        with left:
            class_box(store, secret, seat)
            setting = settings_form(store.root)
        with right:
            just_opened(store, seat)
            run_desk(store, secret, seat, setting)
    mount_visitor_cookie()


train_page()
