"""The Train page: set up a network, press Start, and watch it learn."""

import streamlit as st

from mnist_core.data import load_shared
from mnist_core.runs import RunStore
from pages.components.frame import page_frame
from pages.components.train.class_board import class_board
from pages.components.train.run_desk import run_desk
from pages.components.train.run_list import start_button
from pages.components.train.settings_form import settings_form
from pages.components.visitor import mount_visitor_cookie, visitor


def train_page() -> None:
    """Settings on the left, runs on the right."""
    page_frame(
        "Train a network",
        "Choose a setting, press Start, and watch a network learn to read digits: from nothing, in NumPy.",
        wide=True,
    )
    store = RunStore()
    store.be_ready()
    secret = visitor()
    left, right = st.columns([1, 2.4], gap="large")
    with left:
        board = class_board(store, secret)
        preset, config, place = settings_form(load_shared(store.root / "dataset"))
        with place:
            start_button(store, secret, preset, config, board)
    with right:
        run_desk(store, secret, board)
    mount_visitor_cookie()


train_page()
