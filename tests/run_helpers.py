"""Runs for tests: a small training, and how to wait for what its process does."""

import subprocess
import time
from collections.abc import Callable

from mnist_core.runs.curves_file import Curves
from mnist_core.runs.folder import Run
from mnist_core.training.config import TrainingConfig

SMALL = TrainingConfig(("flatten", "dense 32", "relu", "dense 10"), train_images=4000, validation=500, epochs=400)
SECRET = "the visitor"


def wait(condition: Callable[[], bool], seconds: float = 20) -> None:
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


def process_of(run: Run) -> int:
    found: list[str] = []

    def alone() -> bool:
        listed = subprocess.run(["pgrep", "-f", f"train --run .*{run.id}"], capture_output=True, text=True, check=False)
        found[:] = listed.stdout.split()
        return len(found) == 1

    # Of two that were started at once, one leaves.
    wait(alone)
    return int(found[0])
