"""How the answer of a network came about: readings one after another."""

from dataclasses import dataclass, field

import numpy as np

MOST = 240
"""So many readings are kept; then every second one goes."""


@dataclass
class Course:
    """Readings one after another. at: when each was made, rising; shares: float [10 or 11] each."""

    at: list[float] = field(default_factory=list)
    shares: list[np.ndarray] = field(default_factory=list)

    def add(self, at: float, shares: np.ndarray) -> None:
        """A reading; one of the same moment replaces the last, one of an earlier moment begins anew."""
        if self.shares and len(shares) != len(self.shares[0]):
            self.clear()
        if self.at and at < self.at[-1]:
            self.clear()
        if self.at and at == self.at[-1]:
            self.shares[-1] = shares
            return
        # The shares first: whoever copies meanwhile finds shares for every moment.
        self.shares.append(shares)
        self.at.append(at)
        if len(self.at) > MOST:
            # The last one stays.
            self.at, self.shares = self.at[::-2][::-1], self.shares[::-2][::-1]

    def clear(self) -> None:
        self.at, self.shares = [], []

    def copy(self) -> "Course":
        """As it is now; another thread may go on adding to it."""
        at, shares = list(self.at), list(self.shares)
        length = min(len(at), len(shares))
        return Course(at[:length], shares[:length])

    def __len__(self) -> int:
        return len(self.at)

    def settled(self) -> tuple[int, float]:
        """The answer at the end, and since when it has been the same without a break."""
        answers = [int(shares.argmax()) for shares in self.shares]
        first = len(answers) - 1
        while first > 0 and answers[first - 1] == answers[-1]:
            first -= 1
        return answers[-1], self.at[first]
