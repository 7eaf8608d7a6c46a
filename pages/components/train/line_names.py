"""Names at the ends of lines: short enough for the room there, different from each other, and moved apart."""

import math
from collections.abc import Sequence

MOST_LETTERS = 16
LEAST_SHARED = 6
"""Two names begin alike if they share so many letters."""


def short_names(names: Sequence[str], most: int = MOST_LETTERS) -> list[str]:
    """Each name in at most `most` letters. Of a name that begins like another, what is different is left.

    "Softmax applied twice" and "Softmax applied twice, corrected" become "Softmax …d twice" and "… corrected".
    """
    short = [_short(name, [other for other in names if other != name], most) for name in names]
    return [name if short.count(name) == 1 else cut(f"{number} {name}", most) for number, name in enumerate(short, 1)]


def _short(name: str, others: list[str], most: int) -> str:
    if len(name) <= most:
        return name
    shared = max((_shared(name, other) for other in others), default=0)
    rest = name[shared:].lstrip(" ,:")
    return cut(f"… {rest}", most) if shared >= LEAST_SHARED and rest else cut(name, most)


def _shared(name: str, other: str) -> int:
    """How many letters both begin with, in whole words."""
    same = next((i for i, (a, b) in enumerate(zip(name, other, strict=False)) if a != b), min(len(name), len(other)))
    if same in (len(name), len(other)) and not name[same : same + 1].isalnum():
        return same
    return max(name.rfind(" ", 0, same), 0)


def cut(name: str, most: int) -> str:
    """The name, with an ellipsis in its middle if it is longer: names often differ at their ends."""
    if len(name) <= most:
        return name
    tail = (most - 1) // 2
    return f"{name[: most - 1 - tail]}…{name[-tail:]}"


def apart(heights: Sequence[float], gap: float, low: float = -math.inf, high: float = math.inf) -> list[float]:
    """The heights, moved as little as it takes for each to be `gap` away from the next, between `low` and `high`."""
    order = sorted(range(len(heights)), key=lambda i: heights[i])
    moved = list(heights)
    floor = low
    for i in order:
        moved[i] = floor = max(moved[i], floor)
        floor += gap
    ceiling = high
    for i in reversed(order):
        moved[i] = ceiling = min(moved[i], ceiling)
        ceiling -= gap
    return moved
