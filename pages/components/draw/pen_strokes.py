"""The strokes that the canvas component describes, as points: for drawings that are kept. They come from a browser."""

import math
from typing import Any

import numpy as np

from pages.components.drawing import SIDE

NUMBERS = {"M": 2, "L": 2, "Q": 4}
"""How many numbers follow each command of a path. Of a curve (Q) the first two are a place where the pen was."""
BEYOND = 4 * SIDE
"""Nobody draws farther away from the canvas."""


def pen_strokes(described: list[Any]) -> tuple[np.ndarray, ...]:
    """Each stroke as int16 [points, 2], x and y (down) in pixels of the canvas; none if one cannot be understood."""
    strokes = []
    for one in described:
        points = _points(one.get("path") if isinstance(one, dict) else None)
        if points is None:
            return ()
        strokes.append(points)
    return tuple(strokes)


def _points(path: object) -> np.ndarray | None:
    if not isinstance(path, list) or not path:
        return None
    places = []
    for command in path:
        if not isinstance(command, list) or not command or NUMBERS.get(str(command[0])) != len(command) - 1:
            return None
        x, y = command[1:3]
        if not all(isinstance(value, int | float) and math.isfinite(value) for value in (x, y)):
            return None
        if max(abs(x), abs(y)) > BEYOND:
            return None
        places.append((round(x), round(y)))
    return np.array(places, np.int16)
