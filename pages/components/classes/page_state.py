"""What pages keep of a visitor's class, and the keys of its widgets."""

from dataclasses import dataclass, field
from enum import StrEnum

from pages.components.session import Widget, state_of


@dataclass
class ClassState:
    """The class that was last open, and what came of the last click on its box."""

    link: dict[str, str] = field(default_factory=dict)
    """The class that was last open, as parameters of the address."""
    pages_opened: int = 0
    """`SharedState.pages_opened` when a page with a class was last drawn."""
    problem: str | None = None
    """Why a class could not be opened or joined, or a nickname is not taken; shown until the next try."""
    form: str = ""
    """The key of the button that was pressed for it; "" for the nickname."""
    opened: tuple[str, str] | None = None
    """The class that this visitor has just opened, and its teacher's secret, until both are noted."""


def class_state() -> ClassState:
    """The state of this session."""
    return state_of(ClassState)


CLASS_NAME = Widget[str]("class_name")
CLASS_CODE = Widget[str]("class_code")
NICKNAME = Widget[str]("nickname")


class Key(StrEnum):
    """Buttons and boxes."""

    CLASS_BOX = "class_box"
    OPEN_CLASS = "open_class"
    JOIN_CLASS = "join_class"
    CLASS_IS_NOTED = "class_is_noted"
    LEAVE_CLASS = "leave_class"
    SHOW_BOARD = "show_board"
    WHO_IS_THERE = "who_is_there"
