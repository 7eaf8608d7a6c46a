"""The process that trains one run: it follows the run's folder and answers through files in it alone."""

import io
import math
import shutil
import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import numpy as np
from filelock import Timeout
from threadpoolctl import threadpool_limits

from mnist_core.data.dataset import Dataset
from mnist_core.errors import InputError
from mnist_core.files.atomic import reason, remove_parts, write_file
from mnist_core.insight import probe
from mnist_core.reading.weights import ModelCard
from mnist_core.recipes import publish
from mnist_core.runs.curves_file import POINTS_IN_A_RUN, MetricsWriter, report_every
from mnist_core.runs.folder import Cause, Run, RunInfo, State, Status
from mnist_core.runs.slots import Slots
from mnist_core.training.report import Report
from mnist_core.training.trainer import Trainer

CHECK_SECONDS = 0.02
EARLY_POINTS = 20
WAITING_SECONDS = 0.25
CHECKPOINT_SECONDS = 1.5
VIEW_SECONDS = 1.0
SHARE = 0.02
"""Views and checkpoints take at most about this share of the time each."""
VIEW_IMAGES = 1000
LARGEST_LOSS = 1e6
TURN_CHECK_SECONDS = 1.0
TURN_SECONDS = 12.0
"""While others wait, a run keeps its place at the processor for so long."""
CROWDED_IDLE_SECONDS = 90.0
"""While others wait, a run that nobody watches is paused sooner."""
LINGER_SECONDS = 60.0
"""A paused worker stays so long, ready to go on at once; then it ends, and another is started when it is needed."""


class _Stopped(Exception):
    """Somebody asked for the end."""


class _Left(Exception):
    """The process should end; the run stays as it is."""


class _Diverged(InputError):
    """The loss or the weights are no longer usable numbers."""


def work(
    folder: Path, root: Path, load: Callable[[], Dataset], on_report: Callable[[Report], None], idle: float
) -> Status:
    """Train the run in `folder` until it is finished, stopped, or paused for long; returns what became of it.

    root: where the line for the processor is. load: gives the dataset. idle: pause after so many seconds in which
    nobody watched. Raises InputError if the folder is damaged or another worker is at it.
    """
    run = Run(folder)
    info = run.info
    with threadpool_limits(info.threads, user_api="blas"):
        while True:
            with _alone(run):
                status = _Worker(run, info, root, idle).work(load, on_report)
            # A wish that came while this worker was leaving, and still held the lock, has nobody else to hear it.
            if not run.exists() or run.control.serial == status.heard or run.control.wish == "pause":
                return status


def _alone(run: Run) -> AbstractContextManager[object]:
    """The run's lock. Raises InputError if another worker has it."""
    try:
        # A page that looks whether somebody works holds the lock for a moment, too.
        return run.lock().acquire(timeout=3)
    except Timeout:
        raise InputError(f"run {run.id}: another process is training it.") from None
    except OSError as error:
        raise InputError(f"run {run.id}: {reason(error)}.") from None


