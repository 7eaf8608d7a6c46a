"""How often pages look at their runs, by how many look and by how busy the server is."""

import pytest

from pages.components.classes import watchers
from pages.components.classes.server_load import BUSY, CALM, MOST, SAMPLE_SECONDS, ServerLoad


class Clock:
    """A clock and a processor's clock that tests move on."""

    def __init__(self) -> None:
        self.now = self.used = 100.0

    def pass_time(self, seconds: float, share: float) -> None:
        self.now += seconds
        self.used += seconds * share


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def load(clock: Clock) -> ServerLoad:
    return ServerLoad(lambda: clock.now, lambda: clock.used)


def test_a_busy_server_is_looked_at_more_rarely_up_to_a_limit(load: ServerLoad, clock: Clock) -> None:
    found = []
    for _ in range(4):
        clock.pass_time(SAMPLE_SECONDS, BUSY + 0.1)
        found.append(load.stretch())
    assert found == [2, 4, MOST, MOST]


def test_the_stretch_ends_when_the_server_is_calm_not_before(load: ServerLoad, clock: Clock) -> None:
    clock.pass_time(SAMPLE_SECONDS, 0.9)
    assert load.stretch() == 2
    clock.pass_time(SAMPLE_SECONDS, (BUSY + CALM) / 2)
    assert load.stretch() == 2
    clock.pass_time(SAMPLE_SECONDS, CALM - 0.1)
    assert load.stretch() == 1
    clock.pass_time(SAMPLE_SECONDS, 0.0)
    assert load.stretch() == 1


def test_a_short_burst_changes_nothing(load: ServerLoad, clock: Clock) -> None:
    clock.pass_time(SAMPLE_SECONDS / 4, 1.0)
    assert load.stretch() == 1
    clock.pass_time(SAMPLE_SECONDS, 0.1)
    assert load.stretch() == 1


@pytest.mark.parametrize(("count", "stretch", "seconds"), [(1, 1, 1.0), (30, 1, 1.25), (30, 2, 2.5), (300, 4, 8.0)])
def test_the_time_between_two_looks(
    monkeypatch: pytest.MonkeyPatch, count: int, stretch: float, seconds: float
) -> None:
    class Load:
        def stretch(self) -> float:
            return stretch

    monkeypatch.setattr(watchers, "watchers", lambda: count)
    monkeypatch.setattr(watchers, "server_load", Load)
    assert watchers.interval() == seconds
    assert watchers.calm_interval() > seconds
