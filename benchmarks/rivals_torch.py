"""PyTorch as a contender: eager with its default optimizer, eager with `fused=True`, and `torch.compile` with fused."""

import importlib
import math
import time
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from benchmarks.cases import THREADS, Task
from benchmarks.torch_network import torch_network
from mnist_core.data.augment import Warp, _smooth_matrix

Drawn = tuple[Any, ...]


class Torch:
    """As PyTorch's tutorials write a training: nn.Module, its optimizer, pixels as floats.

    fused: its optimizer in one pass. compiled: augmentation, network and loss go through `torch.compile`.
    """

    def __init__(self, task: Task, *, fused: bool = False, compiled: bool = False) -> None:
        torch = self.torch = importlib.import_module("torch")
        torch.set_num_threads(THREADS)
        torch.manual_seed(0)
        network = torch_network(torch, task.layers, task.first)
        pictures = any(len(shape) == 3 and layer.name == "conv" for layer, shape in task.layers)
        self.task, self.network = task, network
        self.images = torch.from_numpy(task.images.reshape(-1, 1, 28, 28) if pictures else task.images)
        self.labels = torch.from_numpy(task.labels.astype(np.int64))
        self.order = torch.from_numpy(task.order)
        make = {"sgd": torch.optim.SGD, "adam": torch.optim.Adam}[task.config.optimizer]
        options = {"fused": True} if fused else {}
        self.optimizer = make(network.parameters(), lr=task.config.learning_rate, **options)
        self.average = None
        if task.config.averaging:
            utils = torch.optim.swa_utils
            follow = utils.get_ema_multi_avg_fn(task.config.averaging)
            self.average = utils.AveragedModel(network, multi_avg_fn=follow, use_buffers=True)
        self.draw, warp = _warp(torch, task)
        loss_of = _loss(torch, task.q)

        def loss(x: Any, labels: Any, drawn: Drawn) -> Any:
            return loss_of(network(warp(x, drawn) if drawn else x), labels)

        self.loss = torch.compile(loss) if compiled else loss

    def _step(self, number: int) -> Any:
        size = self.task.case.batch
        batch = self.order[number * size : (number + 1) * size]
        self.optimizer.zero_grad()
        loss = self.loss(self.images[batch], self.labels[batch], self.draw(number))
        loss.backward()
        self.optimizer.step()
        if self.average is not None:
            self.average.update_parameters(self.network)
        return loss.detach()

    def losses(self) -> list[float]:
        return [float(self._step(number)) for number in range(self.task.steps)]

    def epochs(self) -> Iterator[float]:
        while True:
            start = time.perf_counter()
            for number in range(self.task.steps):
                self._step(number)
            yield time.perf_counter() - start


def _loss(torch: Any, q: float) -> Callable[[Any, Any], Any]:
    if not q:
        return torch.nn.CrossEntropyLoss()

    def generalized(scores: Any, labels: Any) -> Any:
        right = torch.softmax(scores, 1).gather(1, labels[:, None])
        return ((1 - right**q) / q).mean()

    return generalized


def _warp(torch: Any, task: Task) -> tuple[Callable[[int], Drawn], Callable[[Any, Drawn], Any]]:
    """The augmentation with PyTorch's own affine_grid and grid_sample: chance for one step, and the work itself."""
    limits, size = task.augmentation, task.case.batch
    if limits is None:
        return (lambda _: ()), (lambda x, _: x)
    smooth = torch.from_numpy(_smooth_matrix(28, limits.grid))

    def given(number: int) -> Drawn:
        part = task.warps.part(slice(number * size, (number + 1) * size))  # type: ignore[union-attr]
        arrays = (part.matrices, part.shifts, part.fields)
        return tuple(torch.from_numpy(array) for array in arrays if array is not None)

    def warp(x: Any, drawn: Drawn) -> Any:
        matrices, shifts, *fields = drawn
        # PyTorch has columns before rows, and 2 for the length of a side.
        affine = torch.cat([matrices.flip(1, 2), (shifts.flip(1) / 14)[:, :, None]], 2)
        grid = torch.nn.functional.affine_grid(affine, x.shape, align_corners=False)
        if fields:
            bent = smooth @ fields[0] @ smooth.T
            grid = grid + bent.flip(1).permute(0, 2, 3, 1) / 14
        return torch.nn.functional.grid_sample(x, grid, align_corners=False)

    return (given if task.warps is not None else lambda _: _draw(torch, limits, size)), warp


def _draw(torch: Any, limits: Warp, count: int) -> Drawn:
    """Matrices, shifts and fields by chance, as `Warp.draw` has them."""

    def within(limit: float, *shape: int) -> Any:
        return (torch.rand(*shape) * 2 - 1) * limit

    angle = within(math.radians(limits.rotation), count)
    slant = torch.tan(within(math.radians(limits.shear), count))
    stretch, shifts = 1 + within(limits.scale, count, 2), within(limits.shift, count, 2)
    cos, sin = torch.cos(angle), torch.sin(angle)
    matrices = torch.stack([cos, sin, slant * cos - sin, slant * sin + cos], 1).reshape(-1, 2, 2) / stretch[:, :, None]
    fields = [torch.randn(count, 2, limits.grid, limits.grid) * limits.elastic] if limits.elastic else []
    if limits.share < 1:
        kept = (torch.rand(count) >= limits.share)[:, None]
        matrices = torch.where(kept[:, None], torch.eye(2), matrices)
        shifts = torch.where(kept, 0.0, shifts)
        fields = [torch.where(kept[:, None, None], 0.0, field) for field in fields]
    return (matrices, shifts, *fields)
