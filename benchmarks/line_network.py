"""Train the network of `mnist_core/reading/line_network.py` and write it to weights/lines.

    python -m benchmarks.line_network --pen FILE --others FILE --without val --without art

It learns from lines: composed numbers and words of pen drawings, drawn on a canvas and on made-up photos, and digits of
MNIST side by side; each in ever new variations. The loss is that of connectionist temporal classification. Takes about
an hour on two cores.
"""

import functools
import math
import time
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path

import click
import numpy as np
from threadpoolctl import threadpool_limits
from tqdm import tqdm

from benchmarks.made_lines import Digits, as_batch, side_by_side, varied
from benchmarks.pieces_network import everyone_but
from mnist_core.data.dataset import load_mnist, to_bytes
from mnist_core.errors import InputError
from mnist_core.ink.pen import load_pen
from mnist_core.nn import ctc
from mnist_core.nn.network import Network
from mnist_core.nn.optimizers import Adam
from mnist_core.numbers import cut, find_inks
from mnist_core.numbers.compose import Composer
from mnist_core.numbers.line import line_image
from mnist_core.numbers.photograph import composed_picture
from mnist_core.reading import weights
from mnist_core.reading.line_network import BLANK, FOLDER, LETTER, NAME, column_layers, in_turn, two_looks
from mnist_core.reading.weights import ModelCard
from mnist_core.training.averaging import MovingAverage
from mnist_core.training.config import TrainingConfig

LAYERS = (
    *("conv 24 3 padding=same biases=none", "batchnorm", "relu", "maxpool 2"),
    *("conv 48 3 padding=same biases=none", "batchnorm", "relu", "maxpool 2"),
    *("conv 64 3 padding=same biases=none", "batchnorm", "relu"),
    *("conv 128 7 biases=none", "batchnorm", "relu", "dropout 0.25"),
    *("conv 12 1", "flatten"),
)
WORDS, DRAWN = 0.12, 0.45
"""The share of words, and of what is drawn on a canvas."""
DRAWN_HEIGHT = (70.0, 110.0)
"""Pixels that digits drawn on a canvas are high."""
JOINED, VARIED, ZEROS = 0.4, 0.7, 0.2
"""See `Composer`."""
OF_MNIST = 0.4
"""The share of lines in a batch that are digits of MNIST side by side."""
WIDEST = 400
"""Columns of a line that is learned from, at most."""
HELD_OUT = 500
CREDIT = "Pen strokes: UNIPEN train_r01_v07, International Unipen Foundation, CC BY 4.0"
BATCH, SORTED = 48, 8
"""Lines of a batch; so many batches are sorted by width together, so that lines of like widths are in one."""
STEEPEST = 5.0
"""The length that a gradient is shortened to."""

Line = tuple[np.ndarray, list[int]]
"""uint8 [28, w] and its text."""


@dataclass(frozen=True)
class Source:
    """Where lines are composed from; each process opens the files by itself."""

    pen: Path
    others: Path
    without: tuple[str, ...]
    seed: int

    def lines(self, numbers: range) -> list[Line]:
        """The lines with these numbers, those left out in which nothing was found."""
        of_digits, of_letters = _composers(self)
        with threadpool_limits(1, user_api="blas"):
            found = [_line(of_digits, of_letters, np.random.default_rng([self.seed, 80, one])) for one in numbers]
        return [line for line in found if line is not None]


@functools.cache
def _composers(source: Source) -> tuple[Composer, Composer]:
    digits, letters = (everyone_but(load_pen(path), source.without) for path in (source.pen, source.others))
    of_letters = Composer(letters, sorted(set(letters.labels.tolist())), varied=VARIED)
    return Composer(digits, joined=JOINED, varied=VARIED, zeros=ZEROS), of_letters


def _line(digits: Composer, letters: Composer, rng: np.random.Generator) -> Line | None:
    is_word = rng.random() < WORDS
    composer = letters if is_word else digits
    composed, rgba = composed_picture(composer, rng, DRAWN, DRAWN_HEIGHT)
    try:
        inks = find_inks(rgba)
        ink = inks[int(rng.integers(len(inks)))]
        strip = cut(ink.ink, ink.step)
    except InputError:
        return None
    image = None if strip is None else line_image(strip)
    if image is None or image.shape[1] > WIDEST:
        return None
    # A word has as many letters as its text has characters.
    return to_bytes(image), [LETTER] * len(composed.text) if is_word else [int(sign) for sign in composed.text]


def gather(source: Source, count: int, processes: int, part: int = 500) -> list[Line]:
    """About `count` composed lines, the same for the same source however many processes there are, `part` at a time."""
    parts = [range(start, min(start + part, count)) for start in range(0, count, part)]
    with ProcessPoolExecutor(processes, get_context("spawn")) as pool:
        return [line for lines in tqdm(pool.map(source.lines, parts), "lines", len(parts)) for line in lines]


