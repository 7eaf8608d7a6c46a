"""Trainings on drawings as runs: how one is started, which ones there are, and the networks before and after it."""

from dataclasses import dataclass
from pathlib import Path

import streamlit as st

from mnist_core import InputError, Recognizer
from mnist_core.drawings import Collection
from mnist_core.runs import ACTIVE, ENDED, Run, RunInfo, RunStore, Status, lesson_images, network_time, recognizer_of
from mnist_core.teaching import lesson_config, lesson_of_images

START = "start"
"""The name of the network that a run begins with, in the run's folder."""
KEPT = 60


@dataclass(frozen=True, eq=False)
class Taught:
    """A run that teaches a network drawings, with what is known of it."""

    run: Run
    info: RunInfo
    status: Status

    @property
    def is_going(self) -> bool:
        """Whether it changes by itself."""
        return self.status.state in ACTIVE or self.status.state == "interrupted"

    @property
    def has_ended(self) -> bool:
        return self.status.state in ENDED

    def learned(self) -> frozenset[bytes]:
        """The pixels of each image that it teaches. Raises InputError if they are damaged."""
        return _learned(self.run.folder)

    def before(self) -> Recognizer:
        """The network that it began with. Raises InputError if it is damaged."""
        return _before(self.run.folder)

    def after(self) -> Recognizer | None:
        """The network as it stands; None if there is none yet. Raises InputError if it is damaged."""
        written = network_time(self.run)
        return _after(self.run.folder, written) if written else None


@st.cache_resource(show_spinner=False, max_entries=KEPT)
def _learned(folder: Path) -> frozenset[bytes]:
    return frozenset(image.tobytes() for image in lesson_images(Run(folder)))


@st.cache_resource(show_spinner=False, max_entries=KEPT)
def _before(folder: Path) -> Recognizer:
    return Recognizer.load(START, folder)


@st.cache_resource(show_spinner=False, max_entries=KEPT)
def _after(folder: Path, written: int) -> Recognizer | None:
    return recognizer_of(Run(folder))


def start_lesson(
    runs: RunStore,
    secret: str,
    recognizer: Recognizer,
    drawings: Collection,
    *,
    with_mnist: bool,
    name: str,
    purpose: str,
) -> Run:
    """Make a run that teaches the network these drawings, and start it. Raises InputError."""
    lesson = lesson_of_images(recognizer, drawings.images, drawings.labels, with_mnist=with_mnist)
    run = runs.create(secret, lesson_config(lesson), name, lesson=lesson, purpose=purpose)
    runs.start(run)
    return run


def lessons(runs: RunStore, secret: str, purpose: str) -> list[Taught]:
    """The visitor's runs whose purpose begins with that word, "" for those without one; the newest first.

    Those that cannot be read are passed over.
    """
    found = []
    for run in reversed(runs.runs(secret)):
        try:
            info = run.info
            if info.teaching and info.purpose.partition(" ")[0] == purpose:
                found.append(Taught(run, info, run.status))
        except InputError:
            continue
    return found
