"""Recorded pen strokes, replayed on a canvas as a mouse or a finger would draw them.

The format is an .npz file of flat arrays: points int16 [P, 2] are x and y (down) of every pen sample, the longer side
of a drawing being 1000; stroke i is points[strokes[i]:strokes[i+1]]; drawing j is strokes drawings[j] to
drawings[j+1]; labels and writers name each drawing's character and author.
"""

import itertools
import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import numpy as np
from PIL import Image, ImageDraw

from mnist_core.errors import InputError
from mnist_core.files.atomic import reason
from mnist_core.files.npz import read_npz

CANVAS = 280
NUMERALS = tuple("0123456789")
"""Labels of digits."""
MAX_PEN_BYTES = 500_000_000
SMOOTHING = 2
"""Strokes are drawn this many times larger and then reduced, which gives them smooth edges."""


@dataclass(frozen=True, eq=False)
class PenDrawings:
    """Drawings of a pen file; `drawing(j)` is a list of strokes, each int16 [points, 2]."""

    points: np.ndarray
    strokes: np.ndarray
    drawings: np.ndarray
    labels: np.ndarray
    writers: np.ndarray

    def __len__(self) -> int:
        return len(self.labels)

    def by(self, writers: Sequence[str]) -> "PenDrawings":
        """The drawings of writers whose names begin so. Raises InputError if there are none."""
        chosen = [j for j in range(len(self)) if str(self.writers[j]).startswith(tuple(writers))]
        if not chosen:
            raise InputError(f"writers {', '.join(writers)}: the pen file has none whose names begin so.")
        drawings = [self.drawing(j) for j in chosen]
        strokes = [stroke for drawing in drawings for stroke in drawing]
        return PenDrawings(
            np.concatenate(strokes),
            np.cumsum([0, *map(len, strokes)]),
            np.cumsum([0, *map(len, drawings)]),
            self.labels[chosen],
            self.writers[chosen],
        )

    def drawing(self, j: int) -> list[np.ndarray]:
        """The strokes of drawing j."""
        bounds = self.strokes[self.drawings[j] : self.drawings[j + 1] + 1]
        return [self.points[a:b] for a, b in itertools.pairwise(bounds)]


def load_pen(path: str | os.PathLike[str]) -> PenDrawings:
    """Read a pen file. Raises InputError if it is missing, damaged, or its parts do not fit together."""
    path = Path(path)
    try:
        with open(path, "rb") as file:
            return parse_pen(file, path.name)
    except OSError as error:
        raise InputError(f"{path}: cannot be read ({reason(error)}).") from None


def parse_pen(file: BinaryIO, title: str, max_bytes: int = MAX_PEN_BYTES) -> PenDrawings:
    """The same from an open file; `title` is what error messages call it, max_bytes what it may unpack to."""
    arrays = read_npz(file, title, max_bytes)
    for name in ("points", "strokes", "drawings", "labels", "writers"):
        if name not in arrays:
            raise InputError(f"{title}: expected an array {name!r}, found {', '.join(sorted(arrays)) or 'none'}.")
    points, strokes, drawings = arrays["points"], arrays["strokes"], arrays["drawings"]
    if points.ndim != 2 or points.shape[1] != 2 or points.dtype.kind not in "iu":
        raise InputError(f"{title}: points: expected whole numbers [P, 2], found {points.dtype} {points.shape}.")
    for name, bounds, end in (("strokes", strokes, len(points)), ("drawings", drawings, len(strokes) - 1)):
        if (
            bounds.ndim != 1
            or bounds.dtype.kind not in "iu"
            or len(bounds) == 0
            or int(bounds[0]) != 0
            or int(bounds[-1]) != end
            or (np.diff(bounds.astype(np.int64)) < 1).any()
        ):
            raise InputError(f"{title}: {name}: expected whole numbers rising from 0 to {end}.")
    for name in ("labels", "writers"):
        if arrays[name].shape != (len(drawings) - 1,) or arrays[name].dtype.kind != "U":
            raise InputError(f"{title}: {name}: expected {len(drawings) - 1} texts, one a drawing.")
    strokes, drawings = strokes.astype(np.int64), drawings.astype(np.int64)
    return PenDrawings(points, strokes, drawings, arrays["labels"], arrays["writers"])


@dataclass(frozen=True)
class Hand:
    """How people draw: what is drawn at random, uniformly, for each drawing; the place on the canvas always is.

    size: the longer side in canvas pixels, lowest and highest. width: of the stroke, in pixels. widest: at most this
    share of the longer side. tilt: degrees either way.
    """

    size: tuple[float, float] = (140, 220)
    width: tuple[float, float] = (14, 24)
    widest: float = 1.0
    tilt: float = 0.0


USUAL_HAND = Hand()
ANY_HAND = Hand(size=(90, 220), width=(8, 44), widest=0.2, tilt=10)
"""Small and large, thin and thick, straight and tilted."""


def replay(drawing: list[np.ndarray], rng: np.random.Generator, hand: Hand = USUAL_HAND) -> np.ndarray:
    """Draw the strokes, each [points, 2], in white on black as a person might: uint8 RGBA [280, 280, 4]."""
    size = rng.uniform(*hand.size)
    width = rng.uniform(hand.width[0], min(hand.width[1], hand.widest * size))
    points = [stroke.astype(np.float64) for stroke in drawing]
    if hand.tilt:
        angle = np.radians(rng.uniform(-hand.tilt, hand.tilt))
        turn = np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]])
        points = [stroke @ turn for stroke in points]
    # Not only a pen file's 1000: a drawing may have been turned or changed.
    longer = np.ptp(np.concatenate(points), axis=0).max()
    points = [stroke * (size / max(longer, 1)) for stroke in points]
    low = np.min([stroke.min(axis=0) for stroke in points], axis=0)
    high = np.max([stroke.max(axis=0) for stroke in points], axis=0)
    margin = width / 2
    place = rng.uniform(margin, np.maximum(margin, CANVAS - margin - (high - low)))
    return render([stroke - low + place for stroke in points], width)


def render(strokes: list[np.ndarray], width: float) -> np.ndarray:
    """Strokes, each [points, 2] in canvas pixels, as round-ended white lines on black: uint8 RGBA [280, 280, 4]."""
    rgba = np.full((CANVAS, CANVAS, 4), 255, np.uint8)
    rgba[..., :3] = line_drawing(strokes, width, (CANVAS, CANVAS))[..., None]
    return rgba


def line_drawing(strokes: list[np.ndarray], width: float, size: tuple[int, int]) -> np.ndarray:
    """Strokes, each [points, 2] in pixels, as round-ended lines: uint8 [down, across]; size: (across, down)."""
    big = Image.new("L", (size[0] * SMOOTHING, size[1] * SMOOTHING))
    draw = ImageDraw.Draw(big)
    thick, radius = max(1, round(width * SMOOTHING)), width * SMOOTHING / 2
    for stroke in strokes:
        places = [(float(x), float(y)) for x, y in stroke * SMOOTHING]
        if len(places) > 1:
            draw.line(places, fill=255, width=thick, joint="curve")
        for x, y in (places[0], places[-1]):
            draw.ellipse((x - radius, y - radius, x + radius, y + radius), fill=255)
    return np.asarray(big.reduce(SMOOTHING))