class Batches:
    """Batches without end, float32 [N, 28, w] and their texts, by chance."""

    def __init__(self, lines: list[Line], digits: Digits, seed: int) -> None:
        self.rng = np.random.default_rng([seed, 81])
        self._lines, self._digits = lines, digits
        self._waiting: list[tuple[np.ndarray, list[list[int]]]] = []

    def next(self) -> tuple[np.ndarray, list[list[int]]]:
        if not self._waiting:
            some = sorted((self._one() for _ in range(BATCH * SORTED)), key=lambda one: one[0].shape[1])
            for place in self.rng.permutation(SORTED):
                images, texts = zip(*some[place * BATCH : (place + 1) * BATCH], strict=True)
                self._waiting.append((as_batch(images), list(texts)))
        return self._waiting.pop()

    def _one(self) -> tuple[np.ndarray, list[int]]:
        if self.rng.random() < OF_MNIST:
            line, text = side_by_side(self._digits, self.rng)
        else:
            stored, text = self._lines[int(self.rng.integers(len(self._lines)))]
            line = stored.astype(np.float32) / 255
        return varied(line, self.rng), text


def train(network: Network, batches: Batches, steps: int, rate: float, rng: np.random.Generator, looks: int) -> Network:
    """The mean network (`MovingAverage`) after so many steps with Adam, its rate rising at first and then falling.

    looks: 1 for a row of scores for every fourth column; 2 as it is read then, for every other one.
    """
    gradients = np.zeros_like(network.parameters)
    tapes = network.new_tapes(training=True, rng=rng, gradients=gradients)
    average = MovingAverage(network, TrainingConfig(layers=LAYERS, averaging=0.998))
    optimizer = Adam(beta2=0.998, epsilon=1e-6)
    layers, losses = column_layers(network), []
    progress = tqdm(range(steps), "steps")
    for step in progress:
        images, texts = batches.next()
        x = two_looks(images) if looks == 2 else images[..., None]
        for layer, tape in zip(layers, tapes, strict=False):
            x = layer.forward(x, tape)
        scores = in_turn(x[:, 0]) if looks == 2 else x[:, 0]
        loss, gradient = ctc.loss_and_gradient(scores, texts, BLANK)
        if looks == 2:
            gradient = np.concatenate([gradient[:, ::2], gradient[:, 1::2]])
        dy = gradient[:, None]
        for number in reversed(range(1, len(layers))):
            dy = layers[number].backward(dy, tapes[number])
        layers[0].backward_parameters(dy, tapes[0])
        gradients *= min(1.0, STEEPEST / max(1e-9, float(np.linalg.norm(gradients))))
        factor = min(1, (step + 1) / 100) * (1 + math.cos(math.pi * step / steps)) / 2
        optimizer.step([(network.parameters, gradients)], rate * factor)
        average.update(network, step)
        losses.append(loss)
        if step % 100 == 99:
            progress.set_postfix(loss=f"{np.mean(losses[-100:]):.3f}")
    return average.network


def accuracy(network: Network, lines: list[Line]) -> float:
    """The share of lines of which each column's likeliest class gives just the text."""
    right = 0
    for image, text in lines:
        x = two_looks(image[None].astype(np.float32) / 255)
        for layer in column_layers(network):
            x = layer.forward(x)
        right += ctc.best_text(in_turn(x[:, 0])[0], BLANK) == text
    return right / len(lines)


@click.command()
@click.option("--pen", type=click.Path(path_type=Path), required=True)
@click.option("--others", type=click.Path(path_type=Path), required=True)
@click.option("--without", multiple=True, help="Leave out the writers whose names begin so.")
@click.option(
    "--count", default=16_000, show_default=True, type=click.IntRange(2 * HELD_OUT), help="Composed numbers and words."
)
@click.option("--steps", default=9_000, show_default=True, type=click.IntRange(1))
@click.option("--more-steps", default=900, show_default=True, type=click.IntRange(1), help="With two looks.")
@click.option("--rate", default=0.004, show_default=True)
@click.option("--processes", default=2, show_default=True, help="Processes that compose.")
@click.option("--threads", default=2, show_default=True, help="Threads of BLAS in training.")
@click.option("--seed", default=0, show_default=True)
def main(
    pen: Path,
    others: Path,
    without: tuple[str, ...],
    count: int,
    steps: int,
    more_steps: int,
    rate: float,
    processes: int,
    threads: int,
    seed: int,
) -> None:
    """Train the network and write it down."""
    start = time.monotonic()
    lines = gather(Source(pen, others, without, seed), count, processes)
    mnist = load_mnist()
    batches = Batches(lines[HELD_OUT:], Digits.of(mnist.train_images, mnist.train_labels), seed)
    with threadpool_limits(threads, user_api="blas"):
        rng = np.random.default_rng([seed, 82])
        network = train(Network(LAYERS, rng), batches, steps, rate, rng, looks=1)
        network = train(network, batches, more_steps, rate / 8, rng, looks=2)
    held_out = accuracy(network, lines[:HELD_OUT])
    click.echo(f"{held_out:.1%} of the composed lines held out, by the same writers, are right")
    words = "".join(f" --without {name}" for name in without)
    card = ModelCard(
        NAME,
        "Lines of numbers",
        "Reads a whole number at once: column by column, without cutting it.",
        [],
        data=f"{len(lines) - HELD_OUT:,} composed numbers and words; MNIST's training images side by side. {CREDIT}",
        seed=seed,
        seconds=round(time.monotonic() - start, 1),
        command="python -m benchmarks.line_network --pen digits.npz --others nondigits.npz "
        f"--count {count} --steps {steps} --more-steps {more_steps} --rate {rate} --seed {seed}{words}",
    )
    weights.save(network, card, FOLDER)


if __name__ == "__main__":
    main()
