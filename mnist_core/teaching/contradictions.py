"""Labels that are likely wrong: the network is sure of another answer."""

from collections.abc import Sequence
from dataclasses import dataclass

from mnist_core.reading.answers import Reading
from mnist_core.teaching.lesson import NO_DIGIT

SURE_OF_NONE = 0.9
"""The probability from which on a network is sure that a drawing is no digit."""


@dataclass(frozen=True)
class Contradiction:
    """A drawing whose label contradicts what the network knows.

    index: which of the drawings. label: what it is said to show; answer: what the network reads, both as labels.
    confidence: how sure the network is of its answer, 0 to 1.
    """

    index: int
    label: str
    answer: str
    confidence: float


def contradictions(readings: Sequence[Reading], labels: Sequence[str]) -> list[Contradiction]:
    """Those whose reading is sure and contrary to the label, the surest first.

    It may be the label that is wrong, or a way of writing that the network has yet to learn; a person has to look.
    """
    found = []
    for index, (reading, label) in enumerate(zip(readings, labels, strict=True)):
        if reading.status == "digit" and label != reading.answer:
            found.append(Contradiction(index, label, reading.answer, reading.confidence))
        elif reading.status == "other" and label != NO_DIGIT and reading.other >= SURE_OF_NONE:
            found.append(Contradiction(index, label, NO_DIGIT, reading.other))
    return sorted(found, key=lambda contradiction: -contradiction.confidence)
