"""Which number it is, by what its cuts say and by what the whole line says: two views with different faults.

`numbers/lattice.py` gives the likeliest numbers of all ways to cut; `line_network.py` tells how likely each of them is
without any cut. The probabilities of both are multiplied (a product of experts, Hinton 2002) and taken to a power below
1. `python -m benchmarks.number_choice` measures several powers and least probabilities.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from mnist_core.reading.line_network import letter_probability, text_probabilities

POWER = 0.8
"""Both probabilities are taken to this power: the views are not quite independent, so less than 1."""
LEAST = 0.003
"""What is less likely than this counts as this: neither view alone can rule anything out."""


@dataclass(frozen=True, eq=False)
class Views:
    """What both say of some numbers, of a word, and of any other number: float64 [n + 2] each, adding up to 1.

    texts: the n numbers, "" for no digit at all among them. line: None where it could not look.
    """

    texts: tuple[str, ...]
    cuts: np.ndarray
    line: np.ndarray | None

    @classmethod
    def of(cls, by_cuts: Mapping[str, float], word: float, lines: Sequence[np.ndarray]) -> "Views":
        """by_cuts, word: probabilities by the cuts. lines: columns [T, 12] of each look at the line, or none."""
        texts = tuple(by_cuts)
        cuts = _with_the_rest([*by_cuts.values(), word])
        if not lines:
            return cls(texts, cuts, None)
        looks = [_with_the_rest([*text_probabilities(one, texts), letter_probability(one)]) for one in lines]
        return cls(texts, cuts, np.mean(looks, axis=0))

    def likely(self) -> tuple[dict[str, float], float]:
        """The probability of each number, the likeliest first, and of a word; what the cuts say, where line is None."""
        shares = self.cuts if self.line is None else blended(self.cuts, self.line)
        order = np.argsort(-shares[:-2], kind="stable")
        return {self.texts[index]: float(shares[index]) for index in order}, float(shares[-2])


def _with_the_rest(shares: list[float]) -> np.ndarray:
    return np.array([*shares, max(0.0, 1 - sum(shares))])


def blended(cuts: np.ndarray, line: np.ndarray, power: float = POWER, least: float = LEAST) -> np.ndarray:
    """float64 [n], adding up to 1, from what both say, float [n] each."""
    shares = (np.maximum(cuts, least) * np.maximum(line, least)) ** power
    return np.asarray(shares / shares.sum())
