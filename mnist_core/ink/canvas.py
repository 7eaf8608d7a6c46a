"""From ink on a canvas to the 28x28 picture a network reads, the way MNIST itself was made.

MNIST's digits were fitted into 20x20 pixels keeping their aspect ratio, which made grays out of black and white, and
then moved so that the center of mass lies in the middle of 28x28 (LeCun et al. 1998, section III.A). In the published
files that middle is the zero-based pixel 14, and the move is by whole pixels.
"""

import functools
import math
from dataclasses import dataclass

import numpy as np

from mnist_core.errors import InputError

SIDE = 28
FIT = 20
MIDDLE = 14
SMALL = 320
"""Pixels of a side up to which the matrices that resize are kept: 20 x 320 numbers each at most."""
FAINTEST = 0.1
"""Contrast with the background, 0 to 1, below which a pixel does not count as ink when the digit is cropped."""
FEWEST = 12
"""The least ink of anything to read, in full pixels."""
SOLID, CONVEX, HULL = 0.88, 0.8, 0.88
"""How much of an ellipse of its spread a dash fills at least, and any shape without dents; and that, of its hull."""
HOLE = 0.5
"""How much darker than the ink around it a hole is, 0 to 1."""
SHORT, LYING = 2.2, math.radians(35)
"""A straight stroke that is shorter, in widths, or flatter is no 1."""
SIDES = np.arange(32) * math.pi / 16
"""The directions from which a shape is enclosed to find its hull."""


Color = tuple[int, int, int]
BLACK: Color = (0, 0, 0)


@dataclass(frozen=True, eq=False)
class Steps:
    """What happens to a drawing on its way, one picture a step; all float32, 0 background to 1 ink.

    ink [H, W]: the drawing, whatever its colors were. box: (top, bottom, left, right) of the ink, in pixels of it,
    bottom and right not included. cropped: ink[top:bottom, left:right]. fitted [h, w]: the longer side is 20.
    image [28, 28]: what the network reads.
    """

    ink: np.ndarray
    box: tuple[int, int, int, int]
    cropped: np.ndarray
    fitted: np.ndarray
    image: np.ndarray


def normalize(rgba: np.ndarray, background: Color | None = None) -> np.ndarray | None:
    """The picture that a network reads: float32 [28, 28] in 0..1, or None if nothing is drawn.

    rgba: uint8 [H, W, 4], any size, any colors of ink and background. background: its color where that is known; None
    to take it from the border. Raises InputError for another kind of array.
    """
    steps = normalize_steps(rgba, background)
    return None if steps is None else steps.image


def normalize_steps(rgba: np.ndarray, background: Color | None = None) -> Steps | None:
    """As `normalize`, with every step on the way."""
    ink = find_ink(rgba, background)
    box = find_box(ink)
    if box is None:
        return None
    cropped = ink[box[0] : box[1], box[2] : box[3]]
    fitted = fit(cropped)
    return Steps(ink, box, cropped, fitted, center(fitted))


def plain_resize(rgba: np.ndarray, background: Color | None = None) -> np.ndarray | None:
    """The whole canvas squeezed into float32 [28, 28], as programs do that skip the normalizing; None if empty."""
    ink = find_ink(rgba, background)
    if not (ink > FAINTEST).any():
        return None
    height, width = ink.shape
    return resample(height, SIDE, SIDE / height) @ ink @ resample(width, SIDE, SIDE / width).T


