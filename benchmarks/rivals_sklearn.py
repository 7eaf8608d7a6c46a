"""scikit-learn's MLPClassifier as a contender, for networks of dense layers alone."""

import importlib
import time
import warnings
from collections.abc import Iterator
from typing import Any

import numpy as np

from benchmarks.cases import Task


class Sklearn:
    """Only its second epoch counts, without what `fit` prepares before the first."""

    def __init__(self, task: Task) -> None:
        self.task = task
        self.classifier = importlib.import_module("sklearn.neural_network").MLPClassifier
        warnings.simplefilter("ignore")

    def _fit(self, epochs: int) -> tuple[list[float], list[float]]:
        """The loss of each step, and the moment at which each epoch ended."""
        order, first = self.task.order, iter(self.task.first)
        losses: list[float] = []
        ends: list[float] = []

        class Order(np.random.RandomState):
            """Gives the contenders' common order instead of one by chance."""

            def shuffle(self, x: Any) -> None:
                x[:] = np.arange(len(x)) if len(x) != len(order) else order

        class Timed(self.classifier):  # type: ignore[misc, name-defined]
            def _init_coef(self, *arguments: Any) -> tuple[np.ndarray, np.ndarray]:
                return next(first).copy(), next(first).copy()

            def _backprop(self, *arguments: Any, **named: Any) -> Any:
                result = super()._backprop(*arguments, **named)
                losses.append(float(result[0]))
                return result

            def _update_no_improvement_count(self, *arguments: Any) -> None:
                ends.append(time.perf_counter())
                super()._update_no_improvement_count(*arguments)

        Timed(
            self.task.case.hidden,
            solver=self.task.config.optimizer,
            alpha=0,
            batch_size=self.task.case.batch,
            learning_rate_init=self.task.config.learning_rate,
            momentum=0,
            max_iter=epochs,
            random_state=Order(0),
        ).fit(self.task.images, self.task.labels)
        return losses, ends

    def losses(self) -> list[float]:
        return self._fit(1)[0]

    def epochs(self) -> Iterator[float]:
        while True:
            start = time.perf_counter()
            _, ends = self._fit(2)
            yield ends[0] - start
            yield ends[1] - ends[0]
