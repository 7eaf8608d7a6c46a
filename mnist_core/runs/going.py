"""One run that is going, between its director and its workers: what its next slice is, and who holds its training.

Whoever has a `GoingRun` holds the run's lock and alone writes the folder. What follows from commands and results is
decided in run_progress.py.
"""

import contextlib
import traceback
from collections.abc import Callable

from filelock import BaseFileLock, Timeout

from mnist_core.errors import InputError
from mnist_core.files.atomic import reason
from mnist_core.nn.network import plan_network
from mnist_core.runs.folder import Run
from mnist_core.runs.lesson_files import read_lesson
from mnist_core.runs.pause import LINGER_SECONDS
from mnist_core.runs.requests import name_of
from mnist_core.runs.run_progress import RunProgress
from mnist_core.runs.run_records import Status
from mnist_core.runs.run_writer import RunWriter
from mnist_core.runs.slices import Result, Slice, State
from mnist_core.teaching.lesson import Lesson
from mnist_core.training.report import Report

MAX_STRIKES = 2
"""A run during whose slices so many workers ended is not given to another, ..."""
STRIKE_SECONDS = 60.0
"""... unless it computed for so long between them: in a cluster, workers leave for reasons of their own."""


class GoingRun:
    """A run between Start and its end or pause. `worker` is the name of the worker that holds its training, or ""."""

    def __init__(self, run: Run, on_report: Callable[[Report], None] = lambda report: None) -> None:
        """Take the run's lock. Raises InputError if it is damaged, deleted, or somebody else has it."""
        self.run = run
        self.name = name_of(run)
        self.info = run.info
        self._images = run.images()
        self._lesson: Lesson | None = None
        self.parameters = plan_network(self.info.config.layers).size
        self.worker = ""
        self.in_slice = False
        self.moving = False
        """Whether its training is to leave its worker for another."""
        self.between_steps = True
        self.strikes = 0
        self._struck = 0.0
        self._writer = RunWriter(run, on_report)
        self._lock = _locked(run)
        try:
            # The control first: whatever else is damaged is then told as an answer to the last command.
            self._progress = RunProgress(run, self._writer)
            self._open()
        except BaseException:
            self.close()
            raise

    def _open(self) -> None:
        try:
            self._progress.open()
            self._lesson = read_lesson(self.run)
        except InputError as error:
            self.fail(str(error))
            raise
        except OSError as error:
            self.fail(_not_saved(error))
            raise InputError(self.status.message) from None

    @property
    def status(self) -> Status:
        """What it is doing."""
        return self._progress.status.now

    def tell_trouble(self, message: str) -> None:
        """Say on its page why no worker computes it; "" ends that."""
        with contextlib.suppress(OSError):
            self._progress.status.say(self.status.state, message, "no_workers" if message else "")

    @property
    def going(self) -> bool:
        """Whether there is something to compute."""
        return self._progress.status.going

    @property
    def stays(self) -> bool:
        """Whether it is going or paused: neither ended nor failed."""
        return self.going or self._progress.status.paused

    @property
    def pausing(self) -> bool:
        """Whether it pauses after the slice that is going on."""
        return self._progress.pause.coming

    @property
    def quick(self) -> bool:
        """Whether somebody waits for it."""
        return self._progress.quick

    @property
    def computed(self) -> float:
        """Seconds of computing so far."""
        return self._progress.computed

    def unwatched_seconds(self) -> float:
        """Seconds since a page last looked at it."""
        return self._progress.control.unwatched_seconds()

    def read_control(self) -> None:
        """Take in what is asked for, if that is new."""
        self._guarded(lambda: self._progress.read_control(in_slice=self.in_slice))

    def pause(self, why: str = "") -> None:
        """Let it rest: at once, or when the slice that is going on has told how far it came."""
        self._guarded(lambda: self._progress.begin_pause(why, in_slice=self.in_slice))

    # What a worker should do.

    def next_slice(self, seconds: float, going: int = 1) -> Slice:
        """What a worker should do now. going: how many runs are going; checkpoints are rarer if they are many."""
        now, control = self._progress, self._progress.control
        self._writer.save_for(going)
        if now.failure is not None:
            return Slice(
                self.run.id,
                self.info,
                begin=True,
                state=now.state,
                images=self._images,
                lesson=self._lesson,
                seconds=0.0,
                look_only=True,
                want_state=now.state is None,
            )
        settings = control.settings()
        return Slice(
            run=self.run.id,
            info=self.info,
            begin=not self.worker,
            state=now.state if not self.worker else None,
            images=self._images if not self.worker else None,
            lesson=self._lesson if not self.worker else None,
            seconds=seconds,
            settings={} if now.status.measuring else settings,
            until_step=control.until_step,
            until_epoch=control.until_epoch,
            first=not now.begun,
            finish=control.finish and not now.status.measuring,
            want_state=self._writer.wants_state(),
            want_view=self._writer.wants_view(self.computed),
        )

    def release_slice(self) -> Slice:
        """Ask the worker to give the training away."""
        return Slice(self.run.id, self.info, release=True)

    def saving_slice(self) -> Slice | None:
        """What a paused run still needs: its state, if there is anything new in it. No step is taken for it."""
        if not self._rests_unsaved() or not self._progress.pause.save():
            return None
        return Slice(self.run.id, self.info, seconds=0.0, want_state=True)

    def finishing_slice(self, linger: float = LINGER_SECONDS) -> Slice | None:
        """If the pause came in the middle of a step: what finishes that step, so that its state can be kept.

        Only after `linger` seconds: until then somebody may press Resume.
        """
        if not self._rests_unsaved() or not self._progress.pause.may_finish_step(linger):
            return None
        return Slice(self.run.id, self.info, want_state=True)

    def _rests_unsaved(self) -> bool:
        return self._progress.status.paused and self.worker != "" and self._writer.unsaved

    def may_leave(self, now: float) -> bool:
        """Whether a paused run has rested so long that it need not be kept in memory any more."""
        return self._progress.status.paused and not self._writer.unsaved and self._progress.pause.is_over(now)

    # What came of it.

    def take(self, result: Result) -> None:
        """Write down what a slice gave. A run that cannot be saved has failed."""
        self._guarded(lambda: self._take(result))

    def _take(self, result: Result) -> None:
        if not self.run.exists():
            raise FileNotFoundError(self.run.folder)
        self._progress.computed += result.seconds
        if self._progress.failure is None:
            if result.phase == "missing":
                # The worker has lost it: whatever came after the checkpoint is computed again.
                self.lose_worker(False)
                return
            if result.cause == "diverged":
                # What this worker holds is of no use any more.
                self.worker = ""
            self.between_steps = result.between_steps
        self._progress.take(result)

    def _guarded(self, action: Callable[[], None]) -> None:
        """Do it; whatever goes wrong makes this run fail, and no other."""
        try:
            action()
        except InputError as error:
            self.fail(str(error))
        except OSError as error:
            if self.run.exists():
                self.fail(_not_saved(error))
            else:
                self._progress.status.discard()
        except Exception as error:
            traceback.print_exc()
            self.fail(f"The run cannot be trained on ({type(error).__name__}).")

    def release(self, state: State | None) -> None:
        """The worker holds the training no longer; state: None if the checkpoint is as new."""
        self.worker, self.moving = "", False
        if self._progress.failure is None:
            self._guarded(lambda: self._progress.go_on_from(state))

    def lose_worker(self, guilty: bool, why: str = "") -> None:
        """Its worker is no more: go on from the checkpoint elsewhere.

        guilty: the worker ended during a slice of this run. why: a sentence, if that is enough to give the run up.
        """
        self.worker, self.in_slice, self.moving = "", False, False
        if self._progress.failure is not None:
            # Nothing is missing but the look inside.
            self._progress.end_failing()
            return
        if guilty:
            self.strikes = 1 + (self.strikes if self.computed - self._struck < STRIKE_SECONDS else 0)
            self._struck = self.computed
        self._guarded(self._progress.back_to_checkpoint)
        if self.status.state == "failed":
            return
        if self.pausing:
            self.pause(self._progress.pause.why)
        if guilty and why:
            self.fail(why)
        elif self.strikes >= MAX_STRIKES:
            self.fail(
                f"The training process ended {self.strikes} times while it computed this run; perhaps there is not "
                "enough memory for it."
            )

    def fail(self, message: str) -> None:
        """The run has failed."""
        self._progress.status.fail(message)

    def close(self) -> None:
        """Let the run go."""
        self._writer.close()
        self._lock.release()


def _locked(run: Run) -> BaseFileLock:
    if not run.exists():
        raise InputError("This run was deleted.")
    lock = run.lock()
    try:
        # A page that looks whether somebody works holds the lock for a moment, too.
        lock.acquire(timeout=0.5, poll_interval=0.01)
    except Timeout:
        raise InputError(f"run {run.id}: another process is training it.") from None
    except OSError as error:
        raise InputError(f"run {run.id}: {reason(error)}.") from None
    return lock


def _not_saved(error: OSError) -> str:
    return f"The run cannot be saved: {reason(error)}. What was saved before is kept."
