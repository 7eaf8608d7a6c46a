"""Where a run stands, told to everybody by the status in its folder."""

import contextlib
import dataclasses
import shutil

from mnist_core.runs.folder import Run
from mnist_core.runs.run_records import ACTIVE, Cause, State, Status


class StatusWriter:
    """The status of a run that is going: as it is known here (`now`), and as it is written."""

    def __init__(self, run: Run, serial: int) -> None:
        self._run = run
        self.now = Status("waiting", serial=serial)

    @property
    def going(self) -> bool:
        """Whether there is something to compute."""
        return self.now.state in ACTIVE

    @property
    def paused(self) -> bool:
        """Whether it rests."""
        return self.now.state == "paused"

    @property
    def measuring(self) -> bool:
        """Whether its network is trained, and is being measured."""
        return self.now.state == "measuring"

    def at_step(self, step: int) -> None:
        """The run stands there; written with the next change."""
        self.now = dataclasses.replace(self.now, step=step)

    def taken_in(self, serial: int) -> None:
        """The command of this serial is taken in; written with the next change."""
        self.now = dataclasses.replace(self.now, serial=serial)

    def say(self, state: State, message: str = "", cause: Cause = "") -> None:
        """Write what the run is doing now. Raises OSError."""
        self.now = dataclasses.replace(self.now, state=state, message=message, cause=cause)
        self._run.write_status(self.now)

    def fail(self, message: str, cause: Cause = "") -> None:
        """The run has failed; if not even that can be written, it is known here."""
        with contextlib.suppress(OSError):
            self.say("failed", message, cause)

    def discard(self) -> None:
        """The run was deleted: remove its folder, which a file that was just written may have made again."""
        shutil.rmtree(self._run.folder, ignore_errors=True)
        self.now = dataclasses.replace(self.now, state="stopped", message="")
