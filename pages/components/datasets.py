"""The choice of a dataset: it stands in the page's address. What is large is mapped, and all sessions share it."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import streamlit as st

from mnist_core import InputError
from mnist_core.data import USUAL, Dataset, classes_of, datasets, load_mnist, load_shared, version
from mnist_core.runs import RunStore
from pages.components.language import _, gettext_noop
from pages.components.own_datasets import OwnDataset, own_datasets
from pages.components.session import Widget
from pages.components.spinner_text import SpinnerText

KEPT = 20


@dataclass
class DatasetChoice:
    """The dataset that is chosen on a page, also while another page is open; None before the first choice."""

    chosen: str | None = None
    in_address: str | None = None


def dataset_titles() -> dict[str, str]:
    """All datasets that this visitor can choose, by name, with their titles; no two titles are the same."""
    titles = datasets() | {name: own.title for name, own in own_datasets().items()}
    if len(set(titles.values())) < len(titles):
        titles = {name: f"{title} · {name}" if name and name != title else title for name, title in titles.items()}
    return titles


def dataset_named(name: str) -> Dataset:
    """A dataset. Raises InputError if there is none of that name, or if its files are not sound."""
    return load_mnist() if name == USUAL else mapped_dataset(RunStore().root, name)


def dataset_version(name: str) -> str:
    """Another text for other images: the key under which results about them are kept."""
    own = _own(name)
    return f"{name} {version(name) if own is None else own.version}"


def dataset_classes(name: str) -> tuple[str, ...]:
    """The names of a dataset's classes, without its images. Raises InputError if they cannot be read."""
    own = _own(name)
    return classes_of(name) if own is None else own.classes


def mapped_dataset(root: Path, name: str = USUAL) -> Dataset:
    """A dataset that all processes share. root: the folder of all runs. Raises InputError."""
    own = _own(name)
    return _mapped(root, name, version(name)) if own is None else own.load()


def images_along(name: str) -> Dataset | None:
    """The images that a training takes along; None for a dataset that whoever computes it finds by its name."""
    own = _own(name)
    return None if own is None else own.load()


def _own(name: str) -> OwnDataset | None:
    return own_datasets().get(name) if ":" in name else None


@st.cache_resource(show_spinner=SpinnerText(gettext_noop("Unpacking the images …")), max_entries=KEPT)
def _mapped(root: Path, name: str, version: str) -> Dataset:
    return load_shared(root / "dataset", name)


def choose_dataset(
    titles: Mapping[str, str], widget: Widget[str], state: DatasetChoice, first: str = USUAL, words: str = ""
) -> tuple[str, Dataset]:
    """A select box, if there is more than one to choose from; returns the name that was chosen, and the dataset.

    titles: by name, with at least one. first: what is chosen before anybody chose. words: help on the box. Where the
    chosen one cannot be used, the page says why, and the usual one takes its place.
    """
    address = st.query_params.get("dataset")
    if address is not None and address != state.in_address:
        if address in titles:
            widget.put(address)
        else:
            st.toast(_("The dataset in this address is not to be chosen here."), icon=":material/info:")
    if widget.value_or("\n") not in titles:
        fallback = first if first in titles else next(iter(titles))
        widget.put(state.chosen if state.chosen is not None and state.chosen in titles else fallback)
    name = widget.value
    if len(titles) > 1:
        name = st.selectbox(
            _("Dataset"),
            list(titles),
            format_func=lambda name: titles.get(name, name),
            key=widget.key,
            help=words or None,
        )
    state.chosen = state.in_address = name
    if name == first:
        st.query_params.pop("dataset", None)
        state.in_address = None
    else:
        st.query_params["dataset"] = name
    try:
        return name, dataset_named(name)
    except InputError as error:
        st.error(_("This dataset cannot be used. {error}").format(error=error), icon=":material/error:")
        return USUAL, dataset_named(USUAL)
