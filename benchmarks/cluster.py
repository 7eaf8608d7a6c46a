"""What a Dask cluster costs: the same trainings with workers of this computer, and with those of a local cluster.

Run it with: python -m benchmarks.cluster
"""

import contextlib
import dataclasses
import os
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click

from mnist_core.recipes import catalog
from mnist_core.runs import RunStore
from mnist_core.runs.cluster import ClusterWorkers
from mnist_core.runs.director import Director
from mnist_core.runs.requests import Requests
from mnist_core.runs.workers import PROJECT, LocalWorkers, Workers

PATIENCE = 600.0
LOOK = 0.25


@click.command()
@click.option("--runs", type=click.IntRange(1, 300), default=30, show_default=True, help="Trainings of the mlp recipe.")
@click.option("--epochs", type=click.IntRange(1), default=1, show_default=True, help="How long each trains.")
@click.option("--workers", type=click.IntRange(1, 64), default=2, show_default=True)
@click.option("--rounds", type=click.IntRange(1), default=3, show_default=True, help="Of each side, in turn.")
def main(runs: int, epochs: int, workers: int, rounds: int) -> None:
    """Compare the time until all trainings are finished."""
    # Ended by a signal, too, the program still stops what it started.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    local: list[float] = []
    cluster: list[float] = []
    for number in range(rounds):
        for side in ("local", "cluster") if number % 2 == 0 else ("cluster", "local"):
            with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
                root = Path(folder) / "runs"
                with local_side(root, workers) if side == "local" else cluster_side(Path(folder), workers) as executor:
                    seconds = train(root, executor, runs, epochs)
            (local if side == "local" else cluster).append(seconds)
            click.echo(f"{side.ljust(8)} {seconds:7.2f} s")
    ratio = statistics.median(cluster) / statistics.median(local)
    click.echo(f"ratio of the medians, cluster to local: {ratio:.3f}")


def train(root: Path, executor: Workers, runs: int, epochs: int) -> float:
    """Seconds from the first request until all have finished."""
    store = RunStore(root)
    config = dataclasses.replace(catalog.get("mlp").config, epochs=epochs)
    requests = Requests(root)
    requests.lock_file.parent.mkdir(parents=True, exist_ok=True)
    made = [store.create("a visitor", dataclasses.replace(config, seed=seed), f"run {seed}") for seed in range(runs)]
    director = Director(root, executor, 3600.0)
    start = time.monotonic()
    for run in made:
        run.ask("run")
        requests.put(run)
    going, looked = made, start
    while going:
        director.work()
        # Thirty statuses after each slice would take the director more time than the slices.
        if (now := time.monotonic()) < looked + LOOK:
            continue
        looked = now
        going = [run for run in going if run.status.state != "finished"]
        if failed := [run for run in going if run.status.state == "failed"]:
            raise click.ClickException(failed[0].status.message)
        if now - start > PATIENCE:
            raise click.ClickException(f"not finished after {PATIENCE:g} s")
    seconds = time.monotonic() - start
    director.close()
    return seconds


@contextmanager
def local_side(root: Path, count: int) -> Iterator[Workers]:
    root.mkdir(parents=True)
    executor = LocalWorkers(count, root)
    try:
        wait_for(executor, count)
        yield executor
    finally:
        executor.close()


@contextmanager
def cluster_side(folder: Path, count: int) -> Iterator[Workers]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    address = f"tcp://127.0.0.1:{port}"
    worker = (address, "--no-nanny", "--nthreads", "1", "--memory-limit", "0", "--local-directory", str(folder))
    processes = [start(folder, "scheduler", "--host", "127.0.0.1", "--port", str(port))]
    executor = None
    try:
        moment = time.monotonic()
        while True:
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
                break
            if time.monotonic() - moment > 60:
                raise click.ClickException((folder / "log").read_text())
            time.sleep(0.1)
        processes += [start(folder, "worker", *worker, "--host", "127.0.0.1") for _ in range(count)]
        executor = ClusterWorkers(address)
        wait_for(executor, count)
        yield executor
    finally:
        if executor is not None:
            executor.close()
        for process in processes:
            process.kill()
            process.wait()


def start(folder: Path, *words: str) -> "subprocess.Popen[bytes]":
    with open(folder / "log", "ab") as log:
        return subprocess.Popen(
            [sys.executable, "-m", "dask", *words, "--no-dashboard"],
            cwd=PROJECT,
            env=os.environ,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
        )


def wait_for(executor: Workers, count: int) -> None:
    """Until all workers can be used."""
    moment = time.monotonic()
    while len(executor.names()) < count:
        if time.monotonic() - moment > 60:
            raise click.ClickException("the workers did not come")
        time.sleep(0.1)


if __name__ == "__main__":
    main(prog_name="python -m benchmarks.cluster")
