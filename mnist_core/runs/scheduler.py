"""The scheduler: gives each free worker a slice of the run whose turn it is, and hands the answers to the runs.

It asks whose turn it is (`turns.py`), and each run what its next slice is (`going.py`).
"""

import time

from mnist_core.runs import limits
from mnist_core.runs.going import GoingRun
from mnist_core.runs.slices import Slice
from mnist_core.runs.turns import Candidate, Turns
from mnist_core.runs.workers import Answer, Workers

ROUND_SECONDS = 1.2
"""While many runs are going, each is moved on about once in this time."""
LONGEST_SLICE, SHORTEST_SLICE = 0.25, 0.08


class Scheduler:
    """Shares the workers out among the runs that are going."""

    def __init__(self, workers: Workers, going: dict[str, GoingRun]) -> None:
        """going: by their ids; whoever made the scheduler puts runs in and takes them out."""
        self._workers, self._going = workers, going
        self._turns = Turns()
        self._busy: dict[str, tuple[str, float, float, Candidate | None]] = {}
        """Worker: the run of its slice, when it was given, the seconds that were charged for it, and to whom."""
        self._killed: set[str] = set()

    def hand_out(self) -> None:
        """Give each free worker a slice, if there is one for it."""
        names = self._workers.names()
        self._kill_stuck()
        free = [name for name in names if name not in self._busy]
        if not free:
            return
        active = [self._candidate(going) for going in self._going.values() if going.going]
        self._turns.keep_only(active)
        for candidate in active:
            self._turns.enter(candidate)
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
            going = self._going[chosen.run]
            piece = going.next_slice(seconds, len(active))
            going.worker = name
            self._submit(name, piece, seconds, chosen)

    def forget(self, going: GoingRun) -> None:
        """Nothing is left to do for this run: its worker need not hold it any longer."""
        if going.worker and going.worker not in self._busy and going.worker in self._workers.names():
            # Its answer tells nothing new, and is passed over.
            self._busy[going.worker] = (going.run.id, time.monotonic(), 0.0, None)
            self._workers.submit(going.worker, going.release_slice())

    def _candidate(self, going: GoingRun) -> Candidate:
        return Candidate(
            going.run.id, going.info.owner, going.quick, going.unwatched_seconds() < limits.WATCHED_SECONDS
        )

    def _choose(self, name: str, names: list[str], active: list[Candidate]) -> Candidate | None:
        """The run that this worker moves on next: one that it holds, or that nobody holds, by whose turn it is."""
        held = dict.fromkeys(names, 0)
        for candidate in active:
            if (worker := self._going[candidate.run].worker) in held:
                held[worker] += 1
        mine, unheld, theirs = [], [], []
        for candidate in active:
            going = self._going[candidate.run]
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
        if chosen := self._turns.next([*mine, *(new for new in unheld if fewest or new.quick or not mine)]):
            return chosen
        # Another worker gives up one of those that wait for it.
        moved = self._turns.next(theirs)
        if moved is not None and held[self._going[moved.run].worker] > held[name] + 1:
            self._going[moved.run].moving = True
        return None

    def _saving(self, name: str) -> Slice | None:
        """What must be saved of paused runs that this worker holds, and what it need not hold any longer."""
        now = time.monotonic()
        for going in self._going.values():
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
        for going in self._going.values():
            if going.worker == name and not going.in_slice and (order := going.finishing_slice()) is not None:
                return order
        return None

    def _submit(self, name: str, order: Slice, seconds: float, candidate: Candidate | None) -> None:
        self._busy[name] = (order.run, time.monotonic(), seconds, candidate)
        self._going[order.run].in_slice = True
        if candidate is not None:
            self._turns.charge(candidate, seconds)
        self._workers.submit(name, order)

    def _kill_stuck(self) -> None:
        limit = limits.SLICE_SECONDS.value()
        for name, (_, since, seconds, _) in self._busy.items():
            if time.monotonic() - since > limit + seconds and name not in self._killed:
                self._killed.add(name)
                self._workers.kill(name)

    def take(self, answer: Answer) -> None:
        """Tell the runs what came of a slice."""
        run, since, charged, candidate = self._busy.pop(answer.worker, ("", 0.0, 0.0, None))
        if candidate is not None:
            self._turns.charge(candidate, time.monotonic() - since - charged)
        if answer.result is None:
            self._lose(answer.worker, run)
            return
        for released, state in answer.result.released.items():
            if released in self._going:
                self._going[released].release(state)
        going = self._going.get(answer.result.run)
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
        for going in self._going.values():
            if going.worker == name:
                going.lose_worker(going.run.id == run, why)
