"""Whole numbers, drawn on a canvas."""

import os
import tracemalloc

import numpy as np
import pytest

from mnist_core import InputError, Recognizer
from mnist_core.data.dataset import load_mnist, to_unit
from mnist_core.ink.canvas import find_box
from mnist_core.nn import Network
from mnist_core.numbers import cut, pieces
from mnist_core.numbers.paper import MOST_CLEAN
from mnist_core.reading import numbers

RECOGNIZER = Recognizer.load()


def drawn_number(text: str, gap: int = 20, zoom: int = 5) -> np.ndarray:
    """The first of MNIST's test digits of each kind in a row, white on black, uint8 RGBA; gap below 0: overlapping."""
    dataset = load_mnist()
    strip, end = np.zeros((160, 160 * len(text)), np.uint8), 0
    for character in text:
        image = dataset.test_images[int(np.flatnonzero(dataset.test_labels == int(character))[0])]
        box = find_box(image.astype(np.float32) / 255)
        assert box is not None
        digit = np.kron(image[box[0] : box[1], box[2] : box[3]], np.ones((zoom, zoom), np.uint8))
        height, width = digit.shape
        top, left = (160 - height) // 2, end + gap if end else 0
        place = strip[top : top + height, left : left + width]
        place[:] = np.maximum(place, digit)
        end = left + width
    strip = np.pad(strip[:, : end + 20], 20)
    rgba = np.full((*strip.shape, 4), 255, np.uint8)
    rgba[..., :3] = strip[..., None]
    return rgba


@pytest.mark.parametrize("count", [1, 300])
def test_two_threads_read_the_groups_of_a_page_as_one_does(count: int, monkeypatch: pytest.MonkeyPatch) -> None:
    images = to_unit(load_mnist().test_images[:count])
    alone = numbers.group_shares(RECOGNIZER, images)
    asked: list[int] = []

    def spied(network: Network, images: np.ndarray, threads: int = 1) -> np.ndarray:
        asked.append(threads)
        return logits(network, images, threads)

    logits = Network.logits
    monkeypatch.setattr(Network, "logits", spied)
    monkeypatch.setattr(numbers, "MANY", 1)
    monkeypatch.setattr(os, "cpu_count", lambda: 4)
    assert np.array_equal(numbers.group_shares(RECOGNIZER, images), alone) and asked == [2, 2]


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


def test_touching_digits_are_cut() -> None:
    assert RECOGNIZER.read_number(drawn_number("620", gap=-4)).text == "620"


def test_ink_and_paper_may_have_any_colors() -> None:
    rgba = drawn_number("73")
    rgba[..., :3] = 255 - rgba[..., :3]
    assert RECOGNIZER.read_number(rgba).text == "73"


def test_dots_and_dashes_are_no_part_of_a_number() -> None:
    rgba = np.concatenate([drawn_number("22"), drawn_number("00")], axis=1)
    rgba[150:165, -16:-4, :3] = 255
    middle = drawn_number("22").shape[1]
    rgba[160:175, middle - 8 : middle + 6, :3] = 255
    assert RECOGNIZER.read_number(rgba).text == "2200"


def test_numbers_of_a_page_come_in_reading_order() -> None:
    first, second, third = drawn_number("42"), drawn_number("507"), drawn_number("9")
    page = np.zeros((500, 1500, 4), np.uint8)
    page[..., 3] = 255
    page[20 : 20 + first.shape[0], 60 : 60 + first.shape[1]] = first
    page[10 : 10 + second.shape[0], 800 : 800 + second.shape[1]] = second
    page[280 : 280 + third.shape[0], 500 : 500 + third.shape[1]] = third
    found = RECOGNIZER.read_page(page)
    assert [number.text for number in found] == ["42", "507", "9"]
    left, top, right, bottom = found[2].box or (0, 0, 0, 0)
    assert 500 < left < right < 500 + third.shape[1] and 280 < top < bottom < 280 + third.shape[0]


def on_paper(drawing: np.ndarray) -> np.ndarray:
    """Dark ink on unevenly lit paper instead of white on black."""
    ink = drawing[..., :1].astype(float) / 255
    light = np.linspace(150, 230, drawing.shape[1])[None, :, None] + np.random.default_rng(0).normal(0, 2, ink.shape)
    paper = drawing.copy()
    paper[..., :3] = np.clip(light * (1 - 0.8 * ink), 0, 255).astype(np.uint8)
    return paper


def test_a_small_photo_that_one_number_fills_is_read_as_one() -> None:
    drawing = drawn_number("1500")
    rows = np.flatnonzero(drawing[..., 0].any(axis=1))
    # The digits are as high as the picture, but for a few pixels.
    crop = on_paper(drawing[rows[0] - 3 : rows[-1] + 4])
    assert [number.text for number in RECOGNIZER.read_page(crop)] == ["1500"]


