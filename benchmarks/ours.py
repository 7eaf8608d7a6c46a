"""This project's own Trainer, as the command line uses it, as a contender."""

import time
from collections.abc import Iterator
from typing import Any

import numpy as np
from threadpoolctl import threadpool_info, threadpool_limits

from benchmarks.cases import THREADS, Task
from mnist_core.data.augment import Augmentation, Warps
from mnist_core.data.dataset import Dataset
from mnist_core.training.report import Report
from mnist_core.training.trainer import Trainer


class Ours:
    """Gathers each batch from bytes, and counts how many images were read rightly; the rivals need not."""

    def __init__(self, task: Task) -> None:
        pixels = (task.images * 255).round().astype(np.uint8).reshape(-1, 28, 28)
        dataset = Dataset("benchmark", pixels, task.labels, pixels[:1], task.labels[:1])
        self.task, self.trainer = task, Trainer(task.config, dataset, THREADS)
        own = [array for layer in self.trainer.network.layers for array in layer.parameters.values()]
        for array, first in zip(own, task.first, strict=True):
            array[...] = first
        if task.warps is not None:
            self.trainer.augment = Drawn(task.warps)

    def losses(self) -> list[float]:
        self.trainer.sampler.order = self.task.order
        return [report.loss for _, report in zip(range(self.task.steps), self.trainer.run(1), strict=False)]

    def epochs(self) -> Iterator[float]:
        """Seconds of one epoch after the other, all in the same order."""
        trainer, before = self.trainer, 0.0
        trainer.sampler.order = self.task.order
        report: Report
        for report in trainer.run(1_000_000):
            yield report.seconds - before
            before = report.seconds
            trainer.sampler.order = self.task.order


class Drawn(Augmentation):
    """Gives what was drawn before, batch by batch."""

    def __init__(self, warps: Warps) -> None:
        self.warps, self.given = warps, 0

    def draw(self, count: int, rng: np.random.Generator) -> Warps:
        self.given += count
        return self.warps.part(slice(self.given - count, self.given))


def about() -> dict[str, Any]:
    """See `kernels` and `matrix_limit`."""
    return {"kernels": kernels(), "limit": matrix_limit()}


def kernels() -> str:
    """What NumPy multiplies matrices with: the architecture that its BLAS has kernels for, and its version."""
    pools = [pool for pool in threadpool_info() if pool["user_api"] == "blas"]
    names = [f"{pool['internal_api']} {pool['version']} for {pool.get('architecture')}" for pool in pools]
    return ", ".join(dict.fromkeys(names))


def matrix_limit(size: int = 2048) -> float:
    """What NumPy reaches here in a large float32 matrix product on two threads, in GFLOP/s."""
    a, b = (np.random.default_rng(seed).random((size, size), np.float32) for seed in (0, 1))
    out = np.empty_like(a)
    times = []
    with threadpool_limits(THREADS, user_api="blas"):
        for _ in range(12):
            start = time.perf_counter()
            np.matmul(a, b, out=out)
            times.append(time.perf_counter() - start)
    return 2 * size**3 / min(times) / 1e9
