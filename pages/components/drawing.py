"""The visitor's drawing as an array; several pages show it."""

import numpy as np

from mnist_core import InputError
from mnist_core.ink import Steps, canvas, decode_image
from pages.components.shared_state import shared_state

SIDE = 280


def current_drawing() -> np.ndarray | None:
    """The visitor's drawing, uint8 RGBA [280, 280, 4]; None if there is none."""
    png = shared_state().drawing
    if png is None:
        return None
    try:
        return decode_image(png, "the drawing", max_pixels=4 * SIDE * SIDE)
    except InputError:
        return None


def image_of(drawing: np.ndarray, steps: Steps | None, normalized: bool) -> np.ndarray | None:
    """What a network reads of a drawing, float32 [28, 28]; None if nothing is drawn.

    drawing: uint8 RGBA [H, W, 4]; steps: what becomes of it when it is normalized.
    """
    if not normalized:
        return canvas.plain_resize(drawing, canvas.BLACK)
    return None if steps is None else steps.image
