"""New training images out of old ones: slightly turned, sized, shifted, slanted and bent, as other hands would write.

All changes are composed into one map that says, for each pixel of the new image, where in the old image to look; the
image is sampled once (bilinear), so it is blurred once.
"""

import functools
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from mnist_core.errors import InputError

GROUP = 16
"""Images that are warped at once: larger arrays would be fetched anew from the operating system each time."""


@dataclass(frozen=True)
class Warps:
    """One warp an image. matrices: float32 [N, 2, 2], from a place in the new image to one in the old; shifts: float32
    [N, 2], pixels; fields: float32 [N, 2, cells, cells], a coarse grid of displacements in pixels, or None.
    """

    matrices: np.ndarray
    shifts: np.ndarray
    fields: np.ndarray | None

    def part(self, chosen: slice) -> "Warps":
        """The warps of some of the images."""
        return Warps(self.matrices[chosen], self.shifts[chosen], None if self.fields is None else self.fields[chosen])

    def apply(self, images: np.ndarray) -> np.ndarray:
        """Warped copies of float images [N, H, W]; same shape and dtype. What comes from outside is background."""
        warped = np.empty_like(images)
        for first in range(0, len(images), GROUP):
            group = slice(first, first + GROUP)
            rows, columns = self._sources(group, *images.shape[1:])
            warped[group] = sample_bilinear(images[group], rows, columns)
        return warped

    def _sources(self, group: slice, height: int, width: int) -> np.ndarray:
        """float32 [2, N, H, W]: the row and the column in the old image that each pixel of the new one looks at."""
        middle, places = _grid(height, width)
        sources = (self.matrices[group].transpose(1, 0, 2) @ places).reshape(2, -1, height, width)
        sources += (middle + self.shifts[group]).T[:, :, None, None]
        if self.fields is not None:
            fields = self.fields[group].transpose(1, 0, 2, 3)
            sources += _smooth_matrix(height, fields.shape[-1]) @ fields @ _smooth_matrix(width, fields.shape[-1]).T
        return sources


