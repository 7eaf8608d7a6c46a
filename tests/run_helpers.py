"""Runs for tests: a small training, how to wait for what becomes of it, and the processes that compute it."""

import contextlib
import os
import shutil
import signal
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

from mnist_core.runs.curves_file import Curves
from mnist_core.runs.folder import Run
from mnist_core.runs.requests import Requests
from mnist_core.training.config import TrainingConfig

SMALL = TrainingConfig(("flatten", "dense 32", "relu", "dense 10"), train_images=4000, validation=500, epochs=400)
SECRET = "the visitor"


def wait(condition: Callable[[], bool], seconds: float = 30) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "waited too long"
        time.sleep(0.01)


def state(run: Run) -> str:
    return run.status.state


def steps(run: Run) -> list[float]:
    curves = Curves(run.file("metrics.jsonl"))
    curves.read()
    return curves.columns["step"]


def last_step(run: Run) -> float:
    return max(steps(run), default=0)


def lives(pid: int) -> bool:
    """Whether a process is there and has not ended."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] not in "ZX"
    except OSError:
        return False


def director_of(root: Path) -> int:
    """The process id of the director of a folder of runs, once there is one."""
    found = [0]

    def there() -> bool:
        with contextlib.suppress(OSError, ValueError):
            found[0] = int(Requests(root).pid_file.read_text())
        return found[0] > 0 and lives(found[0])

    wait(there)
    return found[0]


def workers_of(director: int) -> list[int]:
    """The process ids of a director's workers."""
    listed = subprocess.run(["pgrep", "-P", str(director)], capture_output=True, text=True, check=False)
    return [int(line) for line in listed.stdout.split()]


def end_director(root: Path) -> None:
    """Remove a folder of runs, end its director, and see that no process is left."""
    try:
        director = int(Requests(root).pid_file.read_text())
    except (OSError, ValueError):
        director = 0
    # The folder first: whoever watches over it would start another director.
    shutil.rmtree(root, ignore_errors=True)
    if director:
        processes = [director, *workers_of(director)]
        with contextlib.suppress(ProcessLookupError):
            os.kill(director, signal.SIGTERM)
        wait(lambda: not any(map(lives, processes)))
    shutil.rmtree(root, ignore_errors=True)
