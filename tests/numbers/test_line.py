"""Whole numbers as pictures of lines, and lines to learn from."""

from pathlib import Path

import numpy as np
import pytest

from benchmarks.line_network import BATCH, Batches, Source, gather
from benchmarks.made_lines import Digits, draw_mark, side_by_side, varied
from mnist_core.data.dataset import load_mnist
from mnist_core.numbers import cut, line_image
from mnist_core.numbers.line import HEIGHT, MARGIN, ROWS, WIDEST
from mnist_core.numbers.pieces import Strip
from mnist_core.reading.line_network import line_probabilities
from tests.strokes import drawn, pen_file


def drawn_line(*digits: int) -> np.ndarray:
    """Ink, float32 [280, w], of digits side by side."""
    return np.concatenate([drawn(digit)[..., 0] for digit in digits], axis=1).astype(np.float32) / 255


def test_a_line_has_digits_of_one_height_in_its_middle() -> None:
    strip = cut(drawn_line(2, 0, 7), 1.0)
    assert strip is not None
    line = line_image(strip)
    assert line is not None and line.dtype == np.float32 and 0 <= line.min() < line.max() <= 1
    rows, columns = np.nonzero(line > 0.5)
    assert len(line) == ROWS and abs(np.ptp(rows) + 1 - HEIGHT) <= 2
    assert abs((rows.min() + rows.max()) / 2 - (ROWS - 1) / 2) <= 1.5
    assert abs(columns.min() - MARGIN) <= 1 and abs(line.shape[1] - 1 - columns.max() - MARGIN) <= 1


def test_a_line_is_the_same_at_any_size() -> None:
    small, large = (cut(np.kron(drawn_line(3, 1), np.ones((zoom, zoom), np.float32)), 1.0) for zoom in (1, 2))
    assert small is not None and large is not None
    one, other = line_image(small), line_image(large)
    assert one is not None and other is not None and abs(one.shape[1] - other.shape[1]) <= 1
    width = min(one.shape[1], other.shape[1])
    assert np.corrcoef(one[:, :width].ravel(), other[:, :width].ravel())[0, 1] > 0.9


@pytest.mark.parametrize(("width", "fits"), [(WIDEST, True), (WIDEST + 10, False)])
def test_a_line_that_is_too_wide_is_none(width: int, fits: bool) -> None:
    ink = np.zeros((64, width * 64 // HEIGHT), np.float32)
    ink[:, ::10] = 1
    strip = Strip(ink, (ink > 0).astype(int), (), (0.0, 64.0), 2.0, (0.0, 0.0), (ink.shape[1], 64.0), 1.0, 0.0)
    assert (line_image(strip) is not None) == fits


def test_the_narrowest_line_is_wide_enough_for_a_column() -> None:
    ink = np.zeros((80, 21), np.float32)
    ink[10:70, 10] = 1
    strip = cut(ink, 1.0)
    assert strip is not None
    line = line_image(strip)
    assert line is not None and line.shape[1] >= 28 and len(line_probabilities(line)) >= 1


@pytest.fixture(scope="module")
def digits() -> Digits:
    dataset = load_mnist()
    return Digits.of(dataset.train_images[:2000], dataset.train_labels[:2000])


def test_digits_side_by_side_are_a_line(digits: Digits) -> None:
    rng = np.random.default_rng(0)
    for _ in range(50):
        line, text = side_by_side(digits, rng)
        assert len(line) == ROWS and 1 <= len(text) <= 8 and line.max() > 0.5
        assert not line[:, : MARGIN - 1].any()
        changed = varied(line, rng)
        assert changed.dtype == np.float32 and len(changed) == ROWS and np.isfinite(changed).all()


def test_marks_begin_where_they_are_put() -> None:
    rng = np.random.default_rng(1)
    for _ in range(50):
        line = np.zeros((ROWS, 60), np.float32)
        end = draw_mark(line, rng, 20)
        columns = np.flatnonzero(line.max(axis=0) > 0.3)
        assert columns[0] >= 16 and columns[-1] <= end + 3


def test_lines_are_composed_the_same_for_the_same_seed(tmp_path: Path, digits: Digits) -> None:
    path = pen_file(tmp_path / "pen.npz")
    source = Source(path, path, (), 3)
    lines = source.lines(range(6))
    assert lines and all(image.dtype == np.uint8 and len(image) == ROWS for image, _ in lines)
    again = gather(source, 6, 1, part=4)
    assert [text for _, text in again] == [text for _, text in lines]
    assert all((image == other).all() for (image, _), (other, _) in zip(again, lines, strict=True))
    images, texts = Batches(lines, digits, 0).next()
    assert images.shape[:2] == (BATCH, ROWS) and images.shape[2] % 16 == 0 and len(texts) == BATCH
