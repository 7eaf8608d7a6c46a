"""Several looks at one picture: as it is, turned a little to either side, and slanted a little to either side.

Their mean answer is steadier than that of one look (test-time augmentation; Krizhevsky, Sutskever, Hinton 2012).
"""

import functools

import numpy as np

from mnist_core.data.augment import Warps

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


@functools.cache
def _matrices() -> np.ndarray:
    """float32 [4, 2, 2]: where the pixels of the turned and of the slanted pictures come from."""
    angle = np.radians(ANGLE)
    turn = np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]])
    slant = np.array([[1, 0], [np.tan(angle), 1]])
    return np.stack([turn, turn.T, slant, 2 * np.eye(2) - slant]).astype(np.float32)
