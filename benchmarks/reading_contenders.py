"""The same network read by this project and by its rivals: each runs in a process of its own.

A process is started as `python -m benchmarks.reading_contenders WHO NETWORK FOLDER`. It answers every line that it is
sent with a line of JSON. "answers": it writes its probabilities for all test images to FOLDER/WHO.npy. "one": seconds
for one image. "many": seconds for all test images, in slices of the size that suits best.
"""

import importlib
import io
import json
import statistics
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from threadpoolctl import threadpool_limits

from benchmarks.cases import THREADS, case
from benchmarks.jax_network import jax_network
from benchmarks.ours import about
from benchmarks.torch_network import torch_network
from mnist_core.data.dataset import load_mnist, to_unit
from mnist_core.nn.folding import folded
from mnist_core.nn.layers import softmax
from mnist_core.nn.network import Network, plan_network
from mnist_core.reading.recognizer import Recognizer

SLICES = (250, 1000, 10_000)
"""Sizes of slices that the rivals may read many images in; the best of them counts."""
Read = Callable[[np.ndarray], Any]
"""From images, float32 [N, 784] or [N, 1, 28, 28], here [N, 28, 28], to scores [N, classes]."""


def bundled(name: str) -> bool:
    return bool(case(name).recipe)


def network_of(name: str) -> Network:
    """The bundled network, or one with random weights. Everybody is given it with batch normalization folded in."""
    return folded(
        Recognizer.load(name).network if bundled(name) else Network(case(name).layers, np.random.default_rng(0))
    )


def _ours(network: Network) -> Read:
    return lambda images: network.logits(images, THREADS if len(images) > 1 else 1)


def _module(network: Network) -> tuple[Any, Any]:
    torch = importlib.import_module("torch")
    torch.set_num_threads(THREADS)
    plan = plan_network(network.description)
    learned = [array for layer in network.layers for array in layer.parameters.values()]
    return torch, torch_network(torch, zip(plan.layers, plan.shapes, strict=False), learned).eval()


def _torch(network: Network, compiled: bool = False) -> Read:
    torch, module = _module(network)
    if compiled:
        module = torch.compile(module, dynamic=False)

    def read(images: np.ndarray) -> Any:
        with torch.inference_mode():
            return module(torch.from_numpy(images)).numpy()

    return read


def _onnx(network: Network) -> Read:
    """The module, exported by PyTorch for batches of any size."""
    onnxruntime = importlib.import_module("onnxruntime")
    torch, module = _module(network)
    example = torch.zeros(1, 1, 28, 28) if network.has_pictures else torch.zeros(1, 784)
    file = io.BytesIO()
    names = {"input_names": ["x"], "output_names": ["y"], "dynamic_axes": {"x": {0: "n"}, "y": {0: "n"}}}
    torch.onnx.export(module, example, file, dynamo=False, **names)
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = THREADS
    session = onnxruntime.InferenceSession(file.getvalue(), options, providers=["CPUExecutionProvider"])
    return lambda images: session.run(None, {"x": images})[0]


def _jax(network: Network) -> Read:
    """The weights are constants of the compiled function."""
    jax = importlib.import_module("jax")
    plan = plan_network(network.description)
    forward = jax_network(jax, zip(plan.layers, plan.shapes, strict=False), training=False)
    learned = [jax.numpy.asarray(array) for layer in network.layers for array in layer.parameters.values()]

    def scores(x: Any) -> Any:
        # One channel: first or last is the same order in memory.
        x = x.reshape(len(x), 28, 28, 1) if network.has_pictures else x
        return forward(learned, [], x, None)[0]

    fast = jax.jit(scores)
    return lambda images: np.asarray(fast(images))


READERS: dict[str, Callable[[Network], Read]] = {
    "ours": _ours,
    "onnxruntime": _onnx,
    "pytorch": _torch,
    "compiled": lambda network: _torch(network, compiled=True),
    "jax": _jax,
}


def one(read: Read, images: np.ndarray) -> float:
    """Median seconds for one image of 200, read one after the other."""
    times = []
    for place in range(220):
        image = images[place : place + 1]
        start = time.perf_counter()
        read(image)
        times.append(time.perf_counter() - start)
    return statistics.median(times[20:])


def many(read: Read, images: np.ndarray, sizes: Sequence[int]) -> float:
    """Seconds for all images, in slices of the size that suits best."""
    best = float("inf")
    for size in sizes:
        for _ in range(2):  # the first time, buffers are made
            start = time.perf_counter()
            for first in range(0, len(images), size):
                read(images[first : first + size])
            seconds = time.perf_counter() - start
        best = min(best, seconds)
    return best


def main(who: str, name: str, folder: str) -> None:
    network = network_of(name)
    images = to_unit(load_mnist().test_images)
    if who != "ours":
        images = images[:, None] if network.has_pictures else images.reshape(-1, 784)
    read = READERS[who](network)
    with threadpool_limits(1 if network.has_pictures else THREADS, user_api="blas"):
        for line in sys.stdin:
            answer: Any = None
            match line.strip():
                case "answers":
                    np.save(Path(folder) / f"{who}.npy", softmax(np.asarray(read(images))))
                case "one":
                    answer = one(read, images)
                case "many":
                    answer = many(read, images, (len(images),) if who == "ours" else SLICES)
                case _:
                    answer = about()
            print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
