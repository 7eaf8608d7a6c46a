"""Connectionist temporal classification, against a plain search through all ways to say a text."""

import itertools

import numpy as np
import pytest

from mnist_core.nn import ctc

BLANK = 2


def said(ways: tuple[int, ...]) -> tuple[int, ...]:
    """What one class for each column says: repetitions once, blanks not at all."""
    return tuple(sign for sign, _ in itertools.groupby(ways) if sign != BLANK)


def by_hand(probabilities: np.ndarray) -> dict[tuple[int, ...], float]:
    """The probability of each text in columns [T, classes]."""
    found: dict[tuple[int, ...], float] = {}
    for ways in itertools.product(range(probabilities.shape[1]), repeat=len(probabilities)):
        share = float(np.prod([column[sign] for column, sign in zip(probabilities, ways, strict=True)]))
        found[said(ways)] = found.get(said(ways), 0.0) + share
    return found


def shares_of(logits: np.ndarray) -> np.ndarray:
    """Probabilities [N, T, classes]."""
    exponentials = np.exp(logits)
    return np.asarray(exponentials / exponentials.sum(axis=2, keepdims=True))


def some_columns(seed: int, lines: int = 1, columns: int = 5, classes: int = 3) -> np.ndarray:
    return np.random.default_rng(seed).normal(size=(lines, columns, classes))


def test_likelihoods_are_those_of_a_plain_search() -> None:
    probabilities = shares_of(some_columns(0))
    texts = by_hand(probabilities[0])
    found = np.exp(ctc.log_likelihoods(probabilities, list(texts), BLANK))
    assert len(texts) > 20 and (0, 0) in texts and () in texts
    np.testing.assert_allclose(found, list(texts.values()), rtol=1e-12)
    assert found.sum() == pytest.approx(1)


def test_each_line_has_columns_of_its_own() -> None:
    probabilities = shares_of(some_columns(1, 3))
    texts = [(0,), (1, 0), ()]
    wanted = [by_hand(line)[text] for line, text in zip(probabilities, texts, strict=True)]
    np.testing.assert_allclose(np.exp(ctc.log_likelihoods(probabilities, texts, BLANK)), wanted, rtol=1e-12)


def test_a_text_that_does_not_fit_is_impossible() -> None:
    probabilities = shares_of(some_columns(2, columns=3))
    # Two equal signs need a blank between them.
    assert ctc.log_likelihoods(probabilities, [(0, 0, 0), (1, 1, 1, 1)], BLANK).tolist() == [-np.inf, -np.inf]
    assert np.isfinite(ctc.log_likelihoods(probabilities, [(0, 1, 0)], BLANK)[0])


def test_long_lines_do_not_become_too_unlikely_to_count() -> None:
    probabilities = shares_of(some_columns(3, columns=3000))
    assert -1e5 < ctc.log_likelihoods(probabilities, [(0, 1)], BLANK)[0] < -1e3


def test_the_gradient_is_the_slope_of_the_loss() -> None:
    logits, texts = some_columns(4, 3, 6), [(0, 0, 1), (), (1,)]
    _, gradient = ctc.loss_and_gradient(logits, texts, BLANK)
    slopes = np.zeros_like(logits)
    for place in np.ndindex(*logits.shape):
        sides = []
        for step in (1e-6, -1e-6):
            moved = logits.copy()
            moved[place] += step
            sides.append(ctc.loss_and_gradient(moved, texts, BLANK)[0])
        slopes[place] = (sides[0] - sides[1]) / 2e-6
    np.testing.assert_allclose(gradient, slopes, atol=1e-8)


def test_the_loss_is_minus_the_mean_log_likelihood() -> None:
    logits, texts = some_columns(5, 2), [(0, 1), (1,)]
    loss, gradient = ctc.loss_and_gradient(logits.astype(np.float32), texts, BLANK)
    assert loss == pytest.approx(-ctc.log_likelihoods(shares_of(logits), texts, BLANK).mean(), rel=1e-5)
    assert gradient.dtype == np.float32 and gradient.shape == logits.shape


def test_a_line_too_narrow_for_its_text_teaches_nothing() -> None:
    logits = some_columns(6, 2, 3)
    loss, gradient = ctc.loss_and_gradient(logits, [(0, 0, 0), (1,)], BLANK)
    assert np.isfinite(loss) and not gradient[0].any() and gradient[1].any()


def test_the_best_text_leaves_out_repetitions_and_blanks() -> None:
    scores = np.eye(3)[[2, 0, 0, 2, 0, 1, 1, 2]]
    assert ctc.best_text(scores, BLANK) == [0, 0, 1]
