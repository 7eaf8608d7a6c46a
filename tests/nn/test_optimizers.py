"""Optimizers: steps worked by hand, what they remember, and that their fast ways compute the same."""

import math

import numpy as np
import pytest

from mnist_core.nn import optimizers
from mnist_core.nn.optimizers import SGD, Adam, Momentum, Optimizer


@pytest.mark.parametrize(
    ("optimizer", "expected"),
    [
        # Two steps from w = 1 with gradients 1 and 2 at rate 0.1.
        (SGD(), 1 - 0.1 - 0.2),
        (Momentum(0.9), 1 - 0.1 - 0.1 * (0.9 + 2)),
        (Momentum(0.9, nesterov=1), 1 - 0.1 * (1 + 0.9) - 0.1 * (2 + 0.9 * 2.9)),
        # m = 0.1, v = 0.001, both corrected to 1; then m = 0.29 / 0.19, v = 0.004999 / 0.001999.
        (Adam(), 1 - 0.1 - 0.1 * (0.29 / 0.19) / math.sqrt(0.004999 / 0.001999)),
    ],
)
def test_two_steps_by_hand(optimizer: Optimizer, expected: float) -> None:
    w = np.ones(1)
    for gradient in (1.0, 2.0):
        optimizer.step([(w, np.array([gradient]))], 0.1)
    assert w[0] == pytest.approx(expected, rel=1e-6)


def test_memory_belongs_to_the_parameter() -> None:
    optimizer, a, b = Momentum(0.5), np.zeros(1), np.zeros(1)
    optimizer.step([(a, np.ones(1)), (b, -np.ones(1))], 1)
    optimizer.step([(b, np.zeros(1)), (a, np.zeros(1))], 1)
    assert (a[0], b[0]) == (-1.5, 1.5)


@pytest.mark.parametrize("optimizer", [Momentum(), Adam(beta2=0.95)], ids=["momentum", "adam"])
def test_what_fades_becomes_zero_and_is_never_subnormal(optimizer: Optimizer) -> None:
    w = np.ones(2, np.float32)
    optimizer.step([(w, np.array([1, 0], np.float32))], 0.1)
    memory = optimizer.memory(w)
    assert set(memory) == set(optimizer.fading) and all(kept[0] == 1 for kept in memory.values())
    for _ in range(2000):
        optimizer.step([(w, np.zeros(2, np.float32))], 0.1)
        for kept in memory.values():
            assert not ((np.abs(kept) > 0) & (np.abs(kept) < np.finfo(np.float32).smallest_normal)).any()
    assert not any(kept.any() for kept in memory.values())


def test_a_parameter_in_another_order_is_refused_not_passed_over() -> None:
    with pytest.raises(ValueError, match="copy"):
        Momentum().step([(np.ones((3, 2)).T, np.ones((2, 3)))], 0.1)


@pytest.mark.parametrize("make", [SGD, Momentum, Adam])
def test_blocks_compute_the_same_to_the_last_bit(make: type[Optimizer], monkeypatch: pytest.MonkeyPatch) -> None:
    def trained() -> np.ndarray:
        rng, optimizer, w = np.random.default_rng(0), make(), np.ones((3, 7), np.float32)
        for _ in range(5):
            optimizer.step([(w, rng.standard_normal(w.shape, np.float32))], 0.1)
        return w

    whole = trained()
    monkeypatch.setattr(optimizers, "BLOCK", 5)
    np.testing.assert_array_equal(trained(), whole)
    assert (whole != 1).all()
