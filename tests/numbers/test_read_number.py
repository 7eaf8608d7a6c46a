"""Whole numbers, drawn on a canvas."""

import numpy as np
import pytest

from mnist_core import InputError, Recognizer
from mnist_core.data.dataset import load_mnist
from mnist_core.ink.canvas import find_box

RECOGNIZER = Recognizer.load()


def drawn_number(text: str, gap: int = 20, zoom: int = 5) -> np.ndarray:
    """The first of MNIST's test digits of each kind side by side in white on black, uint8 RGBA."""
    dataset = load_mnist()
    parts = []
    for character in text:
        image = dataset.test_images[int(np.flatnonzero(dataset.test_labels == int(character))[0])]
        box = find_box(image.astype(np.float32) / 255)
        assert box is not None
        digit = np.kron(image[box[0] : box[1], box[2] : box[3]], np.ones((zoom, zoom), np.uint8))
        canvas = np.zeros((160, digit.shape[1] + gap), np.uint8)
        top = (160 - digit.shape[0]) // 2
        canvas[top : top + digit.shape[0], : digit.shape[1]] = digit
        parts.append(canvas)
    strip = np.pad(np.concatenate(parts, axis=1), 20)
    rgba = np.full((*strip.shape, 4), 255, np.uint8)
    rgba[..., :3] = strip[..., None]
    return rgba


def test_a_number_is_read_with_a_box_for_each_digit() -> None:
    rgba = drawn_number("4207")
    found = RECOGNIZER.read_number(rgba)
    assert found.text == "4207" and 0.5 < found.confidence <= 1
    assert [digit.reading.digit for digit in found.digits] == [4, 2, 0, 7]
    lefts = [digit.box[0] for digit in found.digits]
    assert lefts == sorted(lefts)
    for digit in found.digits:
        left, top, right, bottom = digit.box
        assert 0 <= left < right <= rgba.shape[1] and 0 <= top < bottom <= rgba.shape[0]
    chosen = [grouping for grouping in found.cuts.groupings if grouping.chosen]
    assert [grouping.digit for grouping in chosen] == [4, 2, 0, 7]


def test_boxes_hold_the_ink_of_their_digits() -> None:
    rgba = drawn_number("52", gap=40)
    found = RECOGNIZER.read_number(rgba)
    assert found.text == "52"
    for digit, (low, high) in zip(found.digits, ((0, 120), (120, rgba.shape[1])), strict=True):
        rows, columns = np.nonzero(rgba[:, low:high, 0] > 128)
        wanted = (columns.min() + low, rows.min(), columns.max() + low + 1, rows.max() + 1)
        assert np.abs(np.array(digit.box) - wanted).max() <= 6


def test_nothing_drawn_is_no_number() -> None:
    found = RECOGNIZER.read_number(np.zeros((100, 300, 4), np.uint8))
    assert (found.text, found.confidence, found.digits, found.box) == ("", 0.0, (), None)
    assert RECOGNIZER.read_page(np.zeros((100, 300, 4), np.uint8)) == ()


def test_another_array_is_refused() -> None:
    with pytest.raises(InputError, match="expected a uint8 array"):
        RECOGNIZER.read_number(np.zeros((10, 10, 4), np.float32))
