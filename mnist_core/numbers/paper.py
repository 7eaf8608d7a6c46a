"""Ink on anything: a clean drawing as it is, and a photo or a scan with its lighting made even.

Even: each pixel is divided by the paper around it, found by closing the strokes (a maximum, then a minimum, over a
window wider than a stroke). What is ink then: Otsu's threshold (1979) of the darkness.
"""

import math
from dataclasses import dataclass

import numpy as np
from PIL import Image
from scipy import ndimage

from mnist_core.errors import InputError
from mnist_core.ink import canvas
from mnist_core.numbers.rules import without_rules

LONGEST = 2000
"""Pixels of the longer side that a photo is brought to at most."""
MOST_CLEAN = 12_500_000
"""Pixels of a drawing on a plain background that are looked at, at most; larger ones are brought to fewer."""
STRICTNESS = (0.8, 1.0, 1.25)
"""How dark ink must be, in shares of Otsu's threshold, where a small photo is looked at several times."""
SMALL = 400_000
"""Pixels of a small photo at most."""
CLEAN = 0.5
"""The share of pixels in just the background's color from which on a picture is a drawing and no photo."""
OPAQUE = 0.5
"""The share of pixels that are more opaque than not from which on a picture is laid on white first."""
ALIKE = 6
"""Levels out of 255 that a color of the background may differ."""
INKED = 0.3
"""From how much ink on, 0 to 1, a pixel may be part of a printed line."""
NOISE = 0.08
"""Darkness, 0 to 1, that is never ink."""


@dataclass(frozen=True, eq=False)
class Ink:
    """ink: float32 [h, w], 0 paper to 1 ink. step: pixels of the input for each of its pixels, both ways.

    paper: whether it was found on a photo or a scan, and not on a plain background.
    """

    ink: np.ndarray
    step: float
    paper: bool = False


def find_ink_anywhere(rgba: np.ndarray) -> Ink:
    """The ink of uint8 [H, W, 4]: of a drawing on a plain background, or of a scan or a photo of a paper."""
    return find_inks(rgba, (1.0,))[0]


def find_inks(rgba: np.ndarray, strictness: tuple[float, ...] = STRICTNESS) -> list[Ink]:
    """The ink of uint8 [H, W, 4]; of a small photo several times, with one threshold each: any may be right.

    A picture that is transparent in places, but opaque for the most part, is laid on white first. Where most of it is
    transparent, it is a drawing, and the transparency itself may be the ink. Raises InputError for another kind of
    array.
    """
    if not isinstance(rgba, np.ndarray) or rgba.dtype != np.uint8 or rgba.ndim != 3 or rgba.shape[2] != 4:
        found = f"{rgba.dtype} {rgba.shape}" if isinstance(rgba, np.ndarray) else type(rgba).__name__
        raise InputError(f"a picture: expected a uint8 array of shape (height, width, 4), found {found}.")
    if 0 in rgba.shape:
        return [Ink(np.zeros(rgba.shape[:2], np.float32), 1.0)]
    if rgba[..., 3].min() < 255 and float((rgba[..., 3] >= 128).mean()) >= OPAQUE:
        rgba = _on_white(rgba)
    if is_clean(rgba):
        step = min(math.ceil(math.sqrt(rgba.shape[0] * rgba.shape[1] / MOST_CLEAN)), *rgba.shape[:2])
        return [Ink(_reduced(canvas.find_ink(rgba), step), float(step))]
    step = min(math.ceil(max(rgba.shape[:2]) / LONGEST), *rgba.shape[:2])
    gray = brightness(rgba, step)
    if gray.size > SMALL:
        strictness = (1.0,)
    return [Ink(on_paper(gray, each), float(step), True) for each in strictness]


def is_clean(rgba: np.ndarray) -> bool:
    """Whether at least half of uint8 [H, W, 4] has the very color of the border, as drawings on a canvas have.

    What is transparent anywhere counts as a drawing; `find_inks` lays what is mostly opaque on white before it asks.
    """
    if rgba[..., 3].min() < 255:
        return True
    border = np.concatenate([rgba[0], rgba[-1], rgba[:, 0], rgba[:, -1]])
    step = math.ceil(max(rgba.shape[:2]) / 500)
    far = np.abs(rgba[::step, ::step].astype(np.int16) - np.median(border, axis=0).astype(np.int16)).max(axis=2)
    return float((far <= ALIKE).mean()) >= CLEAN


