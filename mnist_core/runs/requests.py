"""How pages call a director: an empty file for each run that it should look at, in a folder that it empties.

Also the director's own list of the runs that are going, from which the next one takes over.
"""

import contextlib
import math
import os
import re
import time
from pathlib import Path

from mnist_core.errors import InputError
from mnist_core.files.atomic import read_json, write_json
from mnist_core.runs.folder import Run

NAME = re.compile(r"([0-9a-f]{32})\.([0-9]{20}-[0-9a-f]{8})")


def run_of(root: Path, name: str) -> Run | None:
    """The run that a request or the list names; None for any other text."""
    found = NAME.fullmatch(name)
    return Run(root / "sessions" / found[1] / found[2]) if found else None


def name_of(run: Run) -> str:
    """The reverse."""
    return f"{run.folder.parent.name}.{run.id}"


class Requests:
    """The folder of requests below the folder of all runs."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self._inbox = root / "director" / "inbox"
        self._list = root / "director" / "going.json"

    @property
    def pid_file(self) -> Path:
        """The file with the process id of the director."""
        return self.root / "director" / "pid"

    @property
    def lock_file(self) -> Path:
        """The file that the director holds a lock on."""
        return self.root / "director" / "lock"

    def attend(self) -> None:
        """Say that there is a web server that may want a director."""
        with contextlib.suppress(OSError):
            self.lock_file.parent.mkdir(exist_ok=True)
            (self.root / "director" / "attended").touch()

    def seconds_since_attended(self) -> float:
        """How long ago a web server last said so."""
        try:
            return time.time() - (self.root / "director" / "attended").stat().st_mtime
        except OSError:
            return math.inf

    def put(self, run: Run) -> None:
        """Ask the director to look at a run. Raises OSError."""
        self._inbox.mkdir(parents=True, exist_ok=True)
        (self._inbox / name_of(run)).touch()

    def waiting(self) -> dict[str, Run]:
        """The runs that were asked for, by the names of their requests; `done` takes them away."""
        try:
            names = sorted(os.listdir(self._inbox))
        except OSError:
            return {}
        return {name: run for name in names if (run := run_of(self.root, name)) is not None}

    def done(self, name: str) -> None:
        """Take a request away."""
        with contextlib.suppress(OSError):
            (self._inbox / name).unlink()

    def note(self, runs: list[Run], parameters: int) -> None:
        """Write down which runs are going, and how many numbers their networks learn in all. Raises OSError."""
        self._list.parent.mkdir(parents=True, exist_ok=True)
        write_json(self._list, {"going": [name_of(run) for run in runs], "parameters": parameters})

    def noted_parameters(self) -> int:
        """How many numbers the networks of all runs that are going learn."""
        try:
            found = read_json(self._list, "the director").get("parameters", 0)
        except InputError:
            return 0
        return found if isinstance(found, int) else 0

    def noted(self) -> list[Run]:
        """The runs that were going when somebody last wrote it down."""
        try:
            names = read_json(self._list, "the director").get("going", [])
        except InputError:
            return []
        if not isinstance(names, list):
            return []
        return [run for name in names if (run := run_of(self.root, str(name))) is not None]

    def is_work(self) -> bool:
        """Whether there is anything for a director to do."""
        try:
            return bool(os.listdir(self._inbox)) or bool(self.noted())
        except OSError:
            return bool(self.noted())
