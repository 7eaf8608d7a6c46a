"""How the learning rate changes while a network trains: a factor between 0 and 1 for every step."""

import math
from dataclasses import dataclass
from typing import ClassVar

from mnist_core.errors import InputError


class Schedule:
    """Base of all schedules; the rate of a step is the configured learning rate times `factor`."""

    name: ClassVar[str]

    def factor(self, progress: float, epoch: float) -> float:
        """The factor for a step. progress: share of the training that is done, 0 to 1; epoch: epochs done."""
        raise NotImplementedError


@dataclass(frozen=True)
class Constant(Schedule):
    """The rate stays as it is."""

    name: ClassVar[str] = "constant"

    def factor(self, progress: float, epoch: float) -> float:
        return 1.0


@dataclass(frozen=True)
class Step(Schedule):
    """Every `every` epochs the rate is multiplied by `by`."""

    name: ClassVar[str] = "step"
    every: int = 10
    by: float = 0.1

    def __post_init__(self) -> None:
        if self.every < 1 or not 0 < self.by <= 1:
            raise InputError("step: expected every of at least 1 epoch, and by above 0 and at most 1.")

    def factor(self, progress: float, epoch: float) -> float:
        return self.by ** int(epoch // self.every)


@dataclass(frozen=True)
class Cosine(Schedule):
    """Rises evenly during `warmup` epochs, then falls to zero along half a cosine (Loshchilov, Hutter 2017)."""

    name: ClassVar[str] = "cosine"
    warmup: float = 0.0

    def __post_init__(self) -> None:
        if self.warmup < 0:
            raise InputError("cosine: expected a warmup of 0 or more epochs.")

    def factor(self, progress: float, epoch: float) -> float:
        rising = min(1.0, (epoch + 1e-3) / self.warmup) if self.warmup else 1.0
        return rising * (1 + math.cos(math.pi * progress)) / 2


@dataclass(frozen=True)
class OneCycle(Schedule):
    """Rises from 1/25 to 1 during the first `rise` of the training, then falls to zero, both along half a cosine.

    Source: Smith and Topin 2018, in the shape that is common today.
    """

    name: ClassVar[str] = "one_cycle"
    rise: float = 0.3

    def __post_init__(self) -> None:
        if not 0 < self.rise < 1:
            raise InputError("one_cycle: expected a rise between 0 and 1.")

    def factor(self, progress: float, epoch: float) -> float:
        if progress < self.rise:
            low = 1 / 25
            return low + (1 - low) * (1 - math.cos(math.pi * progress / self.rise)) / 2
        return (1 + math.cos(math.pi * (progress - self.rise) / (1 - self.rise))) / 2


SCHEDULES: dict[str, type[Schedule]] = {cls.name: cls for cls in (Constant, Step, Cosine, OneCycle)}
