"""Printed lines: windows over rows of pixels, and which lines go."""

import numpy as np
import pytest

from mnist_core.numbers.rules import SLOPES, over_window, without_rules


@pytest.mark.parametrize("window", [1, 2, 3, 8, 13, 24, 37])
def test_windows_are_those_of_a_plain_walk(window: int) -> None:
    marks = np.random.default_rng(window).random((5, 37)) < 0.4
    walked = [marks[:, start : start + window] for start in range(37 - window + 1)]
    sums = over_window(marks.view(np.uint8), window, np.add)
    assert np.array_equal(sums, np.stack([part.sum(axis=1) for part in walked], axis=1))
    either = over_window(marks, window, np.logical_or)
    assert np.array_equal(either, np.stack([part.any(axis=1) for part in walked], axis=1))


@pytest.mark.parametrize("shape", [(1, 50_000), (2, 97_000), (50_000, 1), (1, 1)])
def test_a_strip_that_is_reduced_to_less_than_a_window_has_no_lines(shape: tuple[int, int]) -> None:
    ink = np.random.default_rng(0).random(shape, np.float32)
    assert np.array_equal(without_rules(ink, 0.3), ink)


@pytest.mark.parametrize("slope", [SLOPES[0], 0.0, 0.055, SLOPES[-1]])
@pytest.mark.parametrize("upright", [False, True])
@pytest.mark.parametrize("width", [500, 1500])
def test_a_line_goes_at_every_slope_and_a_stroke_stays(slope: float, upright: bool, width: int) -> None:
    ink = np.zeros((300, width), np.float32)
    columns = np.arange(width)
    rows = (150 + slope * (columns - width / 2)).astype(int)
    for thick in range(2):
        ink[rows + thick, columns] = 0.6
    ink[60:240, 200:208] = 1.0
    found = without_rules(ink.T if upright else ink, 0.3)
    found = found.T if upright else found
    assert found[:, :190].sum() + found[:, 220:].sum() == 0
    assert found[60:240, 200:208].min() > 0.5
