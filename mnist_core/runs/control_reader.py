"""What pages ask of one run, as the director reads it: commands, changed settings, and whether somebody looks."""

import math
import time
from typing import Any

from mnist_core.runs.folder import Run
from mnist_core.runs.slices import Result

STAT_SECONDS = 0.5
QUICK_SECONDS = 1.0
"""After a command or a change, a run goes before others for so much computing at most."""


class ControlReader:
    """Reads the control file of a run whenever it has changed. computed: seconds of computing of the run so far.

    until_step, until_epoch: how far the next slices may go, if not 0. finish: whether the run is to end.
    """

    def __init__(self, run: Run) -> None:
        """Raises InputError if the file is damaged."""
        self._run = run
        self.latest = run.control
        self.until_step, self.until_epoch = 0, 0.0
        self.finish = False
        self._changed = (0, 0)
        self._taken_in = -1
        self._given: dict[str, Any] = {}
        """The changed settings that the last slice was given."""
        self._refused: dict[str, object] = {}
        self._quick_until = QUICK_SECONDS
        self._watched, self._stat_due = 0.0, 0.0

    def unwatched_seconds(self) -> float:
        """Seconds since a page last looked at the run; asked of the disk twice a second."""
        now = time.monotonic()
        if now >= self._stat_due:
            self._stat_due = now + STAT_SECONDS
            self._watched = now - self._run.unwatched_seconds()
        return now - self._watched

    def read(self, computed: float) -> bool:
        """Read the file if it is new; returns whether there is a command in it that was not yet taken in.

        Raises InputError if it is damaged.
        """
        changed = self._run.control_mark()
        if changed == self._changed:
            return False
        self.latest, self._changed = self._run.control, changed
        new = self.latest.serial != self._taken_in
        if new or self.latest.settings != self._given:
            self._quick_until = computed + QUICK_SECONDS
        self._taken_in = self.latest.serial
        return new

    def was_quick(self, computed: float) -> bool:
        """Whether the run has gone before others for long enough."""
        return computed > self._quick_until

    def has_new_settings(self) -> bool:
        """Whether there are settings that no slice was given yet."""
        return self.latest.settings != self._given

    def settings(self) -> dict[str, object]:
        """What was changed on the way, for the next slice; without what the training has refused."""
        self._given = self.latest.settings
        return {name: value for name, value in self._given.items() if self._refused.get(name, math.nan) != value}

    def refuse(self, names: list[str]) -> None:
        """The training does not take these settings: do not give their values again."""
        self._refused |= {name: self.latest.settings.get(name) for name in names}

    def limit(self, step: int, epoch: float) -> None:
        """Set how far the run may go from here, as the command says."""
        self.no_limit()
        if self.latest.span == "step":
            self.until_step = step + 1
        elif self.latest.span == "epoch":
            self.until_epoch = math.floor(epoch) + 1.0

    def no_limit(self) -> None:
        """The run may go on for as long as it takes."""
        self.until_step, self.until_epoch = 0, 0.0

    def has_reached_limit(self, result: Result) -> bool:
        """Whether a slice has come as far as it should, and that limit still holds."""
        return result.reached and (0 < self.until_step <= result.step or 0 < self.until_epoch <= result.epoch)
