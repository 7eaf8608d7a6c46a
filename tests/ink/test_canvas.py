"""From ink to 28x28: any colors, size and place; MNIST's own images come back as they were."""

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from PIL import Image, ImageDraw

from mnist_core import Recognizer
from mnist_core.data.dataset import load_mnist, to_unit
from mnist_core.errors import InputError
from mnist_core.ink import canvas
from mnist_core.ink.pen import render

COLOR = st.tuples(*[st.integers(0, 255)] * 3)


def on_canvas(gray: np.ndarray, size: int, top: int, left: int) -> np.ndarray:
    """White on black, opaque: uint8 RGBA [size, size, 4] with `gray` at a place."""
    rgba = np.zeros((size, size, 4), np.uint8)
    rgba[top : top + gray.shape[0], left : left + gray.shape[1], :3] = gray[..., None]
    rgba[..., 3] = 255
    return rgba


def blown_up(image: np.ndarray, factor: int, resampling: Image.Resampling) -> np.ndarray:
    """A 28x28 image enlarged, cropped to its ink."""
    big = np.asarray(Image.fromarray(image).resize((28 * factor, 28 * factor), resampling))
    rows, columns = np.flatnonzero(big.any(axis=1)), np.flatnonzero(big.any(axis=0))
    return big[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]


