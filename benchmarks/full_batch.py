"""Networks trained on all images at once: this project in float32 beside NumPy in float64, written as notebooks do.

All start from the same weights and take the same steps; benchmarks/notebook_style.py has the other two ways.
Run it with: python -m benchmarks.full_batch
"""

import dataclasses
import json
import os
import sys
import time
from collections.abc import Callable

import click
import numpy as np

from benchmarks import notebook_style as style
from benchmarks.contender_process import OWN_CHOICE, own_choice
from benchmarks.ours import kernels
from benchmarks.speed_page import markdown, write_table
from mnist_core.data.dataset import load_mnist, to_unit
from mnist_core.nn.metrics import accuracy
from mnist_core.recipes.catalog import get
from mnist_core.recipes.reproduce import THREADS
from mnist_core.training.trainer import Trainer

Row = dict[str, float | int | str]
Training = Callable[[np.ndarray, np.ndarray, style.Weights, int, np.ndarray], style.Weights]
OTHERS: dict[str, tuple[str, Training, Training]] = {
    "logistic-regression": ("", style.notebook_logistic, style.lean_logistic),
    "relu-10": ("relu", style.notebook_relu, style.lean_relu),
    "sigmoid-128": ("sigmoid", style.notebook_sigmoid, style.lean_sigmoid),
}


@click.command()
@click.option("--only", multiple=True, type=click.Choice(list(OTHERS)), help="Only this recipe; may be repeated.")
@click.option("--steps", type=click.IntRange(1), help="Only so many steps, instead of the whole training.")
@click.option("--write", is_flag=True, help="Write the table into docs/speed.md.")
@click.option("--json", "as_json", is_flag=True, help="Print the results as JSON.")
def main(only: tuple[str, ...], steps: int | None, write: bool, as_json: bool) -> None:
    """Train the full-batch recipes three ways; compare the time and the accuracy on the test images."""
    if set(OWN_CHOICE) & set(os.environ):
        # OpenBLAS has read them by now: once more, without them.
        os.execve(sys.executable, [sys.executable, "-m", "benchmarks.full_batch", *sys.argv[1:]], own_choice())
    click.echo(f"Kernels: {kernels()}.", err=True)
    rows = [compare(name, steps) for name in OTHERS if not only or name in only]
    click.echo(json.dumps(rows, indent=2) if as_json else table(rows))
    if write:
        write_table("full batch", f"Kernels: {kernels()}.\n\n{table(rows)}")


def table(rows: list[Row]) -> str:
    """The rows as a Markdown table."""
    head = ["recipe", "steps", "as the notebook", "lean float64", "here, float32"]
    head += ["notebook to here", "lean to here", "accuracies"]
    return markdown(
        head,
        [
            [
                *(f"`{row['recipe']}`", f"{row['steps']:,}", f"{row['notebook_seconds']:.1f} s"),
                *(f"{row['lean_seconds']:.1f} s", f"{row['our_seconds']:.1f} s"),
                *(f"{row['notebook_ratio']:.2f}×", f"{row['lean_ratio']:.2f}×"),
                f"{row['notebook_accuracy']:.2%}, {row['lean_accuracy']:.2%}, {row['our_accuracy']:.2%}",
            ]
            for row in rows
        ],
    )


def compare(name: str, steps: int | None) -> Row:
    """Train one recipe in all three ways, one after the other."""
    hidden, notebook, lean = OTHERS[name]
    dataset = load_mnist()
    config = dataclasses.replace(get(name).config, dtype="float32", steps=steps or 0)
    trainer = Trainer(config, dataset, THREADS)
    first = [array.astype(np.float64) for _, array in trainer.network.arrays()]

    start = time.perf_counter()
    *_, report = trainer.run(10)
    our_seconds = time.perf_counter() - start
    ours = trainer.network.logits(to_unit(dataset.test_images))
    row: Row = {
        "recipe": name,
        "steps": report.step,
        "our_seconds": our_seconds,
        "our_accuracy": accuracy(ours, dataset.test_labels),
    }

    training_images = dataset.train_images[trainer.training_indices]
    pixels, test = (style.columns(images, raw=not hidden) for images in (training_images, dataset.test_images))
    for way, train in (("notebook", notebook), ("lean", lean)):
        start = time.perf_counter()
        learned = train(pixels, trainer.training_class_ids, first, report.step, test)
        seconds = time.perf_counter() - start
        row[f"{way}_seconds"], row[f"{way}_ratio"] = seconds, seconds / our_seconds
        row[f"{way}_accuracy"] = accuracy(style.scores(test, learned, hidden), dataset.test_labels)
    return row


if __name__ == "__main__":
    main(prog_name="python -m benchmarks.full_batch")
