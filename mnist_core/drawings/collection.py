"""Somebody's drawings, each with the label that the person gave it."""

import io
from collections.abc import Collection as Several
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from PIL import Image

from mnist_core.errors import InputError
from mnist_core.ink import canvas

SIDE = 28
NUMERALS = tuple("0123456789")
NO_DIGIT = ""
"""The label of what is not a digit."""
EVERY = 3
"""Of the drawings of one label, every third one is held out to measure with."""
LARGEST = 280
"""Drawings with a longer side are kept smaller."""
Strokes = tuple[np.ndarray, ...]


@dataclass(frozen=True, eq=False)
class NewDrawing:
    """A drawing that is to be kept.

    rgba: uint8 [H, W, 4]; nothing in it, [0, 0, 4], if there is `png`. label: "0" to "9", or "" for what is not a
    digit. strokes: int16 [points, 2] each, x and y (down) on a canvas of 280 pixels a side; none if they are not known.
    image: uint8 [28, 28], what a network reads, where that is known already. background: its color, where that is
    known. png: the file that is kept of the picture, where that is made already.
    """

    rgba: np.ndarray
    label: str
    strokes: Strokes = ()
    image: np.ndarray | None = None
    background: canvas.Color | None = None
    png: bytes | None = None

    @classmethod
    def of_image(cls, image: np.ndarray, label: str) -> "NewDrawing":
        """One of which there is only what a network reads, uint8 [28, 28]."""
        rgba = np.full((SIDE, SIDE, 4), 255, np.uint8)
        rgba[..., :3] = image[..., None]
        return cls(rgba, label, image=image)

    def made_small(self) -> "NewDrawing":
        """The same in a hundredth of the memory, for many at once. Raises InputError if nothing is drawn."""
        nothing = np.zeros((0, 0, 4), np.uint8)
        return NewDrawing(nothing, self.label, self.strokes, self.normalized(), self.background, self.picture())

    def picture(self) -> bytes:
        """The PNG file that is kept of it."""
        if self.png is not None:
            return self.png
        picture = Image.fromarray(self.rgba)
        picture.thumbnail((LARGEST, LARGEST))
        buffer = io.BytesIO()
        picture.save(buffer, "PNG", compress_level=6)
        return buffer.getvalue()

    def normalized(self) -> np.ndarray:
        """uint8 [28, 28], what a network reads. Raises InputError if nothing is drawn."""
        if self.image is not None:
            return self.image
        found = canvas.normalize(self.rgba, self.background)
        if found is None:
            raise InputError("Nothing is drawn in this picture.")
        return np.round(found * 255).astype(np.uint8)


@dataclass(frozen=True, eq=False)
class Collection:
    """All drawings of one visitor, the oldest first.

    ids: their names. labels: as in `NewDrawing`. times: seconds since 1970. images: uint8 [N, 28, 28], what a network
    reads of each. strokes: one each, empty where they are not known.
    """

    ids: tuple[str, ...] = ()
    labels: tuple[str, ...] = ()
    times: tuple[float, ...] = ()
    images: np.ndarray = field(default_factory=lambda: np.zeros((0, SIDE, SIDE), np.uint8))
    strokes: tuple[Strokes, ...] = ()

    def __len__(self) -> int:
        return len(self.ids)

    def where(self, chosen: np.ndarray) -> "Collection":
        """Those at the given places: booleans [N], or integers."""
        places = np.flatnonzero(chosen) if chosen.dtype == bool else chosen
        picked = places.tolist()
        return Collection(
            tuple(self.ids[place] for place in picked),
            tuple(self.labels[place] for place in picked),
            tuple(self.times[place] for place in picked),
            self.images[places],
            tuple(self.strokes[place] for place in picked),
        )

    def without(self, ids: Several[str]) -> "Collection":
        """All but those of these names."""
        return self.where(np.array([one not in ids for one in self.ids], bool))

    def relabeled(self, ids: Several[str], label: str) -> "Collection":
        """The same with another label for those of these names."""
        labels = tuple(label if one in ids else before for one, before in zip(self.ids, self.labels, strict=True))
        return Collection(self.ids, labels, self.times, self.images, self.strokes)

    def joined(self, other: "Collection") -> "Collection":
        """These, then the others."""
        return Collection(
            self.ids + other.ids,
            self.labels + other.labels,
            self.times + other.times,
            np.concatenate([self.images, other.images]),
            self.strokes + other.strokes,
        )

    def digits(self) -> int:
        """How many are digits."""
        return len(self) - self.labels.count(NO_DIGIT)

    def with_strokes(self) -> int:
        """Of how many the strokes are known."""
        return sum(map(bool, self.strokes))

    def counts(self) -> dict[str, int]:
        """How many there are of each label, digits first."""
        return {label: found for label in (*NUMERALS, NO_DIGIT) if (found := self.labels.count(label))}


def check_label(label: str) -> str:
    """The label itself. Raises InputError unless it is one."""
    if label not in (*NUMERALS, NO_DIGIT):
        raise InputError(f"label {label[:20]!r}: expected a digit from 0 to 9, or nothing for what is not a digit.")
    return label


def held_out(labels: Sequence[str]) -> np.ndarray:
    """Which drawings are kept from learning, to measure with: booleans [N]; every third of each label, as they came.

    Of fewer than three of a label all are learned: the first drawings help most.
    """
    seen: dict[str, int] = {}
    chosen = []
    for label in labels:
        seen[label] = seen.get(label, 0) + 1
        chosen.append(seen[label] % EVERY == 0)
    return np.array(chosen, bool)
