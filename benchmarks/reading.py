"""How fast networks read here, beside PyTorch and ONNX Runtime: one image, and ten thousand.

Run it with: python -m benchmarks.reading
"""

import io
import json
import statistics
import time
from collections.abc import Callable
from typing import Any

import click
import numpy as np
from threadpoolctl import threadpool_limits

from benchmarks.contenders import CASES, THREADS, torch_network
from mnist_core.data.dataset import load_mnist, to_unit
from mnist_core.nn.folding import folded
from mnist_core.nn.network import Network
from mnist_core.reading.recognizer import Recognizer

BATCHES = (250, 1000, 10_000)
"""Sizes of slices that the rivals may read a large batch in; the best of them counts."""
Read = Callable[[np.ndarray], Any]


@click.command()
@click.option("--repetitions", type=click.IntRange(3, 100), default=7, show_default=True)
@click.option("--json", "as_json", is_flag=True, help="Print the results as one line of JSON.")
def main(repetitions: int, as_json: bool) -> None:
    """Read with the same networks here, with PyTorch and with ONNX Runtime, in turn, on two threads each."""
    try:
        import onnxruntime
        import torch
    except ImportError as error:
        raise click.ClickException(f"{error.name} is missing; install benchmarks/requirements.txt.") from None
    torch.set_num_threads(THREADS)
    images = to_unit(load_mnist().test_images)
    rows = []
    for case in CASES:
        network = (
            Network(case.layers, np.random.default_rng(0)) if case.layers else Recognizer.load("small-cnn").network
        )
        flat = bool(case.hidden)
        module = torch_network(torch, case).eval()
        readers: dict[str, Read] = {
            "ours": _ours(folded(network)),
            "pytorch": _torch(torch, module),
            "onnxruntime": _onnx(torch, onnxruntime, module, flat),
        }
        x = images.reshape(-1, 784) if flat else images[:, None]
        times: dict[str, dict[str, list[float]]] = {name: {"one": [], "batch": []} for name in readers}
        with threadpool_limits(1 if network.has_pictures else THREADS, user_api="blas"):
            for _ in range(repetitions):
                for name, read in readers.items():
                    mine = images if name == "ours" else x
                    times[name]["one"].append(_one_image(read, mine))
                    times[name]["batch"].append(_batch(read, mine, (len(images),) if name == "ours" else BATCHES))
        for what in ("one", "batch"):
            seconds = {name: statistics.median(values[what]) for name, values in times.items()}
            rows.append(
                {
                    "network": case.name,
                    "images": 1 if what == "one" else len(images),
                    "milliseconds": {name: round(1000 * value, 4) for name, value in seconds.items()},
                    "ratios": {
                        name: round(value / seconds["ours"], 3) for name, value in seconds.items() if name != "ours"
                    },
                }
            )
    click.echo(json.dumps(rows) if as_json else table(rows))


def _ours(network: Network) -> Read:
    return lambda images: network.logits(images, THREADS if len(images) > 1 else 1)


def _torch(torch: Any, module: Any) -> Read:
    def read(images: np.ndarray) -> Any:
        with torch.inference_mode():
            return module(torch.from_numpy(images))

    return read


def _onnx(torch: Any, onnxruntime: Any, module: Any, flat: bool) -> Read:
    """The module, exported by PyTorch for batches of any size."""
    example = torch.zeros(1, 784) if flat else torch.zeros(1, 1, 28, 28)
    file = io.BytesIO()
    names: dict[str, Any] = {
        "input_names": ["x"],
        "output_names": ["y"],
        "dynamic_axes": {"x": {0: "n"}, "y": {0: "n"}},
    }
    torch.onnx.export(module, example, file, dynamo=False, **names)
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = THREADS
    session = onnxruntime.InferenceSession(file.getvalue(), options, providers=["CPUExecutionProvider"])
    return lambda images: session.run(None, {"x": images})


def _one_image(read: Read, images: np.ndarray) -> float:
    """Median seconds for one image of 200, read one after the other."""
    time.sleep(0.3)
    times = []
    for place in range(220):
        image = images[place : place + 1]
        start = time.perf_counter()
        read(image)
        times.append(time.perf_counter() - start)
    return statistics.median(times[20:])


def _batch(read: Read, images: np.ndarray, sizes: tuple[int, ...]) -> float:
    """Seconds for all images, in slices of the size that suits best."""
    best = float("inf")
    for size in sizes:
        time.sleep(0.3)
        for _ in range(2):  # the first time, buffers are made
            start = time.perf_counter()
            for first in range(0, len(images), size):
                read(images[first : first + size])
            seconds = time.perf_counter() - start
        best = min(best, seconds)
    return best


def table(rows: list[dict[str, Any]]) -> str:
    """The rows as a Markdown table."""
    lines = ["| network | images | here | PyTorch | ONNX Runtime |", "| --- | --- | --- | --- | --- |"]
    for row in rows:
        ms, ratios = row["milliseconds"], row["ratios"]
        rivals = [f"{ms[name]:.3g} ms ({ratios[name]:.2f}×)" for name in ("pytorch", "onnxruntime")]
        cells = [row["network"], f"{row['images']:,}", f"{ms['ours']:.3g} ms", *rivals]
        lines.append("| " + " | ".join(cells) + " |")
    return "\n".join(lines)


if __name__ == "__main__":
    main(prog_name="python -m benchmarks.reading")
