"""Datasets of this visitor that are no folders: the own drawings, and those of the class. A training takes them along.

They are looked up by the visitor's secret and the class's id, never by what an address says.
"""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass

import streamlit as st

from mnist_core import InputError
from mnist_core.data import TEN_DIGITS, Dataset
from mnist_core.drawings import FEWEST, ClassDrawings, Collection, DrawingStore, as_dataset, together
from mnist_core.runs import RunStore
from pages.components.classes.page_state import class_state
from pages.components.language import _
from pages.components.visitor import visitor

MINE, OF_CLASS = "own:drawings", "class:"
KNOWN_SECONDS = 2.0
"""For so long it is not counted again how many drawings a class has: its members may be many."""


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
    """What this visitor can choose besides the datasets that all can; by name. A name has a colon in it."""
    store, secret = RunStore(), visitor()
    drawings = DrawingStore(store.root)
    found = {}
    try:
        mine = drawings.of(secret)
    except InputError:
        # The Teach page says what is wrong with them.
        mine = Collection()
    if mine.digits() >= FEWEST:
        found[MINE] = OwnDataset(
            _("My drawings"), _version(mine), lambda: as_dataset(drawings.of(secret), "My drawings")
        )
    identity = st.query_params.get("class") or class_state().link.get("class", "")
    info = store.classes.find(identity) if identity else None
    if info is not None and store.classes.members.find(info.id, secret) is not None:
        count, version = _about_class(str(store.root), info.id)
        if count >= FEWEST:
            title = _("Class {name}").format(name=info.name)
            given = ClassDrawings(drawings, store.classes)
            found[OF_CLASS + info.id] = OwnDataset(
                title, version, lambda: as_dataset(together(given.of(info.id)), f"Class {info.name}")
            )
    return found


@st.cache_data(show_spinner=False, ttl=KNOWN_SECONDS, max_entries=300)
def _about_class(root: str, identity: str) -> tuple[int, str]:
    """How many digits the class has, and another text when they have changed."""
    store = RunStore()
    found = together(ClassDrawings(DrawingStore(store.root), store.classes).of(identity))
    return found.digits(), _version(found)


def _version(drawings: Collection) -> str:
    return hashlib.sha256(repr((drawings.ids, drawings.labels)).encode()).hexdigest()[:16]
