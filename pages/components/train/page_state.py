"""The state of the Train page, and the keys of its widgets."""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Generic, Literal, TypeVar

import numpy as np

from mnist_core import Recognizer
from mnist_core.exchange import Imported, PicturesWanted
from mnist_core.nn import Network
from mnist_core.runs import Run
from mnist_core.training import TrainingConfig
from pages.components.course import Course
from pages.components.session import Widget, state_of
from pages.components.train.settings_choices import Kind

T = TypeVar("T")


@dataclass(frozen=True)
class FormValues:
    """What the form of settings shows. Each value but the last two is that of the widget `SETTINGS[its name]`."""

    preset: str
    dataset: str
    kind: Kind
    layers: str
    filters: str
    units: str
    activation: str
    batchnorm: bool
    dropout: float
    validation: int
    train_images: int
    sampling: str
    augmentation: str
    optimizer: str
    learning_rate: float
    schedule: str
    whole_batch: bool
    batch_size: int
    epochs: int
    l2: float
    loss: str
    seed: int
    kernel: int
    """The size of the convolutions' windows, which has no widget."""
    others: dict[str, Any]
    """Settings without a widget, which come with a preset or a link, by their names in `TrainingConfig`."""


@dataclass(frozen=True)
class FromFile(Generic[T]):
    """What was read from a file of a run, and the time of that file."""

    run: str
    time: float | None
    content: T


@dataclass
class TrainPage:
    """Runs are named by their ids."""

    run: str | None = None
    """The run that is looked at."""
    overlaid: list[str] = field(default_factory=list)
    """The runs whose curves are laid over each other."""
    lesson_of_curves: int = 0
    """The number of the lesson that was open when a run last joined these curves; 0 for none."""
    run_boxes: int = 0
    """The number of the select boxes for runs; a new number makes new boxes."""
    times_back: dict[str, int] = field(default_factory=dict)
    """How often a run went back to before an explosion: each time, what can be changed gets new boxes."""
    starting: bool = False
    """Whether a run was started that the page has not shown yet."""
    answered: float = 0.0
    """When the page last showed what came of a click on Start (`time.time`)."""
    problem: str | None = None
    """What the last action could not do; shown once."""
    damaged: list[tuple[Run, str]] = field(default_factory=list)
    """The visitor's runs that cannot be read, and why."""
    look: FromFile[dict[str, np.ndarray] | None] | None = None
    network: FromFile[tuple[Network, int] | None] | None = None
    courses: dict[tuple[str, bytes], Course] = field(default_factory=dict)
    """How the networks of runs, by their ids, have read a drawing, by its pixels."""
    form: FormValues | None = None
    """What was last set, also while another page is open."""
    link: dict[str, str] = field(default_factory=dict)
    """What the page's address last said of the settings."""
    run_name: str = ""
    """The name that came with a link: a run that is started with its settings is called so."""
    named_setting: tuple[TrainingConfig, str] | None = None
    """These settings and the name of their dataset, once the form has shown them."""
    foreign: dict[str, Imported] = field(default_factory=dict)
    """Files of other programs that were taken apart, by the ids of the uploads."""
    usual_pictures: dict[str, tuple[PicturesWanted, float]] = field(default_factory=dict)
    """Which of the usual pictures such a network reads best, and the share that is right."""
    foreign_networks: dict[str, Recognizer] = field(default_factory=dict)
    """The networks of such files, by the upload and by what was answered."""


def train_page_state() -> TrainPage:
    """The state of this session."""
    return state_of(TrainPage)


WITHOUT_WIDGET = ("kernel", "others")
SETTINGS: dict[str, Widget[Any]] = {
    name: Widget[Any](f"set_{name}") for name in FormValues.__dataclass_fields__ if name not in WITHOUT_WIDGET
}
PRESET = Widget[str]("set_preset")
DATASET = Widget[str]("set_dataset")
REMOVED_RUN = Widget[str]("removed_run")
REMOVED_NICKNAME = Widget[str]("removed_nickname")
SURE_TO_CLOSE = Widget[bool]("sure_to_close_class")
BOARD_MEASURE = Widget[str]("board_measure")
BOARD_RUNS = Widget[str]("board_runs")
BOARD_SMALL = Widget[bool]("board_small_charts")
AXIS = Widget[Literal["epoch", "step"]]("axis")
SMOOTH = Widget[bool]("smooth")
LOGARITHMIC = Widget[bool]("log")
LOOK = Widget[str]("look")
UPLOAD = Widget[Any]("upload")
FOREIGN_LAYERS = Widget[str]("foreign_layers")