def _on_white(rgba: np.ndarray) -> np.ndarray:
    """uint8 [H, W, 4] without transparency, on white paper."""
    opaque = np.full_like(rgba, 255)
    opacity = rgba[..., 3].astype(np.uint16)
    for channel in range(3):
        opaque[..., channel] = (rgba[..., channel] * opacity + 255 * (255 - opacity) + 127) // 255
    return opaque


def brightness(rgba: np.ndarray, step: int) -> np.ndarray:
    """float32 [H / step, W / step] in 0..1, each pixel the mean of step x step; no side may be shorter than step.

    In steps of 1/255: 0.299 of red, 0.587 of green and 0.114 of blue (ITU-R BT.601).
    """
    height, width = (side // step * step for side in rgba.shape[:2])
    gray = Image.fromarray(rgba).convert("L").reduce(step, (0, 0, width, height))
    return np.asarray(gray, np.float32) / np.float32(255)


def _reduced(ink: np.ndarray, step: int) -> np.ndarray:
    """float32 [H / step, W / step], each pixel the mean of step x step of float32 [H, W]."""
    if step == 1:
        return ink
    height, width = (side // step for side in ink.shape)
    whole = ink[: height * step, : width * step].reshape(height, step, width, step)
    return np.asarray(whole.mean(axis=(1, 3)))


def on_paper(gray: np.ndarray, strictness: float = 1.0, rules: bool = False) -> np.ndarray:
    """Ink, float32 [h, w] in 0..1, of a picture of paper, float32 [h, w], 0 black to 1 white.

    strictness: how many times as dark as usual ink must be. rules: whether printed lines stay.
    """
    if float(np.median(gray)) < float(gray.mean()) and float(np.median(gray)) < 0.35:
        gray = 1 - gray  # chalk on a board
    return _inked(darkness(gray), strictness, rules)


def _inked(dark: np.ndarray, strictness: float, rules: bool) -> np.ndarray:
    candidates = dark[dark > NOISE]
    if len(candidates) < 20:
        return np.zeros_like(dark)
    threshold = max(otsu(candidates), 2 * NOISE) * strictness
    darker = dark[dark > threshold]
    if not len(darker):
        return np.zeros_like(dark)
    full = float(np.percentile(darker, 75))
    ink = np.clip((dark - 0.5 * threshold) / max(full - 0.5 * threshold, 1e-6), 0, 1)
    return ink if rules else without_rules(ink, INKED)


def darkness(gray: np.ndarray) -> np.ndarray:
    """How much darker than the paper around it each pixel of float32 [h, w] is: 0 like paper, 1 black."""
    step = max(1, min(max(gray.shape) // 500, *gray.shape))
    small = gray[: gray.shape[0] // step * step, : gray.shape[1] // step * step]
    small = small.reshape(small.shape[0] // step, step, small.shape[1] // step, step).mean(axis=(1, 3))
    window = max(15, max(small.shape) // 20)
    paper = ndimage.grey_closing(ndimage.median_filter(small, 3), (window, window), mode="nearest")
    paper = np.maximum(ndimage.uniform_filter(paper, window, mode="nearest"), 0.02)
    if step > 1:
        rows = np.minimum(np.arange(gray.shape[0]) // step, small.shape[0] - 1)
        columns = np.minimum(np.arange(gray.shape[1]) // step, small.shape[1] - 1)
        paper = paper[rows][:, columns]
    return np.clip(1 - gray / paper, 0, 1).astype(np.float32)


def otsu(values: np.ndarray) -> float:
    """The threshold that parts numbers in 0..1 into two groups with the least spread in each (Otsu 1979)."""
    counts, edges = np.histogram(values, 128, (0, 1))
    middle = (edges[:-1] + edges[1:]) / 2
    below, total = np.cumsum(counts), counts.sum()
    sums = np.cumsum(counts * middle)
    with np.errstate(all="ignore"):
        between = (sums[-1] * below / total - sums) ** 2 / (below * (total - below))
    if np.isnan(between).all():
        # All are about the same: whatever is as dark is ink.
        return float(values.min()) / 2
    return float(edges[int(np.nanargmax(between)) + 1])
