"""The curves of a run: lines of JSON, appended by the worker and read by pages, which ask only for what is new."""

import errno
import json
import math
import os
import secrets
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO

from mnist_core.errors import InputError
from mnist_core.files.atomic import reason, write_file
from mnist_core.training.report import Report

FIELDS = (
    "step",
    "epoch",
    "loss",
    "accuracy",
    "learning_rate",
    "images",
    "seconds",
    "validation_loss",
    "validation_accuracy",
    "steps",
)
MAX_POINTS = 4000
"""Beyond this many points a page keeps every other one only: no screen shows more."""
POINTS_IN_A_RUN = 2000
MARK_BYTES = 8
MARK_LENGTH = len(json.dumps({"begin": ""})) + 2 * MARK_BYTES + 1


def report_every(steps: int) -> int:
    """Steps from one point of the curves to the next: every step of a short training, about 2,000 points of a long."""
    return max(1, steps // POINTS_IN_A_RUN)


class MetricsWriter:
    """The worker's end: appends to metrics.jsonl."""

    def __init__(self, path: Path, keep: int = 0) -> None:
        """Keep only the first `keep` bytes: what was written after a checkpoint is trained again.

        Raises InputError if the file cannot be written.
        """
        try:
            try:
                before = path.read_bytes()
            except FileNotFoundError:
                before = b""
            if len(before) < keep:
                raise InputError(
                    f"{path.name}: expected at least {keep:,} bytes, found {len(before):,}; it is damaged."
                )
            # A new mark on the first line: a page that had read further sees that it must begin again.
            mark = json.dumps({"begin": secrets.token_hex(MARK_BYTES)}).encode() + b"\n"
            write_file(path, mark + before[len(mark) : keep])
            self._file: BinaryIO = open(path, "ab", buffering=0)  # noqa: SIM115 — closed by `close`
        except OSError as error:
            raise InputError(f"The curves cannot be written: {reason(error)}.") from None
        self.bytes = max(keep, len(mark))

    def append(self, *entries: Report | dict[str, Any]) -> None:
        """A line for each: a point of the curves, without what is not known or not finite, or anything else.

        Raises OSError.
        """
        data = b"".join(json.dumps(_line(entry), separators=(",", ":")).encode() + b"\n" for entry in entries)
        if data and self._file.write(data) < len(data):
            # The last bytes of a disk took the beginning of it; a checkpoint must not count on the rest.
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        self.bytes += len(data)

    def close(self) -> None:
        self._file.close()


def _line(entry: Report | dict[str, Any]) -> dict[str, Any]:
    if isinstance(entry, dict):
        return entry
    values = {name: getattr(entry, name) for name in FIELDS}
    return {name: value for name, value in values.items() if math.isfinite(value)}


@dataclass
class Curves:
    """A page's end: all points so far, a list for each field, and the changes that were made on the way.

    `read` takes in what is new. Where a line lacks a value it is NaN.
    """

    path: Path
    columns: dict[str, list[float]] = field(default_factory=lambda: {name: [] for name in FIELDS})
    changes: list[dict[str, Any]] = field(default_factory=list)
    _position: int = 0
    _mark: bytes = b""

    def __len__(self) -> int:
        return len(self.columns["step"])

    def read(self) -> bool:
        """Take in the new lines; returns whether there were any. A damaged line is passed over."""
        try:
            with open(self.path, "rb") as file:
                mark = file.read(MARK_LENGTH)
                if mark != self._mark:
                    self.__init__(self.path)  # type: ignore[misc]
                    self._mark = mark
                file.seek(self._position)
                data = file.read()
        except OSError:
            return False
        complete = data.rfind(b"\n") + 1
        self._position += complete
        for line in data[:complete].splitlines():
            self._take(line)
        while len(self) > MAX_POINTS:
            self._thin()
        return complete > 0

    def _take(self, line: bytes) -> None:
        try:
            entry = json.loads(line)
            if "begin" in entry:
                return
            if "change" in entry:
                self.changes.append({"step": float(entry["step"]), "epoch": float(entry["epoch"]), **entry["change"]})
                return
            values = [float(entry.get(name, math.nan)) for name in FIELDS]
        except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
            return
        for name, value in zip(FIELDS, values, strict=True):
            self.columns[name].append(value)

    def _thin(self) -> None:
        """Every other point goes, unless it has a validation result that its neighbor lacks."""
        validated = [not math.isnan(value) for value in self.columns["validation_loss"]]
        few = sum(validated) < MAX_POINTS // 8
        kept = [i for i in range(len(self)) if i % 2 == 0 or i == len(self) - 1 or (few and validated[i])]
        for name, values in self.columns.items():
            self.columns[name] = [values[i] for i in kept]

    def until(self, step: int) -> "Curves":
        """The same without the points after a step: those of a run that has gone back."""
        steps = self.columns["step"]
        if not steps or steps[-1] <= step:
            return self
        kept = [i for i, value in enumerate(steps) if value <= step]
        columns = {name: [values[i] for i in kept] for name, values in self.columns.items()}
        return Curves(self.path, columns, [change for change in self.changes if change["step"] < step])

    def last(self, name: str) -> float:
        """The newest value of a field that is known; NaN if there is none."""
        return next((value for value in reversed(self.columns[name]) if not math.isnan(value)), math.nan)

    def best_validation(self) -> float:
        """The highest validation accuracy so far, NaN if there is none."""
        known = [value for value in self.columns["validation_accuracy"] if not math.isnan(value)]
        return max(known, default=math.nan)
