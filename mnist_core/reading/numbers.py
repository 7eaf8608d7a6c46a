"""A picture of a number goes in, the number comes out: cut it, read all groups of pieces at once, choose the best way.

`Recognizer.read_number` and `read_page` call this file. BLAS uses one thread meanwhile: the products are many and
small, and its threads would wait for each other (a page took 1.7 s with two, 1.5 s with one; beside another program on
both cores 9 s, and 2.8 s).
"""

import os
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Protocol

import numpy as np

from mnist_core.blas import blas_threads
from mnist_core.nn.network import DIGITS
from mnist_core.numbers import (
    Answer,
    Edges,
    Group,
    Ink,
    Path,
    Strip,
    best_texts,
    cut,
    find_inks,
    find_places,
    groups,
    likeliest_way,
    line_image,
    measure,
)
from mnist_core.reading.answers import Box, Cuts, Grouping, NumberDigit, NumberReading, Reading
from mnist_core.reading.line_network import best_number, line_probabilities
from mnist_core.reading.number_choice import Views
from mnist_core.reading.piece_network import NOTHING, WORTH, blend, piece_probabilities

LEAST_SURE = 0.2
"""The probability below which the likeliest number is none."""
FILLED = 0.5
"""How sure all ink of a small photo must be one number, to be taken for it and not for several."""
FAR = 1.2
"""Digits that are farther from each other, in heights of the highest, are those of two numbers."""
SURELY_WORD = 0.99
"""How likely letters must be by the cuts, for the line not to be looked at."""
THREADS, MANY = 2, 400
"""Threads that read the groups of a page, where there are so many groups: another thread is worth its cost then."""
CANDIDATES, ALTERNATIVES = 10, 4
"""Numbers that are considered of each look, and those that are told besides the likeliest."""


class Reader(Protocol):
    """What reads single digits: a `Recognizer`."""

    def group_probabilities(self, images: np.ndarray, threads: int = 1) -> np.ndarray: ...

    def read_images(self, images: Sequence[np.ndarray | None], *, one_look: bool) -> list[Reading]: ...


NO_NUMBER = NumberReading("", 0.0, (), (), None, Cuts())


def read_number(reader: Reader, rgba: np.ndarray) -> NumberReading:
    """The one number in uint8 [H, W, 4]; where all ink of a photo together is none, the surest that stands alone."""
    with blas_threads(1):
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
    with blas_threads(1):
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
    return _together(reader, _looks(reader, inks), inks[0].paper)


def _looks(reader: Reader, inks: Sequence[Ink]) -> "list[_Ways]":
    """All ink of a picture, cut; one for each of `inks` that can be cut."""
    return _ways(reader, [strip for ink in inks if (strip := cut(ink.ink, ink.step)) is not None])


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
    return [reading for ways in _ways(reader, strips) if (reading := _together(reader, [ways], ink.paper)).text]


@dataclass(frozen=True, eq=False)
class _Ways:
    """A strip, its groups, what these may be, all ways through them, and the likeliest numbers by their probability."""

    strip: Strip
    groups: list[Group]
    shares: np.ndarray
    edges: Edges
    answer: Answer
    likely: dict[str, tuple[Path, float]]

    @classmethod
    def through(cls, strip: Strip, found: list[Group], shares: np.ndarray) -> "_Ways":
        """All ways through a strip with these groups, given what each may be, float [groups, 12]."""
        edges = measure(strip, found, shares)
        answer = best_texts(edges, count=CANDIDATES)
        return cls(strip, found, shares, edges, answer, {path.text: (path, share) for path, share in answer.paths})

    def consider(self, text: str) -> None:
        """Take this number among the likely ones, if there is a way that gives it."""
        if text not in self.likely and (way := likeliest_way(self.edges, self.answer, text)):
            self.likely[text] = way


def _ways(reader: Reader, strips: Sequence[Strip]) -> list[_Ways]:
    """The likeliest numbers of each strip; all groups of all strips are read in one batch."""
    found = [(strip, some) for strip in strips if (some := groups(strip))]
    if not found:
        return []
    shares = group_shares(reader, np.stack([group.image for _, some in found for group in some]))
    parts = np.split(shares, np.cumsum([len(some) for _, some in found])[:-1])
    return [_Ways.through(strip, some, part) for (strip, some), part in zip(found, parts, strict=True)]


def _together(reader: Reader, looks: Sequence[_Ways], paper: bool) -> NumberReading:
    """What several looks at the same number say together: the mean of their probabilities.

    paper: whether it stands on paper. What the whole line says counts there; on a canvas it adds nothing (measured in
    docs/numbers.md).
    """
    if not looks:
        return NO_NUMBER
    likely, word = _views(looks, paper).likely()
    text, confidence = next(iter(likely.items()))
    # Cuts and frames are those of the look that is surest of it.
    look = max(looks, key=lambda each: each.likely[text][1] if text in each.likely else -1.0)
    path = look.likely[text][0]
    cuts = _cuts(look, set(path.groups))
    if not text or confidence < LEAST_SURE or word > confidence:
        return NumberReading("", 0.0, (), (), None, cuts)
    chosen = [look.groups[number] for number in path.groups]
    # One look: the number has been chosen by more than these.
    readings = reader.read_images([group.image for group in chosen], one_look=True)
    if any(reading.digit is None for reading in readings):
        # A filled shape is no digit, whatever it looks like in 28x28 pixels.
        return NumberReading("", 0.0, (), (), None, cuts)
    boxes = [look.strip.to_input(group.pieces) for group in chosen]
    digits = tuple(map(NumberDigit.of, path.digits, readings, boxes))
    others = tuple((other, likely[other]) for other in list(likely)[1 : ALTERNATIVES + 1] if other)
    return NumberReading(text, confidence, digits, others, around(boxes), cuts)


def views_of(reader: Reader, rgba: np.ndarray) -> Views | None:
    """What the cuts and the line say of all ink of a picture, uint8 [H, W, 4]; None where nothing can be cut."""
    looks = _looks(reader, find_inks(rgba))
    return _views(looks, True) if looks else None


def _views(looks: Sequence[_Ways], with_line: bool) -> Views:
    """The numbers that are likely by any look's cuts, and those that lines say column by column, by both views."""
    word = sum(look.answer.word for look in looks) / len(looks)
    with_line = with_line and word < SURELY_WORD
    images = [line for look in looks if (line := line_image(look.strip)) is not None] if with_line else []
    lines = [line_probabilities(image) for image in images]
    for number in sorted({best_number(line) for line in lines} - {""}):
        for look in looks:
            look.consider(number)
    by_cuts: dict[str, float] = {}
    for look in looks:
        for text, (_, share) in look.likely.items():
            by_cuts[text] = by_cuts.get(text, 0.0) + share / len(looks)
    return Views.of(by_cuts, word, lines)


def group_shares(reader: Reader, images: np.ndarray) -> np.ndarray:
    """float32 [N, 12]: what images [N, 28, 28] of groups of pieces may be; see `piece_network`.

    The many groups of a page are shared by two threads; give BLAS one thread then. The result is the same.
    """
    threads = min(THREADS, os.cpu_count() or 1) if len(images) >= MANY else 1
    shares = piece_probabilities(images, threads)
    worth = np.flatnonzero(shares[:, NOTHING] < 1 - WORTH)
    if len(worth):
        shares[worth] = blend(shares[worth], reader.group_probabilities(images[worth], threads))
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
