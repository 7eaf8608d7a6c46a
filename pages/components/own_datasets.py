"""Datasets of this visitor that are no folders: images that a training takes along with it."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import streamlit as st

from mnist_core import InputError
from mnist_core.data import TEN_DIGITS, Dataset
from mnist_core.drawings import ClassDrawings, Collection, DrawingStore, as_dataset, is_dataset, together, version_of
from mnist_core.runs import RunStore
from pages.components.train.page_state import train_page_state
from pages.components.visitor import visitor

MINE, OF_CLASS = "mine:drawings", "class:"
"""The names of these datasets; that of a class ends with its id."""
KEPT = 40


@dataclass(frozen=True)
class OwnDataset:
    """One of them.

    title: for people; version: another text whenever its images have changed; load: gives them; classes: the names of
    what they show.
    """

    title: str
    version: str
    load: Callable[[], Dataset]
    classes: tuple[str, ...] = TEN_DIGITS


def own_datasets() -> dict[str, OwnDataset]:
    """What this visitor can choose besides the datasets that all can; by name. A name has a colon in it.

    The visitor's own drawings, and what the class has been given that the visitor is in; each if it has enough digits.
    """
    runs, secret = RunStore(), visitor()
    store = DrawingStore(runs.root)
    found: dict[str, OwnDataset] = {}
    try:
        _add(found, MINE, "My drawings", store.of(secret))
        identity = st.query_params.get("class") or train_page_state().class_link.get("class", "")
        info = runs.classes.find(identity) if identity else None
        if info is not None and runs.classes.members.find(info.id, secret) is not None:
            given = ClassDrawings(store, runs.classes).of(info.id)
            _add(found, OF_CLASS + info.id, f"Class {info.name}", together(given))
    except InputError:
        # A damaged file: the Teach page says so.
        pass
    return found


def _add(found: dict[str, OwnDataset], name: str, title: str, drawings: Collection) -> None:
    if is_dataset(drawings):
        version = version_of(drawings)
        found[name] = OwnDataset(title, version, partial(_dataset, name, version, title, drawings))


@st.cache_resource(show_spinner=False, max_entries=KEPT)
def _dataset(name: str, version: str, title: str, _drawings: Collection) -> Dataset:
    return as_dataset(_drawings, title)
