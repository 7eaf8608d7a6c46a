"""Schedules of the learning rate."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mnist_core.nn.schedules import SCHEDULES, Constant, Cosine, OneCycle, Step


def test_schedules_at_their_corners() -> None:
    assert Constant().factor(0.7, 3) == 1
    assert [Step(2, 0.5).factor(0, epoch) for epoch in (0, 1.9, 2, 4)] == [1, 1, 0.5, 0.25]
    assert [round(Cosine().factor(p, 0), 6) for p in (0, 0.5, 1)] == [1, 0.5, 0]
    assert Cosine(warmup=2).factor(0, 1) == pytest.approx(0.5, abs=1e-3)
    assert [round(OneCycle(0.25).factor(p, 0), 6) for p in (0, 0.25, 1)] == [0.04, 1, 0]


@given(st.sampled_from(list(SCHEDULES)), st.floats(0, 1), st.floats(0, 100))
def test_factors_stay_between_0_and_1(name: str, progress: float, epoch: float) -> None:
    assert 0 <= SCHEDULES[name]().factor(progress, epoch) <= 1
