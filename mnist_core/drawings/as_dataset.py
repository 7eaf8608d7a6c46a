"""Somebody's drawings as a dataset that a network learns from, as it does from MNIST."""

import numpy as np

from mnist_core.data.dataset import Dataset
from mnist_core.data.idx_files import PARTS
from mnist_core.drawings.collection import NO_DIGIT, Collection, held_out
from mnist_core.errors import InputError

FEWEST = 30
"""With fewer digits there is too little to learn from, and to measure with."""


def split(collection: Collection) -> dict[str, np.ndarray]:
    """Images and labels of all digits, by `PARTS`: every third drawing of a digit is a test image.

    If there are not so many, all are both. Raises InputError if there is no digit.
    """
    digits = collection.where(np.array([label != NO_DIGIT for label in collection.labels], bool))
    if not len(digits):
        raise InputError("There are no digits among these drawings.")
    labels, test = np.array(digits.labels).astype(np.uint8), held_out(digits.labels)
    if not test.any():
        test = np.ones(len(digits), bool)
    learned = ~test if not test.all() else test
    arrays = digits.images[learned], labels[learned], digits.images[test], labels[test]
    return dict(zip(PARTS, arrays, strict=True))


def as_dataset(collection: Collection, name: str) -> Dataset:
    """A dataset of the digits among the drawings, called so. Raises InputError if there are fewer than `FEWEST`."""
    count = collection.digits()
    if count < FEWEST:
        raise InputError(f"{name}: expected at least {FEWEST} digits to learn from and to measure with, found {count}.")
    train_images, train_labels, test_images, test_labels = split(collection).values()
    return Dataset(name, train_images, train_labels, test_images, test_labels)
