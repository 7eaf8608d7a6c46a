"""Numbers composed of recorded pen digits, to measure with and to learn from: the same for the same seed.

The digits of a number are by one writer, or by others, of the same collection if possible, where that writer has none
of a kind. They touch, stand close or far apart, are a little larger or smaller, higher or lower.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from mnist_core.errors import InputError
from mnist_core.ink.pen import NUMERALS, PenDrawings, line_drawing
from mnist_core.ink.vary_strokes import vary

SHORTEST, LONGEST = 2, 6
"""Digits of a number."""
HEIGHT = (90, 170)
"""Pixels that the digits of a number are high, lowest and highest."""
WIDTH = (0.04, 0.15)
"""Width of the stroke, in heights of the digits."""
GAP = (-0.12, 0.6)
"""Between two digits, in heights: how far apart their boxes are on the whole in one number."""
TOUCHING = (-0.2, 0.1)
"""The same where more digits touch."""
GAP_JITTER, SIZE_JITTER, PLACE_JITTER = 0.05, 0.07, 0.04
MARGIN = 40
MARKED = 0.25
"""The share of numbers with dots, commas or dashes."""
MARK = 255


@dataclass(frozen=True, eq=False)
class PenNumber:
    """A number as ink, float32 [h, w]. text: its digits.

    owners: uint8 [h, w], whose ink it is: 0 none, 1 the first digit's and so on, `MARK` a dot's, a comma's or a dash's.
    """

    text: str
    ink: np.ndarray
    owners: np.ndarray


class Composer:
    """Composes numbers of the digits of a pen file."""

    def __init__(
        self,
        drawings: PenDrawings,
        characters: Sequence[str] = NUMERALS,
        joined: float = 0.0,
        varied: float = 0.0,
        zeros: float = 0.0,
    ) -> None:
        """characters: what numbers are composed of; letters, to make words that are no numbers.

        The rest is to learn from, not to measure with. joined: the share of numbers with more digits that touch, or are
        joined by a stroke as fast hands do. varied: the share whose digits are changed as another hand might have drawn
        them. zeros: the share in which every other digit is a 0, as in amounts.
        """
        self.joined, self.varied, self.zeros = joined, varied, zeros
        self.drawings = drawings
        self._by_writer: dict[str, dict[str, list[int]]] = {}
        self._by_collection: dict[str, dict[str, list[int]]] = {}
        self._all: dict[str, dict[str, list[int]]] = {}
        for index, (label, writer) in enumerate(zip(drawings.labels.tolist(), drawings.writers.tolist(), strict=True)):
            if label in characters:
                collection = writer.split("/")[0]
                for table, key in ((self._by_writer, writer), (self._by_collection, collection), (self._all, "")):
                    table.setdefault(key, {}).setdefault(label, []).append(index)
        if not self._by_writer:
            raise InputError("the pen file: expected digits to compose numbers of, found none.")
        self._writers = sorted(self._by_writer)

    def compose(self, rng: np.random.Generator, height: float | None = None) -> PenNumber:
        """A number drawn by chance. height: of its digits in pixels."""
        writer = self._writers[int(rng.integers(len(self._writers)))]
        own, others, anybody = self._by_writer[writer], self._by_collection[writer.split("/")[0]], self._all[""]
        labels = sorted(anybody)
        text = [labels[int(rng.integers(len(labels)))] for _ in range(rng.integers(SHORTEST, LONGEST + 1))]
        if self.zeros and rng.random() < self.zeros:
            text = ["0" if rng.random() < 0.5 else label for label in text]
        varied = self.varied > 0 and rng.random() < self.varied
        chosen = [int(rng.choice(own.get(label) or others.get(label) or anybody[label])) for label in text]
        size = rng.uniform(*HEIGHT) if height is None else height
        width = size * rng.uniform(*WIDTH)
        apart = rng.uniform(*GAP)
        joined = self.joined > 0 and rng.random() < self.joined
        if joined:
            apart = rng.uniform(*TOUCHING)
        right = 0.0
        digits: list[list[np.ndarray]] = []
        marks: list[np.ndarray] = []
        marked = rng.random() < MARKED
        for index in chosen:
            strokes = [stroke.astype(np.float64) for stroke in self.drawings.drawing(index)]
            if varied:
                strokes = vary(strokes, rng, str(self.drawings.labels[index]))
            points = np.concatenate(strokes)
            low = points.min(axis=0)
            scale = size * np.exp(rng.normal(0, SIZE_JITTER)) / max(1.0, float(np.ptp(points, axis=0).max()))
            box = np.ptp(points, axis=0) * scale
            down = (size - box[1]) / 2 + rng.normal(0, PLACE_JITTER) * size
            gap = (apart + rng.normal(0, GAP_JITTER)) * size if digits else 0.0
            if marked and digits and rng.random() < 0.4:
                marks.append(_mark(rng, size, right + width))
                gap = max(gap, float(np.ptp(marks[-1][:, 0])) + rng.uniform(0.03, 0.25) * size + width)
            # The gap is between the edges of the ink.
            left = right + gap + (width if digits else 0.0)
            moved = [(stroke - low) * scale + (left, down) for stroke in strokes]
            if joined and digits and rng.random() < 0.4:
                # The pen goes on from the end of one digit to the start of the next.
                way = np.stack([digits[-1][-1][-1], moved[0][0]])
                if np.abs(way[1] - way[0]).max() < size:
                    digits[-1].append(way)
            digits.append(moved)
            right = max(right, left + float(box[0]))
        while marked and rng.random() < 0.4:
            marks.append(_mark(rng, size, right + width))
            right = float(marks[-1][:, 0].max()) + width
        return PenNumber("".join(text), *_draw(digits, marks, width))


def _mark(rng: np.random.Generator, size: float, left: float) -> np.ndarray:
    """A dot, a comma or a dash, [points, 2], to the right of `left`."""
    kind = rng.integers(3)
    if kind == 0:
        way = np.array([(0, 1), (0.02, 1)])
    elif kind == 1:
        way = np.array([(0.1, 0.95), (0.1, 1.02), (rng.uniform(-0.02, 0.06), rng.uniform(1.1, 1.25))])
    else:
        way = np.array([(0, rng.uniform(0.4, 0.7)), (rng.uniform(0.15, 0.45), rng.uniform(0.4, 0.7))])
    way = way - (way[:, 0].min(), 0) + (rng.uniform(0.02, 0.15), rng.normal(0, 0.03))
    return np.asarray(way * size + (left, 0))


def _draw(digits: list[list[np.ndarray]], marks: list[np.ndarray], width: float) -> tuple[np.ndarray, np.ndarray]:
    """Ink and owners of digits, each a list of strokes [points, 2], and of marks."""
    points = np.concatenate([stroke for strokes in digits for stroke in strokes] + marks)
    move = MARGIN + width / 2 - points.min(axis=0)
    across, down = (int(side) for side in np.ceil(np.ptp(points, axis=0) + width + 2 * MARGIN))
    shapes = [*digits, *([mark] for mark in marks)]
    layers = np.stack([line_drawing([way + move for way in shape], width, (across, down)) for shape in shapes])
    ink = layers.max(axis=0)
    names = np.array([*range(1, len(digits) + 1), *[MARK] * len(marks)], np.uint8)
    owners = np.where(ink > 0, names[layers.argmax(axis=0)], 0).astype(np.uint8)
    return ink.astype(np.float32) / 255, owners


def on_canvas(number: PenNumber) -> np.ndarray:
    """As a drawing on the canvas, white on black: uint8 RGBA [h, w, 4]."""
    rgba = np.full((*number.ink.shape, 4), 255, np.uint8)
    rgba[..., :3] = np.round(number.ink * 255).astype(np.uint8)[..., None]
    return rgba
