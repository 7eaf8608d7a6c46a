"""Drawings to measure with: MNIST's test images blown up to the size of the canvas."""

import numpy as np
from PIL import Image

from mnist_core.data.dataset import BUNDLED, load_mnist

CANVAS = 280


def sample_drawings(count: int, seed: int = 0) -> list[np.ndarray]:
    """White digits on black, uint8 RGBA [280, 280, 4], each another test image at another size and place."""
    rng = np.random.default_rng(seed)
    images = load_mnist(BUNDLED).test_images
    return [_enlarge(images[i], rng) for i in rng.choice(len(images), count, replace=False)]


def _enlarge(image: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    side = int(rng.integers(180, CANVAS + 1))
    gray = np.asarray(Image.fromarray(image).resize((side, side), Image.Resampling.BICUBIC), np.float32)
    # A pen leaves sharper edges than an enlarged picture has, and they make the size of its PNG.
    sharp = np.clip((gray - 127.5) * 4 + 127.5, 0, 255).astype(np.uint8)
    top, left = rng.integers(0, CANVAS - side + 1, 2)
    rgba = np.zeros((CANVAS, CANVAS, 4), np.uint8)
    rgba[..., 3] = 255
    rgba[top : top + side, left : left + side, :3] = sharp[..., None]
    return rgba
