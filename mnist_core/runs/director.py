"""The director: it alone gives out slices and writes the folders of runs. There is one for each folder of runs.

It takes requests from pages (`requests.py`), knows every run that is going (`going.py`), asks whose turn it is
(`turns.py`), gives slices to workers (`workers.py`), and writes down what comes back.
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
from mnist_core.runs.slices import Slice
from mnist_core.runs.turns import Candidate, Turns
from mnist_core.runs.workers import Answer, Workers

LOOK_SECONDS = 0.02
"""From one look at requests and controls to the next."""
CALM_LOOK_SECONDS = 0.05
"""The same while nothing is going."""
ROUND_SECONDS = 1.2
"""While many runs are going, each is moved on about once in this time."""
LONGEST_SLICE, SHORTEST_SLICE = 0.25, 0.08
IDLE_LOOK_SECONDS = 1.0


class Director:
    """Has the runs below one folder computed. Whoever makes one holds `Requests.lock_file`."""

    def __init__(self, root: Path, workers: Workers, idle: float) -> None:
        """idle: a run that nobody watched for so many seconds is paused."""
        self.root, self.workers, self.idle = root, workers, idle
        self.requests = Requests(root)
        self.turns = Turns()
        self.going: dict[str, GoingRun] = {}
        self.last_work = time.monotonic()
        self._busy: dict[str, tuple[str, float, float, Candidate | None]] = {}
        """Worker: the run of its slice, when it was given, the seconds that were charged for it, and to whom."""
        self._killed: set[str] = set()
        self._noted: list[str] | None = None
        self._idle_look = self._next_look = 0.0

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
        self._hand_out()
        with contextlib.suppress(queue.Empty):
            self._take(self.workers.answers.get(timeout=LOOK_SECONDS if self.going else CALM_LOOK_SECONDS))
            while True:
                self._take(self.workers.answers.get_nowait())

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

    def _let_go(self, going: GoingRun) -> None:
        """Nothing is left to do for this run."""
        if going.worker and going.worker not in self._busy and going.worker in self.workers.names():
            # Its answer tells nothing new, and is passed over.
            self._busy[going.worker] = (going.run.id, time.monotonic(), 0.0, None)
            self.workers.submit(going.worker, going.release_slice())
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

    # Slices.

    def _hand_out(self) -> None:
        names = self.workers.names()
        self._kill_stuck()
        free = [name for name in names if name not in self._busy]
        if not free:
            return
        active = [self._candidate(going) for going in self.going.values() if going.going]
        self.turns.keep_only(active)
        for candidate in active:
            self.turns.enter(candidate)
        share = ROUND_SECONDS * len(names) / max(1, len(active))
        seconds = min(LONGEST_SLICE, max(SHORTEST_SLICE, share))
        for name in free:
            if (saving := self._saving(name)) is not None:
                self._submit(name, saving, 0.0, None)
                continue
            chosen = self._choose(name, names, active)
            if chosen is None:
                if (finishing := self._finishing(name)) is not None:
                    self._submit(name, finishing, LONGEST_SLICE, None)
                continue
            going = self.going[chosen.run]
            piece = going.next_slice(seconds, len(active))
            going.worker = name
            self._submit(name, piece, seconds, chosen)

    def _candidate(self, going: GoingRun) -> Candidate:
        return Candidate(
            going.run.id, going.info.owner, going.quick, going.unwatched_seconds() < limits.WATCHED_SECONDS
        )

    def _choose(self, name: str, names: list[str], active: list[Candidate]) -> Candidate | None:
        """The run that this worker moves on next: one that it holds, or that nobody holds, by whose turn it is."""
        held = dict.fromkeys(names, 0)
        for candidate in active:
            if (worker := self.going[candidate.run].worker) in held:
                held[worker] += 1
        mine, unheld, theirs = [], [], []
        for candidate in active:
            going = self.going[candidate.run]
            if going.in_slice:
                continue
            if going.worker == name:
                mine.append(candidate)
            elif going.worker not in held:
                unheld.append(candidate)
            elif going.between_steps:
                theirs.append(candidate)
        # A new run goes to whoever holds the fewest, unless somebody waits for it, or this worker has nothing to do.
        fewest = held[name] <= min(held.values())
        if chosen := self.turns.next([*mine, *(new for new in unheld if fewest or new.quick or not mine)]):
            return chosen
        # Another worker gives up one of those that wait for it.
        moved = self.turns.next(theirs)
        if moved is not None and held[self.going[moved.run].worker] > held[name] + 1:
            self.going[moved.run].moving = True
        return None

    def _saving(self, name: str) -> Slice | None:
        """What must be saved of paused runs that this worker holds, and what it need not hold any longer."""
        now = time.monotonic()
        for going in self.going.values():
            if going.worker == name and not going.in_slice:
                if going.moving:
                    return going.release_slice()
                if (order := going.saving_slice()) is not None:
                    return order
                if going.may_leave(now):
                    return going.release_slice()
        return None

    def _finishing(self, name: str) -> Slice | None:
        """What a worker that has nothing else to do does for a run that was paused in the middle of a step."""
        for going in self.going.values():
            if going.worker == name and not going.in_slice and (order := going.finishing_slice()) is not None:
                return order
        return None

    def _submit(self, name: str, order: Slice, seconds: float, candidate: Candidate | None) -> None:
        self._busy[name] = (order.run, time.monotonic(), seconds, candidate)
        self.going[order.run].in_slice = True
        if candidate is not None:
            self.turns.charge(candidate, seconds)
        self.workers.submit(name, order)

    def _kill_stuck(self) -> None:
        limit = limits.SLICE_SECONDS.value()
        for name, (_, since, seconds, _) in self._busy.items():
            if time.monotonic() - since > limit + seconds and name not in self._killed:
                self._killed.add(name)
                self.workers.kill(name)

    def _take(self, answer: Answer) -> None:
        run, since, charged, candidate = self._busy.pop(answer.worker, ("", 0.0, 0.0, None))
        if candidate is not None:
            self.turns.charge(candidate, time.monotonic() - since - charged)
        if answer.result is None:
            self._lose(answer.worker, run)
            return
        for released, state in answer.result.released.items():
            if released in self.going:
                self.going[released].release(state)
        going = self.going.get(answer.result.run)
        if going is None or not going.in_slice:
            return
        going.in_slice = False
        if answer.order is None or not answer.order.release:
            going.take(answer.result)
        elif going.run.id not in answer.result.released:
            # The worker did not hold it any more.
            going.lose_worker(guilty=False)

    def _lose(self, name: str, run: str) -> None:
        """A worker is no more: its runs go on elsewhere, from their checkpoints."""
        why = ""
        if name in self._killed:
            self._killed.discard(name)
            why = (
                f"One piece of its computing took longer than {limits.SLICE_SECONDS.value():g} s, and was ended. A "
                "smaller network or batch size helps."
            )
        for going in self.going.values():
            if going.worker == name:
                going.lose_worker(going.run.id == run, why)
