"""A picture of a number goes in, the number comes out: cut it, read all groups of pieces at once, choose the best way.

`Recognizer.read_number` and `read_page` call this file.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Protocol

import numpy as np

from mnist_core.nn.network import DIGITS
from mnist_core.numbers import (
    Answer,
    Group,
    Ink,
    Strip,
    best_texts,
    cut,
    find_inks,
    find_places,
    groups,
    measure,
)
from mnist_core.reading.answers import Box, Cuts, Grouping, NumberDigit, NumberReading, Reading
from mnist_core.reading.piece_network import NOTHING, WORTH, blend, piece_probabilities

LEAST_SURE = 0.2
"""The probability below which the likeliest number is none."""
FILLED = 0.5
"""How sure all ink of a small photo must be one number, to be taken for it and not for several."""
FAR = 1.2
"""Digits that are farther from each other, in heights of the highest, are those of two numbers."""
CANDIDATES, ALTERNATIVES = 10, 4
"""Numbers that are considered of each look, and those that are told besides the likeliest."""


class Reader(Protocol):
    """What reads single digits: a `Recognizer`."""

    def group_probabilities(self, images: np.ndarray) -> np.ndarray: ...

    def read_images(self, images: Sequence[np.ndarray | None]) -> list[Reading]: ...


NO_NUMBER = NumberReading("", 0.0, (), (), None, Cuts())


def read_number(reader: Reader, rgba: np.ndarray) -> NumberReading:
    """The one number in uint8 [H, W, 4]; where all ink of a photo together is none, the surest that stands alone."""
    inks = find_inks(rgba)
    reading = _of_all_ink(reader, inks)
    if reading.text or not inks[0].paper:
        return reading
    return max([reading, *_of_places(reader, inks[len(inks) // 2])], key=lambda each: each.confidence)


def read_page(reader: Reader, rgba: np.ndarray) -> tuple[NumberReading, ...]:
    """All numbers in uint8 [H, W, 4], from top to bottom and from left to right.

    A small photo that is filled by one number, such as one cut out of a form, is read as that; so is any other picture
    in which no number is found by itself.
    """
    inks = find_inks(rgba)
    if len(inks) > 1 and (whole := _filling(reader, inks)):
        return whole
    found = tuple(_of_places(reader, inks[len(inks) // 2]))
    return found or (_filling(reader, inks) if len(inks) == 1 else ())


def _filling(reader: Reader, inks: Sequence[Ink]) -> tuple[NumberReading, ...]:
    """The one number that all ink of a picture surely is; none if it is not."""
    whole = _of_all_ink(reader, inks)
    filled = whole.confidence >= FILLED and _stand_together([digit.box for digit in whole.digits])
    return (whole,) if filled else ()


def _of_all_ink(reader: Reader, inks: Sequence[Ink]) -> NumberReading:
    """All ink of a picture as one number, at which `inks` are several looks."""
    strips = [strip for ink in inks if (strip := cut(ink.ink, ink.step)) is not None]
    return _together(reader, _ways(reader, strips))


def _stand_together(boxes: Sequence[Box]) -> bool:
    """Whether digits follow each other on one line, none of them far from the next."""
    height = max(bottom - top for _, top, _, bottom in boxes)
    return all(
        after[0] - before[2] <= FAR * height and min(before[3], after[3]) > max(before[1], after[1])
        for before, after in pairwise(boxes)
    )


def _of_places(reader: Reader, ink: Ink) -> list[NumberReading]:
    """The numbers among the groups of ink that stand together."""
    strips = []
    for place in find_places(ink.ink):
        strip = cut(place.ink, ink.step, (place.left * ink.step, place.top * ink.step))
        if strip is not None:
            strips.append(strip)
    return [reading for ways in _ways(reader, strips) if (reading := _together(reader, [ways])).text]


@dataclass(frozen=True, eq=False)
class _Ways:
    """A strip, its groups, what these may be, and the likeliest numbers."""

    strip: Strip
    groups: list[Group]
    shares: np.ndarray
    answer: Answer


def _ways(reader: Reader, strips: Sequence[Strip]) -> list[_Ways]:
    """The likeliest numbers of each strip; all groups of all strips are read in one batch."""
    found = [(strip, some) for strip in strips if (some := groups(strip))]
    if not found:
        return []
    shares = group_shares(reader, np.stack([group.image for _, some in found for group in some]))
    parts = np.split(shares, np.cumsum([len(some) for _, some in found])[:-1])
    return [
        _Ways(strip, some, part, best_texts(measure(strip, some, part), count=CANDIDATES))
        for (strip, some), part in zip(found, parts, strict=True)
    ]


def _together(reader: Reader, looks: Sequence[_Ways]) -> NumberReading:
    """What several looks at the same number say together: the mean of their probabilities."""
    if not looks:
        return NO_NUMBER
    likely: dict[str, float] = {}
    for look in looks:
        for path, share in look.answer.paths:
            likely[path.text] = likely.get(path.text, 0.0) + share / len(looks)
    texts = sorted(likely, key=lambda text: -likely[text])
    text, confidence = texts[0], likely[texts[0]]
    # Cuts and frames are those of the look that is surest of it.
    look = max(looks, key=lambda each: {path.text: share for path, share in each.answer.paths}.get(text, 0.0))
    word = sum(each.answer.word for each in looks) / len(looks)
    path = next(path for path, _ in look.answer.paths if path.text == text)
    cuts = _cuts(look, set(path.groups))
    if not text or confidence < LEAST_SURE or word > confidence:
        return NumberReading("", 0.0, (), (), None, cuts)
    chosen = [look.groups[number] for number in path.groups]
    readings = reader.read_images([group.image for group in chosen])
    if any(reading.digit is None for reading in readings):
        # A filled shape is no digit, whatever it looks like in 28x28 pixels.
        return NumberReading("", 0.0, (), (), None, cuts)
    boxes = [look.strip.to_input(group.pieces) for group in chosen]
    digits = tuple(map(NumberDigit.of, path.digits, readings, boxes))
    others = tuple((other, likely[other]) for other in texts[1 : ALTERNATIVES + 1] if other)
    return NumberReading(text, confidence, digits, others, around(boxes), cuts)


def group_shares(reader: Reader, images: np.ndarray) -> np.ndarray:
    """float32 [N, 12]: what images [N, 28, 28] of groups of pieces may be; see `piece_network`."""
    shares = piece_probabilities(images)
    worth = np.flatnonzero(shares[:, NOTHING] < 1 - WORTH)
    if len(worth):
        shares[worth] = blend(shares[worth], reader.group_probabilities(images[worth]))
    return shares


def around(boxes: Sequence[Box]) -> Box:
    """The box around all boxes."""
    left, top, right, bottom = zip(*boxes, strict=True)
    return min(left), min(top), max(right), max(bottom)


def _cuts(look: _Ways, chosen: set[int]) -> Cuts:
    pieces = tuple(look.strip.to_input((index,)) for index in range(len(look.strip.pieces)))
    groupings = []
    for number, (group, share) in enumerate(zip(look.groups, look.shares, strict=True)):
        digit = int(share[:DIGITS].argmax())
        box = around([pieces[index] for index in group.pieces])
        other = float(share[DIGITS:].sum())
        groupings.append(Grouping(group.pieces, box, digit, float(share[digit]), other, number in chosen))
    return Cuts(pieces, tuple(groupings))
