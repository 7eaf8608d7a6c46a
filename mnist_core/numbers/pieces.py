"""Ink cut into pieces that are surely too small, and all groups of neighboring pieces that may be a digit.

Pieces: what hangs together, cut where strokes are thin (`seams.py`). A group is a run of pieces from left to right;
each becomes a picture of 28x28 pixels just as a single digit does. Before that the number is brought to one height, and
slanted writing is set upright.
"""

import functools
import math
from dataclasses import dataclass

import numpy as np
from scipy import ndimage

from mnist_core.errors import InputError
from mnist_core.ink import canvas
from mnist_core.numbers.seams import seams

HEIGHT = 64
"""Pixels that the digits of a number are high when it is cut, roughly."""
INK = 0.35
"""From how much ink on, 0 to 1, pixels hang together."""
MOST_PARTS = 50_000
"""So much that hangs together is looked at, specks included."""
MOST_PIECES = 60
"""Pieces of one number; more is no number."""
MOST_ENLARGED = 4
"""How many times as large lower digits become at most: more brings nothing to light, and takes memory."""
ROWS_AT_ONCE = 512
"""New rows or columns that are resized together: the matrix of a wide picture would be large."""
SURELY = 0.25
"""What is this high or wide, in heights of the line, is a piece at least."""
LONGEST_GROUP = 6
"""Pieces that one digit may be cut into."""
WIDEST_GROUP = 1.7
"""A digit's width at most, in heights of the line."""
SMALL = 0.4
"""Pieces lower than this, in heights of the line, may be dots, dashes, commas or dirt."""
Box = tuple[float, float, float, float]
"""left, top, right, bottom in pixels of the input."""


@dataclass(frozen=True, eq=False)
class Piece:
    """A piece of ink. box: (left, top, right, bottom) in the strip's pixels, the ends not included. area: its ink.

    cuts: how much ink was cut through at its left and right end, in widths of the stroke; 0 where it ends by itself.
    part: pieces with the same part hang together.
    """

    box: tuple[int, int, int, int]
    area: float
    cuts: tuple[float, float]
    part: int

    @property
    def height(self) -> int:
        return self.box[3] - self.box[1]


