"""Several looks at one picture: as it is, turned a little to either side, and slanted a little to either side.

Their mean answer is steadier than that of one look (test-time augmentation; Krizhevsky, Sutskever, Hinton 2012).
"""

import functools

import numpy as np

from mnist_core.data.augment import Warps
from mnist_core.data.dataset import SIDE

VIEWS = 5
ANGLE = 4.0
"""Degrees of turning and of slanting."""


def views(images: np.ndarray) -> np.ndarray:
    """The five views of each of the images, float [N, 28, 28]: [N * 5, 28, 28], those of an image together."""
    count = len(images)
    looks = np.repeat(images, VIEWS, axis=0)
    warped = Warps(np.tile(_matrices(), (count, 1, 1)), np.zeros((count * (VIEWS - 1), 2), np.float32), None)
    others = np.arange(len(looks)) % VIEWS > 0
    looks[others] = warped.apply(looks[others])
    return looks


def look_places() -> np.ndarray:
    """float32 [VIEWS - 1, 28, 28, 2]: the row and the column that each pixel of the further looks is taken from."""
    middle = (SIDE - 1) / 2
    places = np.stack(np.meshgrid(np.arange(SIDE), np.arange(SIDE), indexing="ij"), -1) - middle
    return (places @ _matrices().transpose(0, 2, 1)[:, None] + middle).astype(np.float32)


@functools.cache
def _matrices() -> np.ndarray:
    """float32 [4, 2, 2]: where the pixels of the turned and of the slanted pictures come from."""
    angle = np.radians(ANGLE)
    turn = np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]])
    slant = np.array([[1, 0], [np.tan(angle), 1]])
    return np.stack([turn, turn.T, slant, 2 * np.eye(2) - slant]).astype(np.float32)
