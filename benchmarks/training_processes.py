"""The processes that train for one folder of runs: how many there are, what they hold in memory, and their end.

They are found by their environment, however they were started. Without /proc, as on macOS, nothing is found.
"""

import contextlib
import os
import signal
import time
from dataclasses import dataclass
from pathlib import Path

SECONDS_TO_END = 15.0


@dataclass(frozen=True)
class Footprint:
    """What the training takes. Memory in megabytes, None where it cannot be known.

    rss: what each process holds, added up. pss: the same, but what several share is counted once.
    """

    processes: int
    rss: float | None
    pss: float | None


def training_processes(root: Path, server: int = 0) -> list[int]:
    """The processes that were started for the runs in `root`, but not the app's server and not this program."""
    mark = f"DIGIT_RUNS_DIR={root}".encode()
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        pid = int(folder.name)
        if pid in (server, os.getpid()):
            continue
        try:
            # An ended process that nobody has asked for yet has no command line any more.
            if mark in (folder / "environ").read_bytes().split(b"\0") and (folder / "cmdline").read_bytes():
                found.append(pid)
        except OSError:
            continue
    return found


def footprint(root: Path, server: int) -> Footprint:
    """What the training for the runs in `root` takes at this moment."""
    found = training_processes(root, server)
    if not Path("/proc/self/smaps_rollup").exists():
        return Footprint(len(found), None, None)
    rss = pss = 0.0
    for pid in found:
        with contextlib.suppress(OSError):
            lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
            fields = {line.split()[0]: line.split()[1] for line in lines[1:]}
            rss += int(fields["Rss:"]) * 1024 / 1e6
            pss += int(fields["Pss:"]) * 1024 / 1e6
    return Footprint(len(found), rss, pss)


def end_processes(root: Path) -> None:
    """Wait until the processes have ended by themselves, as their runs are deleted; then end those that are left."""
    moment = time.monotonic() + SECONDS_TO_END
    while (left := training_processes(root)) and time.monotonic() < moment:
        time.sleep(0.1)
    for kind in (signal.SIGTERM, signal.SIGKILL):
        for pid in left:
            with contextlib.suppress(OSError):
                os.kill(pid, kind)
        moment = time.monotonic() + 3
        while (left := training_processes(root)) and time.monotonic() < moment:
            time.sleep(0.1)
