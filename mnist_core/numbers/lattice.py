"""The best way through all cuts: which groups of pieces are digits, and which number they make.

Each group of pieces is an edge from its first piece to the one after its last; so is each small piece that is passed
over. A path from the first piece to the last uses every piece once. The score of a path is the sum of its edges'
scores, so the best path, the sum over all paths and the likeliest numbers come from one walk over the pieces (LeCun et
al. 1998, sections V to VII; the probabilities are those of a conditional random field over segments,
Sarawagi and Cohen 2004).

The score of an edge is a weighted sum of a few plain measures, `FEATURES`. The weights are fitted on numbers composed
of pen digits, see docs/numbers.md.
"""

import heapq
import itertools
import math
from dataclasses import dataclass

import numpy as np

from mnist_core.numbers.pieces import SMALL, Group, Strip

FEATURES = (
    "log probability of the digit",
    "log probability of being a digit",
    "digits",
    "ink cut through at the ends",
    "thin places inside",
    "gaps inside",
    "height unlike the line",
    "place unlike the line",
    "width beyond the height",
    "passed over",
    "height of what is passed over",
    "ink of what is passed over",
)
WEIGHTS = np.array([1.0, 0.5, -0.3, -0.4, -0.1, -2.0, -2.0, -2.0, -3.0, -0.5, -6.0, -0.3])
LEAST = 1e-5
"""A probability below this counts as this."""
KEPT = 16
"""Numbers that are kept at every piece, the likeliest."""
DIGITS = 10


@dataclass(frozen=True)
class Path:
    """One way through the pieces. groups: indices of the groups that are digits; digits: which."""

    groups: tuple[int, ...]
    digits: tuple[int, ...]

    @property
    def text(self) -> str:
        return "".join(map(str, self.digits))


@dataclass(frozen=True)
class Answer:
    """The likeliest numbers, the likeliest first: each path with the probability of its number, all ways together."""

    paths: tuple[tuple[Path, float], ...]


def measures(strip: Strip, found: list[Group], probabilities: np.ndarray) -> np.ndarray:
    """float64 [groups, 10, features]: the measures of each group as each digit.

    probabilities [groups, classes]: what a network says of the groups' images; from the eleventh on, not a digit.
    """
    shares = np.maximum(probabilities[:, :DIGITS].astype(np.float64), LEAST)
    is_digit = np.clip(probabilities[:, :DIGITS].sum(axis=1, dtype=np.float64), LEAST, 1)
    values = np.zeros((len(found), DIGITS, len(FEATURES)))
    values[:, :, 0] = np.log(shares)
    values[:, :, 1] = np.log(is_digit)[:, None]
    values[:, :, 2:9] = np.array([_shape(strip, group) for group in found]).reshape(-1, 1, 7)
    return values


def _shape(strip: Strip, group: Group) -> list[float]:
    pieces = [strip.pieces[index] for index in group.pieces]
    left, top, right, bottom = group.box
    line_top, line_bottom = strip.line
    gaps = sum(max(0, b.box[0] - a.box[2]) for a, b in itertools.pairwise(pieces))
    inside = sum(1 for a, b in itertools.pairwise(pieces) if a.part == b.part)
    return [
        1.0,
        pieces[0].cuts[0] + pieces[-1].cuts[1],
        float(inside),
        gaps / strip.height,
        abs(math.log(max(bottom - top, 1) / strip.height)),
        abs((top + bottom) - (line_top + line_bottom)) / 2 / strip.height,
        max(0.0, (right - left) / max(bottom - top, 1) - 1.0),
    ]


def passing(strip: Strip, index: int) -> np.ndarray:
    """float64 [features]: the measures of passing over a piece."""
    piece = strip.pieces[index]
    values = np.zeros(len(FEATURES))
    height = max(piece.height / strip.height, 0.0)
    values[9:12] = 1.0, height, piece.area / strip.stroke**2 / 10
    return values


def best_texts(
    strip: Strip, found: list[Group], probabilities: np.ndarray, weights: np.ndarray = WEIGHTS, count: int = 5
) -> Answer:
    """The likeliest numbers of a strip, "" for no digit at all among them."""
    scores = measures(strip, found, probabilities) @ weights
    skip = np.array([passing(strip, index) @ weights for index in range(len(strip.pieces))])
    starts: dict[int, list[int]] = {}
    for number, group in enumerate(found):
        starts.setdefault(group.first, []).append(number)
        scores[number] += sum(skip[index] for index in group.left_out)
    total = len(strip.pieces)
    # At each piece: number so far -> (log of the sum of all ways to it, the best of them, its path).
    here: list[dict[str, tuple[float, float, Path]]] = [{} for _ in range(total + 1)]
    here[0][""] = (0.0, 0.0, Path((), ()))
    everything = np.full(total + 1, -np.inf)
    everything[0] = 0.0
    for place in range(total):
        kept = dict(heapq.nlargest(KEPT, here[place].items(), key=lambda item: item[1][0]))
        _add(here[place + 1], kept, float(skip[place]), None)
        everything[place + 1] = np.logaddexp(everything[place + 1], everything[place] + skip[place])
        for number in starts.get(place, []):
            last = found[number].last
            everything[last] = np.logaddexp(everything[last], everything[place] + np.logaddexp.reduce(scores[number]))
            for digit in np.argsort(-scores[number])[:3].tolist():
                _add(here[last], kept, float(scores[number, digit]), (number, digit))
    best = heapq.nlargest(count, here[total].items(), key=lambda item: item[1][0])
    return Answer(tuple((path, math.exp(min(0.0, all_ways - everything[total]))) for _, (all_ways, _, path) in best))


def _add(
    there: dict[str, tuple[float, float, Path]],
    kept: dict[str, tuple[float, float, Path]],
    score: float,
    edge: tuple[int, int] | None,
) -> None:
    for text, (all_ways, best, path) in kept.items():
        new_text, new_path = text, path
        if edge is not None:
            new_text = text + str(edge[1])
            new_path = Path((*path.groups, edge[0]), (*path.digits, edge[1]))
        old = there.get(new_text)
        if old is None:
            there[new_text] = (all_ways + score, best + score, new_path)
        else:
            longer = best + score > old[1]
            there[new_text] = (
                float(np.logaddexp(old[0], all_ways + score)),
                best + score if longer else old[1],
                new_path if longer else old[2],
            )


__all__ = ["FEATURES", "SMALL", "WEIGHTS", "Answer", "Path", "best_texts", "measures", "passing"]
