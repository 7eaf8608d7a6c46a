"""One training in a worker's memory, moved on slice by slice.

Its loop runs in a thread of its own, which rests between two slices: in the middle of a long step, too. Only one of
the two threads, the loop or the one that asked for the slice, runs at a time.
"""

import math
import threading
import time
import traceback

import numpy as np

from mnist_core.data.dataset import Dataset
from mnist_core.errors import InputError
from mnist_core.insight import probe
from mnist_core.runs.curves_file import POINTS_IN_A_RUN, report_every
from mnist_core.runs.run_records import RunInfo
from mnist_core.runs.shown_files import network_files, view_file
from mnist_core.runs.slices import Change, Result, Slice, State
from mnist_core.teaching.lesson import Lesson
from mnist_core.teaching.taught import trainer_for
from mnist_core.training.report import Report
from mnist_core.training.trainer import Trainer

EARLY_POINTS = 20
LARGEST_LOSS = 1e6


class _DroppedError(Exception):
    """Nobody wants the training any more."""


class _FinishError(Exception):
    """Somebody asked for the end."""


class _DivergedError(InputError):
    """The loss or the weights are no longer usable numbers."""


class LiveTraining:
    """The training of one run, and the thread that computes it."""

    def __init__(self, info: RunInfo, dataset: Dataset, state: State | None, lesson: Lesson | None = None) -> None:
        """state: what to go on from, None to begin. lesson: what the network is taught, None to train on the dataset.

        Raises InputError if they do not fit, MemoryError.
        """
        self.info, self.dataset, self.lesson = info, dataset, lesson
        if lesson is None:
            self.trainer = Trainer(info.config, dataset, info.threads)
        else:
            self.trainer = trainer_for(lesson, info.config, dataset, info.threads)
        self.every = report_every(self.trainer.steps)
        each = info.config.validate_every or self.trainer.counters.steps_per_epoch
        self._keep_validations, self._validations = max(1, self.trainer.steps // each // POINTS_IN_A_RUN), 0
        if state is not None:
            self.trainer.restore(state.arrays, state.facts)
            self.every = max(1, int(state.facts.get("report_every", self.every)))
        self.trainer.check = self._check
        self.ended = False
        self._saved_step = self.trainer.step
        self._state_is_late = False
        self._weights_before: dict[str, np.ndarray] | None = None
        self._reported_step = self.trainer.step
        self._slice = Slice("", info)
        self._result = Result("")
        self._deadline = 0.0
        self._dropped = False
        self._moving = False
        self._turn = threading.Condition()
        self._thread = threading.Thread(target=self._run, daemon=True)

    def move_on(self, order: Slice) -> Result:
        """Do what the slice says; returns what came of it."""
        self._slice, self._result = order, Result(order.run)
        start = time.monotonic()
        self._deadline = start + order.seconds
        if not self.ended:
            with self._turn:
                self._moving = True
                if self._thread.ident is None:
                    self._thread.start()
                self._turn.notify_all()
                self._turn.wait_for(lambda: not self._moving)
        result = self._result
        result.between_steps, result.unsaved = self.between_steps, self.unsaved
        result.step, result.epoch = self.trainer.step, self.trainer.epoch
        result.seconds, result.memory = time.monotonic() - start, self.memory()
        return result

    def memory(self) -> int:
        """About how many bytes it takes, without the dataset, which all trainings of a computer share."""
        order = 16 * len(self.trainer.training_indices)
        own = 0 if self.lesson is None else self.trainer.dataset.train_images.nbytes + self.lesson.images.nbytes
        return self.trainer.state_bytes() + self.trainer.batches.memory() + order + own

    @property
    def between_steps(self) -> bool:
        """Whether its state can be taken now."""
        return self._thread.ident is None or self.ended or self.trainer.between_steps

    def free(self) -> None:
        """Give memory back that the next slice can take again."""
        if self.between_steps:
            self.trainer.batches.free()

    @property
    def unsaved(self) -> bool:
        """Whether steps were taken since the state was last given away."""
        return self.trainer.step != self._saved_step

    def drop(self) -> None:
        """End the thread; what the training has learned since its last state is lost."""
        with self._turn:
            self._dropped = self._moving = True
            self.trainer.batches.may_compute.set()
            self._turn.notify_all()
        if self._thread.ident is not None:
            self._thread.join()
        self.trainer.check = lambda: None

    def state(self) -> State:
        """The state between two steps, copied, to be saved. Raises InputError if it is not made of usable numbers."""
        state = self._copy()
        self._saved_step, self._state_is_late = self.trainer.step, False
        return state

    def _copy(self) -> State:
        arrays, facts = self.trainer.state()
        if not all(np.isfinite(array).all() for array in arrays.values()):
            raise self._diverged()
        return State({name: array.copy() for name, array in arrays.items()}, facts | {"report_every": self.every})

    # What follows runs in the thread of the loop.

    def _run(self) -> None:
        try:
            with np.errstate(all="ignore"):
                self._train()
        except _DroppedError:
            pass
        except _DivergedError as error:
            self._tell_latest_steps()
            self._fail(str(error), diverged=True)
        except InputError as error:
            self._fail(str(error))
        except MemoryError:
            self._fail("There is not enough memory for this network and batch size.")
        except Exception as error:
            # One faulty run must not take the others down with it.
            traceback.print_exc()
            self._fail(f"The training ended by a fault of this program ({type(error).__name__}).")
        finally:
            self.ended = True
            with self._turn:
                self._moving = False
                self._turn.notify_all()

    def _fail(self, message: str, diverged: bool = False) -> None:
        self._result.phase, self._result.message = "failed", message
        self._result.cause = "diverged" if diverged else ""
        self._result.state = None

    def _train(self) -> None:
        phase = "finished"
        try:
            for report in self.trainer.run(self.every):
                if not (math.isfinite(report.loss) and report.loss < LARGEST_LOSS):
                    raise self._diverged()
                if self._is_wanted(report):
                    self._result.events.append(report)
                    self._reported_step = report.step
        except _FinishError:
            phase = "stopped"
        if self.trainer.step:
            if self.trainer.finished:
                self._result.state = self.state()
            self._result.phase = "measuring"
            self._rest()
            self._result.view = self._view()
            self._result.files = self._measured()
        self._result.phase = "finished" if phase == "finished" else "stopped"

    def _is_wanted(self, report: Report) -> bool:
        """Whether a report goes into the curves: not all do if every step or two is the end of an epoch."""
        if report.step <= self.every or report.step % self.every == 0 or self.trainer.finished:
            return True
        if report.step == self._slice.until_step:
            return True
        if math.isnan(report.validation_loss):
            return False
        self._validations += 1
        return self._validations % self._keep_validations == 0

    def _diverged(self) -> _DivergedError:
        return _DivergedError(
            f"At step {self.trainer.step:,} the loss was no longer a usable number. Mostly the learning rate is too "
            "high."
        )

    def _tell_latest_steps(self) -> None:
        """Points for the steps since the last report, one each: the curves then show the explosion."""
        trainer, rate = self.trainer, self.trainer.config.learning_rate
        rate *= trainer.schedule.factor(trainer.counters.progress, trainer.epoch)
        for step, epoch, loss, accuracy in trainer.counters.latest:
            if step > self._reported_step and math.isfinite(loss):
                shown = round(epoch * len(trainer.training_indices))
                report = Report(step, trainer.steps, epoch, loss, accuracy, rate, shown, trainer.seconds)
                self._result.events.append(report)

    def _rest(self) -> None:
        """Hand the result over, and wait for the next slice. Raises _DroppedError if none will come."""
        may_compute = self.trainer.batches.may_compute
        with self._turn:
            may_compute.clear()
            self._moving = False
            self._turn.notify_all()
            self._turn.wait_for(lambda: self._moving)
            may_compute.set()
        if self._dropped:
            raise _DroppedError

    def _rest_while_measuring(self) -> None:
        if time.monotonic() >= self._deadline:
            self._result.phase = "measuring"
            self._rest()

    def _check(self) -> None:
        """Called by the training between two pieces of work; comes back when it is to go on."""
        while True:
            if self._slice.finish:
                raise _FinishError
            if not self.trainer.between_steps:
                if time.monotonic() < self._deadline:
                    return
                self._state_is_late = self._state_is_late or self._slice.want_state
            elif not self._is_over():
                self._prepare_step()
                return
            self._rest()

    def _is_over(self) -> bool:
        """Between two steps: whether the slice ends here, with all that it was to bring."""
        if self._slice.look_only:
            self._result.view = self._view()
            if self._slice.want_state:
                self._result.state = self.state()
            return True
        latest = self.trainer.counters.latest
        if latest and not math.isfinite(latest[-1][2]):
            # Reports may be far apart. Every further step would drive the explosion out of the latest steps.
            raise self._diverged()
        self._apply_settings()
        if self._weights_before is not None:
            self._result.view = self._view()
        step, order = self.trainer.step, self._slice
        self._result.reached = bool(
            (order.until_step and step >= order.until_step)
            or (order.until_epoch and self.trainer.epoch >= order.until_epoch)
        )
        over = self._result.reached or time.monotonic() >= self._deadline or (order.first and step > 0)
        if order.want_state and (over or self._state_is_late):
            self._result.state = self.state()
            return True
        return over

    def _apply_settings(self) -> None:
        """Change what was asked to be changed; what the training refuses is told."""
        for name, value in self._slice.settings.items():
            if getattr(self.trainer.config, name, None) == value or name in self._result.refused:
                continue
            before = self._copy()
            try:
                self.trainer.change(**{name: value})
            except (InputError, TypeError) as error:
                self._result.refused[name] = str(error)
                continue
            self._result.before_change = self._result.before_change or before
            self._result.events.append(Change(self.trainer.step, self.trainer.epoch, name, value))

    def _prepare_step(self) -> None:
        if self._slice.want_view and self._result.view is None:
            self._weights_before = probe.weight_copies(self.trainer.network)
        coming = self.trainer.step + 1
        # At the start a class waits for the first points.
        early = coming < self.every and coming % max(1, self.every // EARLY_POINTS) == 0
        if early or coming == self._slice.until_step or (self._slice.first and coming == 1):
            self.trainer.report_now = True

    def _view(self) -> bytes:
        before, self._weights_before = self._weights_before, None
        start = time.monotonic()
        view = view_file(self.trainer, before, with_images=not self.info.has_drawings)
        self._result.view_seconds = time.monotonic() - start
        return view

    def _measured(self) -> dict[str, bytes]:
        """The trained network and its model card, as files. Raises InputError if the network is not usable."""
        if not all(np.isfinite(array).all() for _, array in self.trainer.trained.arrays()):
            raise self._diverged()
        return network_files(self.trainer, self.dataset, self.info, self.lesson, self._rest_while_measuring)
