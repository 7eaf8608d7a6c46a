"""The unit of work: one training is moved on for a moment. What a director asks for, and what a worker answers.

Both are plain values that can be sent to another process or another computer; nothing in them is a path.
"""

from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np

from mnist_core.data.dataset import Dataset
from mnist_core.runs.run_records import Cause, RunInfo
from mnist_core.teaching.lesson import Lesson
from mnist_core.training.report import Report

Arrays = dict[str, np.ndarray]
Facts = dict[str, Any]
Phase = Literal["training", "measuring", "finished", "stopped", "failed", "missing"]
"""Where a training stands after a slice. missing: the worker does not hold it, and needs its state."""


@dataclass(frozen=True)
class State:
    """A training between two steps, to go on from anywhere: see `Trainer.state`. facts also holds "report_every"."""

    arrays: Arrays
    facts: Facts


@dataclass(frozen=True)
class Slice:
    """Move the training of one run on.

    run: its id. begin: build the training anew, from `state`, or from nothing if that is None; images: what this run
    alone learns from, None if it learns from a dataset that the worker knows by name; lesson: what it teaches a
    network, if it does. seconds: for about how long. settings: learning_rate, batch_size or augmentation as they shall
    be. until_step, until_epoch: end there at the latest, if not 0. first: end as soon as one step is done. finish: take
    no further step, but measure the network as it stands. want_state, want_view: what the answer should hold, too.
    look_only: take no step, but bring the look inside. release: take no step, give the state away and hold the training
    no longer.
    """

    run: str
    info: RunInfo
    begin: bool = False
    state: State | None = None
    images: Dataset | None = None
    lesson: Lesson | None = None
    seconds: float = 0.25
    settings: dict[str, Any] = field(default_factory=dict)
    until_step: int = 0
    until_epoch: float = 0.0
    first: bool = False
    finish: bool = False
    want_state: bool = False
    want_view: bool = False
    look_only: bool = False
    release: bool = False


@dataclass(frozen=True)
class Change:
    """A setting that took effect after a step."""

    step: int
    epoch: float
    setting: str
    value: Any


@dataclass
class Result:
    """What came of a slice.

    events: points of the curves and changes, in the order in which they happened. reached: the step or epoch that
    was asked for is done. refused: settings that the training does not take, with the reason. state: the training
    after the last event, if it was wanted and the slice did not end in the middle of a step. before_change: the
    training right before the first change of this slice, None if nothing was changed. view: the bytes of view.npz,
    made in view_seconds. between_steps: whether the slice ended between two steps. unsaved: whether steps were
    taken since a state was last given. files: the trained network, once it is measured, by the name of the file.
    seconds: of computing. memory: bytes that the training takes. released: states of other trainings that had to
    make room, by run.
    """

    run: str
    phase: Phase = "training"
    step: int = 0
    epoch: float = 0.0
    events: list[Report | Change] = field(default_factory=list)
    reached: bool = False
    refused: dict[str, str] = field(default_factory=dict)
    state: State | None = None
    before_change: State | None = None
    view: bytes | None = None
    view_seconds: float = 0.0
    between_steps: bool = True
    unsaved: bool = False
    files: dict[str, bytes] = field(default_factory=dict)
    message: str = ""
    cause: Cause = ""
    seconds: float = 0.0
    memory: int = 0
    released: dict[str, State | None] = field(default_factory=dict)
