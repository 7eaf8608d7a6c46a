"""The order in which a training sees its images."""

from collections.abc import Mapping
from typing import Any

import numpy as np


class Sampler:
    """Chooses the images of each batch.

    order: indices of all images as the epoch that is going on takes them, integers [N]; None until its first batch is
    asked for, and always where images are drawn with replacement.
    """

    def __init__(self, count: int, sampling: str, rng: np.random.Generator) -> None:
        """count: how many images there are. sampling: see `TrainingConfig`. rng: shuffles or draws."""
        self.order: np.ndarray | None = None
        self._count, self._sampling, self._rng = count, sampling, rng
        self._before_epoch: Mapping[str, Any] = rng.bit_generator.state

    def next_batch(self, shown_in_epoch: int, batch_size: int, always_whole: bool) -> np.ndarray:
        """Indices of the next batch's images among those that the training learns from: integers [N].

        shown_in_epoch: how many images the epoch has had. always_whole: every batch is all images as they are.
        """
        if self._sampling == "replacement":
            return self._rng.integers(0, self._count, batch_size)
        if self.order is None:
            self._before_epoch = self._rng.bit_generator.state
            # A whole batch at the start of an epoch needs no order; one in the middle is the rest of a shuffled epoch.
            whole = always_whole and shown_in_epoch == 0
            shuffled = self._sampling == "shuffled" and not whole
            self.order = self._rng.permutation(self._count) if shuffled else np.arange(self._count)
        return self.order[shown_in_epoch : shown_in_epoch + batch_size]

    def end_epoch(self) -> None:
        """Forget the order: the next epoch has its own."""
        self.order = None

    @property
    def state(self) -> Mapping[str, Any]:
        """The random generator's state before it shuffled this epoch, so that `restore` shuffles to the same order."""
        return self._rng.bit_generator.state if self.order is None else self._before_epoch

    def restore(self, state: Mapping[str, Any]) -> None:
        """Go on from a `state`; the sampler must be new. Raises KeyError, TypeError or ValueError if it is none."""
        self._rng.bit_generator.state = state
