"""The pause of a run: when it begins, and how long its worker keeps the training for it."""

import time

LINGER_SECONDS = 60.0
"""A paused run stays in its worker's memory so long, ready to go on at once."""


class Pause:
    """A pause that is coming, or the one that has begun.

    coming: it was asked for during a slice, and begins when that has told how far it came. why: a sentence, or "".
    """

    def __init__(self) -> None:
        self.coming, self.why = False, ""
        self._begun = self._saving_since = 0.0

    def ask(self, why: str, *, in_slice: bool) -> None:
        """Pause: at once, or after the slice that is going on. The state is not saved yet."""
        self.coming, self.why = in_slice, why
        self._begun, self._saving_since = time.monotonic(), 0.0

    def cancel(self) -> None:
        """The run goes on."""
        self.coming = False

    def save(self) -> bool:
        """Whether its state is to be saved now: once in a pause."""
        if self._saving_since:
            return False
        self._saving_since = time.monotonic()
        return True

    def may_finish_step(self, linger: float) -> bool:
        """Whether saving is so many seconds ago that nobody is expected to press Resume."""
        return self._saving_since > 0 and time.monotonic() > self._saving_since + linger

    def is_over(self, now: float) -> bool:
        """Whether the training need not be kept in memory any more."""
        return now > self._begun + LINGER_SECONDS
