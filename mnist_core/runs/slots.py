"""Who may compute: as many runs at once as the computer has cores; the others wait in a line, and all take turns.

Everything is a lock on a file, which the operating system lets go when a process ends, however it ends.
"""

import contextlib
import os
import time
from pathlib import Path

from filelock import FileLock, Timeout


def worker_limit() -> int:
    """How many runs may train at once: DIGIT_WORKERS, or one for each core."""
    try:
        wanted = int(os.environ.get("DIGIT_WORKERS", ""))
    except ValueError:
        wanted = 0
    return wanted if 1 <= wanted <= 256 else (os.cpu_count() or 1)


def threads_for_a_worker() -> int:
    """The cores, divided among the workers."""
    return max(1, (os.cpu_count() or 1) // worker_limit())


class Slots:
    """The places at the processor and the line before them, in the folder `root`."""

    def __init__(self, root: Path) -> None:
        """Raises OSError if the folder cannot be made."""
        self.folder = root / "queue"
        self.folder.mkdir(parents=True, exist_ok=True)
        self.quick = False
        self._ticket: FileLock | None = None
        self._slot: FileLock | None = None

    @property
    def ticket(self) -> str:
        """The name of this process's place in the line, "" if it has none."""
        return Path(self._ticket.lock_file).name if self._ticket else ""

    def line_up(self) -> None:
        """Take the last place in the line; with `quick`, the last among the quick ones, which go first."""
        path = self.folder / f"{0 if self.quick else 1}-{time.time_ns():020d}-{os.getpid()}.ticket"
        self._ticket = FileLock(path, thread_local=False)
        # Somebody may look at it, with the lock in hand, at this very moment.
        self._ticket.acquire(timeout=5)

    def try_to_enter(self) -> bool:
        """Take a free place at the processor if it is this process's turn; True if it has one."""
        if self._slot is not None:
            return True
        if self._ticket is None:
            self.line_up()
        if place_in_line(self.folder, self.ticket, most=2) == 1:
            for number in range(worker_limit()):
                slot = FileLock(self.folder / f"slot-{number}.lock", timeout=0, thread_local=False)
                try:
                    slot.acquire()
                except Timeout:
                    continue
                self._slot = slot
                self._leave_line()
                return True
        return False

    def others_wait(self) -> bool:
        """Whether there is a line."""
        try:
            return any(name.endswith(".ticket") for name in os.listdir(self.folder))
        except OSError:
            return False

    def leave(self) -> None:
        """Give the place at the processor, or in the line, to others."""
        if self._slot is not None:
            self._slot.release()
            self._slot = None
        self._leave_line()

    def _leave_line(self) -> None:
        if self._ticket is not None:
            self._ticket.release()
            with contextlib.suppress(OSError):
                Path(self._ticket.lock_file).unlink(missing_ok=True)
            self._ticket = None


def place_in_line(folder: Path, ticket: str, most: int = 1000) -> int:
    """1 for the first in the line `folder`, 0 for a ticket that is not in it; removes tickets of ended processes.

    most: stop counting there.
    """
    try:
        tickets = sorted(name for name in os.listdir(folder) if name.endswith(".ticket"))
    except OSError:
        return 0
    if ticket not in tickets:
        return 0
    place = 1
    for other in tickets[: tickets.index(ticket)]:
        lock = FileLock(folder / other, timeout=0, thread_local=False)
        try:
            with lock:
                (folder / other).unlink(missing_ok=True)
        except Timeout:
            place += 1
        except OSError:
            continue
        if place >= most:
            break
    return place
