"""The director: it alone has runs computed and writes their folders. There is one for each folder of runs.

It takes requests from pages (`requests.py`) and knows every run that is going (`going.py`). Which worker computes what
next is the matter of its scheduler (`scheduler.py`).
"""

import contextlib
import dataclasses
import queue
import time
import traceback
from pathlib import Path

from mnist_core.errors import InputError
from mnist_core.nn.network import plan_network
from mnist_core.runs import limits
from mnist_core.runs.folder import Run
from mnist_core.runs.going import GoingRun
from mnist_core.runs.requests import Requests
from mnist_core.runs.run_records import ACTIVE, ENDED, Status
from mnist_core.runs.scheduler import Scheduler
from mnist_core.runs.workers import Workers

LOOK_SECONDS = 0.02
"""From one look at requests and controls to the next."""
CALM_LOOK_SECONDS = 0.05
"""The same while nothing is going."""
IDLE_LOOK_SECONDS = 1.0
TROUBLE_SECONDS = 3.0
"""What keeps all workers from computing for so long is told on the pages."""


class Director:
    """Has the runs below one folder computed. Whoever makes one holds `Requests.lock_file`."""

    def __init__(self, root: Path, workers: Workers, idle: float) -> None:
        """idle: a run that nobody watched for so many seconds is paused."""
        self.root, self.workers, self.idle = root, workers, idle
        self.requests = Requests(root)
        self.going: dict[str, GoingRun] = {}
        self.last_work = time.monotonic()
        self._scheduler = Scheduler(workers, self.going)
        self._noted: list[str] | None = None
        self._idle_look = self._next_look = 0.0
        self._well = time.monotonic()
        """When the workers could compute, last."""
        self._trouble = ""
        """What was told of them."""

    def adopt(self) -> None:
        """Go on with the runs that another director has left."""
        for run in self.requests.noted():
            self._take_in(run)

    def work(self) -> None:
        """Look at everything once, then wait for an answer, at most until the next look."""
        for name, run in self.requests.waiting().items():
            if (ended := self.going.get(run.id)) is not None and not ended.stays:
                # It has just failed or ended, and is not yet let go: what is asked now is meant for what comes next.
                if ended.in_slice:
                    continue
                self._let_go(ended)
            self._take_in(run)
            # Only now: whatever ends this process before it is written down, the next director finds the request.
            self._note()
            self.requests.done(name)
        self._look_at_controls()
        self._note()
        self._scheduler.hand_out()
        with contextlib.suppress(queue.Empty):
            self._scheduler.take(self.workers.answers.get(timeout=LOOK_SECONDS if self.going else CALM_LOOK_SECONDS))
            while True:
                self._scheduler.take(self.workers.answers.get_nowait())

    def close(self) -> None:
        """Let all runs go: they stay as their checkpoints are, and another director goes on with them."""
        for going in self.going.values():
            going.close()
        self.going.clear()

    # Requests.

    def _take_in(self, run: Run) -> None:
        self.last_work = time.monotonic()
        if run.id in self.going or not run.exists():
            return
        try:
            control, status = run.control, run.written_status()
            if status.state in ENDED and status.step > 0:
                # Whoever asked waits for an answer.
                run.write_status(dataclasses.replace(status, serial=control.serial))
                return
            if control.command == "pause":
                if status.state in ACTIVE:
                    # It was going when its director ended, and nobody has told it since that it is paused.
                    run.write_status(Status("paused", "", status.step, control.serial))
                return
            self._make_way(run)
            going = GoingRun(run)
        except InputError as error:
            self._refuse(run, str(error))
            return
        except Exception as error:
            # One faulty run must not take the others down with it.
            traceback.print_exc()
            self._refuse(run, f"The run cannot be trained ({type(error).__name__}).")
            return
        if not going.going:
            going.close()
            return
        self.going[run.id] = going

    def _make_way(self, run: Run) -> None:
        """Pause the oldest run that nobody watches, if there are too many for another one.

        Raises InputError if all are watched, or if the networks have too many numbers to learn in all.
        """
        most, largest = int(limits.GOING_IN_ALL.value()), limits.PARAMETERS_IN_ALL.value()
        moving = [going for going in self.going.values() if going.going and not going.pausing]
        size = plan_network(run.info.config.layers).size
        if moving and sum(going.parameters for going in moving) + size > largest:
            raise InputError(
                f"The networks that are being trained would have more than {largest:,.0f} numbers to learn."
            )
        if len(moving) < most:
            return
        unwatched = [going for going in moving if going.unwatched_seconds() > limits.WATCHED_SECONDS]
        if not unwatched:
            raise InputError(f"{most} runs are going already, and all are watched; try again in a minute.")
        unwatched[0].pause("Paused, because nobody was watching and others waited.")

    def _refuse(self, run: Run, message: str) -> None:
        """Say why a run is not taken in, unless somebody else has it in hand."""
        if run.exists() and not run.is_held(patience=0.1):
            with contextlib.suppress(OSError, InputError):
                control = run.control
                status = run.written_status()
                run.write_status(Status("failed", message, status.step, control.serial))

    # What is asked of runs, and what time does.

    def _look_at_controls(self) -> None:
        now = time.monotonic()
        if now < self._next_look:
            return
        self._next_look = now + LOOK_SECONDS
        look_at_idle = now >= self._idle_look
        if look_at_idle:
            self._idle_look = now + IDLE_LOOK_SECONDS
            self._tell_trouble(now)
        for going in list(self.going.values()):
            if going.in_slice and not going.run.exists():
                continue
            if going.stays:
                going.read_control()
            if look_at_idle and going.going and going.unwatched_seconds() > self.idle:
                going.pause("Paused, because nobody was watching.")
            resting = going.status.state == "paused" and not going.worker
            if not going.in_slice and (resting or not going.stays):
                self._let_go(going)

    def _tell_trouble(self, now: float) -> None:
        """Tell all runs why nothing is computed, and when that is over."""
        trouble = self.workers.trouble
        if not trouble:
            self._well = now
        elif now < self._well + TROUBLE_SECONDS:
            return
        for going in self.going.values():
            if going.going and going.status.message in ("", self._trouble) and going.status.message != trouble:
                going.tell_trouble(trouble)
        self._trouble = trouble

    def _let_go(self, going: GoingRun) -> None:
        """Nothing is left to do for this run."""
        self._scheduler.forget(going)
        going.close()
        self.going.pop(going.run.id, None)

    def _note(self) -> None:
        moving = [going for going in self.going.values() if going.going]
        names = [going.name for going in moving]
        if names != self._noted:
            with contextlib.suppress(OSError):
                self.requests.note([going.run for going in moving], sum(going.parameters for going in moving))
                self._noted = names
        if names:
            self.last_work = time.monotonic()
