"""Fit the weights of `mnist_core/numbers/lattice.py` on composed numbers and words, by maximum likelihood.

    python -m benchmarks.numbers_fit --pen FILE --others FILE --writers syn --writers gmd --count 600

The likelihood is that of a conditional random field: the sum over all ways that give the right number, divided by the
sum over all ways. Prints the weights, to be put into `lattice.py`, and how unlikely the right numbers are before
and after.
"""

from dataclasses import dataclass
from pathlib import Path

import click
import numpy as np
from scipy.optimize import minimize
from threadpoolctl import threadpool_limits
from tqdm import tqdm

from mnist_core.ink.pen import PenDrawings, load_pen
from mnist_core.numbers.compose import Composer
from mnist_core.numbers.lattice import DIGITS, FEATURES, LETTER, WEIGHTS, Edges, measure, starting
from mnist_core.numbers.paper import find_ink_anywhere
from mnist_core.numbers.photograph import composed_picture
from mnist_core.numbers.pieces import cut, groups
from mnist_core.reading.numbers import group_shares
from mnist_core.reading.recognizer import Recognizer

DRAWN = 0.5
"""The share of what is drawn on a canvas."""
PULL = 0.02
"""How much weights are held at zero (L2), for each number."""


@dataclass(frozen=True, eq=False)
class Sample:
    """One number, or one word: text is None then."""

    text: str | None
    edges: Edges


def sample(recognizer: Recognizer, rgba: np.ndarray, text: str | None) -> Sample | None:
    """The measures of a picture, or None where nothing can be cut."""
    found = find_ink_anywhere(rgba)
    strip = cut(found.ink, found.step)
    if strip is None or not (runs := groups(strip)):
        return None
    return Sample(text, measure(strip, runs, group_shares(recognizer, np.stack([one.image for one in runs]))))


def collect(
    recognizer: Recognizer, digits: PenDrawings, letters: PenDrawings, count: int, seed: int, progress: bool = True
) -> list[Sample]:
    """Composed numbers and, one in four, words; half of them drawn on a canvas and half on made-up paper."""
    numbers, words = Composer(digits), Composer(letters, sorted(set(letters.labels.tolist())))
    found = []
    for number in tqdm(range(count), disable=None if progress else True):
        rng = np.random.default_rng([seed, 1000, number])
        is_word = number % 4 == 3
        composer = words if is_word else numbers
        composed, rgba = composed_picture(composer, rng, DRAWN)
        if (one := sample(recognizer, rgba, None if is_word else composed.text)) is not None:
            found.append(one)
    return found


def likelihood(one: Sample, weights: np.ndarray) -> tuple[float, np.ndarray]:
    """Log-likelihood of the right number, or of a word, and its gradient."""
    edges = one.edges
    scores, skips = edges.groups @ weights, edges.skips @ weights
    likely = np.logaddexp.reduce(scores[:, :DIGITS], axis=1)
    number, used = _ways(edges, likely[:, None], skips)
    shares = np.exp(scores[:, :DIGITS] - likely[:, None])
    mean = np.einsum("gd,gdf->gf", shares, edges.groups[:, :DIGITS])
    of_numbers = used[0][:, 0] @ mean + used[1] @ edges.skips
    word, used = _ways(edges, scores[:, LETTER:], skips)
    of_words = used[0][:, 0] @ edges.groups[:, LETTER] + used[1] @ edges.skips
    every = np.logaddexp(number, word)
    of_all = np.exp(number - every) * of_numbers + np.exp(word - every) * of_words
    if one.text is None:
        return float(word - every), of_words - of_all
    digits = [int(character) for character in one.text]
    right, used = _ways(edges, scores[:, digits], skips, len(digits))
    if not np.isfinite(right):
        return -np.inf, np.zeros(len(weights))
    features = np.einsum("gk,gkf->f", used[0], edges.groups[:, digits]) + used[1] @ edges.skips
    return float(right - every), features - of_all


def _ways(
    edges: Edges, scores: np.ndarray, skips: np.ndarray, length: int = 0
) -> tuple[float, tuple[np.ndarray, np.ndarray]]:
    """Log of the sum over all ways, and how likely each edge is in them: groups [G, K] and pieces passed over [P].

    length 0: of any number of digits, scores [G, 1]. Otherwise of `length` digits, scores [G, length], one column for
    each digit's place.
    """
    total, states = len(skips), length + 1
    ahead, back = np.full((total + 1, states), -np.inf), np.full((total + 1, states), -np.inf)
    ahead[0, 0], back[total, length] = 0.0, 0.0
    starts = starting(edges)
    # Where a group is used, one more digit is there; without a length, digits are not counted.
    before, after = (slice(None, -1), slice(1, None)) if length else (slice(None), slice(None))
    with np.errstate(all="ignore"):
        for place in range(total):
            ahead[place + 1] = np.logaddexp(ahead[place + 1], ahead[place] + skips[place])
            for group in starts[place]:
                there = ahead[edges.last[group]]
                there[after] = np.logaddexp(there[after], ahead[place][before] + scores[group])
        for place in range(total - 1, -1, -1):
            back[place] = back[place + 1] + skips[place]
            for group in starts[place]:
                here = back[place]
                here[before] = np.logaddexp(here[before], back[edges.last[group]][after] + scores[group])
        whole = float(ahead[total, length])
        used = np.exp(ahead[edges.first][:, before] + scores + back[edges.last][:, after] - whole)
        passed = np.exp(ahead[:-1] + skips[:, None] + back[1:] - whole).sum(axis=1)
    return whole, (used, passed)


@click.command()
@click.option("--pen", type=click.Path(path_type=Path), required=True)
@click.option("--others", type=click.Path(path_type=Path), required=True)
@click.option("--writers", multiple=True, required=True, help="Learn from these alone.")
@click.option("--count", default=600, show_default=True)
@click.option("--seed", default=0, show_default=True)
def main(pen: Path, others: Path, writers: tuple[str, ...], count: int, seed: int) -> None:
    """Fit the weights."""
    with threadpool_limits(1, user_api="blas"):
        digits, letters = load_pen(pen).by(writers), load_pen(others).by(writers)
        samples = collect(Recognizer.load(), digits, letters, count, seed)
        fit(samples)


def fit(samples: list[Sample]) -> np.ndarray:
    """The likeliest weights, starting from those there are; printed, too."""

    def loss(weights: np.ndarray) -> tuple[float, np.ndarray]:
        value, gradient = 0.0, np.zeros(len(weights))
        for one in samples:
            likely, way = likelihood(one, weights)
            # A number that can hardly be read, or is labeled wrongly, should not pull harder than others.
            value -= max(likely, -8.0)
            gradient -= way if likely > -8.0 else 0.0
        held = PULL * float(weights @ weights)
        return value / len(samples) + held / 10, gradient / len(samples) + 2 * PULL / 10 * weights

    before = loss(WEIGHTS)[0]
    found = minimize(loss, WEIGHTS, jac=True, method="L-BFGS-B", options={"maxiter": 40})
    click.echo(f"loss of a number: {before:.4f} before, {found.fun:.4f} after, {len(samples)} numbers")
    for name, weight in zip(FEATURES, found.x, strict=True):
        click.echo(f"{weight:8.3f}  {name}")
    return np.asarray(found.x)


if __name__ == "__main__":
    main()