def test_any_picture_that_one_number_fills_is_read_as_one() -> None:
    drawing = drawn_number("1500")
    rows = np.flatnonzero(drawing[..., 0].any(axis=1))
    crop = drawing[rows[0] - 3 : rows[-1] + 4]
    large = on_paper(np.kron(crop, np.ones((3, 3, 1), np.uint8)))
    digit = np.full((28, 28, 4), 255, np.uint8)
    digit[..., :3] = load_mnist().test_images[0][..., None]
    for picture, text in ((crop, "1500"), (large, "1500"), (digit, "7")):
        assert [number.text for number in RECOGNIZER.read_page(picture)] == [text]


def test_a_photo_in_a_transparent_margin_is_read_as_a_photo() -> None:
    photo = on_paper(np.pad(drawn_number("620"), ((150, 150), (200, 200), (0, 0))))
    photo[..., 3] = 255
    framed = np.pad(photo, ((60, 60), (60, 60), (0, 0)))
    assert RECOGNIZER.read_number(framed).text == "620"
    assert [number.text for number in RECOGNIZER.read_page(framed)] == ["620"]
    nearly = photo.copy()
    nearly[0, 0, 3] = 254
    whole, found = RECOGNIZER.read_number(photo), RECOGNIZER.read_number(nearly)
    assert found.text == whole.text and found.confidence == pytest.approx(whole.confidence, abs=1e-3)


def test_two_numbers_on_one_line_of_a_small_photo_stay_two() -> None:
    gap = drawn_number("1")[:, :1].repeat(260, axis=1)
    line = on_paper(np.concatenate([drawn_number("42"), gap, drawn_number("73")], axis=1))
    assert [number.text for number in RECOGNIZER.read_page(line)] == ["42", "73"]


def test_four_hundred_numbers_are_refused_in_one_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("mnist_core.numbers.page._give_small_parts", lambda *_: pytest.fail("told too late"))
    page = np.tile(np.pad(drawn_number("1", zoom=1)[20:-20, 20:-20], ((0, 0), (20, 20), (0, 0))), (4, 1, 1))
    small = page[60:100]
    sheet = np.tile(np.pad(small, ((10, 10), (30, 30), (0, 0))), (20, 20, 1))
    sheet[..., 3] = 255
    with pytest.raises(InputError, match="expected at most 120 numbers"):
        RECOGNIZER.read_page(sheet)


def test_a_black_photo_and_noise_have_no_number() -> None:
    black = np.random.default_rng(0).integers(0, 12, (300, 400, 4)).astype(np.uint8)
    black[..., 3] = 255
    assert RECOGNIZER.read_number(black).text == "" and RECOGNIZER.read_page(black) == ()
    white = np.full((200, 300, 4), 255, np.uint8)
    assert RECOGNIZER.read_number(white).text == "" and RECOGNIZER.read_page(white) == ()


@pytest.mark.parametrize("shape", [(1000, 1), (3, 2000), (2, 20_000), (20_000, 1), (1, 1)])
def test_thin_photos_are_read_or_not_but_nothing_breaks(shape: tuple[int, int]) -> None:
    noise = np.random.default_rng(0).integers(0, 256, (*shape, 4)).astype(np.uint8)
    noise[..., 3] = 255
    for found in (RECOGNIZER.read_number(noise), *RECOGNIZER.read_page(noise)):
        left, top, right, bottom = found.box or (0, 0, 0, 0)
        assert 0 <= left <= right <= shape[1] and 0 <= top <= bottom <= shape[0]


def test_stripes_and_a_crowd_of_letters_take_neither_time_nor_memory() -> None:
    stripes = np.zeros((60, 60), np.float32)
    stripes[::2] = 1
    strip = cut(stripes, 1.0)
    assert strip is None or strip.ink.size < 100_000
    crowd = np.zeros((600, 600), np.float32)
    crowd[::20, :] = crowd[:, ::20] = 1
    crowd[::20, 19::20] = crowd[10::20] = crowd[:, 10::20] = 0
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(pieces, "resize", lambda *_: pytest.fail("too many parts were enlarged"))
        assert cut(crowd, 1.0) is None


def test_wide_and_large_drawings_take_little_memory_and_have_true_boxes() -> None:
    drawing = np.kron(drawn_number("4207")[..., 0], np.ones((4, 4), np.uint8))
    wide = np.zeros((drawing.shape[0], 19_000), np.uint8)
    wide[:, 8000 : 8000 + drawing.shape[1]] = drawing
    wide[380:400, 100:120] = wide[380:400, -120:-100] = 255
    rgba = np.full((*wide.shape, 4), 255, np.uint8)
    rgba[..., :3] = wide[..., None]
    assert wide.size > MOST_CLEAN
    tracemalloc.start()
    found = RECOGNIZER.read_number(rgba)
    most = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert found.text == "4207" and most < 200e6
    rows, columns = np.nonzero(wide[:, 8000:-1000] > 128)
    wanted = columns.min() + 8000, rows.min(), columns.max() + 8001, rows.max() + 1
    assert np.abs(np.array(found.box) - wanted).max() <= 12


def test_a_picture_of_specks_is_refused_before_it_takes_long() -> None:
    specks = np.full((700, 700, 4), 255, np.uint8)
    specks[::2, ::2, :3] = 0
    for read in (Recognizer.load().read_number, Recognizer.load().read_page):
        with pytest.raises(InputError, match="pieces of ink"):
            read(specks)
