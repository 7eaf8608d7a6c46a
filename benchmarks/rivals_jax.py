"""JAX as a contender: one step, compiled by `jit`, with donated buffers."""

import functools
import importlib
import math
import time
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from benchmarks.cases import Task
from benchmarks.jax_network import jax_network
from mnist_core.data.augment import Warp, _smooth_matrix


class Jax:
    """Layers, loss, optimizer and average as functions; the images lie in JAX's own arrays before."""

    def __init__(self, task: Task) -> None:
        jax = self.jax = importlib.import_module("jax")
        jnp = jax.numpy
        self.task = task
        forward = jax_network(jax, task.layers)
        pictures = any(layer.name == "conv" for layer, _ in task.layers)
        warp, draw = _warp(jax, task), _draw_with(jax, task)
        update = {"adam": _adam, "sgd": _sgd}[task.config.optimizer](jnp, task.config.learning_rate)
        loss_of, decay, size = _loss(jax, task.q), task.config.averaging, task.case.batch

        def step(state: dict[str, Any], images: Any, labels: Any, order: Any, given: Any) -> tuple[dict[str, Any], Any]:
            count = state["count"]
            place = (count % (len(order) // size)) * size
            batch = jax.lax.dynamic_slice(order, (place,), (size,))
            key, for_warp, for_dropout = jax.random.split(state["key"], 3)
            x = images[batch]
            if warp is not None:
                if given is None:
                    x = warp(x, draw(for_warp))
                else:
                    x = warp(x, [jax.lax.dynamic_slice_in_dim(array, place, size) for array in given])
            x = x[..., None] if pictures else x.reshape(size, -1)

            def loss(parameters: list[Any]) -> tuple[Any, Any]:
                scores, running = forward(parameters, state["running"], x, for_dropout)
                return loss_of(scores, labels[batch]), running

            (value, running), slopes = jax.value_and_grad(loss, has_aux=True)(state["parameters"])
            parameters, memory = update(state["parameters"], state["memory"], slopes, count + 1)
            after = {"parameters": parameters, "memory": memory, "running": running, "key": key, "count": count + 1}
            if decay:
                share = 1 - jnp.minimum(decay, count / (count + 10))
                now = (parameters, running)
                after["average"] = jax.tree.map(lambda a, b: a + (b - a) * share, state["average"], now)
            return after, value

        self._step = jax.jit(step, donate_argnums=0)
        parameters = [jnp.array(array) for array in task.first]
        running = [
            (jnp.zeros(shape[-1]), jnp.ones(shape[-1])) for layer, shape in task.layers if layer.name == "batchnorm"
        ]
        slots = {"adam": 2, "sgd": 0}[task.config.optimizer]
        memory = [[jnp.zeros_like(array) for array in parameters] for _ in range(slots)]
        self._state = {
            "parameters": parameters,
            "memory": memory,
            "running": running,
            "key": jax.random.key(0),
            "count": jnp.zeros((), jnp.int32),
        }
        if decay:
            self._state["average"] = jax.tree.map(jnp.copy, (parameters, running))
        warps = None
        if task.warps is not None:
            arrays = (task.warps.matrices, task.warps.shifts, task.warps.fields)
            warps = [jnp.asarray(array) for array in arrays if array is not None]
        labels = jnp.asarray(task.labels.astype(np.int32))
        order = jnp.asarray(task.order.astype(np.int32))
        self._data = (jnp.asarray(task.images.reshape(-1, 28, 28)), labels, order, warps)

    def losses(self) -> list[float]:
        found = []
        for _ in range(self.task.steps):
            self._state, loss = self._step(self._state, *self._data)
            found.append(float(loss))
        return found

    def epochs(self) -> Iterator[float]:
        while True:
            start = time.perf_counter()
            for _ in range(self.task.steps):
                self._state, _ = self._step(self._state, *self._data)
            self.jax.block_until_ready(self._state)
            yield time.perf_counter() - start


def _loss(jax: Any, q: float) -> Callable[[Any, Any], Any]:
    def loss(scores: Any, labels: Any) -> Any:
        right = jax.numpy.take_along_axis(jax.nn.log_softmax(scores), labels[:, None], 1)
        return -right.mean() if not q else ((1 - jax.numpy.exp(q * right)) / q).mean()

    return loss


def _adam(jnp: Any, rate: float, beta1: float = 0.9, beta2: float = 0.999, epsilon: float = 1e-8) -> Callable[..., Any]:
    def update(parameters: list[Any], memory: list[list[Any]], slopes: list[Any], step: Any) -> tuple[Any, Any]:
        first, second = 1 - beta1**step, 1 - beta2**step
        means = [beta1 * mean + (1 - beta1) * slope for mean, slope in zip(memory[0], slopes, strict=True)]
        squares = [beta2 * square + (1 - beta2) * slope**2 for square, slope in zip(memory[1], slopes, strict=True)]
        moved = [
            array - rate * (mean / first) / (jnp.sqrt(square / second) + epsilon)
            for array, mean, square in zip(parameters, means, squares, strict=True)
        ]
        return moved, [means, squares]

    return update


def _sgd(jnp: Any, rate: float) -> Callable[..., Any]:
    def update(parameters: list[Any], memory: list[Any], slopes: list[Any], step: Any) -> tuple[Any, Any]:
        return [array - rate * slope for array, slope in zip(parameters, slopes, strict=True)], memory

    return update


def _warp(jax: Any, task: Task) -> Callable[[Any, Any], Any] | None:
    """The augmentation, by JAX's own map_coordinates."""
    limits, jnp = task.augmentation, jax.numpy
    if limits is None:
        return None
    smooth = jnp.asarray(_smooth_matrix(28, limits.grid))
    places = jnp.stack(jnp.meshgrid(jnp.arange(28), jnp.arange(28), indexing="ij")).astype(jnp.float32) - 13.5
    look_up = functools.partial(jax.scipy.ndimage.map_coordinates, order=1, mode="constant")

    def warp(x: Any, drawn: Any) -> Any:
        matrices, shifts, *fields = drawn
        sources = jnp.einsum("nij,jhw->nihw", matrices, places) + (shifts + 13.5)[:, :, None, None]
        if fields:
            sources = sources + smooth @ fields[0] @ smooth.T
        return jax.vmap(lambda image, source: look_up(image, [source[0], source[1]]))(x, sources)

    return warp


def _draw_with(jax: Any, task: Task) -> Callable[[Any], list[Any]]:
    """Matrices, shifts and fields by chance, as `Warp.draw` has them."""
    jnp, count, limits = jax.numpy, task.case.batch, task.augmentation or Warp()

    def draw(key: Any) -> list[Any]:
        keys = jax.random.split(key, 6)

        def within(number: int, limit: float, *shape: int) -> Any:
            return jax.random.uniform(keys[number], shape, minval=-limit, maxval=limit)

        angle = within(0, math.radians(limits.rotation), count)
        slant = jnp.tan(within(1, math.radians(limits.shear), count))
        stretch, shifts = 1 + within(2, limits.scale, count, 2), within(3, limits.shift, count, 2)
        cos, sin = jnp.cos(angle), jnp.sin(angle)
        matrices = jnp.stack([cos, sin, slant * cos - sin, slant * sin + cos], 1).reshape(-1, 2, 2)
        matrices = matrices / stretch[:, :, None]
        fields = []
        if limits.elastic:
            fields = [jax.random.normal(keys[4], (count, 2, limits.grid, limits.grid)) * limits.elastic]
        if limits.share < 1:
            kept = (jax.random.uniform(keys[5], (count,)) >= limits.share)[:, None]
            matrices = jnp.where(kept[:, None], jnp.eye(2), matrices)
            shifts = jnp.where(kept, 0.0, shifts)
            fields = [jnp.where(kept[:, None, None], 0.0, field) for field in fields]
        return [matrices, shifts, *fields]

    return draw
