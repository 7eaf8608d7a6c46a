"""What all sessions share of classes and runs, so that thirty viewers do not each read thirty files."""

from pathlib import Path

import streamlit as st

from mnist_core.runs import Board, BoardReader, CurvesReader, RunStore


@st.cache_resource(show_spinner=False)
def shared_curves() -> CurvesReader:
    """The curves of all runs that anybody looks at."""
    return CurvesReader()


@st.cache_resource(show_spinner=False, max_entries=50)
def _reader(root: Path, identity: str) -> BoardReader:
    return BoardReader(RunStore(root).classes, identity, shared_curves())


def shared_board(store: RunStore, identity: str) -> Board | None:
    """The class as it was less than a second ago; None if there is no such class."""
    return _reader(store.root, identity).look()
