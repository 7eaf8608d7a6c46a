"""Fit how sure to be of a number: `SLOPE` and `OFFSET` in `mnist_core/reading/numbers.py`.

    python -m benchmarks.numbers_calibration --pen FILE --writers val --writers art --count 400

Numbers are composed of these writers' digits, half of them drawn on a canvas and half on made-up paper, and read.
Slope and offset make the likelihood of what was right and wrong largest (Platt, "Probabilistic outputs for support
vector machines", 1999).
"""

from pathlib import Path

import click
import numpy as np
from scipy.optimize import minimize
from threadpoolctl import threadpool_limits
from tqdm import tqdm

from mnist_core.ink.pen import load_pen
from mnist_core.nn.metrics import calibration_error
from mnist_core.reading.number_evaluation import KINDS, read_composed
from mnist_core.reading.numbers import OFFSET, SLOPE, SMALLEST
from mnist_core.reading.recognizer import Recognizer


def log_odds(confidences: np.ndarray) -> np.ndarray:
    """Those that the lattice gave, float [N], of calibrated confidences."""
    shares = np.clip(confidences, SMALLEST, 1 - SMALLEST)
    return np.asarray((np.log(shares / (1 - shares)) - OFFSET) / SLOPE)


def fit(odds: np.ndarray, rights: np.ndarray) -> tuple[float, float]:
    """Slope and offset for log odds, float [N], and whether each was right, bool [N]."""

    def loss(found: np.ndarray) -> float:
        values = found[0] * odds + found[1]
        return float(np.logaddexp(0, np.where(rights, -values, values)).mean())

    slope, offset = minimize(loss, np.array([SLOPE, OFFSET]), method="Nelder-Mead").x
    return float(slope), float(offset)


@click.command()
@click.option("--pen", type=click.Path(path_type=Path), required=True)
@click.option("--writers", multiple=True, required=True, help="Fit on these.")
@click.option("--count", default=400, show_default=True, help="Numbers of each kind.")
@click.option("--seed", default=0, show_default=True)
def main(pen: Path, writers: tuple[str, ...], count: int, seed: int) -> None:
    """Print both numbers, and the calibration error with them."""
    recognizer, drawings = Recognizer.load(), load_pen(pen).by(writers)
    with threadpool_limits(1, user_api="blas"):
        found = [read_composed(recognizer, drawings, kind, count, seed, tqdm) for kind in KINDS]
    confidences = np.concatenate([each.confidences for each in found])
    rights = np.concatenate([each.rights for each in found])
    # What is told to be no number says nothing of how sure it is.
    told = confidences > 0
    odds = log_odds(confidences[told])
    slope, offset = fit(odds, rights[told])
    error = calibration_error(confidences[told], rights[told])
    click.echo(f"now: SLOPE, OFFSET = {SLOPE}, {OFFSET}; calibration error {error:.2%} of {told.sum()} numbers")
    error = calibration_error(1 / (1 + np.exp(-slope * odds - offset)), rights[told])
    click.echo(f"fitted: SLOPE, OFFSET = {slope:.2f}, {offset:.2f}; calibration error {error:.2%}")


if __name__ == "__main__":
    main()
