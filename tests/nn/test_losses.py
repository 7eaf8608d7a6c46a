"""Losses: worked by hand, and at their limits."""

import math

import numpy as np
import pytest

from mnist_core.errors import InputError
from mnist_core.nn.losses import BinaryCrossEntropy, GeneralizedCrossEntropy, SoftmaxCrossEntropy, SquaredError


def test_losses_by_hand() -> None:
    scores = np.log(np.array([[1.0, 2, 1], [1, 1, 2]]))
    value, gradient = SoftmaxCrossEntropy()(scores, np.array([1, 0]))
    assert value == pytest.approx((math.log(2) + math.log(4)) / 2)
    np.testing.assert_allclose(gradient, [[0.125, -0.25, 0.125], [-0.375, 0.125, 0.25]])
    assert BinaryCrossEntropy()(np.zeros((3, 10)), np.array([1, 2, 3]))[0] == pytest.approx(math.log(2))
    value, gradient = SquaredError()(np.array([[0.5, 0.0]]), np.array([0]))
    assert value == 0.25 and gradient.tolist() == [[-1, 0]]


def test_a_generalized_cross_entropy_doubts_labels_that_look_unlikely() -> None:
    scores, labels = np.log(np.array([[1.0, 2, 1], [8, 1, 1]])), np.array([1, 1])
    value, gradient = GeneralizedCrossEntropy(0.5)(scores, labels)
    assert value == pytest.approx(((1 - 0.5**0.5) + (1 - 0.1**0.5)) / 0.5 / 2)
    _, plain = SoftmaxCrossEntropy()(scores, labels)
    np.testing.assert_allclose(gradient, plain * [[0.5**0.5], [0.1**0.5]])
    np.testing.assert_allclose(GeneralizedCrossEntropy(1e-9)(scores, labels)[1], plain, rtol=1e-6)
    with pytest.raises(InputError, match="q above 0 and up to 1"):
        GeneralizedCrossEntropy(0)


def test_losses_survive_enormous_scores() -> None:
    scores = np.array([[1e5, -1e5]])
    for loss in (SoftmaxCrossEntropy(), GeneralizedCrossEntropy(), BinaryCrossEntropy()):
        value, gradient = loss(scores, np.array([1]))
        assert math.isfinite(value) and np.isfinite(gradient).all()
