"""The best way through all cuts, against a plain search through all of them."""

import itertools
from collections.abc import Iterator

import numpy as np
import pytest

from benchmarks.numbers_fit import Sample, likelihood
from mnist_core.numbers.lattice import (
    DIGITS,
    FEATURES,
    LETTER,
    WEIGHTS,
    Edges,
    best_texts,
    likeliest_way,
    sum_over_ways,
)
from mnist_core.numbers.seams import seams


def some_edges(seed: int, pieces: int = 4) -> Edges:
    rng = np.random.default_rng(seed)
    runs = [(a, b) for a in range(pieces) for b in range(a + 1, min(a + 3, pieces) + 1)]
    first, last = (np.array(side) for side in zip(*runs, strict=True))
    groups = rng.normal(size=(len(runs), DIGITS + 1, len(FEATURES)))
    return Edges(first, last, groups, rng.normal(size=(pieces, len(FEATURES))))


def all_ways(edges: Edges, place: int = 0) -> Iterator[list[tuple[str, int]]]:
    """Every way from a piece to the end, as groups and pieces that are passed over."""
    if place == len(edges.skips):
        yield []
        return
    for rest in all_ways(edges, place + 1):
        yield [("skip", place), *rest]
    for group in np.flatnonzero(edges.first == place).tolist():
        for rest in all_ways(edges, int(edges.last[group])):
            yield [("group", group), *rest]


def by_hand(edges: Edges, weights: np.ndarray) -> tuple[dict[str, float], float]:
    """The sum of exp(score) over all ways of each number, and over all ways of letters."""
    scores, skips = edges.groups @ weights, edges.skips @ weights
    numbers: dict[str, float] = {}
    words = 0.0
    for way in all_ways(edges):
        groups = [index for kind, index in way if kind == "group"]
        passed = sum(skips[index] for kind, index in way if kind == "skip")
        words += np.exp(passed + sum(scores[group, LETTER] for group in groups))
        for digits in itertools.product(range(DIGITS), repeat=len(groups)):
            score = passed + sum(scores[group, digit] for group, digit in zip(groups, digits, strict=True))
            text = "".join(map(str, digits))
            numbers[text] = numbers.get(text, 0.0) + np.exp(score)
    return numbers, words


def test_probabilities_are_those_of_a_plain_search() -> None:
    edges = some_edges(0, 3)
    weights = np.random.default_rng(1).normal(size=len(FEATURES)) * 0.5
    numbers, words = by_hand(edges, weights)
    every = sum(numbers.values()) + words
    found = best_texts(edges, weights)
    assert found.word == pytest.approx(words / every)
    likeliest = max(numbers, key=lambda text: numbers[text])
    path, share = found.paths[0]
    assert path.text == likeliest
    # Only the three likeliest digits of a group are followed: a little less than the whole.
    assert 0.9 * numbers[likeliest] / every <= share <= numbers[likeliest] / every + 1e-9
    letters = sum_over_ways(edges, (edges.groups @ weights)[:, LETTER], edges.skips @ weights)
    assert np.exp(letters) == pytest.approx(words)


@pytest.mark.parametrize("text", ["", "4", "70", "111"])
def test_the_best_way_to_a_number_is_that_of_a_plain_search(text: str) -> None:
    edges = some_edges(4, 3)
    numbers, words = by_hand(edges, WEIGHTS)
    found = likeliest_way(edges, best_texts(edges), text)
    assert found is not None
    path, share = found
    assert path.text == text and share == pytest.approx(numbers[text] / (sum(numbers.values()) + words))


def test_a_number_that_no_way_gives_has_none() -> None:
    edges = some_edges(5, 3)
    assert likeliest_way(edges, best_texts(edges), "1234") is None


@pytest.mark.parametrize("text", ["70", None])
def test_the_gradient_of_the_fit_is_that_of_small_steps(text: str | None) -> None:
    one = Sample(text, some_edges(2))
    weights = np.random.default_rng(3).normal(size=len(FEATURES)) * 0.3
    _, gradient = likelihood(one, weights)
    for place in range(len(weights)):
        step = np.zeros(len(weights))
        step[place] = 1e-5
        rise = likelihood(one, weights + step)[0] - likelihood(one, weights - step)[0]
        assert gradient[place] == pytest.approx(rise / 2e-5, abs=1e-5)


def test_touching_rings_are_cut_where_they_touch() -> None:
    down, across = np.mgrid[:60, :110]
    ink = np.zeros((60, 110), np.float32)
    for middle in (29, 80):
        far = np.hypot(down - 29.5, across - middle)
        ink[(far < 28) & (far > 21)] = 1
    found = seams(ink, 7, 60)
    assert any(abs(float(np.median(way)) - 54.5) <= 4 for _, way in found)


def test_rings_that_lean_on_each_other_are_cut_at_the_notch() -> None:
    down, across = np.mgrid[:60, :100]
    ink = np.zeros((60, 100), np.float32)
    for middle in (28, 71):
        far = np.hypot(down - 29.5, across - middle)
        ink[(far < 28) & (far > 18)] = 1
    found = seams(ink, 10, 60)
    assert any(abs(float(np.median(way)) - 49.5) <= 4 for _, way in found)
