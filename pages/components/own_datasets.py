"""Datasets of this visitor that are no folders: images that a training takes along with it."""

from collections.abc import Callable
from dataclasses import dataclass

from mnist_core.data import TEN_DIGITS, Dataset


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
    return {}
