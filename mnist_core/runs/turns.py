"""Whose turn it is: fair shares for each visitor, then for each of the visitor's runs.

Weighted fair queueing: everybody has a clock that runs while work is done for them, and the one whose clock is furthest
behind comes next (Demers, Keshav, Shenker, "Analysis and simulation of a fair queueing algorithm", 1989).
"""

from collections.abc import Iterable
from dataclasses import dataclass

UNWATCHED_COST = 4.0
"""A second of work for a run that nobody watches counts as so many."""


@dataclass(frozen=True)
class Candidate:
    """A run that could be moved on. quick: it has not begun, or one step is asked for; such go before all others."""

    run: str
    owner: str
    quick: bool = False
    watched: bool = True


class Turns:
    """Clocks of visitors and runs, in seconds."""

    def __init__(self) -> None:
        self._owners: dict[str, float] = {}
        self._runs: dict[tuple[str, str], float] = {}

    def enter(self, candidate: Candidate) -> None:
        """Somebody who comes in starts where the others stand, with no claim to what was done before."""
        self._owners.setdefault(candidate.owner, min(self._owners.values(), default=0.0))
        if (candidate.owner, candidate.run) not in self._runs:
            own = [clock for (owner, _), clock in self._runs.items() if owner == candidate.owner]
            self._runs[candidate.owner, candidate.run] = min(own, default=0.0)

    def keep_only(self, candidates: Iterable[Candidate]) -> None:
        """Forget everybody who has gone."""
        candidates = list(candidates)
        owners, runs = {c.owner for c in candidates}, {(c.owner, c.run) for c in candidates}
        self._owners = {owner: clock for owner, clock in self._owners.items() if owner in owners}
        self._runs = {run: clock for run, clock in self._runs.items() if run in runs}

    def next(self, candidates: Iterable[Candidate]) -> Candidate | None:
        """The one whose turn it is, None if there is none; each must have entered."""
        return min(
            candidates,
            key=lambda c: (not c.quick, self._owners[c.owner], self._runs[c.owner, c.run], c.run),
            default=None,
        )

    def charge(self, candidate: Candidate, seconds: float) -> None:
        """So much was, or will be, computed for it; less than 0 gives back what was charged too much."""
        cost = seconds if candidate.watched else seconds * UNWATCHED_COST
        self._owners[candidate.owner] = self._owners.get(candidate.owner, 0.0) + cost
        run = candidate.owner, candidate.run
        self._runs[run] = self._runs.get(run, 0.0) + cost