def seven(ink: tuple[int, ...] = (255, 255, 255, 255), paper: tuple[int, ...] = (0, 0, 0, 255)) -> np.ndarray:
    rgba = np.empty((120, 160, 4), np.uint8)
    rgba[...] = paper
    rgba[20:30, 40:90] = ink
    for row in range(30, 100):
        rgba[row, 110 - row // 2 - 20 : 120 - row // 2 - 20] = ink
    return rgba


@pytest.mark.slow
@pytest.mark.parametrize(
    ("resampling", "factor", "size"),
    [
        (Image.Resampling.NEAREST, 10, 280),
        (Image.Resampling.BILINEAR, 10, 280),
        (Image.Resampling.BICUBIC, 5, 280),
        (Image.Resampling.NEAREST, 20, 560),
    ],
)
def test_mnist_comes_back_wherever_it_lies(resampling: Image.Resampling, factor: int, size: int) -> None:
    dataset, rng = load_mnist(), np.random.default_rng(0)
    # Large canvases take longer.
    chosen = rng.permutation(10000)[: 1_120_000 // size]
    images, digits = dataset.test_images[chosen], dataset.test_labels[chosen]
    again = []
    for image in images:
        big = blown_up(image, factor, resampling)
        top, left = rng.integers(0, size - big.shape[0] + 1), rng.integers(0, size - big.shape[1] + 1)
        found = canvas.normalize(on_canvas(big, size, top, left))
        assert found is not None
        again.append(found)
    if resampling is Image.Resampling.NEAREST:
        assert np.abs(np.stack(again) - to_unit(images)).mean() < 0.001
    for name in ("default", "mlp"):
        network = Recognizer.load(name).network
        before = (network.predict(to_unit(images)).argmax(axis=1) == digits).mean()
        after = (network.predict(np.stack(again)).argmax(axis=1) == digits).mean()
        assert before - after <= 0.003, name


@pytest.mark.parametrize(
    ("ink", "paper"),
    [
        ((0, 0, 0, 255), (255, 255, 255, 255)),
        ((255, 0, 0, 255), (0, 0, 255, 255)),
        ((255, 255, 255, 255), (0, 0, 0, 0)),
        ((0, 0, 0, 255), (0, 0, 0, 0)),
        ((255, 255, 255, 255), (255, 255, 255, 0)),
        ((90, 90, 90, 255), (120, 120, 120, 255)),
    ],
)
def test_colors_do_not_matter(ink: tuple[int, ...], paper: tuple[int, ...]) -> None:
    expected, found = canvas.normalize(seven()), canvas.normalize(seven(ink, paper))
    assert expected is not None and found is not None
    np.testing.assert_allclose(found, expected, atol=1e-6)


@given(COLOR, st.integers(1, 60), st.integers(1, 60), st.integers(0, 255))
def test_an_even_canvas_is_empty(color: tuple[int, ...], height: int, width: int, opacity: int) -> None:
    rgba = np.empty((height, width, 4), np.uint8)
    rgba[...] = (*color, opacity)
    assert canvas.normalize(rgba) is None and canvas.plain_resize(rgba) is None


@settings(deadline=None)
@given(hnp.arrays(np.uint8, st.tuples(st.integers(0, 40), st.integers(0, 40), st.just(4))))
def test_any_pixels_give_a_sound_picture_or_none(rgba: np.ndarray) -> None:
    before = rgba.copy()
    image = canvas.normalize(rgba)
    np.testing.assert_array_equal(rgba, before)
    if image is not None:
        assert image.shape == (28, 28) and image.dtype == np.float32
        assert image.min() >= 0 and 0 < image.max() <= 1
        plain = canvas.plain_resize(rgba)
        assert plain is not None and plain.shape == (28, 28) and plain.dtype == np.float32


@settings(deadline=None)
@given(st.integers(2, 100), st.integers(2, 100), st.integers(0, 150), st.integers(0, 150))
def test_a_block_is_fitted_and_centered(height: int, width: int, top: int, left: int) -> None:
    rgba = np.zeros((260, 260, 4), np.uint8)
    rgba[..., 3] = 255
    rgba[top : top + height, left : left + width, :3] = 255
    if 0 in (top, left) and height * width > 50 * 50:
        return  # a block that fills much of the border could be taken for paper
    steps = canvas.normalize_steps(rgba)
    assert steps is not None
    assert steps.box == (top, top + height, left, left + width)
    assert max(steps.fitted.shape) == 20
    if min(height, width) * 20 < 2 * max(height, width):
        return  # thinner than two pixels: no pixel is covered whole, and the contrast is restored
    # Ink is neither lost nor made: the area scales with the square of the size.
    assert steps.image.sum() == pytest.approx(height * width * (20 / max(height, width)) ** 2, rel=1e-3)
    total = steps.image.sum()
    for axis in (0, 1):
        middle = (steps.image.sum(axis=1 - axis) * np.arange(28)).sum() / total
        assert abs(middle - 14.0) <= 0.5 + 1e-3


def test_shrinking_averages_areas() -> None:
    """A one-pixel line in 40 becomes half a gray pixel in 20; sampling single points would lose or double it."""
    cropped = np.zeros((40, 40), np.float32)
    cropped[:, 7] = 1
    cropped[:, 30:] = 1
    np.testing.assert_allclose(canvas.fit(cropped)[:, 3], 0.5)
    assert canvas.fit(cropped).sum() == pytest.approx(10 + 100)


@pytest.mark.slow
@pytest.mark.parametrize("side", [200, 1000, 4000])
def test_a_thin_pen_on_a_large_canvas_keeps_its_contrast(side: int) -> None:
    rgba = np.zeros((side, side, 4), np.uint8)
    rgba[side // 5 : -side // 5, side // 2 : side // 2 + 3] = 255
    rgba[side // 5 : side // 5 + 3, side // 4 : side // 2] = 255
    image = canvas.normalize(rgba)
    assert image is not None and image.max() == 1 and image.sum() > 15


def one_line(width: int, length: float, angle: float) -> np.ndarray:
    """What becomes of one straight stroke on the canvas; angle: in degrees, 0 lies flat."""
    half = np.array([np.cos(np.radians(angle)), np.sin(np.radians(angle))]) * length / 2
    image = canvas.normalize(render([np.array([140 - half, 140 + half])], width), canvas.BLACK)
    assert image is not None
    return image


def test_what_has_strokes() -> None:
    image = np.zeros((28, 28), np.float32)
    assert not canvas.has_strokes(image)
    image[4:24, 14] = 1
    assert canvas.has_strokes(image)  # a thin 1
    image[4:24, 4:24] = 1
    assert not canvas.has_strokes(image)  # a filled square
    image[8:20, 8:20] = 0
    assert canvas.has_strokes(image)  # a ring
    image[...] = 0
    image[5, 5] = image[22, 22] = 1
    assert not canvas.has_strokes(image)  # two specks


@pytest.mark.parametrize("width", [8, 12, 20, 30, 40])
def test_a_dot_or_a_short_dash_is_nothing_to_read(width: int) -> None:
    """A click, and a slip of the pen no longer than the pen is wide, in all directions; and whatever lies flat."""
    for length, angle in itertools.product((0, 1, width / 2, width), (0, 30, 60, 90, 135)):
        image = one_line(width, length, angle)
        assert not canvas.has_strokes(image), (length, angle)
    for length, angle in itertools.product((1.5 * width, 2 * width, 5 * width), (0, 10, 30, 150, 170)):
        assert not canvas.has_strokes(one_line(width, length, angle)), (length, angle)


@pytest.mark.parametrize("width", [8, 12, 20, 30, 40])
def test_a_short_line_that_stands_is_a_one(width: int) -> None:
    for length, angle in itertools.product((2 * width, 4 * width), (45, 60, 90, 110, 135)):
        assert canvas.has_strokes(one_line(width, length, angle)), (length, angle)


@pytest.mark.slow
@pytest.mark.parametrize("corners", [3, 4, 5, 40])
@pytest.mark.parametrize("height", [60, 90])
def test_a_filled_shape_is_nothing_to_read(corners: int, height: int) -> None:
    for turned in np.arange(12) * np.pi / 6:
        angles = turned + np.arange(corners) * 2 * np.pi / corners
        drawing = Image.new("RGBA", (280, 280), (0, 0, 0, 255))
        places = [(140 + 90 * float(np.cos(angle)), 140 + height * float(np.sin(angle))) for angle in angles]
        ImageDraw.Draw(drawing).polygon(places, fill="white")
        image = canvas.normalize(np.array(drawing), canvas.BLACK)
        assert image is not None and not canvas.has_strokes(image), turned


def test_hardly_a_training_image_has_no_strokes() -> None:
    """Only digits so thick that they have become blobs; never one with a hole, such as a 0."""
    dataset = load_mnist()
    without = [not canvas.has_strokes(image) for image in to_unit(dataset.train_images)]
    assert np.bincount(dataset.train_labels[without], minlength=10).tolist() == [0, 0, 1, 1, 0, 0, 1, 0, 7, 1]


def test_plain_resize_leaves_the_digit_where_it_is() -> None:
    plain = canvas.plain_resize(on_canvas(np.full((20, 20), 255, np.uint8), 280, 0, 260))
    assert plain is not None
    assert plain[:2, 26:].min() == pytest.approx(1) and plain.sum() == pytest.approx(4)


@pytest.mark.parametrize("wrong", [np.zeros((5, 5, 3), np.uint8), np.zeros((5, 5, 4)), np.zeros((5, 5), np.uint8), "x"])
def test_another_kind_of_array_is_refused(wrong: object) -> None:
    with pytest.raises(InputError, match="expected a uint8 array of shape"):
        canvas.normalize(wrong)  # type: ignore[arg-type]


def test_a_known_background_is_not_guessed() -> None:
    filled = np.zeros((280, 280, 4), np.uint8)
    filled[:, 8:] = 255
    guessed, known = canvas.normalize(filled), canvas.normalize(filled, canvas.BLACK)
    assert guessed is not None and known is not None
    assert guessed.sum() < known.sum() and known[14, 14] == 1
