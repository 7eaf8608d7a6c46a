"""Drawings as a dataset: what a network is trained and tested with, like MNIST."""

import hashlib

import numpy as np

from mnist_core.data.dataset import Dataset
from mnist_core.drawings.collection import NO_DIGIT, Collection, held_out

FEWEST = 20
"""Of fewer digits no dataset is made."""


def digits_of(collection: Collection) -> Collection:
    """Those that are digits."""
    return collection.where(np.array([label != NO_DIGIT for label in collection.labels], bool))


def is_dataset(collection: Collection) -> bool:
    """Whether there are enough digits, and of more than one kind."""
    labels = [label for label in collection.labels if label != NO_DIGIT]
    return len(labels) >= FEWEST and len(set(labels)) > 1


def as_dataset(collection: Collection, name: str) -> Dataset:
    """All digits among the drawings, of which there must be one. name: what the dataset is called.

    Every third drawing of a digit is a test image; without any so many, all are both.
    """
    digits = digits_of(collection)
    labels, test = np.array(digits.labels).astype(np.uint8), held_out(digits.labels)
    learned = ~test
    if not test.any():
        test = learned
    arrays = digits.images[learned], labels[learned], digits.images[test], labels[test]
    for array in arrays:
        array.setflags(write=False)
    return Dataset(name, *arrays)


def version_of(collection: Collection) -> str:
    """Another text for other drawings or labels."""
    said = "\n".join(f"{one} {label}" for one, label in zip(collection.ids, collection.labels, strict=True))
    return hashlib.sha256(said.encode()).hexdigest()[:16]
