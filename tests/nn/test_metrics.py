"""Counting, telling groups apart, and calibration."""

import numpy as np
import pytest

from mnist_core.nn.metrics import (
    accuracy,
    auroc,
    calibration_error,
    confusion_matrix,
    fitting_temperature,
    refusing_threshold,
    sure_threshold,
    wilson_interval,
)


@pytest.mark.slow
def test_the_temperature_that_a_network_needs_is_found() -> None:
    rng = np.random.default_rng(0)
    scores = rng.normal(0, 2, (20_000, 4))
    odds = np.exp(scores)
    labels = (rng.random((20_000, 1)) > np.cumsum(odds / odds.sum(axis=1, keepdims=True), axis=1)).sum(axis=1)
    # Scores that are three times too large sound too sure.
    assert fitting_temperature(3 * scores, labels) == pytest.approx(3, rel=0.03)
    assert fitting_temperature(scores / 2, labels) == pytest.approx(0.5, rel=0.03)
    assert fitting_temperature(np.eye(3), np.arange(3)) == pytest.approx(0.2, abs=1e-3)
    # Few labels that are wrong, where the network is sure, must not make it humble everywhere.
    clear = np.where(np.arange(4) == labels[:, None], 6.0, 0.0) + rng.normal(0, 1, (20_000, 4))
    spoiled = labels.copy()
    spoiled[::100] = (spoiled[::100] + 1) % 4
    honest = fitting_temperature(clear, labels)
    assert fitting_temperature(clear, spoiled) > 1.4 * honest
    assert fitting_temperature(clear, spoiled, wrong_labels=0.01) == pytest.approx(honest, rel=0.15)
    # Where some classes are rarer than they were for the network, that is not for the temperature to mend.
    offsets = np.array([0.0, 1.0, -2.0, 0.5])
    assert fitting_temperature(3 * (scores - offsets), labels, offsets) == pytest.approx(3, rel=0.03)
    assert fitting_temperature(3 * (scores - offsets), labels) > 3.3


def test_telling_two_groups_apart() -> None:
    high, low = np.array([0.9, 0.6, 0.5]), np.array([0.5, 0.4])
    assert auroc(high, low) == pytest.approx(5.5 / 6)  # of six pairs five are in order, one is a tie
    assert auroc(low, low) == 0.5 and auroc(low - 1, high) == 0
    with pytest.raises(ValueError, match="at least one value"):
        auroc(high, low[:0])
    values = np.arange(100) / 100
    threshold = refusing_threshold(values, 0.95)
    assert 0.94 < threshold < 0.95 and (values < threshold).sum() == 95
    assert (np.array([0.3, 0.3]) < refusing_threshold(np.array([0.3, 0.3]), 0.5)).all()


def test_calibration_by_hand() -> None:
    confidence = np.array([0.9, 0.9, 0.9, 0.9, 0.2, 0.2])
    right = np.array([True, True, True, False, False, False])
    # Four answers at 0.9 of which three are right, two at 0.2 that are wrong.
    assert calibration_error(confidence, right) == pytest.approx((4 * 0.15 + 2 * 0.2) / 6)
    assert calibration_error(np.array([0.0, 1.0]), np.array([False, True])) == 0


def test_counting() -> None:
    assert accuracy(np.eye(10)[[1, 2, 3]], np.array([1, 2, 4])) == pytest.approx(2 / 3)
    matrix = confusion_matrix(np.array([1, 1, 0]), np.array([1, 0, 0]))
    assert matrix[0, 1] == matrix[1, 1] == matrix[0, 0] == 1 and matrix.sum() == 3
    # Wilson's interval for 9 of 10, as tabulated.
    assert wilson_interval(9, 10) == pytest.approx((0.5958, 0.9821), abs=1e-4)
    confidence = np.array([0.99, 0.9, 0.8, 0.7])
    assert sure_threshold(confidence, np.array([True, True, False, True]), 0.9) == 0.9
    assert sure_threshold(confidence, np.array([False] * 4)) == 0.99
    assert sure_threshold(np.array([0.9, 0.9]), np.array([True, False]), 0.9) == 0.99
