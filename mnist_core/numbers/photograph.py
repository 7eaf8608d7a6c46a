"""Ink as if it had been photographed on paper: light from one side, perspective, rules or checks, noise and JPEG.

Made up, not measured: what is read well here may still be read badly on real photos.
"""

import io

import numpy as np
from PIL import Image
from scipy import ndimage

from mnist_core.numbers.compose import Composer, PenNumber, on_canvas

PAPERS = ("plain", "ruled", "checkered", "patterned")
HEIGHT = (22, 70)
"""Pixels that digits on a made-up photo are high."""


def composed_picture(
    composer: Composer, rng: np.random.Generator, drawn: float, drawn_height: tuple[float, float] | None = None
) -> tuple[PenNumber, np.ndarray]:
    """A composed number and its picture, uint8 RGBA [h, w, 4]: on a canvas or, by chance, on a made-up photo.

    drawn: the share on a canvas. drawn_height: of their digits in pixels, lowest and highest; None: as composed.
    """
    if rng.random() < drawn:
        number = composer.compose(rng, None if drawn_height is None else float(rng.uniform(*drawn_height)))
        return number, on_canvas(number)
    height = float(rng.uniform(*HEIGHT))
    number = composer.compose(rng, height)
    return number, photograph(number.ink, rng, height)


def photograph(ink: np.ndarray, rng: np.random.Generator, height: float, paper: str | None = None) -> np.ndarray:
    """Ink, float32 [h, w], on paper: uint8 RGBA [h, w, 4]. height: of the digits in pixels. paper: one of `PAPERS`."""
    return photograph_with(ink, np.zeros(ink.shape, np.uint8), rng, height, paper)[0]


def photograph_with(
    ink: np.ndarray, owners: np.ndarray, rng: np.random.Generator, height: float, paper: str | None = None
) -> tuple[np.ndarray, np.ndarray]:
    """As `photograph`, and uint8 [h, w] owners moved with the ink."""
    paper = PAPERS[int(rng.integers(len(PAPERS)))] if paper is None else paper
    down, across = ink.shape
    white = rng.uniform(0.7, 1) * np.array([1, rng.uniform(0.94, 1), rng.uniform(0.82, 1)])
    pen = rng.uniform(0.05, 0.4) * np.array([rng.uniform(0.3, 1), rng.uniform(0.4, 1), 1])
    sheet = np.broadcast_to(white, (down, across, 3)).copy()
    lines = _lines(paper, (down, across), rng, height)
    rule = white * (1 - rng.uniform(0.15, 0.5) * np.array([1, 0.75, 0.4]))
    sheet += lines[..., None] * (rule - sheet)
    # A pen is not equally dark everywhere.
    flow = 1 - rng.uniform(0, 0.35) * _smooth_noise((down, across), rng, max(3.0, height / 6))
    sheet += (ink * flow)[..., None] * (pen - sheet)
    sheet, owners = _from_aside(sheet.astype(np.float32), owners, white, rng)
    sheet *= _light((down, across), rng)[..., None]
    blur = rng.uniform(0.3, 0.025 * height)
    sheet = ndimage.gaussian_filter(sheet, (blur, blur, 0))
    sheet += rng.normal(0, rng.uniform(0.005, 0.03), (down, across, 1))
    picture = Image.fromarray((np.clip(sheet, 0, 1) * 255).astype(np.uint8))
    buffer = io.BytesIO()
    picture.save(buffer, "JPEG", quality=int(rng.integers(45, 92)))
    return np.array(Image.open(buffer).convert("RGBA")), owners


def _lines(paper: str, shape: tuple[int, int], rng: np.random.Generator, height: float) -> np.ndarray:
    """How much of a printed line each pixel is, float [h, w]."""
    lines = np.zeros(shape)
    if paper == "plain":
        return lines
    if paper == "patterned":
        # Waves of fine lines, as on cheques and banknotes.
        down, across = np.mgrid[: shape[0], : shape[1]]
        for _ in range(2):
            angle, bend = rng.uniform(0, np.pi), rng.uniform(1, 4) * height
            way = np.cos(angle) * down + np.sin(angle) * across
            way = way + height * rng.uniform(0.1, 0.5) * np.sin((np.sin(angle) * down - np.cos(angle) * across) / bend)
            period = height * rng.uniform(0.2, 0.6)
            near = np.abs((way + rng.uniform(0, period)) % period - period / 2)
            lines = np.maximum(lines, np.clip(height * 0.02 + 0.5 - near, 0, 1) * rng.uniform(0.4, 1))
        return lines
    apart = height * (rng.uniform(1.3, 2.2) if paper == "ruled" else rng.uniform(0.6, 1.2))
    thick = max(0.8, height * rng.uniform(0.015, 0.04))
    for axis in (0, 1) if paper == "checkered" else (0,):
        place = (np.arange(shape[axis]) + rng.uniform(0, apart)) % apart
        stripe = np.clip(thick / 2 + 0.5 - np.abs(place - apart / 2), 0, 1)
        lines = np.maximum(lines, stripe[:, None] if axis == 0 else stripe[None, :])
    return lines


def _from_aside(
    sheet: np.ndarray, owners: np.ndarray, white: np.ndarray, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    """Turned by a few degrees and seen in perspective."""
    down, across = owners.shape
    corners = np.array([(0, 0), (0, down), (across, down), (across, 0)], np.float64)
    angle = np.radians(rng.uniform(-4, 4))
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    middle = np.array([across, down]) / 2
    corners = (corners - middle) @ turn.T + middle
    corners += rng.uniform(-0.03, 0.03, (4, 2)) * min(down, across)
    data = tuple(corners.ravel().tolist())
    fill = tuple((white * 255).astype(int).tolist())
    picture = Image.fromarray((np.clip(sheet, 0, 1) * 255).astype(np.uint8))
    moved = picture.transform((across, down), Image.Transform.QUAD, data, Image.Resampling.BICUBIC)
    # Outside the sheet there is more of it.
    inside = Image.new("L", picture.size, 255).transform((across, down), Image.Transform.QUAD, data)
    whole = Image.new("RGB", picture.size, fill)
    whole.paste(moved, (0, 0), inside)
    owned = Image.fromarray(owners).transform((across, down), Image.Transform.QUAD, data, Image.Resampling.NEAREST)
    return np.asarray(whole, np.float32) / 255, np.array(owned)


def _light(shape: tuple[int, int], rng: np.random.Generator) -> np.ndarray:
    """Light that falls from one side, and a soft shadow: float [h, w] in 0..1."""
    down, across = np.mgrid[0 : 1 : shape[0] * 1j, 0 : 1 : shape[1] * 1j]
    angle = rng.uniform(0, 2 * np.pi)
    way = (down - 0.5) * np.sin(angle) + (across - 0.5) * np.cos(angle)
    light = 1 - rng.uniform(0, 0.5) * (way + 0.7) / 1.4
    edge = rng.uniform(-0.6, 1.2)
    return np.asarray(light * (1 - rng.uniform(0, 0.4) / (1 + np.exp(-(way - edge) * rng.uniform(6, 30)))))


def _smooth_noise(shape: tuple[int, int], rng: np.random.Generator, size: float) -> np.ndarray:
    noise = ndimage.gaussian_filter(rng.normal(size=shape), size)
    noise -= noise.min()
    return np.asarray(noise / max(float(noise.max()), 1e-6))
