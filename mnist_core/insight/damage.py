"""Pictures damaged a little or a lot, to see how much of it a network can bear. All images are float [N, 28, 28]."""

import math
from collections.abc import Callable

import numpy as np

from mnist_core.data.augment import Warps

Damage = Callable[[np.ndarray, float], np.ndarray]


def noise(images: np.ndarray, amount: float) -> np.ndarray:
    """Normally distributed noise with this standard deviation, the same for the n-th image always; kept within 0..1."""
    rng = np.random.default_rng(0)
    return np.clip(images + amount * rng.standard_normal(images.shape, dtype=np.float32), 0, 1).astype(images.dtype)


def rotate(images: np.ndarray, degrees: float) -> np.ndarray:
    """Turned about the middle; positive is counterclockwise."""
    angle = math.radians(degrees)
    matrix = np.array([[math.cos(angle), math.sin(angle)], [-math.sin(angle), math.cos(angle)]], np.float32)
    return _warped(images, matrix, (0, 0))


def shift(images: np.ndarray, pixels: float) -> np.ndarray:
    """Moved to the right; what leaves the picture is lost."""
    return _warped(images, np.eye(2, dtype=np.float32), (0, -pixels))


def blur(images: np.ndarray, sigma: float) -> np.ndarray:
    """Blurred by a Gaussian of this standard deviation in pixels."""
    if sigma <= 0:
        return images.copy()
    places = np.arange(images.shape[1])
    weights = np.exp(-((places[:, None] - places) ** 2) / (2 * sigma**2))
    weights = (weights / np.exp(-(np.arange(-28, 29) ** 2) / (2 * sigma**2)).sum()).astype(images.dtype)
    return np.asarray(weights @ images @ weights.T)


def thicken(images: np.ndarray, pixels: float) -> np.ndarray:
    """Strokes thicker by up to so many pixels on each side, or thinner if negative: the largest, or the smallest, of a
    pixel and its four neighbors, step by step, with a part of a step mixed in.
    """
    pick: Callable[..., np.ndarray] = np.maximum if pixels > 0 else np.minimum
    changed, rest = images.copy(), abs(pixels)
    while rest > 0:
        edged = np.pad(changed, ((0, 0), (1, 1), (1, 1)))
        stepped = changed.copy()
        for rows, columns in ((slice(0, -2), slice(1, -1)), (slice(2, None), slice(1, -1))):
            stepped = pick(stepped, edged[:, rows, columns])
            stepped = pick(stepped, edged[:, columns, rows])
        share = min(1.0, rest)
        changed = changed + images.dtype.type(share) * (stepped - changed)
        rest -= share
    return changed


def _warped(images: np.ndarray, matrix: np.ndarray, shift: tuple[float, float]) -> np.ndarray:
    count = len(images)
    shifts = np.tile(np.array(shift, np.float32), (count, 1))
    return Warps(np.tile(matrix, (count, 1, 1)), shifts, None).apply(images)


DAMAGES: dict[str, tuple[Damage, tuple[float, ...]]] = {
    "noise": (noise, (0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6)),
    "rotation": (rotate, (-60, -45, -30, -15, 0, 15, 30, 45, 60)),
    "shift": (shift, (-6, -4, -2, 0, 2, 4, 6)),
    "blur": (blur, (0, 0.5, 1, 1.5, 2, 2.5, 3)),
    "thickness": (thicken, (-1.5, -1, -0.5, 0, 0.5, 1, 1.5, 2)),
}
"""By name: what does the damage, and how much of it a curve shows."""
