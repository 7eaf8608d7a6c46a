"""Networks trained on all images at once: this project in float32 beside the plainest NumPy in float64.

The plain versions are written as a first notebook would write them: new arrays in every step, a row for each pixel.
Both start from the same weights. Run it with: python -m benchmarks.full_batch
"""

import dataclasses
import json
import time
from collections.abc import Callable

import click
import numpy as np

from mnist_core.dataset import load_mnist, to_unit
from mnist_core.metrics import accuracy
from mnist_core.recipes import get
from mnist_core.trainer import Trainer

Weights = list[np.ndarray]
Plain = Callable[[np.ndarray, np.ndarray, Weights, int], Weights]


@click.command()
@click.option("--steps", type=click.IntRange(1), help="Only so many steps, instead of the whole training.")
@click.option("--json", "as_json", is_flag=True, help="Print the results as JSON.")
def main(steps: int | None, as_json: bool) -> None:
    """Train the full-batch recipes both ways and compare the time and the accuracy on the test images."""
    rows = [compare(name, plain, steps) for name, plain in PLAIN.items()]
    if as_json:
        click.echo(json.dumps(rows, indent=2))
        return
    click.echo("| recipe | steps | plain float64 | this project, float32 | ratio | accuracy plain | accuracy ours |")
    click.echo("| --- | --- | --- | --- | --- | --- | --- |")
    for row in rows:
        click.echo(
            f"| `{row['recipe']}` | {row['steps']} | {row['plain_seconds']:.1f} s | {row['our_seconds']:.1f} s "
            f"| {row['ratio']:.2f} | {row['plain_accuracy']:.2%} | {row['our_accuracy']:.2%} |"
        )


def compare(name: str, plain: Plain, steps: int | None) -> dict[str, float | int | str]:
    """Train one recipe both ways, one after the other."""
    dataset = load_mnist()
    config = dataclasses.replace(get(name).config, dtype="float32", steps=steps or 0)
    trainer = Trainer(config, dataset)
    first = [array.astype(np.float64) for _, array in trainer.network.arrays()]

    start = time.perf_counter()
    *_, report = trainer.run(10)
    our_seconds = time.perf_counter() - start
    ours = accuracy(trainer.network.logits(to_unit(dataset.test_images)), dataset.test_labels)

    pixels = _columns(trainer.images, name)
    start = time.perf_counter()
    learned = plain(pixels, trainer.labels, first, report.step)
    plain_seconds = time.perf_counter() - start
    scores = SCORES[name](_columns(dataset.test_images, name), learned)
    return {
        "recipe": name,
        "steps": report.step,
        "plain_seconds": plain_seconds,
        "our_seconds": our_seconds,
        "ratio": plain_seconds / our_seconds,
        "plain_accuracy": accuracy(scores.T, dataset.test_labels),
        "our_accuracy": ours,
    }


def _columns(images: np.ndarray, name: str) -> np.ndarray:
    """Images as columns, float64 [784, N] in 0..1, or [785, N] in 0..255 with a first row of ones."""
    pixels = images.reshape(len(images), -1).T.astype(np.float64)
    return np.vstack([np.ones(len(images)), pixels]) if name == "logistic-regression" else pixels / 255


def _one_hot(digits: np.ndarray) -> np.ndarray:
    return np.eye(10)[digits].T


def _sigmoid(x: np.ndarray) -> np.ndarray:
    return 1 / (1 + np.exp(-x))


def _softmax(x: np.ndarray) -> np.ndarray:
    e = np.exp(x - x.max(axis=0))
    return e / e.sum(axis=0)


def plain_logistic(x: np.ndarray, digits: np.ndarray, first: Weights, steps: int) -> Weights:
    (w,), y = first, _one_hot(digits)
    for _ in range(steps):
        answer = np.clip(_sigmoid(w.T @ x), 1e-15, 1 - 1e-15)
        _loss = -np.mean(y * np.log(answer) + (1 - y) * np.log(1 - answer))
        w = w - 1e-5 * (x @ (answer - y).T) / x.shape[1]
    return [w]


def plain_relu(x: np.ndarray, digits: np.ndarray, first: Weights, steps: int) -> Weights:
    (w1, b1, w2, b2), y = first, _one_hot(digits)
    for _ in range(steps):
        z1 = w1.T @ x + b1[:, None]
        a1 = np.maximum(z1, 0)
        answer = _softmax(w2.T @ a1 + b2[:, None])
        _right = np.mean(answer.argmax(axis=0) == digits)
        d2 = answer - y
        d1 = (w2 @ d2) * (z1 > 0)
        # As published: a fixed divisor, and one bias gradient for a whole layer.
        w1, b1 = w1 - 0.1 * (x @ d1.T) / 60000, b1 - 0.1 * d1.sum() / 60000
        w2, b2 = w2 - 0.1 * (a1 @ d2.T) / 60000, b2 - 0.1 * d2.sum() / 60000
    return [w1, b1, w2, b2]


def plain_sigmoid(x: np.ndarray, digits: np.ndarray, first: Weights, steps: int) -> Weights:
    (w1, b1, w2, b2), y, n = first, _one_hot(digits), x.shape[1]
    for _ in range(steps):
        a1 = _sigmoid(w1.T @ x + b1[:, None])
        answer = _softmax(w2.T @ a1 + b2[:, None])
        _loss = -np.sum(y * np.log(answer + 1e-300)) / n
        d2 = answer - y
        d1 = (w2 @ d2) * a1 * (1 - a1)
        w1, b1 = w1 - (x @ d1.T) / n, b1 - d1.sum(axis=1) / n
        w2, b2 = w2 - (a1 @ d2.T) / n, b2 - d2.sum(axis=1) / n
    return [w1, b1, w2, b2]


PLAIN: dict[str, Plain] = {
    "logistic-regression": plain_logistic,
    "relu-10": plain_relu,
    "sigmoid-128": plain_sigmoid,
}
SCORES: dict[str, Callable[[np.ndarray, Weights], np.ndarray]] = {
    "logistic-regression": lambda x, w: w[0].T @ x,
    "relu-10": lambda x, w: w[2].T @ np.maximum(w[0].T @ x + w[1][:, None], 0) + w[3][:, None],
    "sigmoid-128": lambda x, w: w[2].T @ _sigmoid(w[0].T @ x + w[1][:, None]) + w[3][:, None],
}


if __name__ == "__main__":
    main(prog_name="python -m benchmarks.full_batch")
