"""What a class looks at together: its runs with their curves, read once for all who look, however many they are."""

import math
import threading
import time
from collections import OrderedDict
from dataclasses import dataclass, field

from mnist_core.errors import InputError
from mnist_core.runs.class_records import ClassInfo, Member
from mnist_core.runs.classes import Classes
from mnist_core.runs.curves_file import Curves
from mnist_core.runs.folder import Run
from mnist_core.runs.run_records import RunInfo, Status

FRESH_SECONDS = 0.7
"""A board that was read so short a time ago is not read again."""
MAX_KEPT = 400
MAX_SHOWN = 200
SAME_LOOK_SECONDS = 0.1
"""A page that draws a run asks for its curves several times; so long the first answer holds."""
SOMEBODY_WHO_LEFT = "Somebody who left"
"""The name of a run's owner who is in the class no more."""
RESTING = ("paused", "finished", "stopped", "failed")


class CurvesReader:
    """The curves of runs up to now, for any number of threads. Only what is new is read from the files."""

    def __init__(self, same_look: float = SAME_LOOK_SECONDS) -> None:
        """same_look: seconds for which curves that were read count as new."""
        self._same_look = same_look
        self._kept: OrderedDict[str, tuple[Curves, Curves, float]] = OrderedDict()
        """By path: the curves that grow, what is shown of them, and when they were read (`time.monotonic`)."""
        self._lock = threading.Lock()

    def read(self, run: Run) -> Curves:
        """The curves of a run: an object that does not change any more, and is the same until there is news."""
        path = run.file("metrics.jsonl")
        with self._lock:
            key = str(path)
            growing, shown, moment = self._kept.pop(key, (Curves(path), Curves(path), -math.inf))
            if time.monotonic() - moment >= self._same_look:
                moment = time.monotonic()
                if growing.read():
                    columns = {name: list(values) for name, values in growing.columns.items()}
                    shown = Curves(path, columns, list(growing.changes))
            self._kept[key] = growing, shown, moment
            while len(self._kept) > MAX_KEPT:
                self._kept.popitem(last=False)
            return shown


@dataclass(frozen=True)
class BoardRun:
    """A run that is shown to a class. member: the id of its maker; name: what the maker is called now."""

    run: Run
    info: RunInfo
    status: Status
    member: str
    name: str
    curves: Curves

    @property
    def best(self) -> float:
        """The best validation accuracy so far, NaN if there is none."""
        return self.curves.best_validation()


@dataclass(frozen=True)
class Board:
    """A class at one moment. present: the members whose pages are open. runs: the newest first."""

    info: ClassInfo
    members: dict[str, Member]
    present: list[Member]
    runs: list[BoardRun] = field(default_factory=list)

    def newest(self) -> list[BoardRun]:
        """The newest run of each member, the best first."""
        found: dict[str, BoardRun] = {}
        for shown in self.runs:
            found.setdefault(shown.member, shown)
        return ranked(list(found.values()))

    def best(self) -> list[BoardRun]:
        """The best run of each member, the best first."""
        found: dict[str, BoardRun] = {}
        for shown in ranked(self.runs):
            found.setdefault(shown.member, shown)
        return list(found.values())


def ranked(runs: list[BoardRun]) -> list[BoardRun]:
    """The best validation first; of two that are equal, the one that was started first."""
    return sorted(runs, key=lambda shown: (-_or_zero(shown.best), shown.run.id))


class BoardReader:
    """Reads the board of one class, at most every 0.7 seconds while nothing but its runs changes."""

    def __init__(self, classes: Classes, identity: str, curves: CurvesReader) -> None:
        self._classes, self._identity, self._curves = classes, identity, curves
        self._lock = threading.Lock()
        self._read_at = -math.inf
        self._board: Board | None = None
        self._class_marks: tuple[int, ...] = ()
        self._marks: dict[str, tuple[tuple[tuple[int, int], ...], BoardRun]] = {}

    def look(self, *, again: bool = False) -> Board | None:
        """The board; None if there is no such class. again: read it however fresh it is."""
        with self._lock:
            # Whoever has just changed something sees it at once.
            class_marks = self._classes.marks(self._identity)
            if again or class_marks != self._class_marks or time.monotonic() - self._read_at > FRESH_SECONDS:
                self._class_marks = class_marks
                self._board = self._read()
                self._read_at = time.monotonic()
            return self._board

    def _read(self) -> Board | None:
        info = self._classes.find(self._identity)
        if info is None:
            return None
        members = self._classes.members.all(self._identity)
        runs = []
        for run in self._classes.runs.of(self._identity)[::-1][:MAX_SHOWN]:
            try:
                shown = self._look_at(run, members)
            except (InputError, OSError):
                # Damaged, or deleted at this moment.
                continue
            runs.append(shown)
        self._marks = {shown.run.id: self._marks[shown.run.id] for shown in runs}
        return Board(info, members, self._classes.members.present(self._identity), runs)

    def _look_at(self, run: Run, members: dict[str, Member]) -> BoardRun:
        marks = run.marks()
        member = members.get(run.folder.parent.name)
        before = self._marks.get(run.id)
        name = member.name if member else SOMEBODY_WHO_LEFT
        if before and before[0] == marks and before[1].name == name and before[1].status.state in RESTING:
            # Nobody has touched its files, and it does not train: it is as it was.
            return before[1]
        shown = BoardRun(run, run.info, run.status, run.folder.parent.name, name, self._curves.read(run))
        self._marks[run.id] = marks, shown
        return shown


def _or_zero(value: float) -> float:
    return 0.0 if math.isnan(value) else value
