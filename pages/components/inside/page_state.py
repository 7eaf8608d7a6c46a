"""The state of the Inside page and of the Data page, and the keys of their widgets."""

from dataclasses import dataclass, field
from enum import StrEnum

from mnist_core.nn import DIGITS
from pages.components.datasets import DatasetChoice
from pages.components.session import Widget, state_of
from pages.components.view_choice import ViewChoice


@dataclass
class InsidePage:
    """chosen_picture: None before the first choice, else where it is from ("drawing", "picked", "test" or "train"), and
    the number of the image.
    """

    view: ViewChoice = field(default_factory=ViewChoice)
    chosen_picture: tuple[str, int] | None = None
    picture_in_address: str = ""
    dataset: DatasetChoice = field(default_factory=DatasetChoice)
    dataset_network: str = ""
    """The network, by its identity, for which the dataset was chosen."""
    numbers: dict[str, int] = field(default_factory=dict)
    """The number last looked at among the test images, and among the training images."""


@dataclass
class DataPage:
    """The view and the dataset: the widgets keep the rest."""

    view: ViewChoice = field(default_factory=ViewChoice)
    dataset: DatasetChoice = field(default_factory=DatasetChoice)


def inside_page_state() -> InsidePage:
    """The state of this session."""
    return state_of(InsidePage)


def data_page_state() -> DataPage:
    """The state of this session."""
    return state_of(DataPage)


INSIDE_VIEW = Widget[str]("inside_view")
PICTURE_SOURCE = Widget[str]("picture_source")
PICTURE_NUMBER = Widget[int]("picture_place")
EVERY_STEP = Widget[bool]("every_step")
DAMAGE = Widget[str]("damage")
DATA_VIEW = Widget[str]("data_view")
SPLIT = Widget[str]("split")
GALLERY_IMAGE = Widget[int]("gallery_one")
INSIDE_DATASET = Widget[str]("inside_dataset")
DATA_DATASET = Widget[str]("data_dataset")
NETWORK_PAIR = Widget[tuple[str, str]]("network_pair")
"""No widget: the two networks, by their identities, whose mistakes are compared."""


def unit_layer(network: str) -> Widget[int]:
    """The layer whose units are looked at. network: `Recognizer.identity`, as everywhere below."""
    return Widget(f"unit_layer_{network[:12]}")


def unit_number(network: str, layer: int) -> Widget[int]:
    """The unit that is looked at, counted from 1."""
    return Widget(f"unit_{network[:12]}_{layer}")


def strip_of(network: str, layer: int) -> str:
    """The key of all units of a layer, to click."""
    return f"strip_{network[:12]}_{layer}"


def others_off(network: str, layer: int) -> Widget[str]:
    """Which other units of the layer are switched off."""
    return Widget(f"others_off_{network[:12]}_{layer}")


def unit_factor(network: str, layer: int, unit: int) -> Widget[float]:
    """By how much a unit, counted from 0, is scaled."""
    return Widget(f"factor_unit_{network[:12]}_{layer}_{unit}")


def map_layer(network: str) -> Widget[int]:
    """The layer of the map."""
    return Widget(f"map_layer_{network[:12]}")


def map_digit(classes: int) -> Widget[int]:
    """The class whose images are listed beside the map. classes: how many there are, as everywhere below."""
    return Widget(f"map_digit{_of(classes)}")


def explained_digit(answer: int, classes: int) -> Widget[int]:
    """The class that is explained, where the network answers `answer`."""
    return Widget(f"why_digit_{answer}{_of(classes)}")


def changed_digit(digit: int, classes: int) -> Widget[int]:
    """The class that a picture is changed into, which is `digit` at first."""
    return Widget(f"flip_digit_{digit}{_of(classes)}")


def _of(classes: int) -> str:
    """A class beyond the digits must not be looked for among them."""
    return "" if classes == DIGITS else f"_of_{classes}"


def _in(dataset: str) -> str:
    """A number of an image is meant for one dataset."""
    return f"_{dataset}" if dataset else ""


def confusion_cell(network: str) -> Widget[str]:
    """Which mistakes are shown: all, or those of a cell."""
    return Widget(f"cell_{network[:12]}")


def mistake(network: str, cell: tuple[int, int] | None, dataset: str) -> Widget[int]:
    """The chosen image among the mistakes of a cell."""
    return Widget(f"mistake_{network[:12]}_{cell}{_in(dataset)}")


def second_network(network: str) -> Widget[str]:
    """The network that another one is compared with."""
    return Widget(f"damage_second_{network[:12]}")


def gallery_digit(dataset: str) -> Widget[str | int]:
    """The class that the gallery shows, or "all"."""
    return Widget(f"gallery_digit{_in(dataset)}")


def gallery_page(split: str, digit: str | int, dataset: str) -> Widget[int]:
    """The page of the gallery."""
    return Widget(f"gallery_page_{split}_{digit}{_in(dataset)}")


def chart_of(widget: Widget[str] | Widget[int]) -> str:
    """The key of the chart in which a click sets this widget."""
    return f"click_{widget.key}"


class Key(StrEnum):
    """Buttons, boxes and charts."""

    SUBJECT = "subject"
    ALL_SHARES = "all_shares"
    NETWORK_MATRIX = "network_matrix"
    DIFFERING = "differing"
    GALLERY_HEAD = "gallery_head"
    NEAREST = "nearest"
    LISTED = "listed"
    ONE_UNIT = "one_unit"
    EXCITING = "exciting"
    ANY_PICTURE = "any_picture"
    OPEN_MISTAKE = "open_mistake"
    DIAGRAM = "diagram"
    MAP = "map"
    DAMAGE_CHART = "damage_chart"
    COUNTS = "counts"
    PIXELS = "pixels"
