"""How the answer of a network came about: readings one after another."""

import threading
from dataclasses import dataclass, field

import numpy as np

MOST = 240
"""So many readings are kept; then every second one goes."""


@dataclass
class Course:
    """Readings one after another. at: when each was made, rising; shares: float [10 or 11] each."""

    at: list[float] = field(default_factory=list)
    shares: list[np.ndarray] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock, repr=False, compare=False)

    def add(self, at: float, shares: np.ndarray) -> None:
        """A reading; one of the same moment replaces the last, one of an earlier moment begins anew."""
        with self._lock:
            if (self.shares and len(shares) != len(self.shares[0])) or (self.at and at < self.at[-1]):
                self.at, self.shares = [], []
            if self.at and at == self.at[-1]:
                self.shares[-1] = shares
                return
            self.at.append(at)
            self.shares.append(shares)
            if len(self.at) > MOST:
                # The last one stays.
                self.at, self.shares = self.at[::-2][::-1], self.shares[::-2][::-1]

    def clear(self) -> None:
        with self._lock:
            self.at, self.shares = [], []

    def last(self) -> float:
        """The moment of the newest reading; 0 without any."""
        with self._lock:
            return self.at[-1] if self.at else 0.0

    def copy(self) -> "Course":
        """As it is now; another thread may go on adding to it."""
        with self._lock:
            return Course(list(self.at), list(self.shares))

    def __len__(self) -> int:
        return len(self.at)

    def settled(self) -> tuple[int, float]:
        """The answer at the end, and since when it has been the same without a break."""
        answers = [int(shares.argmax()) for shares in self.shares]
        first = len(answers) - 1
        while first > 0 and answers[first - 1] == answers[-1]:
            first -= 1
        return answers[-1], self.at[first]