def find_ink(rgba: np.ndarray, background: Color | None = None) -> np.ndarray:
    """How much each pixel of uint8 [H, W, 4] differs from the background: float32 [H, W], the strongest ink 1.

    background: red, green, blue, 0 to 255, where it is known; what is transparent counts as black then. Otherwise the
    background is the median color along the border. The difference is that of the color channel that differs
    most; transparency counts as a channel, so black ink and white ink on nothing are both ink. A drawing whose
    strongest contrast is under 10 % is empty: all zeros.
    """
    if not isinstance(rgba, np.ndarray) or rgba.dtype != np.uint8 or rgba.ndim != 3 or rgba.shape[2] != 4:
        found = f"{rgba.dtype} {rgba.shape}" if isinstance(rgba, np.ndarray) else type(rgba).__name__
        raise InputError(f"a drawing: expected a uint8 array of shape (height, width, 4), found {found}.")
    if 0 in rgba.shape:
        return np.zeros(rgba.shape[:2], np.float32)
    pixels = rgba
    if rgba[..., 3].min() < 255:
        # The color of a transparent pixel does not show: fade it to black with its opacity.
        pixels = rgba.copy()
        opacity = rgba[..., 3].astype(np.uint16)
        for channel in range(3):
            pixels[..., channel] = (rgba[..., channel] * opacity + 127) // 255
    if background is None:
        border = np.concatenate([pixels[0], pixels[-1], pixels[:, 0], pixels[:, -1]])
        references = np.median(border, axis=0).astype(np.uint8)
    else:
        references = np.array(background, np.uint8)
    # |a - b| of unsigned bytes, one channel after another: the larger less the smaller, with no wider type needed.
    difference = np.zeros(pixels.shape[:2], np.uint8)
    for channel, reference in enumerate(references):
        values = pixels[..., channel]
        np.maximum(difference, np.maximum(values, reference) - np.minimum(values, reference), out=difference)
    strongest = int(difference.max())
    if strongest <= 255 * FAINTEST:
        return np.zeros(difference.shape, np.float32)
    ink = difference.astype(np.float32)
    ink /= np.float32(strongest)
    return ink


def find_box(ink: np.ndarray) -> tuple[int, int, int, int] | None:
    """The smallest box around all ink of float32 [H, W]: (top, bottom, left, right), the ends not included."""
    visible = ink > FAINTEST
    rows, columns = np.flatnonzero(visible.any(axis=1)), np.flatnonzero(visible.any(axis=0))
    if len(rows) == 0:
        return None
    return int(rows[0]), int(rows[-1]) + 1, int(columns[0]), int(columns[-1]) + 1


def has_strokes(image: np.ndarray) -> bool:
    """Whether float32 [28, 28] holds anything to read: not a few specks, and not a blob, a dot or a dash.

    What a network says of such pictures means nothing: it has seen none. Specks: less ink than 12 full pixels (the
    least in MNIST's training images is 19.9). Blobs, dots and dashes: see `_is_blob`. So are 11 of MNIST's 60,000
    training images: digits written so thick that nothing is left between their strokes.
    """
    return bool(image.sum() >= FEWEST) and not _is_blob(image)


def _is_blob(image: np.ndarray) -> bool:
    """Whether the ink of float32 [28, 28] is one filled shape without dents or holes, except an upright 1.

    The spread of the ink, its standard deviations s >= t along its own two axes, belongs to a filled ellipse of the
    area 4 pi s t. A dot and every straight stroke fill at least 0.9 of that, every triangle 0.83; a line that bends
    fills far less. From 0.8 on, the shape is compared with its convex hull: a filled shape has no dents. A
    straight stroke that stands is a 1, if it is 2.2 times as long as wide: a short one is a slip of the pen.
    """
    place = np.arange(SIDE)
    area = float(image.sum())
    rows, columns = image.sum(axis=1) / area, image.sum(axis=0) / area
    down, across = place - rows @ place, place - columns @ place
    tall, wide, slant = float(rows @ down**2), float(columns @ across**2), float(down @ image @ across) / area
    middle, reach = (tall + wide) / 2, math.hypot((wide - tall) / 2, slant)
    s, t = math.sqrt(middle + reach), math.sqrt(max(middle - reach, 1e-6))
    angle = abs(math.atan2(2 * slant, wide - tall)) / 2
    filled = area / (4 * math.pi * s * t)
    if filled < CONVEX or (s >= SHORT * t and angle >= LYING) or _has_hole(image):
        return False
    return filled > SOLID or _share_of_hull(image) > HULL


