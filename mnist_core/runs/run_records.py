"""What the small files of a run say: its settings (run.json), what is asked of it (control.json), what it is doing
(status.json)."""

import dataclasses
from dataclasses import dataclass
from typing import Any, Literal, get_args

from mnist_core.data.class_names import TEN_DIGITS
from mnist_core.training.config import TrainingConfig

NAME_LENGTH = 60
State = Literal["waiting", "training", "measuring", "paused", "finished", "stopped", "failed", "interrupted"]
ACTIVE: tuple[State, ...] = ("waiting", "training", "measuring")
ENDED: tuple[State, ...] = ("finished", "stopped")
Command = Literal["run", "pause", "stop"]
Span = Literal["", "step", "epoch"]
Teaching = Literal["", "with MNIST", "without MNIST"]
Cause = Literal["", "diverged", "no_workers"]
"""Why a run does not go on. diverged: it has failed, and other settings would help; `diagnose` then has a finding with
the status's message. no_workers: it waits until a scheduler answers or a worker comes, and nothing is wrong with it."""


@dataclass(frozen=True)
class RunInfo:
    """What is settled when a run is made.

    recipe: the preset it was made from, "" if none. board: the id of the class that it is shown to; what its maker is
    called there is asked of the class, and nickname is how it was when the run was made. threads: see `Trainer`.
    start: the title of the network that it goes on from, "" if it begins with new weights.
    dataset: the name of what it learns from, "" for the usual one; classes: the names of its classes, none for the ten
    digits; fingerprint: what its files were when the run was made, "" if that is not compared.
    teaching: "" for a training on the dataset; else the run teaches a network somebody's drawings (`lesson_files`).
    purpose: what the page made it for that shows it, as a word and what belongs to it; "" for nothing special.
    """

    name: str
    config: TrainingConfig
    created: float
    recipe: str = ""
    corrected: bool = False
    owner: str = ""
    board: str = ""
    nickname: str = ""
    threads: int = 1
    start: str = ""
    dataset: str = ""
    classes: tuple[str, ...] = ()
    fingerprint: str = ""
    teaching: Teaching = ""
    purpose: str = ""

    @property
    def class_names(self) -> tuple[str, ...]:
        """What its network is taught to tell apart."""
        return self.classes or TEN_DIGITS

    @property
    def has_drawings(self) -> bool:
        """Whether its dataset is somebody's own drawings, or those of a class. Such names have a colon in them."""
        return ":" in self.dataset


@dataclass(frozen=True)
class Control:
    """What is asked for. serial: grows with every command. settings: what was changed on the way. span: go on for one
    step or one epoch, then pause."""

    command: Command = "run"
    span: Span = ""
    serial: int = 0
    settings: dict[str, Any] = dataclasses.field(default_factory=dict)

    def to_json(self) -> dict[str, Any]:
        """As control.json has it, where the command is called "wish"."""
        values = dataclasses.asdict(self)
        return {"wish": values.pop("command"), **values}

    @classmethod
    def from_json(cls, values: dict[str, Any]) -> "Control":
        """The reverse. Raises TypeError or KeyError for anything else."""
        values = dict(values)
        control = cls(command=values.pop("wish"), **values)
        if control.command not in get_args(Command) or control.span not in get_args(Span):
            raise TypeError("wish or span")
        if not isinstance(control.serial, int) or not isinstance(control.settings, dict):
            raise TypeError("serial or settings")
        return control


@dataclass(frozen=True)
class Status:
    """What a run is doing.

    message: one sentence for people, or "". step: where it stands. serial: of the last command that was taken in.
    cause: see `Cause`.
    """

    state: State
    message: str = ""
    step: int = 0
    serial: int = 0
    cause: Cause = ""

    def to_json(self) -> dict[str, Any]:
        """As status.json has it, where the serial is called "heard"."""
        values = dataclasses.asdict(self)
        return values | {"heard": values.pop("serial")}

    @classmethod
    def from_json(cls, values: dict[str, Any]) -> "Status":
        """The reverse, also for what earlier versions wrote. Raises TypeError or KeyError for anything else."""
        values = _with_cause(values)
        # Once, a run had a place in a line for the processor.
        values.pop("ticket", None)
        status = cls(serial=values.pop("heard", 0), **values)
        if status.state not in get_args(State) or status.cause not in get_args(Cause):
            raise TypeError("state or cause")
        if not isinstance(status.step, int) or not isinstance(status.message, str):
            raise TypeError("step or message")
        return status


def _with_cause(values: dict[str, Any]) -> dict[str, Any]:
    """The fields of a status file. One that was written before there were causes says them only in its words."""
    if "cause" in values:
        return values
    diverged = values.get("state") == "failed" and "usable number" in str(values.get("message"))
    return values | {"cause": "diverged" if diverged else ""}


def clean_name(text: str) -> str:
    """A name that people gave, made fit for one line: no control characters, at most 60 characters."""
    printable = "".join(letter if letter.isprintable() else " " for letter in text)
    return " ".join(printable.split())[:NAME_LENGTH].strip()
