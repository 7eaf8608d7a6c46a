"""One run that is going: what is asked of it, what its next slice is, and what follows from each result.

Whoever has a `GoingRun` holds the run's lock and alone writes the folder; run_writer.py writes all but the status.
"""

import dataclasses
import math
import shutil
import time
import traceback
from collections.abc import Callable
from typing import Any

from filelock import Timeout

from mnist_core.errors import InputError
from mnist_core.files.atomic import reason, remove_parts, write_file
from mnist_core.nn.network import plan_network
from mnist_core.runs.folder import Run
from mnist_core.runs.requests import name_of
from mnist_core.runs.run_records import ENDED, Cause, Control, State, Status
from mnist_core.runs.run_writer import RunWriter
from mnist_core.runs.slices import Result, Slice
from mnist_core.runs.slices import State as TrainingState
from mnist_core.training.report import Report

STAT_SECONDS = 0.5
LINGER_SECONDS = 60.0
"""A paused run stays in its worker's memory so long, ready to go on at once."""
QUICK_SECONDS = 1.0
"""A run goes before others for so much computing at most."""
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
        self.parameters = plan_network(self.info.config.layers).size
        self.control = Control()
        self.status = Status("waiting")
        self.worker = ""
        self.in_slice = False
        self.moving = False
        """Whether its training is to leave its worker for another."""
        self.memory = 0
        self.computed = 0.0
        """Seconds of computing so far."""
        self.strikes = 0
        self._struck = 0.0
        self._writer = RunWriter(run, on_report)
        self._until_step, self._until_epoch = 0, 0.0
        self._finish = False
        self._state: TrainingState | None = None
        self._refused: dict[str, object] = {}
        self._failure: tuple[str, Cause] | None = None
        """Why it fails, as soon as the look inside is that of the state to which it went back."""
        self._control_changed = (0, 0)
        self.pausing, self._pause_why = False, ""
        self._saving_since = self._paused_at = 0.0
        self._quick_until = QUICK_SECONDS
        self._given: dict[str, Any] = {}
        """The changed settings that the last slice was given."""
        self.between_steps = True
        self._taken_in = -1
        self.epoch = 0.0
        self._watched, self._stat_due = 0.0, 0.0
        if not run.exists():
            raise InputError("This run was deleted.")
        self._lock = run.lock()
        try:
            # A page that looks whether somebody works holds the lock for a moment, too.
            self._lock.acquire(timeout=0.5, poll_interval=0.01)
        except Timeout:
            raise InputError(f"run {run.id}: another process is training it.") from None
        except OSError as error:
            raise InputError(f"run {run.id}: {reason(error)}.") from None
        try:
            self._open()
        except BaseException:
            self.close()
            raise

    def _open(self) -> None:
        # The control first: whatever else is damaged is then told as an answer to the last command.
        self.control = self.run.control
        self.status = Status("waiting", serial=self.control.serial)
        try:
            remove_parts(self.run.folder)
            self._go_to_checkpoint()
            self._begun = self._state is not None
            self._say("waiting")
            self._read_control()
        except InputError as error:
            self.fail(str(error))
            raise
        except OSError as error:
            self.fail(f"The run cannot be saved: {reason(error)}. What was saved before is kept.")
            raise InputError(self.status.message) from None

    # What is asked of it.

    @property
    def going(self) -> bool:
        """Whether there is something to compute."""
        return self.status.state in ("waiting", "training", "measuring")

    @property
    def stays(self) -> bool:
        """Whether it is going or paused: neither ended nor failed."""
        return self.going or self.status.state == "paused"

    @property
    def quick(self) -> bool:
        """Whether somebody waits for it: it has not begun, or one step, its end or another setting is asked for."""
        if self._failure is not None:
            return True
        if self.computed > self._quick_until:
            # A step that takes long takes turns, like everything else.
            return False
        if not self._begun or self._until_step > 0:
            return True
        return self.status.state != "measuring" and (self._finish or self.control.settings != self._given)

    def unwatched_seconds(self) -> float:
        """Seconds since a page last looked at it; asked of the disk twice a second."""
        now = time.monotonic()
        if now >= self._stat_due:
            self._stat_due = now + STAT_SECONDS
            self._watched = now - self.run.unwatched_seconds()
        return now - self._watched

    def read_control(self) -> None:
        """Take in what is asked for, if that is new."""
        self._guarded(self._read_control)

    def _read_control(self) -> None:
        changed = self.run.control_mark()
        if changed == self._control_changed or self._failure is not None:
            return
        self.control, self._control_changed = self.run.control, changed
        if self.control.settings != self._given:
            self._quick_until = self.computed + QUICK_SECONDS
        if self.control.serial == self._taken_in:
            return
        self._taken_in = self.control.serial
        self._quick_until = self.computed + QUICK_SECONDS
        self.status = dataclasses.replace(self.status, serial=self.control.serial)
        if self.control.command == "stop":
            self._finish = True
            # Written in any case: a page waits until the command is taken in.
            self._say("training" if self.status.state == "paused" else self.status.state, self.status.message)
            return
        if self.control.command == "pause":
            self._pause()
            return
        self._until_step, self._until_epoch = 0, 0.0
        self.pausing = False
        if self.control.span == "step":
            self._until_step = self.status.step + 1
        elif self.control.span == "epoch":
            self._until_epoch = math.floor(self.epoch) + 1.0
        resumed: State = "training" if self._begun else "waiting"
        self._say(resumed if self.status.state == "paused" else self.status.state, self.status.message)

    def pause(self, why: str = "") -> None:
        """Let it rest: at once, or when the slice that is going on has told how far it came."""
        self._guarded(lambda: self._pause(why))

    def _pause(self, why: str = "") -> None:
        if self._failure is not None:
            return
        self._until_step, self._until_epoch = 0, 0.0
        self._saving_since = 0.0
        self._paused_at = time.monotonic()
        self._pause_why = why
        self.pausing = self.in_slice
        if not self.in_slice:
            self._say("paused", why)

    # What is computed.

    def next_slice(self, seconds: float, going: int = 1) -> Slice:
        """What a worker should do now. going: how many runs are going; checkpoints are rarer if they are many."""
        self._writer.save_for(going)
        if self._failure is not None:
            begun = self._state is not None
            return Slice(
                self.run.id, self.info, begin=True, state=self._state, seconds=0.0, look_only=True, want_state=not begun
            )
        measuring = self.status.state == "measuring"
        self._given = self.control.settings
        return Slice(
            run=self.run.id,
            info=self.info,
            begin=not self.worker,
            state=self._state if not self.worker else None,
            seconds=seconds,
            settings={} if measuring else self._settings(),
            until_step=self._until_step,
            until_epoch=self._until_epoch,
            first=not self._begun,
            finish=self._finish and not measuring,
            want_state=self._writer.wants_state(),
            want_view=self._writer.wants_view(self.computed),
        )

    def release_slice(self) -> Slice:
        """Ask the worker to give the training away."""
        return Slice(self.run.id, self.info, release=True)

    def saving_slice(self) -> Slice | None:
        """What a paused run still needs: its state, if there is anything new in it. No step is taken for it."""
        if self.status.state != "paused" or not self.worker or not self._writer.unsaved or self._saving_since:
            return None
        self._saving_since = time.monotonic()
        return Slice(self.run.id, self.info, seconds=0.0, want_state=True)

    def finishing_slice(self, linger: float = LINGER_SECONDS) -> Slice | None:
        """If the pause came in the middle of a step: what finishes that step, so that its state can be kept.

        Only after `linger` seconds: until then somebody may press Resume.
        """
        if self.status.state != "paused" or not self.worker or not self._writer.unsaved or not self._saving_since:
            return None
        late = time.monotonic() > self._saving_since + linger
        return Slice(self.run.id, self.info, want_state=True) if late else None

    def may_leave(self, now: float) -> bool:
        """Whether a paused run has rested so long that it need not be kept in memory any more."""
        return self.status.state == "paused" and not self._writer.unsaved and now > self._paused_at + LINGER_SECONDS

    def _settings(self) -> dict[str, object]:
        """What was changed on the way, without what the training has refused."""
        return {
            name: value for name, value in self.control.settings.items() if self._refused.get(name, math.nan) != value
        }

    # What came of it.

    def take(self, result: Result) -> None:
        """Write down what a slice gave. A run that cannot be saved has failed."""
        self._guarded(lambda: self._take(result))

    def _guarded(self, action: Callable[[], None]) -> None:
        """Do it; whatever goes wrong makes this run fail, and no other."""
        try:
            action()
        except InputError as error:
            self.fail(str(error))
        except OSError as error:
            if self.run.exists():
                self.fail(f"The run cannot be saved: {reason(error)}. What was saved before is kept.")
            else:
                # Somebody deleted the folder; a file that was just written may have made it again.
                self._discard()
        except Exception as error:
            traceback.print_exc()
            self.fail(f"The run cannot be trained on ({type(error).__name__}).")

    def _take(self, result: Result) -> None:
        if not self.run.exists():
            raise FileNotFoundError(self.run.folder)
        self.computed += result.seconds
        self.memory = result.memory
        if self._failure is not None:
            if result.view is not None:
                self._writer.write_view(result.view, result.view_seconds, self.computed)
            if result.state is not None:
                self._writer.save(result.state, first=True)
            self._end_failing()
            return
        if result.phase == "missing":
            # The worker has lost it: whatever came after the checkpoint is computed again.
            self.lose_worker(False)
            return
        self._state = None
        self._begun = self._begun or result.step > 0
        self.epoch = result.epoch
        self.status = dataclasses.replace(self.status, step=result.step)
        self._writer.append(result.events, result.before_change)
        self.between_steps = result.between_steps
        self._writer.unsaved |= result.unsaved or not result.between_steps
        if result.state is not None and result.phase != "failed":
            self._writer.save(result.state)
        if result.view is not None:
            self._writer.write_view(result.view, result.view_seconds, self.computed)
        if result.phase == "failed":
            if result.cause == "diverged":
                self._go_back(result.message)
            else:
                self.fail(result.message, result.cause)
            return
        reached = 0 < self._until_step <= result.step or 0 < self._until_epoch <= result.epoch
        if self.pausing or (result.reached and reached):
            self._pause(self._pause_why if self.pausing else "")
        elif self.status.state == "paused" and result.events:
            # The step in which it was paused is finished now.
            self._say("paused", self.status.message)
        if result.refused and self.status.state != "paused":
            self._refused |= {name: self.control.settings.get(name) for name in result.refused}
            self._say(self.status.state, f"Not changed. {' '.join(result.refused.values())}")
        if result.phase == "measuring":
            self._finish = True
            self._say("measuring", "The network is being measured on the test images.")
        elif result.phase in ENDED:
            for name, data in result.files.items():
                write_file(self.run.file(name), data)
            self._writer.kept.forget()
            self._say("finished" if result.phase == "finished" else "stopped")
        elif self.status.state == "waiting" and self._begun:
            self._say("training")

    def _go_back(self, message: str) -> None:
        """It has exploded: back to the state from before that. It has failed when a worker has looked inside there."""
        self.worker, self.pausing = "", False
        self._state = self._writer.go_back()
        self._note_place()
        step = self.status.step
        kept = f"The network of step {step:,}, from before that, is kept." if step else "It is back at the first step."
        self._failure = f"{message} {kept}", "diverged"
        if not self.going:
            self._say("training")

    def _end_failing(self) -> None:
        if self._failure is not None:
            failure, self._failure, self._state = self._failure, None, None
            self.fail(*failure)

    def release(self, state: TrainingState | None) -> None:
        """The worker holds the training no longer; state: None if the checkpoint is as new."""
        self.worker, self.moving = "", False
        if self._failure is None:
            self._guarded(lambda: self._release(state))

    def _release(self, state: TrainingState | None) -> None:
        if state is None:
            self._back_to_checkpoint()
            return
        self._writer.save(state)
        self._state = state
        self._measure_anew()

    def lose_worker(self, guilty: bool, why: str = "") -> None:
        """Its worker is no more: go on from the checkpoint elsewhere.

        guilty: the worker ended during a slice of this run. why: a sentence, if that is enough to give the run up.
        """
        self.worker, self.in_slice, self.moving = "", False, False
        if self._failure is not None:
            # Nothing is missing but the look inside.
            self._end_failing()
            return
        if guilty:
            self.strikes = 1 + (self.strikes if self.computed - self._struck < STRIKE_SECONDS else 0)
            self._struck = self.computed
        self._guarded(self._back_to_checkpoint)
        if self.status.state == "failed":
            return
        if self.pausing:
            self.pause(self._pause_why)
        if guilty and why:
            self.fail(why)
        elif self.strikes >= MAX_STRIKES:
            self.fail(
                f"The training process ended {self.strikes} times while it computed this run; perhaps there is not "
                "enough memory for it."
            )

    def _back_to_checkpoint(self) -> None:
        """What was told after the checkpoint is computed, and told, again. Raises InputError or OSError."""
        self._go_to_checkpoint()
        self._begun = self._begun and self._state is not None
        self._measure_anew()

    def _go_to_checkpoint(self) -> None:
        self._state = self._writer.go_to_checkpoint()
        self._note_place()

    def _note_place(self) -> None:
        facts = {"step": 0, "epochs_done": 0.0} if self._state is None else self._state.facts
        self.status = dataclasses.replace(self.status, step=int(facts["step"]))
        self.epoch = float(facts["epochs_done"])

    def _measure_anew(self) -> None:
        """Whoever takes the training next does not know that it was being measured, and has to be told again."""
        if self.status.state == "measuring":
            self._finish = self.control.command == "stop"
            self._say("training")

    def _say(self, state: State, message: str = "", cause: Cause = "") -> None:
        self.status = Status(state, message, self.status.step, self.status.serial, cause)
        self.run.write_status(self.status)

    def fail(self, message: str, cause: Cause = "") -> None:
        """The run has failed; if not even that can be written, it is known here."""
        try:
            self._say("failed", message, cause)
        except OSError:
            self.status = dataclasses.replace(self.status, state="failed", message=message, cause=cause)

    def _discard(self) -> None:
        shutil.rmtree(self.run.folder, ignore_errors=True)
        self.status = dataclasses.replace(self.status, state="stopped", message="")

    def close(self) -> None:
        """Let the run go."""
        self._writer.close()
        self._lock.release()
