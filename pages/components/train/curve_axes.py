"""Which part of its values a chart of curves shows: a run whose loss explodes must not flatten all others."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

FAR = 10.0
"""A loss so many times as high as what the others need, or as its own beginning, is far above."""


@dataclass(frozen=True)
class Height:
    """The axis of the values. leaving: the numbers of the runs that leave it at the top. forced: whether it is
    logarithmic only because a loss exploded."""

    kind: Literal["linear", "log"]
    low: float
    high: float
    leaving: frozenset[int] = frozenset()
    forced: bool = False

    def seen(self, values: np.ndarray) -> np.ndarray:
        """What can be drawn of a line: NaN where it is outside, but for the points at which it leaves and returns."""
        if self.kind == "log":
            return np.where(values > 0, values, np.nan)
        above = values > self.high
        if not above.any():
            return values
        around = np.concatenate([[True], ~above, [True]])
        edge = above & (around[:-2] | around[2:])
        return np.where(edge, self.high, np.where(above, np.nan, values))

    def place(self, value: float) -> float:
        """Where a value stands: 0 at the bottom, 1 at the top."""
        if self.kind == "log":
            return math.log(max(value, self.low) / self.low) / math.log(self.high / self.low)
        return (value - self.low) / (self.high - self.low)

    def value(self, place: float) -> float:
        """The reverse."""
        if self.kind == "log":
            return float(self.low * (self.high / self.low) ** place)
        return self.low + place * (self.high - self.low)


def loss_height(runs: Sequence[np.ndarray], log: bool) -> Height:
    """The axis for the losses of some runs: all points of each, the earliest first. log: whether that is asked for.

    One run that explodes is drawn on a logarithmic axis. Among others it leaves the chart at the top, unless the others
    would then be all that is seen of it.
    """
    known = [(number, values[values > 0]) for number, values in enumerate(runs) if (values > 0).any()]
    if not known:
        return Height("linear", 0.0, 1.0)
    tops = {number: float(values.max()) for number, values in known}
    calm = FAR * min(tops.values())
    far = {number for number, top in tops.items() if top > calm}
    needed = max(top for number, top in tops.items() if number not in far)
    hidden = any(float(values.min()) > needed for number, values in known if number in far)
    exploded = all(tops[number] > FAR * float(values[0]) for number, values in known if number not in far)
    lowest = min(float(values.min()) for _, values in known)
    if log or hidden or exploded:
        highest = max(tops.values())
        return Height("log", lowest / 1.15, max(highest, 1.1 * lowest) * (highest / lowest) ** 0.09, forced=not log)
    return _linear(lowest, needed, frozenset(far), least=0.0)


def accuracy_height(runs: Sequence[np.ndarray], goal: float | None) -> Height:
    """The axis for accuracies, with a published one if there is one."""
    known = [values for values in runs if len(values)]
    values = np.concatenate([*known, [] if goal is None else [goal]]) if known else np.array([0.0, 1.0])
    return _linear(float(values.min()), float(values.max()), least=0.0)


def _linear(low: float, high: float, leaving: frozenset[int] = frozenset(), least: float = -math.inf) -> Height:
    span = (high - low) or 0.1 * abs(high) or 0.1
    return Height("linear", max(least, low - 0.03 * span), high + 0.09 * span, leaving)
