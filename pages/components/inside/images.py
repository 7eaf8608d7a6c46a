"""The images that the Inside page shows a network: a dataset of what the network reads."""

from dataclasses import dataclass

import numpy as np

from mnist_core import InputError, Recognizer
from mnist_core.data import USUAL, Dataset, labels_as
from pages.components.datasets import choose_dataset, dataset_classes, dataset_titles, dataset_version
from pages.components.inside.page_state import INSIDE_DATASET, inside_page_state
from pages.components.language import _

TESTED = 10_000
"""Test images that a network is tried on here: a dataset may have many more."""


@dataclass(frozen=True, eq=False)
class Images:
    """A dataset, as a network is shown it.

    name: by which it was chosen. version: another text for other images, for results that are kept. labels: those of
    the first 10,000 test images, as indices into the network's classes; None if the network reads other classes.
    """

    name: str
    version: str
    dataset: Dataset
    labels: np.ndarray | None

    @property
    def test_images(self) -> np.ndarray:
        """uint8 [N, 28, 28]: the test images that a network is tried on."""
        return self.dataset.test_images[:TESTED]

    @property
    def test_names(self) -> list[str]:
        """What each of them shows."""
        return [self.dataset.classes[label] for label in self.dataset.test_labels[:TESTED].tolist()]

    def name_of(self, number: int) -> str:
        """What a test image shows."""
        return self.dataset.classes[int(self.dataset.test_labels[number])]


def choose_images(recognizer: Recognizer) -> Images:
    """A box with the datasets of what this network reads, if there is more than one; at first, what it learned from."""
    state = inside_page_state()
    titles = dataset_titles()
    fitting = {name: title for name, title in titles.items() if _fits(name, recognizer)} or {USUAL: titles[USUAL]}
    if state.dataset_network != recognizer.identity:
        state.dataset_network, state.dataset.chosen = recognizer.identity, None
        INSIDE_DATASET.forget()
    first = next(name for name in (recognizer.card.dataset, *fitting) if name in fitting)
    words = _("The test images and training images that the network is shown: any of what it reads.")
    name, dataset = choose_dataset(fitting, INSIDE_DATASET, state.dataset, first, words)
    return images_of(name, dataset, recognizer)


def images_of(name: str, dataset: Dataset, recognizer: Recognizer) -> Images:
    """A dataset for a network."""
    try:
        labels = labels_as(dataset.test_labels[:TESTED], dataset.classes, recognizer.classes)
    except InputError:
        labels = None
    return Images(name, dataset_version(name), dataset, labels)


def _fits(name: str, recognizer: Recognizer) -> bool:
    try:
        return set(dataset_classes(name)) <= set(recognizer.classes)
    except InputError:
        return False