class Augmentation:
    """What every augmentation has in common: chance first, for a whole batch; then the work, for any part of it."""

    name: ClassVar[str]

    def draw(self, count: int, rng: np.random.Generator) -> Warps | None:
        """What chance decides for `count` images; None if they stay as they are."""
        raise NotImplementedError

    def __call__(self, images: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        """Float images [N, H, W] as changed by chance; same shape and dtype."""
        warps = self.draw(len(images), rng)
        return images if warps is None else warps.apply(images)


@dataclass(frozen=True)
class NoAugmentation(Augmentation):
    """Images as they are."""

    name: ClassVar[str] = "none"

    def draw(self, count: int, rng: np.random.Generator) -> None:
        return None


@dataclass(frozen=True)
class Warp(Augmentation):
    """Affine and elastic changes, drawn anew for every image and uniformly within the limits.

    rotation, shear: degrees either way; scale: share of the size either way, for height and width on their own;
    shift: pixels either way; elastic: typical displacement in pixels of a smooth random field (Simard et al. 2003),
    which is a coarse grid of random vectors, `grid` cells a side, enlarged smoothly. share: how many of the images are
    changed, 0 to 1. A changed image is a little blurred; a network that has seen no other reads sharp ones worse.
    """

    name: ClassVar[str] = "warp"
    rotation: float = 12.0
    scale: float = 0.12
    shift: float = 2.0
    shear: float = 10.0
    elastic: float = 0.0
    grid: int = 5
    share: float = 1.0

    def __post_init__(self) -> None:
        if not (0 <= self.rotation <= 180 and 0 <= self.shear <= 60 and 0 <= self.shift <= 14):
            raise InputError("warp: expected rotation up to 180 and shear up to 60 degrees, shift up to 14 pixels.")
        if not (0 <= self.scale <= 0.9 and 0 <= self.elastic <= 10 and 2 <= self.grid <= 14):
            raise InputError("warp: expected scale up to 0.9, elastic up to 10 pixels, grid from 2 to 14.")
        if not 0 <= self.share <= 1:
            raise InputError(f"warp: expected share from 0 to 1, found {self.share}.")

    def draw(self, count: int, rng: np.random.Generator) -> Warps:
        def within(limit: float, *shape: int) -> np.ndarray:
            return rng.uniform(-limit, limit, shape)

        angle, shear = np.radians(within(self.rotation, count)), np.tan(np.radians(within(self.shear, count)))
        stretch, shift = 1 + within(self.scale, count, 2), within(self.shift, count, 2)
        cos, sin = np.cos(angle), np.sin(angle)
        # [N, 2, 2]: the rotation times the slant, each of its rows divided by a stretch.
        matrix = np.stack([np.stack([cos, sin], -1), np.stack([shear * cos - sin, shear * sin + cos], -1)], 1)
        matrix /= stretch[:, :, None]
        field = None
        if self.elastic:
            field = rng.standard_normal((count, 2, self.grid, self.grid), dtype=np.float32)
            field *= np.float32(self.elastic)
        if self.share < 1:
            kept = rng.random(count) >= self.share
            matrix[kept], shift[kept] = np.eye(2), 0
            if field is not None:
                field[kept] = 0
        return Warps(matrix.astype(np.float32), shift.astype(np.float32), field)


def sample_bilinear(images: np.ndarray, rows: np.ndarray, columns: np.ndarray) -> np.ndarray:
    """Look up images [N, H, W] at fractional rows and columns, each [N, H', W']; outside lies 0. Returns [N, H', W'].

    Each value is the mean of the four pixels around the place, weighted by how near they are.
    """
    n, height, width = images.shape
    # A margin of two background pixels: every look-up then has four neighbors, with no test for the edge.
    wide = width + 4
    padded = np.zeros((n, height + 4, wide), images.dtype)
    padded[:, 2:-2, 2:-2] = images
    pixels = padded.reshape(-1)
    rows = np.clip(rows, -1.5, height + 0.5).astype(images.dtype, copy=False) + 2
    columns = np.clip(columns, -1.5, width + 0.5).astype(images.dtype, copy=False) + 2
    top, left = np.floor(rows), np.floor(columns)
    rows -= top
    columns -= left
    top *= wide
    top += left
    place = top.astype(np.intp)
    place += (np.arange(n) * padded[0].size)[:, None, None]

    def between(place: np.ndarray) -> np.ndarray:
        """What lies between a pixel and its right neighbor."""
        # All places are inside; "wrap" only spares NumPy a slower test for that.
        value, right = pixels.take(place, mode="wrap"), pixels.take(place + 1, mode="wrap")
        right -= value
        right *= columns
        value += right
        return value

    upper, lower = between(place), between(place + wide)
    lower -= upper
    lower *= rows
    upper += lower
    return upper


@functools.lru_cache
def _grid(height: int, width: int) -> tuple[np.ndarray, np.ndarray]:
    """The middle of a picture, float32 [2], and all places as seen from there, float32 [2, H W]."""
    middle = np.array([(height - 1) / 2, (width - 1) / 2], np.float32)
    places = np.stack(np.meshgrid(np.arange(height), np.arange(width), indexing="ij")).reshape(2, -1)
    return middle, (places - middle[:, None]).astype(np.float32)


@functools.lru_cache
def _smooth_matrix(side: int, cells: int) -> np.ndarray:
    """float32 [side, cells]: weights that enlarge `cells` values to `side` smoothly (a Gaussian around each cell)."""
    places = np.linspace(0, cells - 1, side)[:, None]
    weights = np.exp(-((places - np.arange(cells)) ** 2) / (2 * 0.6**2))
    # Rows have unit length, so that independent values of variance 1 keep variance 1.
    return (weights / np.sqrt((weights**2).sum(axis=1, keepdims=True))).astype(np.float32)


AUGMENTATIONS: dict[str, type[Augmentation]] = {cls.name: cls for cls in (NoAugmentation, Warp)}
