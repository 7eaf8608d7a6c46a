"""How fast networks train here, beside PyTorch and scikit-learn.

Run it with: python -m benchmarks.training
"""

import importlib.util
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import click
import numpy as np
from threadpoolctl import threadpool_limits
from tqdm import tqdm

from benchmarks.contenders import CASES, THREADS, Case
from mnist_core.data.dataset import load_mnist, to_unit
from mnist_core.nn.layers.convolution import Conv2D
from mnist_core.nn.network import Network
from mnist_core.recipes.catalog import get

ROOT = Path(__file__).parent.parent
PACKAGES = {"pytorch": "torch", "sklearn": "sklearn"}
Row = dict[str, Any]


class Contender:
    """A process that trains one network whenever it is told to."""

    def __init__(self, who: str, network: str, optimizer: str, folder: str) -> None:
        command = [sys.executable, "-m", "benchmarks.contenders", who, network, optimizer, folder]
        # Each has two threads, for matrices and for everything else.
        threads = {f"{name}_NUM_THREADS": str(THREADS) for name in ("OMP", "OPENBLAS", "MKL")}
        environment = os.environ | threads
        self.process = subprocess.Popen(
            command, cwd=ROOT, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        self._answer()

    def epoch(self) -> float:
        """Train; returns the seconds of an epoch."""
        assert self.process.stdin is not None
        self.process.stdin.write("epoch\n")
        self.process.stdin.flush()
        return float(self._answer())

    def _answer(self) -> str:
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        if not line:
            raise click.ClickException(f"{self.process.args}: ended early")  # type: ignore[str-bytes-safe]
        return line

    def close(self) -> None:
        assert self.process.stdin is not None
        self.process.stdin.close()
        self.process.wait()


@click.command()
@click.option("--only", type=click.Choice([case.name for case in CASES]), help="Only this network.")
@click.option("--optimizer", type=click.Choice(["adam", "sgd"]), default="adam", show_default=True)
@click.option("--repetitions", type=click.IntRange(1, 100), default=7, show_default=True)
@click.option("--json", "as_json", is_flag=True, help="Print the results as one line of JSON.")
def main(only: str | None, optimizer: str, repetitions: int, as_json: bool) -> None:
    """Train the same networks here, with PyTorch and with scikit-learn, in turn, on two threads each.

    All get the same images in the same order and batches. Everything that a step does counts: gathering the batch,
    augmenting it (for the default network), forward, loss, backward and update.
    """
    for who, package in PACKAGES.items():
        if importlib.util.find_spec(package) is None:
            raise click.ClickException(f"{who} is missing; install benchmarks/requirements.txt.")
    limit = matrix_limit()
    with tempfile.TemporaryDirectory() as folder:
        dataset = load_mnist()
        np.save(Path(folder) / "images.npy", to_unit(dataset.train_images).reshape(-1, 784))
        np.save(Path(folder) / "labels.npy", dataset.train_labels)
        chosen = [case for case in CASES if only in (None, case.name)]
        rows = [measure(case, optimizer, repetitions, limit, folder) for case in tqdm(chosen, disable=None)]
    click.echo(json.dumps(rows) if as_json else table(rows))


def measure(case: Case, optimizer: str, repetitions: int, limit: float, folder: str) -> Row:
    """Medians of alternating repetitions for one network; the first round warms up and does not count."""
    names = ["ours", "pytorch"] + (["sklearn"] if case.hidden else [])
    contenders = {name: Contender(name, case.name, optimizer, folder) for name in names}
    seconds: dict[str, list[float]] = {name: [] for name in names}
    for _ in range(repetitions + 1):
        for name, contender in contenders.items():
            seconds[name].append(contender.epoch())
            # Threads that wait for more work do so awake for a while; the next contender should not pay for that.
            time.sleep(0.5)
    for contender in contenders.values():
        contender.close()
    speed = {name: case.images / statistics.median(times[1:]) for name, times in seconds.items()}
    gflops = speed["ours"] * operations(case) / 1e9
    return {
        "network": case.name,
        "batch": case.batch,
        "optimizer": optimizer,
        "images_per_second": {name: round(value) for name, value in speed.items()},
        "ratios": {name: round(speed["ours"] / value, 3) for name, value in speed.items() if name != "ours"},
        "gflops": round(gflops, 1),
        "limit_gflops": round(limit, 1),
        "share_of_limit": round(gflops / limit, 3),
    }


def operations(case: Case) -> float:
    """Multiplications and additions for one training image, with one for each weight and place, forward and backward.

    The gradient by the first layer's input is not needed. A convolution that gets by with fewer is counted in full.
    """
    network = Network(case.layers or get("small-cnn").config.layers, np.random.default_rng(0))
    total, first = 0, True
    for layer, shape in zip(network.layers, network.shapes[1:], strict=True):
        if "weights" in layer.parameters:
            places = shape[0] * shape[1] if isinstance(layer, Conv2D) else 1
            total += 2 * layer.parameters["weights"].size * places * (2 if first else 3)
            first = False
    return total


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


def table(rows: list[Row]) -> str:
    """The rows as a Markdown table."""
    lines = [
        "| network, batch | here, images/s | PyTorch | scikit-learn | GFLOP/s | share of the limit |",
        "| --- | --- | --- | --- | --- | --- |",
    ]
    for row in rows:
        speed, ratios = row["images_per_second"], row["ratios"]
        cells = [f"{row['network']}, {row['batch']}", f"{speed['ours']:,}"]
        for name in PACKAGES:
            cells.append(f"{speed[name]:,} ({ratios[name]:.2f}×)" if name in speed else "–")
        cells += [f"{row['gflops']:.0f}", f"{row['share_of_limit']:.0%} of {row['limit_gflops']:.0f}"]
        lines.append("| " + " | ".join(cells) + " |")
    return "\n".join(lines)


if __name__ == "__main__":
    main(prog_name="python -m benchmarks.training")
