"""How often visitors have tried something lately: for limits on guessing codes and on opening classes.

It is counted in a small file in the folder of runs, so that all web servers on that folder count together. A visitor
stands there as a digest, which leads nobody back to the visitor's secret.
"""

import contextlib
import time
from collections.abc import Iterator
from pathlib import Path

from filelock import FileLock, Timeout

from mnist_core.errors import InputError
from mnist_core.files.atomic import read_json, reason, write_json
from mnist_core.runs.names import is_digest

MOST = 10_000
"""So many tries are kept at most, the newest; the file stays below a megabyte."""


class Count:
    """The tries of the last while, as they stand while the file is locked."""

    def __init__(self, tries: list[tuple[float, str]]) -> None:
        self.tries = tries
        self.changed = False

    def of(self, visitor: str) -> int:
        """How many this visitor has made. visitor: a digest."""
        return sum(who == visitor for _, who in self.tries)

    def of_all(self) -> int:
        """How many all visitors have made together."""
        return len(self.tries)

    @property
    def full(self) -> bool:
        """Whether older tries have to be forgotten for new ones."""
        return len(self.tries) >= MOST

    def add(self, visitor: str) -> None:
        """Count one more."""
        self.tries = [*self.tries, (time.time(), visitor)][-MOST:]
        self.changed = True


class Tries:
    """How often something was tried within the last `seconds`."""

    def __init__(self, path: Path, seconds: float) -> None:
        self._path = path
        self._seconds = seconds

    @contextlib.contextmanager
    def counting(self) -> Iterator[Count]:
        """The count, which no other thread or process can change meanwhile; what was added is written at the end.

        Raises InputError if it cannot be counted: then nothing may be tried.
        """
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            with FileLock(self._path.with_suffix(".lock"), timeout=5, thread_local=False):
                count = Count(self._read())
                yield count
                if count.changed:
                    write_json(self._path, {"tries": count.tries})
        except Timeout:
            raise InputError("Too many are trying this at once; try again.") from None
        except OSError as error:
            raise InputError(f"This cannot be counted in the folder of runs: {reason(error)}.") from None

    def _read(self) -> list[tuple[float, str]]:
        """What is in the file, without what is too old. A damaged file counts for nothing."""
        now = time.time()
        try:
            found = [(float(when), str(who)) for when, who in read_json(self._path, "the tries")["tries"]]
        except (InputError, KeyError, TypeError, ValueError):
            return []
        # Times to come are from before the clock was set back.
        return [(when, who) for when, who in found if is_digest(who) and abs(now - when) < self._seconds]
