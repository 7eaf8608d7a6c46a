"""The state of the Teach page, and the keys of its widgets."""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from pages.components.session import Widget, state_of
from pages.components.view_choice import ViewChoice


@dataclass
class TeachPage:
    """Drawings are named by their ids.

    chosen: the drawing that was clicked, "" for none. page: which page of the grid is seen, counted from 0.
    """

    view: ViewChoice = field(default_factory=ViewChoice)
    chosen: str = ""
    page: int = 0
    problem: str = ""
    """What the last action could not do; shown once."""
    done: str = ""
    """What the last action has done; shown once."""
    taught_at: float = float("-inf")
    """When Teach was last pressed (`time.monotonic`)."""
    chosen_anew: bool = False
    """Whether a click below the table has chosen a network that the box above does not show yet."""
    used_before: str = ""
    """The network that was used before the taught one, "" if nobody knows."""
    cell: tuple[str, str] | None = None
    """The member and the label of the class's drawings that are looked at."""
    odd_ones_drawn: bool = False
    """Whether the odd ones out are drawn with the whole page, which does not wait for them to be read."""
    uploads: int = 0
    """The number of the box for files; a new number makes an empty one."""


def teach_page_state() -> TeachPage:
    """The state of this session."""
    return state_of(TeachPage)


TEACH_VIEW = Widget[str]("teach_view")
SHOWN_LABEL = Widget[str]("shown_label")
GIVE = Widget[bool]("give_to_class")
CLASS_SOURCE = Widget[str]("class_source")
LEFT_OUT = Widget[str]("left_out_member")
SURE_TO_CLEAR_CLASS = Widget[bool]("sure_to_clear_class")
WITHOUT_MNIST = Widget[bool]("without_mnist")
SURE_TO_DELETE_ALL = Widget[bool]("sure_to_delete_all")


def upload_box(number: int) -> Widget[Any]:
    """The box for files that are brought back."""
    return Widget(f"bring_drawings_{number}")


def take_back_key(identity: str) -> str:
    """The button that takes the drawings back from the class of that id."""
    return f"take_back_{identity}"


def other_label(drawing: str) -> Widget[str | None]:
    """The keys with which a drawing gets another label."""
    return Widget(f"label_{drawing}")


class Key(StrEnum):
    """Buttons, boxes and charts."""

    EMPTY = "no_drawings"
    GRID = "my_drawings"
    CHOSEN = "chosen_drawing"
    DELETE_ONE = "delete_drawing"
    DELETE_ALL = "delete_all_drawings"
    BACKWARD = "drawings_backward"
    FORWARD = "drawings_forward"
    CONTRARY = "contrary_labels"
    TEACH = "teach"
    RESULT = "lesson_result"
    USE = "use_taught"
    UNDO = "undo_taught"
    WEIGHTS = "taught_weights"
    CARD = "taught_card"
    CURVE = "lesson_curve"
    CURVE_CHART = "lesson_curve_chart"
    CLASS_COUNTS = "class_counts"
    CLASS_CELL = "class_cell"
    CLASS_ODD = "class_odd"
    CLASS_TEACH = "class_teach"
    CLASS_IDX = "class_idx"
    CLASS_PEN = "class_pen"
    CLEAR_CLASS = "clear_class"
    AS_PICTURES = "as_pictures"
    AS_IDX = "as_idx"
    AS_PEN = "as_pen"
