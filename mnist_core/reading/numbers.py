"""A picture of a number goes in, the number comes out: cut it, read all groups of pieces at once, choose the best way.

`Recognizer.read_number` and `read_page` call this file.
"""

from collections.abc import Sequence
from typing import Protocol

import numpy as np

from mnist_core.nn.network import DIGITS
from mnist_core.numbers import Group, Strip, best_texts, cut, find_ink_anywhere, find_places, groups, measure
from mnist_core.reading.answers import Box, Cuts, Grouping, NumberDigit, NumberReading, Reading

LEAST_SURE = 0.2
"""The probability below which the best way through the pieces is no number."""


class Reader(Protocol):
    """What reads single digits: a `Recognizer`."""

    def group_probabilities(self, images: np.ndarray) -> np.ndarray: ...

    def read_images(self, images: Sequence[np.ndarray | None]) -> list[Reading]: ...


NO_NUMBER = NumberReading("", 0.0, (), (), None, Cuts())


def read_number(reader: Reader, rgba: np.ndarray) -> NumberReading:
    """The one number in uint8 [H, W, 4]."""
    found = find_ink_anywhere(rgba)
    strip = cut(found.ink, found.step)
    return NO_NUMBER if strip is None else read_strips(reader, [strip])[0]


def read_page(reader: Reader, rgba: np.ndarray) -> tuple[NumberReading, ...]:
    """All numbers in uint8 [H, W, 4], from top to bottom and from left to right."""
    found = find_ink_anywhere(rgba)
    strips = []
    for place in find_places(found.ink):
        strip = cut(place.ink, found.step, (place.left * found.step, place.top * found.step))
        if strip is not None:
            strips.append(strip)
    return tuple(reading for reading in read_strips(reader, strips) if reading.text)


def read_strips(reader: Reader, strips: Sequence[Strip]) -> list[NumberReading]:
    """The numbers whose pieces are given; all their groups are read in one batch, and then the chosen ones again."""
    found = [groups(strip) for strip in strips]
    images = [group.image for each in found for group in each]
    if not images:
        return [NO_NUMBER for _ in strips]
    shares = np.split(reader.group_probabilities(np.stack(images)), np.cumsum([len(each) for each in found])[:-1])
    readings = []
    for strip, each, share in zip(strips, found, shares, strict=True):
        readings.append(_read(reader, strip, each, share) if each else NO_NUMBER)
    return readings


def _read(reader: Reader, strip: Strip, found: list[Group], shares: np.ndarray) -> NumberReading:
    answer = best_texts(measure(strip, found, shares))
    path, confidence = answer.paths[0]
    cuts = _cuts(strip, found, shares, set(path.groups))
    if not path.groups or confidence < LEAST_SURE or answer.word > confidence:
        return NumberReading("", 0.0, (), (), None, cuts)
    chosen = [found[number] for number in path.groups]
    readings = reader.read_images([group.image for group in chosen])
    boxes = [strip.to_input(group.pieces) for group in chosen]
    digits = tuple(NumberDigit(reading, box) for reading, box in zip(readings, boxes, strict=True))
    others = tuple((other.text, share) for other, share in answer.paths[1:] if other.text)
    return NumberReading(path.text, confidence, digits, others, around(boxes), cuts)


def around(boxes: Sequence[Box]) -> Box:
    """The box around all boxes."""
    left, top, right, bottom = zip(*boxes, strict=True)
    return min(left), min(top), max(right), max(bottom)


def _cuts(strip: Strip, found: list[Group], shares: np.ndarray, chosen: set[int]) -> Cuts:
    pieces = tuple(strip.to_input((index,)) for index in range(len(strip.pieces)))
    groupings = []
    for number, (group, share) in enumerate(zip(found, shares, strict=True)):
        digit = int(share[:DIGITS].argmax())
        box = around([pieces[index] for index in group.pieces])
        other = float(share[DIGITS:].sum())
        groupings.append(Grouping(group.pieces, box, digit, float(share[digit]), other, number in chosen))
    return Cuts(pieces, tuple(groupings))
