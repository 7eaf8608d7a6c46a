"""What is given back: the reading of a digit, and that of a whole number."""

from dataclasses import dataclass
from typing import Literal

import numpy as np

from mnist_core.data.class_names import TEN_DIGITS

ReadingStatus = Literal["digit", "unsure", "other", "blank"]
Box = tuple[float, float, float, float]
"""left, top, right, bottom in pixels of the input."""


@dataclass(frozen=True, eq=False)
class Reading:
    """What a network makes of a drawing. A network that was taught other classes says "digit" of these.

    status: "digit"; "unsure" (digit is then only the likeliest, or None for specks or a filled shape, in which there is
    nothing to read); "other" (more likely no digit than one: digit is what it would be if it were one); "blank"
    (nothing is drawn: digit is None).
    confidence: 0 to 1, the probability that it is a digit, and this one; 0 if digit is None.
    digit: the index of the class in `classes`, the names of the classes; of the ten digits, the digit itself.
    probabilities: float32 [classes], those of the ten digits if it is one, adding up to 1; all the same if digit is
    None.
    image: float32 [28, 28], what the network saw; None for a blank.
    other: 0 to 1, the probability that it is not a digit; 0 if the network was not taught what is none.
    """

    status: ReadingStatus
    digit: int | None
    confidence: float
    probabilities: np.ndarray
    image: np.ndarray | None
    other: float = 0.0
    classes: tuple[str, ...] = TEN_DIGITS

    @property
    def answer(self) -> str:
        """The name of the likeliest class, "" if there is none."""
        return "" if self.digit is None else self.classes[self.digit]

    def likeliest(self, count: int = 2) -> list[int]:
        """The `count` likeliest digits, or indices of other classes, the likeliest first."""
        return [int(digit) for digit in np.argsort(-self.probabilities, kind="stable")[:count]]


@dataclass(frozen=True, eq=False)
class NumberDigit:
    """One digit of a number.

    digit: which of the ten it is in this number; confidence: 0 to 1, how sure the network is of it. reading: what the
    network makes of it alone, which may be another digit. box: around it, in pixels of the input.
    """

    digit: int
    confidence: float
    reading: Reading
    box: Box

    @classmethod
    def of(cls, digit: int, reading: Reading, box: Box) -> "NumberDigit":
        """A digit as sure as its reading is of just this one; the network may know other classes, too."""
        share = float(reading.probabilities[reading.classes.index(str(digit))])
        return cls(digit, share * (1 - reading.other), reading, box)


@dataclass(frozen=True)
class Grouping:
    """Pieces that were read together.

    pieces: their indices. box: around them. digit: the likeliest one; probability: that it is a digit, and this one;
    other: that it is no digit. chosen: whether it is a digit of the number.
    """

    pieces: tuple[int, ...]
    box: Box
    digit: int
    probability: float
    other: float
    chosen: bool


@dataclass(frozen=True)
class Cuts:
    """What was considered: the box of each piece, from left to right, and all groups of them that were read."""

    pieces: tuple[Box, ...] = ()
    groupings: tuple[Grouping, ...] = ()


@dataclass(frozen=True, eq=False)
class NumberReading:
    """What a network makes of a picture of a number.

    text: its digits; "" where there is no number. confidence: 0 to 1, the probability that all of them are right; 0
    where there is none. digits: one each. alternatives: other numbers that it may be, the likeliest first, with their
    probabilities. box: around all digits, in pixels of the input; None where there is no number. cuts: how it came
    about.
    """

    text: str
    confidence: float
    digits: tuple[NumberDigit, ...]
    alternatives: tuple[tuple[str, float], ...]
    box: Box | None
    cuts: Cuts
