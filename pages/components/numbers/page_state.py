"""The state of whole numbers on the Draw page, and the keys of their widgets."""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from mnist_core.reading import NumberFigure, NumberReading
from pages.components.draw.pad import Pad
from pages.components.drawing import SIDE
from pages.components.session import Widget, state_of

CANVAS = Widget[object]("number_canvas")
UPLOADED = Widget[Any]("number_picture")
PHOTO = Widget[Any]("number_photo")
WIDTH = 18 * SIDE // 7


@dataclass
class NumberPage:
    """pad: the wide canvas. read: the picture (a digest) and the network that `found` belongs to. figure: the picture,
    as small as it is shown."""

    pad: Pad = field(default_factory=lambda: Pad(CANVAS, WIDTH))
    read: tuple[str, str] = "", ""
    found: tuple[NumberReading, ...] = ()
    figure: NumberFigure | None = None


def number_page_state() -> NumberPage:
    """The state of this session."""
    return state_of(NumberPage)


class Key(StrEnum):
    """Buttons and boxes."""

    SOURCE = "number_source"
    NUMBER = "number"
    CUTS = "cuts"
    PASTE = "number_paste"
    DIGITS = "number_digits"


def digit_key(number: int, digit: int) -> str:
    """Of the button that takes a digit of a number to the Inside page."""
    return f"look_at_{number}_{digit}"
