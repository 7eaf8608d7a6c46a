"""Ink on paper: light made even, printed lines taken away, photos that are made up."""

import numpy as np
import pytest

from mnist_core.numbers.paper import find_ink_anywhere, on_paper
from mnist_core.numbers.photograph import PAPERS, photograph
from mnist_core.numbers.rules import without_rules


def page_of_ink() -> np.ndarray:
    """Two thick strokes, one upright and one slanted, float32 [120, 300]."""
    ink = np.zeros((120, 300), np.float32)
    ink[30:90, 80:88] = 1
    for row in range(30, 90):
        ink[row, 180 + row // 2 : 188 + row // 2] = 1
    return ink


def test_light_from_one_side_makes_no_ink() -> None:
    light = np.linspace(0.25, 0.95, 300, dtype=np.float32)[None, :] * np.ones((120, 1), np.float32)
    ink = page_of_ink()
    found = on_paper(light * (1 - 0.6 * ink))
    assert ((found > 0.5) == (ink > 0.5)).mean() > 0.995


def test_rules_go_and_strokes_that_cross_them_stay() -> None:
    ink = page_of_ink()
    ruled = ink.copy()
    for row in (40, 75):
        for column in range(300):
            y = row + round(0.03 * column)
            ruled[y : y + 2, column] = np.maximum(ruled[y : y + 2, column], 0.6)
    found = without_rules(ruled, 0.3)
    assert (found > 0.3)[ink > 0].mean() > 0.97
    assert (found > 0.3)[ink == 0].sum() < 60


def test_digits_without_rules_lose_nothing() -> None:
    ink = page_of_ink()
    assert np.array_equal(without_rules(ink, 0.3), ink)


@pytest.mark.parametrize("paper", PAPERS)
def test_made_up_photos_are_the_same_for_the_same_seed(paper: str) -> None:
    ink = page_of_ink()
    first, second = (photograph(ink, np.random.default_rng(3), 60, paper) for _ in range(2))
    assert np.array_equal(first, second) and first.shape == (120, 300, 4) and first.dtype == np.uint8
    found = find_ink_anywhere(first).ink > 0.35
    assert 0.4 * (ink > 0).sum() < found.sum() < 3 * (ink > 0).sum()