def _has_hole(image: np.ndarray) -> bool:
    """Whether some pixel of float32 [28, 28] has much more ink on all four sides of it: above, below, left, right."""
    above, left = np.maximum.accumulate(image, axis=0), np.maximum.accumulate(image, axis=1)
    below = np.maximum.accumulate(image[::-1], axis=0)[::-1]
    right = np.maximum.accumulate(image[:, ::-1], axis=1)[:, ::-1]
    around = np.minimum(np.minimum(above, below), np.minimum(left, right))
    return bool((around - image).max() >= HOLE)


def _share_of_hull(image: np.ndarray) -> float:
    """How much of the convex hull of the ink is ink, 0 to 1; the hull is what lies inside from 32 sides."""
    down, across = np.mgrid[:SIDE, :SIDE]
    reach = np.cos(SIDES)[:, None, None] * across + np.sin(SIDES)[:, None, None] * down
    farthest = reach[:, image > image.max() / 2].max(axis=1)
    inside = (reach <= farthest[:, None, None] + 1e-6).all(axis=0)
    return float(image[inside].mean())


def fit(cropped: np.ndarray) -> np.ndarray:
    """Resize float32 [h, w] so that the longer side is 20 pixels; the aspect ratio is kept to a fraction of a pixel.

    When it shrinks, every new pixel is the mean of the area it covers. That fades thin lines to gray, so the result
    is brought back to full contrast: its strongest pixel is 1.
    """
    height, width = cropped.shape
    scale = FIT / max(height, width)
    rows, columns = (max(1, math.ceil(side * scale - 1e-6)) for side in (height, width))
    matrix = _resample_again if max(height, width) <= SMALL else resample
    fitted = matrix(height, rows, scale) @ cropped @ matrix(width, columns, scale).T
    fitted /= fitted.max()
    return fitted


def center(fitted: np.ndarray) -> np.ndarray:
    """Place [h, w], at most 20x20, into float32 [28, 28]: center of mass as near to pixel 14 as whole pixels allow."""
    image = np.zeros((SIDE, SIDE), np.float32)
    corner = []
    for axis in (0, 1):
        mass = fitted.sum(axis=1 - axis)
        middle = float(mass @ np.arange(len(mass)) / mass.sum())
        corner.append(min(max(math.floor(MIDDLE - middle + 0.5), 0), SIDE - len(mass)))
    top, left = corner
    image[top : top + fitted.shape[0], left : left + fitted.shape[1]] = fitted
    return np.clip(image, 0, 1, out=image)


def resample(
    old: int, new: int, scale: float, rows: tuple[int, int] | None = None, columns: tuple[int, int] | None = None
) -> np.ndarray:
    """float32 [new, old]: one axis resized by `scale`, as a matrix.

    New pixel i covers the old places from i / scale to (i + 1) / scale. rows, columns: the part of the matrix that is
    wanted, the ends not included; None for all of it.

    Shrinking: the weight of an old pixel is the share of the new pixel that it covers (what lies past the end is
    background). Enlarging: linear interpolation between the two nearest pixel centers.
    """
    i, j = np.arange(*(rows or (0, new)))[:, None], np.arange(*(columns or (0, old)))[None, :]
    if scale <= 1:
        covered = np.minimum((i + 1) / scale, j + 1) - np.maximum(i / scale, j)
        return (np.maximum(covered, 0) * scale).astype(np.float32)
    place = np.clip((i + 0.5) / scale - 0.5, 0, old - 1)
    inside = np.minimum(1, old * scale - i)
    return (inside * np.maximum(0, 1 - np.abs(place - j))).astype(np.float32)


@functools.lru_cache(2048)
def _resample_again(old: int, new: int, scale: float) -> np.ndarray:
    """The same, kept for the next time, so that it cannot be changed; for small sizes, which occur again and again."""
    matrix = resample(old, new, scale)
    matrix.flags.writeable = False
    return matrix
