"""Measure powers and least probabilities for `mnist_core/reading/number_choice.py` on composed numbers and words.

    python -m benchmarks.number_choice --pen FILE --others FILE --writers val --writers art

The writers should be some that neither the network of pieces nor that of lines has learned from. Prints how many are
right by the cuts alone and by both, and how unlikely the truth was.
"""

import itertools
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import click
import numpy as np
from threadpoolctl import threadpool_limits
from tqdm import tqdm

from mnist_core.errors import InputError
from mnist_core.ink.pen import load_pen
from mnist_core.numbers.compose import Composer
from mnist_core.numbers.photograph import composed_picture
from mnist_core.reading.number_choice import blended
from mnist_core.reading.numbers import views_of
from mnist_core.reading.recognizer import Recognizer

POWERS, LEASTS = (0.5, 0.8, 1.0), (1e-6, 1e-4, 0.003, 0.01)
WORDS = 5
"""One in so many is a word."""


@dataclass(frozen=True, eq=False)
class Sample:
    """What both views say of the likely numbers, of a word, and of any other number: float [n + 2] each.

    truth: the index of what it is.
    """

    cuts: np.ndarray
    line: np.ndarray
    truth: int


def pictures(digits: Composer, letters: Composer, count: int, seed: int) -> Iterator[tuple[np.ndarray, str | None]]:
    """Composed numbers and words on made-up photos; None for the text of a word."""
    for number in range(count):
        rng = np.random.default_rng([seed, 1001, number])
        is_word = number % WORDS == WORDS - 1
        composer = letters if is_word else digits
        composed, rgba = composed_picture(composer, rng, drawn=0)
        yield rgba, None if is_word else composed.text


def sample(recognizer: Recognizer, rgba: np.ndarray, text: str | None) -> Sample | None:
    """What both views say of a picture; None where there is nothing to choose from."""
    views = views_of(recognizer, rgba)
    if views is None or views.line is None:
        return None
    word, other = len(views.texts), len(views.texts) + 1
    truth = other
    if text is None:
        truth = word
    elif text in views.texts:
        truth = views.texts.index(text)
    return Sample(views.cuts, views.line, truth)


def unlikely(samples: list[Sample], power: float, least: float) -> float:
    """Minus the mean log-likelihood of what each is."""
    found = [blended(one.cuts, one.line, power, least)[one.truth] for one in samples]
    return -float(np.log(found).mean())


def count_right(samples: list[Sample], power: float, least: float) -> int:
    """Of how many the likeliest number, or a word, is what they are."""
    return sum(int(blended(one.cuts, one.line, power, least)[:-1].argmax()) == one.truth for one in samples)


def by_cuts(samples: list[Sample]) -> int:
    """The same by the cuts alone."""
    return sum(int(one.cuts[:-1].argmax()) == one.truth for one in samples)


def composer_of(path: Path, writers: tuple[str, ...]) -> Composer:
    """Composes of what these writers drew."""
    drawings = load_pen(path)
    drawings = drawings.by([name for name in sorted(set(drawings.writers.tolist())) if name.startswith(writers)])
    return Composer(drawings, sorted(set(drawings.labels.tolist())))


@click.command()
@click.option("--pen", type=click.Path(path_type=Path), required=True)
@click.option("--others", type=click.Path(path_type=Path), required=True)
@click.option("--writers", multiple=True, required=True, help="Only the writers whose names begin so.")
@click.option("--count", default=800, show_default=True)
@click.option("--seed", default=0, show_default=True)
def main(pen: Path, others: Path, writers: tuple[str, ...], count: int, seed: int) -> None:
    """Print what is right for each power and least probability."""
    digits, letters = (composer_of(path, writers) for path in (pen, others))
    recognizer, samples = Recognizer.load(), []
    with threadpool_limits(1, user_api="blas"):
        for rgba, text in tqdm(pictures(digits, letters, count, seed), total=count, disable=None):
            if (one := sample(recognizer, rgba, text)) is not None:
                samples.append(one)
    if not samples:
        raise InputError("the pen files: expected numbers that can be cut, found none.")
    click.echo(f"of {len(samples)}: right by the cuts {by_cuts(samples)}; by both:")
    for power, least in itertools.product(POWERS, LEASTS):
        right, surprise = count_right(samples, power, least), unlikely(samples, power, least)
        click.echo(f"power {power:g}, at least {least:g}: {right} right, {surprise:.3f} nats")


if __name__ == "__main__":
    main()
