"""What all pages share of one visitor: who it is, the drawing, and the chosen network."""

from dataclasses import dataclass, field
from enum import StrEnum

import numpy as np

from mnist_core import Recognizer
from pages.components.session import Widget, state_of


@dataclass(frozen=True, eq=False)
class PickedDigit:
    """One digit of a number, taken to the Inside page. image: float32 [28, 28]; title: for captions."""

    image: np.ndarray
    title: str


@dataclass
class SharedState:
    """One session. visitor: the secret of this browser, "" until it is asked for; drawing: a PNG file."""

    visitor: str = ""
    visitor_is_new: bool = False
    drawing: bytes | None = None
    picked: PickedDigit | None = None
    chosen_network: str = "default"
    network_in_address: str | None = None
    network_asked_at: int | None = None
    """`pages_opened` when the select box of networks was last set."""
    own_networks: dict[str, Recognizer] = field(default_factory=dict)
    projector: bool = False
    """Whether the pages are shown by a projector."""
    language: str = ""
    """The language that was chosen; "" as long as the browser's counts."""
    open_page: str = ""
    pages_opened: int = 0
    """How often a page was opened after another one."""
    open_lesson: int = 0
    """The number of the lesson that is open on the Lessons page, 0 for none."""


def shared_state() -> SharedState:
    """The state of this session."""
    return state_of(SharedState)


NETWORK = Widget[str]("network")
PROJECTOR = Widget[bool]("projector")
LANGUAGE = Widget[str | None]("language")
GIVEN_VISITOR = Widget[str]("visitor")
"""No widget: the benchmarks have no browser with a cookie, and put the visitor's secret here before the first run."""


class Key(StrEnum):
    """Parts of several pages whose value nobody reads."""

    VISITOR_COOKIE = "visitor_cookie"
    MENU = "menu"
    SWITCHES = "switches"
    ANNOUNCED = "announced"
    BACK = "back"
    HEAD = "head"
