"""Drawings as a dataset: of their digits, a third to measure with, as they are when they are asked for."""

import numpy as np
import pytest

from mnist_core.drawings import Collection, as_dataset
from mnist_core.errors import InputError


def collection(*labels: str) -> Collection:
    count = len(labels)
    images = np.arange(count, dtype=np.uint8)[:, None, None] * np.ones((28, 28), np.uint8)
    return Collection(tuple(map(str, range(count))), labels, (0.0,) * count, images, ((),) * count)


def test_every_third_of_a_digit_is_a_test_image_and_what_is_none_is_left_out() -> None:
    found = as_dataset(collection(*["4", "7", ""] * 20), "My drawings")
    assert (found.name, found.classes) == ("My drawings", tuple("0123456789"))
    assert (len(found.train_labels), len(found.test_labels)) == (28, 12)
    assert np.bincount(found.train_labels, minlength=10).tolist() == [0, 0, 0, 0, 14, 0, 0, 14, 0, 0]
    # Each image with its own label: fours stand at 0, 3, 6 …, sevens after them.
    assert found.test_labels.tolist() == [[4, 7, -1][int(image[0, 0]) % 3] for image in found.test_images]
    assert not {*found.train_images[:, 0, 0].tolist()} & {*found.test_images[:, 0, 0].tolist()}


@pytest.mark.parametrize("labels", [(), ("4",) * 29, ("",) * 50])
def test_too_few_are_refused(labels: tuple[str, ...]) -> None:
    with pytest.raises(InputError, match="My drawings: expected at least 30 digits"):
        as_dataset(collection(*labels), "My drawings")
