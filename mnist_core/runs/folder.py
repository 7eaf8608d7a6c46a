"""One run: a folder with its settings, its curves, its last checkpoint, and what is asked of it.

run.json         settings and name, written by who makes the run
control.json     what is asked for; written by pages, only read by the director
status.json      what the run is doing; written by the director alone
metrics.jsonl    the curves, appended to by the director (`mnist_core.runs.curves_file`)
checkpoint.npz   the whole state of the training, to go on from; before_change.npz and last_good.npz are earlier ones
                 (`mnist_core.runs.kept_states`)
view.npz         what the network looks like inside, for pages (`mnist_core.insight.probe`)
first.npz        the state before its first step, if it goes on from a network (`mnist_core.runs.first_state`)
start.npz, start.json, drawings.npz   only in a run that teaches a network (`mnist_core.runs.lesson_files`)
network.npz, network.json   the trained network and its model card, once it is done
images.npz       the images that this run alone learns from, if it has such; removed when it has ended
                 (`mnist_core.runs.run_images`)
worker.lock      held by whoever trains the run: the director, or a terminal
watched          touched by pages that look at the run

The director (`mnist_core.runs.director`) is the process that has the runs of this computer computed.
"""

import contextlib
import dataclasses
import functools
import os
import shutil
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from filelock import FileLock, Timeout

from mnist_core.data.class_names import check_names
from mnist_core.data.dataset import Dataset
from mnist_core.errors import InputError
from mnist_core.files.atomic import overwrite_json, read_json, reason, write_json
from mnist_core.files.npz import read_npz
from mnist_core.runs.run_images import read_images, write_images
from mnist_core.runs.run_records import ACTIVE, Command, Control, RunInfo, Span, State, Status, clean_name
from mnist_core.training.checkpoint import read_checkpoint, write_checkpoint
from mnist_core.training.config import TrainingConfig

START_SECONDS = 20.0


