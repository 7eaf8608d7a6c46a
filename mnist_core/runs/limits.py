"""All limits that keep one visitor, or a script, from spoiling it for a class: numbers that the environment may set."""

import math
import os
from dataclasses import dataclass


@dataclass(frozen=True)
class Limit:
    """A number that the environment may set, within its bounds; otherwise it is `usual`."""

    variable: str
    usual: float
    low: float
    high: float

    def value(self) -> float:
        """The number in the environment, or the usual one if there is none or an impossible one."""
        try:
            found = float(os.environ.get(self.variable, ""))
        except ValueError:
            return self.usual
        return found if self.low <= found <= self.high else self.usual


WORKERS = Limit("DIGIT_WORKERS", 0, 1, 256)
UNWATCHED_MINUTES = Limit("DIGIT_UNWATCHED_MINUTES", 10, 0.001, 1e6)
RUNS = Limit("DIGIT_MAX_RUNS", 100, 1, 10_000)
GOING = Limit("DIGIT_MAX_GOING", 100, 1, 10_000)
GOING_IN_ALL = Limit("DIGIT_MAX_GOING_IN_ALL", 300, 1, 100_000)
PARAMETERS_IN_ALL = Limit("DIGIT_MAX_PARAMETERS_IN_ALL", 100e6, 1e4, 1e12)
VISITOR_MB = Limit("DIGIT_MAX_VISITOR_MB", 2000, 1, 1e9)
RUNS_MB = Limit("DIGIT_MAX_RUNS_MB", 20_000, 1, 1e9)
MIN_FREE_MB = Limit("DIGIT_MIN_FREE_MB", 200, 0, 1e9)
WORKER_MB = Limit("DIGIT_WORKER_MB", 240, 1, 1e6)
CLASSES = Limit("DIGIT_MAX_CLASSES", 300, 1, 100_000)
CLASSES_OF_ONE = Limit("DIGIT_MAX_CLASSES_AN_HOUR", 20, 1, 100_000)
CLASS_MEMBERS = Limit("DIGIT_MAX_CLASS_MEMBERS", 60, 1, 10_000)
CLASS_DAYS = Limit("DIGIT_CLASS_DAYS", 30, 0.01, 1e5)
WRONG_CODES = Limit("DIGIT_MAX_WRONG_CODES", 10, 1, 1e6)
WRONG_CODES_IN_ALL = Limit("DIGIT_MAX_WRONG_CODES_IN_ALL", 300, 1, 1e6)
DRAWINGS = Limit("DIGIT_MAX_DRAWINGS", 2000, 1, 100_000)
DRAWINGS_MB = Limit("DIGIT_MAX_DRAWINGS_MB", 2000, 1, 1e9)
KEEP_DAYS = Limit("DIGIT_KEEP_DAYS", 90, 0.001, 1e5)
SLICE_SECONDS = Limit("DIGIT_SLICE_SECONDS", 60, 1, 1e5)

WATCHED_SECONDS = 20.0
"""A run that a page looked at so long ago counts as watched: an open page looks every few seconds."""


def worker_count() -> int:
    """How many workers compute: DIGIT_WORKERS, or one for each core."""
    return int(WORKERS.value()) or os.cpu_count() or 1


def worker_memory() -> int:
    """Bytes of trainings that a worker holds before it gives some away."""
    return int(WORKER_MB.value() * 1e6)


def idle_seconds() -> float:
    """After how long a run that nobody watches is paused."""
    return 60 * UNWATCHED_MINUTES.value()


def folder_bytes(path: str | os.PathLike[str]) -> int:
    """Bytes of all files below a folder; what cannot be looked at counts nothing."""
    total = 0
    for folder, _, files in os.walk(path):
        for name in files:
            try:
                total += os.lstat(os.path.join(folder, name)).st_size
            except OSError:
                continue
    return total


def megabytes(size: float) -> str:
    """A size for people, in whole megabytes, rounded up."""
    return f"{math.ceil(size / 1e6):,} MB"