@dataclass(frozen=True, eq=False)
class Strip:
    """One number at one height, its pieces from left to right.

    ink: float32 [h, w]. labels: int [h, w], 0 or 1 more than the piece's index. line: (top, bottom) of the digits.
    stroke: its width. origin, end: where it begins and where the picture ends that it was cut from, right and bottom.
    step, slant: see `to_input`.
    """

    ink: np.ndarray
    labels: np.ndarray
    pieces: tuple[Piece, ...]
    line: tuple[float, float]
    stroke: float
    origin: tuple[float, float]
    end: tuple[float, float]
    step: float
    slant: float

    @property
    def height(self) -> float:
        return max(1.0, self.line[1] - self.line[0])

    def to_input(self, pieces: tuple[int, ...]) -> Box:
        """The box around some pieces in pixels of the picture that was given, none of it beyond `end`."""
        left, top, right, bottom = zip(*(self._boxes[piece] for piece in pieces), strict=True)
        return max(0.0, min(left)), min(top), min(self.end[0], max(right)), min(self.end[1], max(bottom))

    @functools.cached_property
    def _boxes(self) -> list[Box]:
        """The box around each piece in pixels of the picture that was given."""
        found = []
        for index, (down, across) in enumerate(ndimage.find_objects(self.labels)):
            inside = (self.labels[down, across] == index + 1) & (self.ink[down, across] > INK)
            rows, columns = np.nonzero(inside)
            x, y = self.places(rows + down.start, columns + across.start)
            found.append((float(x.min()), float(y.min()), float(x.max()) + self.step, float(y.max()) + self.step))
        return found

    def places(self, rows: np.ndarray, columns: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Where pixels of the strip begin in the picture that was given: float across and down."""
        across = columns - _moves(self.slant, self.ink.shape[0])[rows]
        return self.origin[0] + across * self.step, self.origin[1] + rows * self.step


@dataclass(frozen=True, eq=False)
class Group:
    """Pieces [first, last) that may be one digit together, less the small ones in `left_out`. image: float32 [28, 28].

    A group of one small piece may also be nothing: a dot, a dash, a comma.
    """

    first: int
    last: int
    left_out: tuple[int, ...]
    image: np.ndarray
    box: tuple[int, int, int, int]

    @property
    def pieces(self) -> tuple[int, ...]:
        return tuple(index for index in range(self.first, self.last) if index not in self.left_out)


def cut(ink: np.ndarray, step: float, origin: tuple[float, float] = (0.0, 0.0)) -> Strip | None:
    """The pieces of one number, float32 [h, w] ink; None if there is none, or too much of it.

    step: pixels of the input for one of its pixels. origin: where its upper left corner lies in the input.
    """
    box = canvas.find_box(ink > INK)
    if box is None:
        return None
    top, bottom, left, right = box
    end = (origin[0] + ink.shape[1] * step, origin[1] + ink.shape[0] * step)
    ink = ink[top:bottom, left:right]
    origin = (origin[0] + left * step, origin[1] + top * step)
    labels, boxes = _parts(ink)
    line, _ = _line(labels, boxes)
    height = max(1.0, line[1] - line[0])
    scale = min(HEIGHT / height, MOST_ENLARGED)
    sides = (max(box[0].stop - box[0].start, box[1].stop - box[1].start) for box in boxes)
    # Told before it is enlarged and cut: that takes time and memory.
    if max(ink.shape) * HEIGHT / height > 60 * HEIGHT or sum(side >= SURELY * height for side in sides) > MOST_PIECES:
        return None
    ink = resize(ink, scale)
    ink, slant = _upright(ink)
    labels, boxes = _parts(ink)
    line, heavy = _line(labels, boxes)
    if not heavy:
        return None
    mask = labels > 0
    # The pixels of a long stroke of width w are (w + 2) / 4 from the nearest background on the mean.
    stroke = 4 * float(ndimage.distance_transform_edt(np.pad(mask, 1))[1:-1, 1:-1][mask].mean()) - 2
    stroke = min(max(stroke, 1.5), HEIGHT / 3)
    found = _pieces(ink, labels, boxes, stroke, line[1] - line[0])
    if not 0 < len(found) <= MOST_PIECES:
        return None
    found.sort(key=lambda each: each[0].box[0] + each[0].box[2])
    new = np.zeros_like(labels)
    for index, (piece, inside) in enumerate(found):
        x0, y0, x1, y1 = piece.box
        new[y0:y1, x0:x1][inside] = index + 1
    pieces = tuple(piece for piece, _ in found)
    return Strip(ink, _spread(new, ink), pieces, line, stroke, origin, end, step / scale, slant)


def groups(strip: Strip) -> list[Group]:
    """All runs of neighboring pieces that may be a digit, small pieces among them with and without."""
    found = []
    for first in range(len(strip.pieces)):
        for last in range(first + 1, min(first + LONGEST_GROUP, len(strip.pieces)) + 1):
            inside = range(first, last)
            small = tuple(i for i in inside if strip.pieces[i].height < SMALL * strip.height)
            choices: list[tuple[int, ...]] = [()]
            if small and len(small) < len(inside) and len(inside) > 1 and not {first, last - 1} & set(small):
                choices.append(small)
            for left_out in choices:
                kept = [strip.pieces[i].box for i in inside if i not in left_out]
                box = (
                    min(b[0] for b in kept),
                    min(b[1] for b in kept),
                    max(b[2] for b in kept),
                    max(b[3] for b in kept),
                )
                if box[2] - box[0] > WIDEST_GROUP * strip.height:
                    continue
                x0, y0, x1, y1 = _wider(box, strip.ink.shape)
                labels = strip.labels[y0:y1, x0:x1]
                mine = (labels > first) & (labels <= last)
                for index in left_out:
                    mine &= labels != index + 1
                part = np.where(mine, strip.ink[y0:y1, x0:x1], 0)
                tight = canvas.find_box(part)
                if tight is not None:
                    image = canvas.center(canvas.fit(part[tight[0] : tight[1], tight[2] : tight[3]]))
                    found.append(Group(first, last, left_out, image, box))
    return found


def _wider(box: tuple[int, int, int, int], shape: tuple[int, ...]) -> tuple[int, int, int, int]:
    return max(0, box[0] - 2), max(0, box[1] - 2), min(shape[1], box[2] + 2), min(shape[0], box[3] + 2)


def _parts(ink: np.ndarray) -> tuple[np.ndarray, list[tuple[slice, slice]]]:
    """What hangs together: labels int [h, w] and the box of each."""
    labels, count = ndimage.label(ink > INK, np.ones((3, 3)))
    if count > MOST_PARTS:
        raise InputError(f"the picture: expected one number, found {count:,} pieces of ink.")
    return labels, ndimage.find_objects(labels)


def _line(labels: np.ndarray, boxes: list[tuple[slice, slice]]) -> tuple[tuple[float, float], bool]:
    """(top, bottom) of the digits, the median of all parts half as high as the highest; whether there are any."""
    if not boxes:
        return (0.0, 1.0), False
    heights = np.array([box[0].stop - box[0].start for box in boxes])
    high = heights >= 0.5 * heights.max()
    tops = np.array([box[0].start for box in boxes])[high]
    bottoms = np.array([box[0].stop for box in boxes])[high]
    height = float(np.median(heights[high]))
    middle = float(np.median((tops + bottoms) / 2))
    return (middle - height / 2, middle + height / 2), True


def resize(ink: np.ndarray, scale: float) -> np.ndarray:
    """Brought to another size: the mean of the area that each new pixel covers, or between pixels if it grows."""
    return _resize_rows(_resize_rows(ink, scale).T, scale).T


def _resize_rows(ink: np.ndarray, scale: float) -> np.ndarray:
    """Float32 [h, w] with another number of rows; some at a time, from the old ones that they cover."""
    old = len(ink)
    new = max(1, math.ceil(old * scale - 1e-6))
    found = np.empty((new, ink.shape[1]), np.float32)
    for first in range(0, new, ROWS_AT_ONCE):
        last = min(new, first + ROWS_AT_ONCE)
        low, high = max(0, math.floor(first / scale) - 2), min(old, math.ceil(last / scale) + 2)
        found[first:last] = canvas.resample(old, new, scale, (first, last), (low, high)) @ ink[low:high]
    return found


def _upright(ink: np.ndarray) -> tuple[np.ndarray, float]:
    """Ink without its slant, and the slant: columns to the right for each row up, taken away.

    Upright strokes make the columns of a picture most unlike each other: the slant is the one after whose removal the
    squares of the columns' sums are largest (Vinciarelli and Luettin 2001 do it in this way).
    """
    best, best_slant = -1.0, 0.0
    rows, columns = np.nonzero(ink > INK)
    above, weights = len(ink) - 1 - rows, ink[rows, columns]
    for slant in np.arange(-8, 9) / 10:
        sums = np.bincount(columns + np.round(len(ink) - slant * above).astype(int), weights)
        score = float((sums**2).sum()) * (1 - 0.1 * abs(float(slant)))
        if score > best:
            best, best_slant = score, float(slant)
    best_slant *= 0.7
    return _sheared(ink, -best_slant), -best_slant


def _sheared(ink: np.ndarray, slant: float) -> np.ndarray:
    """Each row moved to the right by `slant` pixels for each row that it is above the last; wider by as much."""
    height, width = ink.shape
    moves = _moves(slant, height)
    new = np.zeros((height, width + math.ceil(float(moves.max())) + 1), np.float32)
    whole = np.floor(moves).astype(int)
    share = (moves - whole).astype(np.float32)
    for row in range(height):
        new[row, whole[row] : whole[row] + width] += (1 - share[row]) * ink[row]
        new[row, whole[row] + 1 : whole[row] + 1 + width] += share[row] * ink[row]
    return new


def _moves(slant: float, height: int) -> np.ndarray:
    """How far each row is moved to the right, float [h]; none to the left."""
    moves = slant * (height - 1 - np.arange(height))
    return np.asarray(moves - min(0.0, float(moves.min())))


def _pieces(
    ink: np.ndarray, labels: np.ndarray, boxes: list[tuple[slice, slice]], stroke: float, height: float
) -> list[tuple[Piece, np.ndarray]]:
    """The pieces of each part, and where in its box each has ink, bool."""
    found = []
    for part, box in enumerate(boxes):
        inside = labels[box] == part + 1
        area = float(ink[box][inside].sum())
        if area < 0.3 * stroke**2 or max(inside.shape) < 0.06 * height:
            continue
        y0, x0 = box[0].start, box[1].start
        bands, costs = np.zeros(inside.shape, int), [0.0]
        if inside.shape[1] > 0.35 * height and inside.shape[0] > 0.35 * height:
            # A stroke costs its width, however faint its edges; the faint places of it a little less.
            cuts = seams(np.where(inside, 0.8 + 0.2 * ink[box], 0), stroke, height)
            for crossed, way in cuts:
                right = np.arange(inside.shape[1]) > way[:, None]
                before, after = inside & ~right & (bands == len(costs) - 1), inside & right
                if min(before.sum(), after.sum()) >= 1.2 * stroke**2 and crossed > 0:
                    bands += right
                    costs.append(crossed / stroke)
        costs.append(0.0)
        for band in range(len(costs) - 1):
            mine = inside & (bands == band)
            rows, columns = np.flatnonzero(mine.any(axis=1)), np.flatnonzero(mine.any(axis=0))
            if len(rows) == 0:
                continue
            a, b, c, d = int(rows[0]), int(rows[-1]) + 1, int(columns[0]), int(columns[-1]) + 1
            piece = Piece(
                (x0 + c, y0 + a, x0 + d, y0 + b),
                float(ink[box][mine].sum()),
                (costs[band], costs[band + 1]),
                part,
            )
            found.append((piece, mine[a:b, c:d]))
    return found


def _spread(labels: np.ndarray, ink: np.ndarray) -> np.ndarray:
    """Each pixel of faint ink goes to the nearest piece within two pixels."""
    for _ in range(2):
        labels = np.where((labels == 0) & (ink > 0), ndimage.grey_dilation(labels, (3, 3)), labels)
    return labels
