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

from mnist_core.numbers.pieces import Group, Strip

FEATURES = (
    "log probability of the digit",
    "log probability of being a digit",
    "digits",
    "log probability of a letter",
    "letters",
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
WEIGHTS = np.array([1.21, 0.75, 0.57, 0.83, 0.01, -0.23, 1.2, -0.12, -2.73, -1.2, -0.56, -0.62, -1.75, -2.2])
LEAST = 1e-5
"""A probability below this counts as this."""
KEPT = 12
"""Numbers that are kept at every piece, the likeliest."""
TRIED = 3
"""Digits that are considered for a group, the likeliest."""
HOPELESS = 9.0
"""What scores so much lower than the best is not followed: it is less likely by a factor of 8,000."""
DIGITS = 10
LETTER = 10
"""The column of letters, after those of the digits."""


@dataclass(frozen=True)
class Path:
    """One way through the pieces. groups: indices of the groups that are digits; digits: which."""

    groups: tuple[int, ...]
    digits: tuple[int, ...]

    @property
    def text(self) -> str:
        return "".join(map(str, self.digits))


Way = tuple[float, float, Path]
"""The ways to a piece that give one number so far: the log of the sum over them, the best one's score, and its path."""


@dataclass(frozen=True)
class Answer:
    """The likeliest numbers, the likeliest first: each path with the probability of its number, all ways together.

    word: how likely it is that these are letters. log_total: the log of the sum over all ways, of numbers and letters.
    """

    paths: tuple[tuple[Path, float], ...]
    word: float
    log_total: float


@dataclass(frozen=True, eq=False)
class Edges:
    """All edges of a strip. first, last: int [groups], its pieces are [first, last).

    groups: float64 [groups, 11, features], the measures of each as each digit and as a letter; skips: float64 [pieces,
    features], those of passing over a piece.
    """

    first: np.ndarray
    last: np.ndarray
    groups: np.ndarray
    skips: np.ndarray


def measure(strip: Strip, found: list[Group], probabilities: np.ndarray) -> Edges:
    """The edges of a strip and their measures.

    probabilities [groups, classes]: what a network says of the groups' images. The first ten classes are the digits,
    the last is what is nothing, those between them are letters and symbols; a network may know digits alone.
    """
    shares = probabilities.astype(np.float64)
    is_digit = np.clip(shares[:, :DIGITS].sum(axis=1), LEAST, 1)
    values = np.zeros((len(found), DIGITS + 1, len(FEATURES)))
    values[:, :DIGITS, 0] = np.log(np.maximum(shares[:, :DIGITS], LEAST))
    values[:, :DIGITS, 1] = np.log(is_digit)[:, None]
    values[:, :DIGITS, 2] = 1
    values[:, LETTER, 3] = np.log(np.maximum(shares[:, DIGITS:-1].sum(axis=1), LEAST))
    values[:, LETTER, 4] = 1
    values[:, :, 5:11] = np.array([_shape(strip, group) for group in found]).reshape(-1, 1, 6)
    skips = np.array([_passing(strip, index) for index in range(len(strip.pieces))])
    for number, group in enumerate(found):
        values[number] += sum(skips[index] for index in group.left_out)
    first, last = np.array([group.first for group in found]), np.array([group.last for group in found])
    return Edges(first, last, values, skips)


def _shape(strip: Strip, group: Group) -> list[float]:
    pieces = [strip.pieces[index] for index in group.pieces]
    left, top, right, bottom = group.box
    line_top, line_bottom = strip.line
    gaps = sum(max(0, b.box[0] - a.box[2]) for a, b in itertools.pairwise(pieces))
    inside = sum(1 for a, b in itertools.pairwise(pieces) if a.part == b.part)
    return [
        pieces[0].cuts[0] + pieces[-1].cuts[1],
        float(inside),
        gaps / strip.height,
        abs(math.log(max(bottom - top, 1) / strip.height)),
        abs((top + bottom) - (line_top + line_bottom)) / 2 / strip.height,
        max(0.0, (right - left) / max(bottom - top, 1) - 1.0),
    ]


def _passing(strip: Strip, index: int) -> np.ndarray:
    piece = strip.pieces[index]
    values = np.zeros(len(FEATURES))
    values[11:] = 1.0, piece.height / strip.height, piece.area / strip.stroke**2 / 10
    return values


def best_texts(edges: Edges, weights: np.ndarray = WEIGHTS, count: int = 5) -> Answer:
    """The likeliest numbers, "" for no digit at all among them."""
    scores, skip = edges.groups @ weights, edges.skips @ weights
    starts = starting(edges)
    total = len(skip)
    likeliest = np.argsort(-scores[:, :DIGITS], axis=1)[:, :TRIED].tolist()
    ends, each = edges.last.tolist(), scores.tolist()
    # At each piece, by the number so far.
    here: list[dict[str, Way]] = [{} for _ in range(total + 1)]
    here[0][""] = (0.0, 0.0, Path((), ()))
    for place in range(total):
        kept = dict(heapq.nlargest(KEPT, here[place].items(), key=lambda item: item[1][0]))
        if kept:
            least = max(all_ways for all_ways, _, _ in kept.values()) - HOPELESS
            kept = {text: ways for text, ways in kept.items() if ways[0] >= least}
        _add(here[place + 1], kept, float(skip[place]), None)
        for group in starts[place]:
            for digit in likeliest[group]:
                if each[group][digit] < each[group][likeliest[group][0]] - HOPELESS:
                    break
                _add(here[ends[group]], kept, each[group][digit], (group, digit))
    numbers = sum_over_ways(edges, np.logaddexp.reduce(scores[:, :DIGITS], axis=1), skip)
    words = sum_over_ways(edges, scores[:, LETTER], skip)
    every = float(np.logaddexp(numbers, words))
    best = heapq.nlargest(count, here[total].items(), key=lambda item: item[1][0])
    found = tuple((path, math.exp(min(0.0, all_ways - every))) for _, (all_ways, _, path) in best)
    return Answer(found, math.exp(words - every), every)


def likeliest_way(edges: Edges, answer: Answer, text: str) -> tuple[Path, float] | None:
    """The best way that gives just this number, and its probability: all its ways together, none left out.

    None if no way gives it. edges: those of the answer.
    """
    scores, skip = (edges.groups @ WEIGHTS).tolist(), (edges.skips @ WEIGHTS).tolist()
    starts, ends = starting(edges), edges.last.tolist()
    # At each piece: digits so far -> as in `best_texts`.
    here: list[dict[str, Way]] = [{} for _ in range(len(skip) + 1)]
    here[0][""] = (0.0, 0.0, Path((), ()))
    for place, kept in enumerate(here[:-1]):
        _add(here[place + 1], kept, skip[place], None)
        unfinished = {so_far: way for so_far, way in kept.items() if len(so_far) < len(text)}
        for group in starts[place] if unfinished else ():
            for so_far, way in unfinished.items():
                digit = int(text[len(so_far)])
                _add(here[ends[group]], {so_far: way}, scores[group][digit], (group, digit))
    if text not in here[-1]:
        return None
    all_ways, _, path = here[-1][text]
    return path, math.exp(min(0.0, all_ways - answer.log_total))


def starting(edges: Edges) -> list[list[int]]:
    """The groups that begin at each piece."""
    starts: list[list[int]] = [[] for _ in range(len(edges.skips))]
    for group, first in enumerate(edges.first.tolist()):
        starts[first].append(group)
    return starts


def sum_over_ways(edges: Edges, scores: np.ndarray, skip: np.ndarray) -> float:
    """Log of the sum over all ways; scores [groups], skip [pieces]."""
    by_group, by_skip, ends = scores.tolist(), skip.tolist(), edges.last.tolist()
    ahead = [0.0] + [-math.inf] * len(skip)
    for place, groups in enumerate(starting(edges)):
        ahead[place + 1] = _log_sum(ahead[place + 1], ahead[place] + by_skip[place])
        for group in groups:
            last = ends[group]
            ahead[last] = _log_sum(ahead[last], ahead[place] + by_group[group])
    return ahead[-1]


def _log_sum(a: float, b: float) -> float:
    """log(exp(a) + exp(b)); the same as NumPy's `logaddexp`, which is slow for two numbers."""
    larger, smaller = (a, b) if a >= b else (b, a)
    return larger if smaller == -math.inf else larger + math.log1p(math.exp(smaller - larger))


def _add(
    there: dict[str, Way],
    kept: dict[str, Way],
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
                _log_sum(old[0], all_ways + score),
                best + score if longer else old[1],
                new_path if longer else old[2],
            )
