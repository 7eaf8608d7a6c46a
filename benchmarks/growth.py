"""How the time of an epoch grows with the data, the batch and the network, and what memory a training takes.

Run it with: python -m benchmarks.growth
"""

import json
import statistics
import subprocess
import sys
from pathlib import Path

import click

from benchmarks.cases import CASES, CNN, THREADS
from mnist_core.data.dataset import load_mnist
from mnist_core.training.config import TrainingConfig
from mnist_core.training.trainer import Trainer

ROOT = Path(__file__).parent.parent
IMAGES = (1_000, 10_000, 60_000)
BATCHES = (16, 64, 256, 1024, 4096)
WIDTHS = (32, 128, 512, 1024)
# A process of its own trains for some steps and says its peak; the checkpoint of a run is not part of it.
TRAIN_AND_SAY_PEAK = """
from pathlib import Path
from mnist_core.training.config import TrainingConfig
from mnist_core.data.dataset import load_mnist
from mnist_core.training.trainer import Trainer
config = TrainingConfig({layers!r}, batch_size={batch}, steps=60, epochs=1)
list(Trainer(config, load_mnist(), {threads}).run())
lines = Path("/proc/self/status").read_text().splitlines()
print(next(int(line.split()[1]) // 1024 for line in lines if line.startswith("VmHWM:")))
"""


def mlp(width: int) -> tuple[str, ...]:
    return ("flatten", f"dense {width}", "relu", "dense 10")


def epoch_seconds(layers: tuple[str, ...], images: int, batch: int, repetitions: int) -> float:
    """Median seconds of an epoch, after one that does not count."""
    config = TrainingConfig(
        layers, optimizer="adam", batch_size=batch, epochs=1, train_images=images, validation=0, learning_rate=0.001
    )
    times = [list(Trainer(config, load_mnist(), THREADS).run(10**6))[-1].seconds for _ in range(repetitions + 1)]
    return statistics.median(times[1:])


def peak_megabytes(layers: tuple[str, ...], batch: int) -> int:
    """Peak resident memory of a whole training process, in MB, with the dataset in it; only Linux tells."""
    code = TRAIN_AND_SAY_PEAK.format(layers=layers, batch=batch, threads=THREADS)
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    return int(done.stdout)


@click.command()
@click.option("--repetitions", type=click.IntRange(1, 100), default=5, show_default=True)
@click.option("--json", "as_json", is_flag=True, help="Print the results as one line of JSON.")
def main(repetitions: int, as_json: bool) -> None:
    """Measure epochs of 784-128-10 and of a CNN with one thing changed at a time, on two threads."""
    rows: list[dict[str, float | str]] = []

    def add(what: str, value: int, layers: tuple[str, ...], images: int, batch: int) -> None:
        seconds = epoch_seconds(layers, images, batch, repetitions)
        rows.append(
            {"what": what, "value": value, "seconds": round(seconds, 4), "images_per_second": round(images / seconds)}
        )

    for count in IMAGES:
        add("784-128-10, batch 128: images", count, mlp(128), count, 128)
    for batch in BATCHES:
        add("784-128-10, 60,000 images: batch", batch, mlp(128), 60_000, batch)
    for width in WIDTHS:
        add("784-WIDTH-10, 60,000 images, batch 128: width", width, mlp(width), 60_000, 128)
    for count in (1_000, 10_000):
        add("CNN, batch 128: images", count, CNN, count, 128)
    for batch in (16, 64, 256, 1024):
        add("CNN, 10,000 images: batch", batch, CNN, 10_000, batch)
    memory = {case.name: peak_megabytes(case.layers, case.batch) for case in CASES if case.layers}
    if as_json:
        click.echo(json.dumps({"epochs": rows, "peak_megabytes": memory}))
        return
    click.echo("| what is changed | value | an epoch | images/s |\n| --- | --- | --- | --- |")
    for row in rows:
        click.echo(f"| {row['what']} | {row['value']:,} | {row['seconds']:.3g} s | {row['images_per_second']:,} |")
    click.echo("\nPeak memory of a whole training process: " + ", ".join(f"{k} {v} MB" for k, v in memory.items()))


if __name__ == "__main__":
    main(prog_name="python -m benchmarks.growth")