class Run:
    """A run's folder. Nothing is kept in memory: any number of processes may look at it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.id = folder.name
        self._control_path = f"{folder}/control.json"

    @classmethod
    def create(
        cls,
        folder: Path,
        info: RunInfo,
        images: Dataset | None = None,
        fill: "Callable[[Run], None]" = lambda run: None,
    ) -> "Run":
        """Make the folder. images: what this run alone learns from, if any. fill: writes what else it begins with.

        Raises InputError if that is impossible.
        """
        # Made under a hidden name first: a page that lists the runs never sees half of one.
        run = cls(folder.with_name(f".{folder.name}"))
        try:
            run.folder.mkdir(parents=True)
            run.write_info(info)
            write_json(run.file("control.json"), Control("pause").to_json())
            write_json(run.file("status.json"), Status("paused").to_json())
            if images is not None:
                write_images(run.file("images.npz"), images)
            fill(run)
            run.folder.rename(folder)
        except OSError as error:
            raise InputError(f"A new run cannot be written to {folder.parent}: {reason(error)}.") from None
        return cls(folder)

    def file(self, name: str) -> Path:
        """A file of this run."""
        return self.folder / name

    @property
    def info(self) -> RunInfo:
        """The settings. Raises InputError if the folder is damaged."""
        path = self.file("run.json")
        return _read_info(path, _changed(path))

    def write_info(self, info: RunInfo) -> None:
        """Replace the settings. Raises OSError."""
        write_json(self.file("run.json"), dataclasses.asdict(info))

    def rename(self, name: str) -> None:
        """Give it another name. Raises InputError for an empty one, or if it cannot be written."""
        if not (cleaned := clean_name(name)):
            raise InputError("A run's name needs at least one letter or digit.")
        try:
            self.write_info(dataclasses.replace(self.info, name=cleaned))
        except OSError as error:
            raise InputError(f"The new name cannot be saved: {reason(error)}.") from None

    @property
    def control(self) -> Control:
        """What is asked for; raises InputError if the folder is damaged."""
        values = read_json(self.file("control.json"), f"run {self.id}")
        try:
            return Control.from_json(values)
        except (TypeError, KeyError):
            raise InputError(f"run {self.id}: its file control.json is damaged.") from None

    def ask(self, command: Command, span: Span = "") -> None:
        """Ask it to run (on, or for one step or epoch), to pause or to stop. Raises InputError."""
        self._write_control(lambda now: dataclasses.replace(now, command=command, span=span, serial=now.serial + 1))

    def wake(self) -> None:
        """Ask it to run on unless there is a command that nobody has taken in yet. Raises InputError."""
        try:
            taken_in = self.written_status().serial == self.control.serial
        except InputError:
            # A damaged status says nothing, and is written anew.
            taken_in = True
        if taken_in or self.control.command == "pause":
            self.ask("run")

    def set(self, **settings: Any) -> None:
        """Ask for other settings, of those that may change. Raises InputError as `TrainingConfig.changed` does."""
        self.check_exists()
        self.info.config.changed(**settings)
        self._write_control(lambda now: dataclasses.replace(now, settings=now.settings | settings))

    def _write_control(self, change: Callable[[Control], Control]) -> None:
        # A stale page may ask something of a run that was deleted; the lock below would make its folder again.
        self.check_exists()
        try:
            # Two clicks at once are two commands, one after the other.
            with FileLock(self.file("control.lock"), timeout=5, thread_local=False):
                self.check_exists()
                write_json(self.file("control.json"), change(self.control).to_json())
        except Timeout:
            raise InputError("The run cannot be told: its folder is busy.") from None
        except OSError as error:
            raise InputError(f"The run cannot be told: {reason(error)}.") from None
        finally:
            if not self.exists():
                # Deleted at that very moment: what the lock made again is not a run.
                shutil.rmtree(self.folder, ignore_errors=True)

    def asked_seconds(self) -> float:
        """Seconds since something was last asked of it: for a run that waits, how long it has waited."""
        try:
            return max(0.0, time.time() - self.file("control.json").stat().st_mtime)
        except OSError:
            return 0.0

    def marks(self) -> tuple[tuple[int, int], ...]:
        """Other numbers after every change of what is asked, what it does, and its curves."""
        found = []
        for name in ("run.json", "control.json", "status.json", "metrics.jsonl"):
            try:
                stat = self.file(name).stat()
                found.append((stat.st_mtime_ns, stat.st_size))
            except OSError:
                found.append((0, 0))
        return tuple(found)

    def control_mark(self) -> tuple[int, int]:
        """Another pair of numbers after every change of what is asked. Raises OSError if the folder is gone."""
        found = os.stat(self._control_path)
        return found.st_mtime_ns, found.st_ino

    @property
    def status(self) -> Status:
        """What the run is doing, as was last said, or "interrupted" if whoever trained it is no more."""
        lives = self.is_held()
        # Only now: the last status is written before the lock is let go.
        found = self.written_status()
        control = self.control
        is_new = control.command == "run" and control.serial != found.serial
        if lives:
            return _instead(found, "waiting", "Starting.") if is_new else found
        if is_new:
            if time.time() - self.file("control.json").stat().st_mtime < START_SECONDS:
                return _instead(found, "waiting", "Starting.")
            return _instead(found, "failed", "The training process did not start.")
        if found.state in ACTIVE:
            return _instead(found, "interrupted", "The training process was ended; it goes on by itself in a moment.")
        return found

    def written_status(self) -> Status:
        """What was last said, whether or not it still holds. Raises InputError if the folder is damaged."""
        try:
            return Status.from_json(read_json(self.file("status.json"), f"run {self.id}"))
        except (TypeError, KeyError):
            raise InputError(f"run {self.id}: its file status.json is damaged.") from None

    def write_status(self, status: Status) -> None:
        """For whoever trains it. Raises OSError."""
        path = self.file("status.json")
        try:
            write_json(path, status.to_json())
        except OSError:
            # On a full disk there is still room where the old status is.
            overwrite_json(path, status.to_json())

    def lock(self) -> FileLock:
        """The lock that whoever trains the run holds."""
        return FileLock(self.file("worker.lock"), timeout=0, thread_local=False)

    def is_held(self, patience: float = 0.0) -> bool:
        """Whether some process has this run in hand.

        Another page that asks at the same moment looks like one; `patience` seconds of asking again tell them apart.
        """
        if not self.exists():
            return False
        try:
            with self.lock().acquire(timeout=patience, poll_interval=0.01):
                return False
        except Timeout:
            return True
        except OSError:
            return False

    def watch(self) -> None:
        """Say that somebody is looking: a run that nobody watches is paused after a time."""
        try:
            self.file("watched").touch()
        except OSError:
            pass

    def unwatched_seconds(self) -> float:
        """Seconds since somebody looked; 0 for a run that is not meant to be watched."""
        try:
            return time.time() - self.file("watched").stat().st_mtime
        except OSError:
            return 0.0

    def write_checkpoint(self, arrays: dict[str, np.ndarray], facts: dict[str, Any]) -> None:
        """Keep the state of the training (`Trainer.state`). Raises OSError, and keeps the one before, if it cannot."""
        write_checkpoint(self.file("checkpoint.npz"), arrays, facts)

    def checkpoint(self) -> tuple[dict[str, np.ndarray], dict[str, Any]] | None:
        """The last state that was kept, or the one that it began with; None if there is neither.

        Raises InputError if it is damaged.
        """
        kept = read_checkpoint(self.file("checkpoint.npz"), f"run {self.id}, its checkpoint")
        return kept or read_checkpoint(self.file("first.npz"), f"run {self.id}, its first state")

    def images(self) -> Dataset | None:
        """What this run alone learns from, None if it learns from a dataset by name. Raises InputError if damaged."""
        return read_images(self.file("images.npz"), f"run {self.id}, its images")

    def forget_images(self) -> None:
        """Remove what this run alone learns from, when it has ended: drawings are not kept in a second place."""
        with contextlib.suppress(OSError):
            self.file("images.npz").unlink(missing_ok=True)

    def check_exists(self) -> None:
        """Raise InputError if the folder has been deleted."""
        if not self.exists():
            raise InputError("This run was deleted.")

    def exists(self) -> bool:
        """Whether the folder has not been deleted."""
        return self.file("run.json").exists()

    def view_time(self) -> int:
        """When the view was written, in nanoseconds; 0 if there is none."""
        return self.changed("view.npz")

    def changed(self, name: str) -> int:
        """When one of the files was last written, in nanoseconds; 0 if there is none."""
        return _changed(self.file(name))

    def view(self) -> dict[str, np.ndarray] | None:
        """What the network looked like inside a moment ago; None if nothing was written yet."""
        try:
            with open(self.file("view.npz"), "rb") as file:
                return read_npz(file, "the view", 50_000_000)
        except (OSError, InputError):
            return None


def _instead(status: Status, state: State, message: str) -> Status:
    """What is said instead of what was last said: why that had failed does not matter any more."""
    return dataclasses.replace(status, state=state, message=message, cause="")


def _changed(path: Path) -> int:
    try:
        return path.stat().st_mtime_ns
    except OSError:
        return 0


@functools.lru_cache(maxsize=2000)
def _read_info(path: Path, changed: int) -> RunInfo:
    """The settings in a file, which was last changed at that time: read once, since pages ask many times a second."""
    name = f"run {path.parent.name}"
    values = read_json(path, name)
    try:
        config = TrainingConfig(**values.pop("config"))
        if classes := tuple(values.pop("classes", ())):
            classes = check_names(list(classes), name)
        info = RunInfo(config=config, classes=classes, **values)
        if not (isinstance(info.name, str) and isinstance(info.created, float | int)):
            raise TypeError("name or created")
        if not (isinstance(info.dataset, str) and isinstance(info.fingerprint, str)):
            raise TypeError("dataset or fingerprint")
        return info
    except (TypeError, KeyError, AttributeError, ValueError) as error:
        raise InputError(f"{name}: its file run.json is damaged ({error}).") from None
