"""A picture of a number goes in, the number comes out: cut it, read all groups of pieces at once, choose the best way.

`Recognizer.read_number` and `read_page` call this file.
"""

from collections.abc import Sequence
from typing import Protocol

import numpy as np

from mnist_core.numbers import Group, Strip, best_texts, cut, find_ink_anywhere, groups
from mnist_core.reading.answers import Box, Cuts, Grouping, NumberDigit, NumberReading, Reading

LEAST_SURE = 0.2
"""The probability below which the best way through the pieces is no number."""


class Reader(Protocol):
    """What reads single digits: a `Recognizer`."""

    def quick_probabilities(self, images: np.ndarray) -> np.ndarray: ...

    def read_images(self, images: Sequence[np.ndarray | None]) -> list[Reading]: ...


NO_NUMBER = NumberReading("", 0.0, (), (), None, Cuts())


def read_number(reader: Reader, rgba: np.ndarray) -> NumberReading:
    """The one number in uint8 [H, W, 4]."""
    found = find_ink_anywhere(rgba)
    strip = cut(found.ink, found.step)
    return NO_NUMBER if strip is None else read_strip(reader, strip)


def read_page(reader: Reader, rgba: np.ndarray) -> tuple[NumberReading, ...]:
    """All numbers in uint8 [H, W, 4], from top to bottom and from left to right."""
    reading = read_number(reader, rgba)
    return (reading,) if reading.text else ()


def read_strip(reader: Reader, strip: Strip) -> NumberReading:
    """The number whose pieces are given."""
    found = groups(strip)
    if not found:
        return NO_NUMBER
    shares = reader.quick_probabilities(np.stack([group.image for group in found]))
    answer = best_texts(strip, found, shares)
    path, confidence = answer.paths[0]
    cuts = _cuts(strip, found, shares, set(path.groups))
    if not path.groups or confidence < LEAST_SURE:
        return NumberReading("", 0.0, (), (), None, cuts)
    chosen = [found[number] for number in path.groups]
    readings = reader.read_images([group.image for group in chosen])
    boxes = [strip.to_input(group.pieces) for group in chosen]
    digits = tuple(NumberDigit(reading, box) for reading, box in zip(readings, boxes, strict=True))
    others = tuple((other.text, share) for other, share in answer.paths[1:] if other.text)
    return NumberReading(path.text, confidence, digits, others, around(boxes), cuts)


def around(boxes: list[Box]) -> Box:
    """The box around all boxes."""
    left, top, right, bottom = zip(*boxes, strict=True)
    return min(left), min(top), max(right), max(bottom)


def _cuts(strip: Strip, found: list[Group], shares: np.ndarray, chosen: set[int]) -> Cuts:
    groupings = []
    for number, (group, share) in enumerate(zip(found, shares, strict=True)):
        digit = int(share[:10].argmax())
        groupings.append(
            Grouping(
                group.pieces,
                strip.to_input(group.pieces),
                digit,
                float(share[digit]),
                float(share[10:].sum()),
                number in chosen,
            )
        )
    return Cuts(tuple(strip.to_input((index,)) for index in range(len(strip.pieces))), tuple(groupings))