def foreign_scale(upload: str) -> Widget[str]:
    """Which pixels a network of another program was trained on."""
    return Widget(f"foreign_scale_{upload}")


def foreign_fit(upload: str) -> Widget[str]:
    """How pictures are brought to the size of such a network."""
    return Widget(f"foreign_fit_{upload}")


def foreign_numbers(upload: str) -> Widget[str]:
    """The mean and the deviation of its pixels, if they are none of the usual ones."""
    return Widget(f"foreign_numbers_{upload}")


def run_box(number: int) -> Widget[str]:
    """The box of the run that is looked at."""
    return Widget(f"run_choice_{number}")


def overlaid_box(number: int) -> Widget[list[str]]:
    """The box of the runs whose curves are laid over each other."""
    return Widget(f"shown_choice_{number}")


def new_rate(run: str) -> Widget[float]:
    """The learning rate of a run that trains."""
    return Widget(f"change_rate_{run}{_times_back(run)}")


def new_batch_size(run: str) -> Widget[int]:
    """The batch size of a run that trains."""
    return Widget(f"change_batch_{run}{_times_back(run)}")


def new_augmentation(run: str) -> Widget[str]:
    """The augmentation of a run that trains."""
    return Widget(f"change_warp_{run}{_times_back(run)}")


def _times_back(run: str) -> str:
    count = train_page_state().times_back.get(run, 0)
    return f"_{count}" if count else ""


def run_name(run: str) -> Widget[str]:
    """The field in which a run is renamed."""
    return Widget(f"name_{run}")


def sure_to_delete(run: str) -> Widget[bool]:
    """The box that allows to delete a run."""
    return Widget(f"sure_{run}")


class Key(StrEnum):
    """Buttons, boxes and charts."""

    HIDE_BOARD = "hide_board"
    TEACHER = "teacher"
    START_ALL = "start_all"
    PAUSE_ALL = "pause_all"
    RESUME_ALL = "resume_all"
    REMOVE_RUN = "remove_run"
    REMOVE_NICKNAME = "remove_nickname"
    CLOSE_CLASS = "close_class"
    BOARD_CHART = "board_chart"
    RANKING = "ranking"
    START = "start"
    RUN_TITLE = "run_title"
    INTO_VIEW = "into_view"
    START_BOTH = "start_both"
    NO_RUNS = "no_runs"
    CONTROLS = "controls"
    PAUSE = "pause"
    RESUME = "resume"
    ONE_STEP = "one_step"
    ONE_EPOCH = "one_epoch"
    STOP = "stop"
    CHANGE = "change"
    LOSS_CHART = "loss_chart"
    ACCURACY_CHART = "accuracy_chart"
    CONFUSION = "confusion"
    COURSE = "course"
    COURSE_FIGURE = "course_figure"
    TABLE = "table"
    RESULTS = "results"
    USE = "use"
    WEIGHTS = "weights"
    CARD = "card"
    CSV = "csv"
    EVENTS = "events"
    TRAIN_ON = "train_on"
    MANAGE = "manage"
    AGAIN = "again"
    AGAIN_SEED = "again_seed"
    DELETE = "delete"


def finding_key(number: int) -> str:
    """The box of one finding."""
    return f"finding_{number}"


def remedy_key(number: int) -> str:
    """The button that trains again with what one finding advises."""
    return f"remedy_{number}"


def delete_damaged_key(run: str) -> str:
    """The button that deletes a run that cannot be read."""
    return f"delete_damaged_{run}"


def export_key(file_format: str) -> str:
    """The button that downloads the network as a file of another program."""
    return f"export_{file_format}"


def figure_key(file_format: str) -> str:
    """The button that downloads the curves as a figure."""
    return f"figure_{file_format}"
