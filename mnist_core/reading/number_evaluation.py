"""How well whole numbers are read: composed of recorded pen digits, drawn on a canvas or on made-up photos of paper."""

from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass
from typing import Any, Literal

import numpy as np

from mnist_core.ink.pen import PenDrawings
from mnist_core.nn.metrics import calibration_error, wilson_interval
from mnist_core.numbers.compose import Composer, on_canvas
from mnist_core.numbers.photograph import HEIGHT, photograph
from mnist_core.reading.recognizer import Recognizer

Kind = Literal["canvas", "paper"]
KINDS: tuple[Kind, ...] = ("canvas", "paper")
NumberProgress = Callable[[Iterable[int]], Iterable[int]]
"""Given the numbers of numbers: the same, one after another."""


@dataclass(frozen=True)
class NumberResult:
    """Counts over composed numbers.

    accuracy: share with all digits right, with its 95 % interval (Wilson). by_length: the accuracy of numbers with so
    many digits. at_gaps: share right if the picture is cut where a column holds no ink, and each part read as a digit;
    None on paper. calibration_error: of the confidence, see `metrics`. sure: share with a confidence of at least 90 %;
    accuracy_when_sure: share right among those.
    """

    numbers: int
    right: int
    accuracy: float
    interval: tuple[float, float]
    by_length: dict[int, float]
    at_gaps: float | None
    calibration_error: float
    sure: float
    accuracy_when_sure: float

    def to_dict(self) -> dict[str, Any]:
        return asdict(self)


def measure_numbers(
    recognizer: Recognizer,
    drawings: PenDrawings,
    kind: Kind,
    count: int,
    seed: int = 0,
    progress: NumberProgress = iter,
) -> NumberResult:
    """Read `count` numbers, the same for the same seed and drawings."""
    composer = Composer(drawings)
    confidences, rights, lengths, plain = np.zeros(count), np.zeros(count, bool), np.zeros(count, int), 0
    for number in progress(range(count)):
        rng = np.random.default_rng([seed, KINDS.index(kind), number])
        if kind == "canvas":
            composed = composer.compose(rng)
            rgba = on_canvas(composed)
            plain += cut_at_gaps(recognizer, rgba) == composed.text
        else:
            height = float(rng.uniform(*HEIGHT))
            composed = composer.compose(rng, height)
            rgba = photograph(composed.ink, rng, height)
        found = recognizer.read_number(rgba)
        confidences[number], rights[number] = found.confidence, found.text == composed.text
        lengths[number] = len(composed.text)
    right, sure = int(rights.sum()), confidences >= 0.9
    return NumberResult(
        count,
        right,
        right / count,
        wilson_interval(right, count),
        {int(length): float(rights[lengths == length].mean()) for length in np.unique(lengths)},
        plain / count if kind == "canvas" else None,
        calibration_error(confidences, rights),
        float(sure.mean()),
        float(rights[sure].mean()) if sure.any() else 0.0,
    )


def cut_at_gaps(recognizer: Recognizer, rgba: np.ndarray) -> str:
    """The number in a white drawing on black, cut at columns without ink: what plain programs do."""
    inked = np.concatenate([[False], (rgba[..., 0] > 25).any(axis=0), [False]])
    edges = np.flatnonzero(inked[1:] != inked[:-1])
    parts = [np.pad(rgba[:, a:b], ((0, 0), (20, 20), (0, 0))) for a, b in edges.reshape(-1, 2)]
    for part in parts:
        part[..., 3] = 255
    return "".join("" if reading.digit is None else str(reading.digit) for reading in recognizer.read_many(parts))
