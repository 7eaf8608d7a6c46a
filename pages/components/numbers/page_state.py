"""The state of whole numbers on the Draw page, and the keys of their widgets."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

import numpy as np

from mnist_core.reading import NumberFigure, NumberReading
from pages.components.draw.pad import Pad
from pages.components.drawing import SIDE
from pages.components.session import Widget, state_of

CANVAS = Widget[object]("number_canvas")
UPLOADED = Widget[Any]("number_picture")
PHOTO = Widget[Any]("number_photo")
WIDTH = 18 * SIDE // 7


@dataclass(frozen=True)
class KeptDigit:
    """id: under which name it is kept. label: what the visitor says that it is, "" for not a digit."""

    id: str
    label: str


@dataclass
class NumberPage:
    """pad: the wide canvas. read: the picture (a digest) and the network that `found` belongs to; name: of its file.
    figure: the picture, as small as it is shown. problem: why it could not be read, "" if it could."""

    pad: Pad = field(default_factory=lambda: Pad(CANVAS, WIDTH))
    read: tuple[str, str] = "", ""
    found: tuple[NumberReading, ...] = ()
    figure: NumberFigure | None = None
    name: str = ""
    problem: str = ""
    kept: dict[str, KeptDigit] = field(default_factory=dict)
    """The digits that the visitor has said the label of, by a digest of their pictures."""
    said_problem: str = ""
    problem_of: str = ""
    """The digit that could not be kept, for the reason above; "" for none."""

    def forget_picture(self) -> None:
        """Show no picture any more."""
        self.read, self.found, self.figure, self.name, self.problem = ("", ""), (), None, "", ""


def number_page_state() -> NumberPage:
    """The state of this session."""
    return state_of(NumberPage)


class Key(StrEnum):
    """Buttons and boxes."""

    SOURCE = "number_source"
    NUMBER = "number"
    CUTS = "cuts"
    PASTE = "number_paste"
    REMOVE = "number_remove"
    DIGITS = "number_digits"
    MISREAD = "number_misread"


def digit_key(number: int, digit: int) -> str:
    """Of the button that takes a digit of a number to the Inside page."""
    return f"look_at_{number}_{digit}"


def misread_digit(images: Sequence[np.ndarray]) -> Widget[int | None]:
    """The choice among the digits that are seen; other digits have another one."""
    return Widget(f"misread_{hashlib.sha256(b''.join(image.tobytes() for image in images)).hexdigest()[:16]}")


def kept_label(digit: str) -> Widget[str | None]:
    """What the visitor says that a digit is."""
    return Widget(f"digit_is_{digit}")