class _Worker:
    def __init__(self, run: Run, info: RunInfo, root: Path, idle: float) -> None:
        self.run, self.info, self.idle = run, info, idle
        self.root = root
        self.control = run.control
        self.paused = False
        self.why_paused = ""
        self.until_step = 0
        self.until_epoch = 0.0
        self._trainer: Trainer | None = None
        self._said = Status("waiting")
        self._heard = self.control.serial
        self._control_changed, self._wish_followed = (0, 0), -1
        self._next_check = self._next_checkpoint = self._next_view = self._turn_ends = 0.0
        self._weights_before: dict[str, np.ndarray] | None = None
        self._changes: dict[str, float] = {}
        self._refused: dict[str, Any] = {}
        self._leaving = False
        self._validations = 0
        self._keep_validations = 1
        self._slots: Slots | None = None

    @property
    def trainer(self) -> Trainer:
        assert self._trainer is not None
        return self._trainer

    @property
    def slots(self) -> Slots:
        assert self._slots is not None
        return self._slots

    def work(self, load: Callable[[], Dataset], on_report: Callable[[Report], None]) -> Status:
        try:
            self._slots = Slots(self.root)
            remove_parts(self.run.folder)
            self._enter()
            # Not loaded before: a process that waits for its turn needs no memory.
            dataset = load()
            self._trainer = Trainer(self.info.config, dataset, self.info.threads)
            self._resume()
            try:
                self._train(on_report)
            except _Stopped:
                self._finish("stopped", dataset)
            else:
                self._finish("finished", dataset)
        except _Stopped:
            self._say("stopped")
        except _Left:
            pass
        except _Diverged as error:
            self._fail(str(error), "diverged")
        except InputError as error:
            self._fail(str(error))
        except MemoryError:
            self._fail("There is not enough memory for this network and batch size.")
        except OSError as error:
            if not self.run.exists():
                # Somebody deleted the folder.
                return Status("stopped")
            self._fail(f"The run cannot be saved: {reason(error)}. What was saved before is kept.")
        finally:
            if self._slots is not None:
                self._slots.leave()
        return self._said

    def _say(self, state: State, message: str = "", cause: Cause = "") -> None:
        step = self._trainer.step if self._trainer else 0
        ticket = self._slots.ticket if self._slots else ""
        self._said = Status(state, message, step, ticket, self._heard, cause)
        self.run.write_status(self._said)

    def _fail(self, message: str, cause: Cause = "") -> None:
        try:
            self._say("failed", message, cause)
        except OSError:
            self._said = Status("failed", message, cause=cause)

    def _resume(self) -> None:
        every = report_every(self.trainer.steps)
        each = self.info.config.validate_every or self.trainer.counters.steps_per_epoch
        self._keep_validations = max(1, self.trainer.steps // each // POINTS_IN_A_RUN)
        checkpoint = self.run.checkpoint()
        keep = 0
        if checkpoint:
            arrays, facts = checkpoint
            self.trainer.restore(arrays, facts)
            try:
                keep, every = int(facts["metrics_bytes"]), max(1, int(facts["report_every"]))
            except (KeyError, TypeError, ValueError):
                raise InputError(f"run {self.run.id}, its checkpoint: is damaged.") from None
        self.every = every
        self.metrics = MetricsWriter(self.run.file("metrics.jsonl"), keep)
        self.trainer.check = self._check
        if not checkpoint:
            self._save_checkpoint()
        self._say("training")

    def _train(self, on_report: Callable[[Report], None]) -> None:
        with np.errstate(all="ignore"):
            for report in self.trainer.run(self.every):
                if not (math.isfinite(report.loss) and report.loss < LARGEST_LOSS):
                    raise self._diverged()
                if self._is_wanted(report):
                    self.metrics.report(report)
                on_report(report)

    def _is_wanted(self, report: Report) -> bool:
        """Whether a report goes into the curves: not all do if every step or two is the end of an epoch."""
        if (
            report.step <= self.every
            or report.step % self.every == 0
            or self.trainer.finished
            or report.step == self.until_step
        ):
            return True
        if math.isnan(report.validation_loss):
            return False
        self._validations += 1
        return self._validations % self._keep_validations == 0

    def _diverged(self) -> _Diverged:
        return _Diverged(
            f"At step {self.trainer.step:,} the loss was no longer a usable number. Mostly the learning rate is too "
            "high. The last good state is kept."
        )

    # What happens between two pieces of work.

    def _check(self) -> None:
        now = time.monotonic()
        if now >= self._next_check:
            self._next_check = now + CHECK_SECONDS
            self._read_control()
            if not self.paused and self.run.unwatched_seconds() > self.idle:
                self._pause("Paused, because nobody was watching.")
        if not self.trainer.between_steps:
            if self.paused and not self._leaving:
                self._wait()
            return
        if self._weights_before is not None:
            self._write_view()
        if (self.until_step and self.trainer.step >= self.until_step) or (
            self.until_epoch and self.trainer.epoch >= self.until_epoch
        ):
            self._pause()
        if self.paused:
            self._save_checkpoint()
            self._wait()
        self._apply_settings()
        if now >= self._turn_ends:
            self._turn_ends = now + TURN_CHECK_SECONDS
            if self.slots.others_wait():
                if self.idle < math.inf and self.run.unwatched_seconds() > CROWDED_IDLE_SECONDS:
                    self._pause("Paused, because nobody was watching and others waited.")
                    self._save_checkpoint()
                    self._wait()
                else:
                    self._let_others()
        if now >= self._next_checkpoint:
            self._save_checkpoint()
        if now >= self._next_view:
            self._weights_before = probe.weight_copies(self.trainer.network)
        coming = self.trainer.step + 1
        # At the start a class waits for the first points.
        early = coming < self.every and coming % max(1, self.every // EARLY_POINTS) == 0
        if early or coming == self.until_step:
            self.trainer.report_now = True

    def _let_others(self) -> None:
        """Go to the end of the line, and come back when it is this run's turn again."""
        self._save_checkpoint()
        self.slots.leave()
        self._enter()
        self._say("training")

    def _pause(self, why: str = "") -> None:
        self.paused, self.why_paused, self.until_step, self.until_epoch = True, why, 0, 0.0

    def _read_control(self) -> None:
        """Take in what is asked for, if that is new. Raises _Stopped."""
        changed = self.run.control_mark()
        if changed == self._control_changed:
            return
        self.control, self._control_changed = self.run.control, changed
        if self.control.serial == self._wish_followed:
            return
        self._heard = self._wish_followed = self.control.serial
        if self.control.wish == "stop":
            raise _Stopped
        if self.control.wish == "pause":
            self._pause()
            return
        self.paused, self.until_step, self.until_epoch = False, 0, 0.0
        if self.control.span == "step":
            self.until_step = self.trainer.step + 1
        elif self.control.span == "epoch":
            self.until_epoch = math.floor(self.trainer.epoch) + 1.0

    def _apply_settings(self) -> None:
        """Change what was asked to be changed; what the training refuses is told, and not tried again."""
        for name, value in self.control.settings.items():
            if getattr(self.trainer.config, name, None) == value or self._refused.get(name) == value:
                continue
            try:
                self.trainer.change(**{name: value})
            except (InputError, TypeError) as error:
                self._refused[name] = value
                self._say(self._said.state, f"Not changed. {error}")
                continue
            self.metrics.append({"step": self.trainer.step, "epoch": self.trainer.epoch, "change": {name: value}})
            # A killed worker should not make the change earlier than it was made.
            self._next_checkpoint = 0.0

    def _wait(self) -> None:
        """Be paused: without a place at the processor, and not for longer than LINGER_SECONDS."""
        if self._leaving:
            self._say("paused", self.why_paused)
            raise _Left
        self._say("paused", self.why_paused)
        self.slots.leave()
        until = time.monotonic() + LINGER_SECONDS
        while self.paused:
            if time.monotonic() > until:
                if self.trainer.between_steps:
                    raise _Left
                # What was computed so far is not thrown away: the step is finished, kept, and then left.
                self._leaving = True
                return
            time.sleep(CHECK_SECONDS)
            self._read_control()
        self.run.watch()
        self._enter()
        self._say("training")

    def _enter(self) -> None:
        """Wait for a place at the processor."""
        self.slots.quick = self.control.span == "step"
        while not self.slots.try_to_enter():
            if self._said.ticket != self.slots.ticket or self._said.state != "waiting":
                self._say("waiting")
            control = self.run.control
            if control.wish == "stop":
                # Nothing will be computed but the end.
                return
            if control.wish == "pause":
                self._heard = control.serial
                self._say("paused")
                raise _Left
            time.sleep(WAITING_SECONDS)
        self._turn_ends = time.monotonic() + TURN_SECONDS

    # What is written.

    def _save_checkpoint(self) -> None:
        start = time.monotonic()
        arrays, facts = self.trainer.state()
        if not all(np.isfinite(array).all() for array in arrays.values()):
            raise self._diverged()
        self.run.write_checkpoint(arrays, facts | {"metrics_bytes": self.metrics.bytes, "report_every": self.every})
        now = time.monotonic()
        self._next_checkpoint = now + max(CHECKPOINT_SECONDS, (now - start) / SHARE)

    def _write_view(self) -> None:
        start = time.monotonic()
        if self._weights_before is not None:
            self._changes = probe.update_ratios(self._weights_before, self.trainer.network)
            self._weights_before = None
        view = probe.look(self.trainer.trained, self._sample())
        view["updates"] = np.array(list(self._changes.values()), np.float64)
        view["updates_layers"] = np.array(list(self._changes), dtype="U40")
        view["step"] = np.array(self.trainer.step)
        buffer = io.BytesIO()
        np.savez(buffer, allow_pickle=False, **view)
        try:
            write_file(self.run.file("view.npz"), buffer.getvalue())
        except OSError:
            # Nothing depends on it.
            pass
        now = time.monotonic()
        self._next_view = now + max(VIEW_SECONDS, (now - start) / SHARE)

    def _sample(self) -> probe.Sample:
        """The first held-out images, or training images if none are held out."""
        trainer = self.trainer
        held_out = len(trainer.validation_indices) > 0
        indices = (trainer.validation_indices if held_out else trainer.training_indices)[:VIEW_IMAGES]
        dataset = trainer.dataset
        return probe.Sample(dataset.train_images[indices], dataset.train_labels[indices], indices)

    def _finish(self, state: State, dataset: Dataset) -> None:
        """Keep the network as it stands."""
        if self.trainer.step:
            self._say("measuring", "The network is being measured on the test images.")
            if not all(np.isfinite(array).all() for _, array in self.trainer.trained.arrays()):
                raise self._diverged()
            if self.trainer.finished:
                self._save_checkpoint()
            self._write_view()
            if not self.run.exists():
                raise FileNotFoundError(self.run.folder)
            card = ModelCard("network", self.run.info.name, "Trained on the Train page.", list(self.info.config.layers))
            publish.save_trained(self.trainer, dataset, self.run.folder, card)
            if not self.run.exists():
                # Deleted at that very moment: what was just written is not wanted.
                shutil.rmtree(self.run.folder, ignore_errors=True)
                raise FileNotFoundError(self.run.folder)
        self._say(state)
