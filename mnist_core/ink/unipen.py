"""Reader for UNIPEN, the format and the public collection of pen strokes, into the pen files of `mnist_core.ink.pen`.

A UNIPEN file is text. A line that begins with a dot is a keyword with its arguments, which may go on in the next lines:

    .COORD X Y T                 what the columns of numbers mean; y grows upward
    .X_POINTS_PER_INCH 200       the tablet's resolution, the same for Y
    .INCLUDE aga/session.dat     the strokes are often in another file, below a folder "include"
    .PEN_DOWN, .PEN_UP           then one line of numbers for each pen sample
    .SEGMENT CHARACTER 3-4 OK "7"   a character: its components, its quality, its label

A component is a run of samples with the pen down, or with the pen up if such samples were recorded; they are numbered
from 0. "3-4", "3,5" and "3:12-4:20" (samples 12 of component 3 to 20 of component 4) choose some of them.

Source: I. Guyon and others, "UNIPEN project of on-line data exchange and recognizer benchmarks", 1994; the collection
train_r01_v07 is at doi 10.5281/zenodo.1195803.
"""

import contextlib
import os
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from mnist_core.errors import InputError
from mnist_core.files.atomic import reason

MAX_FILE_BYTES = 50_000_000
MAX_FILES = 100_000
MAX_DEPTH = 8
MAX_INCLUDED = 100
LONGER_SIDE = 1000
CHARACTERS = ("CHARACTER", "DIGIT")
"""Types of segments that are one character."""
SEGMENT = re.compile(r'^(\S+)\s+(\S+)\s+(\S+)\s+"((?:[^"\\]|\\.)*)"', re.DOTALL)
SEGMENT_RANGE = re.compile(r"^(\d{1,9})(?::(\d{1,9}))?(?:-(\d{1,9})(?::(\d{1,9}))?)?$", re.ASCII)
RESOLUTIONS = 0.1, 100_000.0
"""Points per inch that a tablet may have; others are taken for a mistake, and passed over."""


@dataclass
class Collected:
    """What was found. drawings: a label, a writer, a key and the strokes, int16 [points, 2], of each character.

    skipped: files and characters that could not be used, by reason. by_writer: how many drawings each has.
    """

    labels: list[str] = field(default_factory=list)
    writers: list[str] = field(default_factory=list)
    keys: list[str] = field(default_factory=list)
    drawings: list[list[np.ndarray]] = field(default_factory=list)
    skipped: dict[str, int] = field(default_factory=dict)
    by_writer: Counter[str] = field(default_factory=Counter)

    def skip(self, why: str) -> None:
        self.skipped[why] = self.skipped.get(why, 0) + 1


@dataclass
class _Session:
    """One file with all that it includes."""

    components: list[tuple[bool, np.ndarray]] = field(default_factory=list)
    """Whether the pen was down, and the samples, float64 [points, 2], x and y (down)."""
    segments: list[str] = field(default_factory=list)
    columns: tuple[str, ...] = ("X", "Y")
    resolution: dict[str, float] = field(default_factory=dict)
    """Points per inch, of X and of Y."""
    source: Path | None = None
    files: int = 0


def read_unipen(
    folder: str | os.PathLike[str], progress: Callable[[Iterable[Path]], Iterable[Path]] = iter
) -> Collected:
    """All characters of the UNIPEN files (.dat) below `folder`; progress wraps the sequence of files.

    Raises InputError if the folder cannot be read or holds no character.
    """
    root = Path(folder)
    if not root.is_dir():
        raise InputError(f"{root}: expected a folder with UNIPEN files (.dat).")
    paths = sorted(path for path in root.rglob("*") if path.suffix.lower() == ".dat" and path.is_file())[:MAX_FILES]
    found = Collected()
    for path in progress(paths):
        session = _Session()
        try:
            _read_file(path, root.resolve(), session, 0)
        except InputError as error:
            found.skip(str(error))
            continue
        where = session.source or path
        writer = f"{where.parent.name}/{where.stem}"
        for text in session.segments:
            _add(session, text, writer, found)
    if not found.labels:
        raise InputError(f"{root}: no characters found in {len(paths):,} UNIPEN files (.dat).")
    return found


def write_pen(found: Collected, path: str | os.PathLike[str]) -> None:
    """Write a pen file (see `mnist_core.ink.pen`). Raises InputError if that is impossible."""
    path = Path(path)
    strokes = [stroke for drawing in found.drawings for stroke in drawing]
    arrays = {
        "points": np.concatenate(strokes),
        "strokes": np.cumsum([0, *map(len, strokes)]).astype(np.int32),
        "drawings": np.cumsum([0, *map(len, found.drawings)]).astype(np.int32),
        "labels": np.array(found.labels),
        "writers": np.array(found.writers),
        "keys": np.array(found.keys),
    }
    part = path.with_name(f".{path.name}.part")
    try:
        with open(part, "wb") as file:
            np.savez_compressed(file, allow_pickle=False, **arrays)
        part.replace(path)
    except OSError as error:
        with contextlib.suppress(OSError):
            part.unlink(missing_ok=True)
        raise InputError(f"{path}: cannot be written ({reason(error)}).") from None


def _read_file(path: Path, root: Path, session: _Session, depth: int) -> None:
    """Read a file, and what it includes, into the session."""
    session.files += 1
    if depth > MAX_DEPTH or session.files > MAX_INCLUDED:
        raise InputError("files that include each other")
    try:
        if path.stat().st_size > MAX_FILE_BYTES:
            raise InputError("files larger than 50 MB")
        text = path.read_text("latin-1")
    except OSError:
        raise InputError("files that cannot be read") from None
    for keyword, arguments in _keywords(text):
        match keyword:
            case "INCLUDE":
                included = _find_included(path, arguments, root)
                session.source = included
                _read_file(included, root, session, depth + 1)
            case "COORD":
                session.columns = tuple(arguments.upper().split())
            case "X_POINTS_PER_INCH" | "Y_POINTS_PER_INCH" | "X_POINTS_PER_MM" | "Y_POINTS_PER_MM":
                with contextlib.suppress(ValueError, IndexError):
                    per_inch = float(arguments.split()[0]) * (25.4 if keyword.endswith("MM") else 1)
                    if RESOLUTIONS[0] <= per_inch <= RESOLUTIONS[1]:
                        session.resolution[keyword[0]] = per_inch
            case "PEN_DOWN" | "PEN_UP":
                samples = _samples(arguments, session)
                # A pen that was lifted without a record of its way is no component.
                if keyword == "PEN_DOWN" or len(samples):
                    session.components.append((keyword == "PEN_DOWN", samples))
            case "SEGMENT":
                session.segments.append(arguments)


def _keywords(text: str) -> Iterator[tuple[str, str]]:
    """Each keyword without its dot, and its arguments."""
    keyword, lines = "", list[str]()
    for line in text.splitlines():
        if line.startswith(".") and len(line) > 1 and (line[1].isalpha() or line[1] == "_"):
            if keyword:
                yield keyword, "\n".join(lines)
            name, _, rest = line[1:].partition(" ")
            keyword, lines = name.strip().upper(), [rest]
        else:
            lines.append(line)
    if keyword:
        yield keyword, "\n".join(lines)


def _find_included(path: Path, name: str, root: Path) -> Path:
    """The included file: beside the including one or one of its parents, or below their folder "include"."""
    name = name.strip()
    for parent in path.resolve().parents:
        if not parent.is_relative_to(root):
            break
        for candidate in (parent / name, parent / "include" / name):
            with contextlib.suppress(OSError, ValueError):
                if candidate.is_file() and candidate.resolve().is_relative_to(root):
                    return candidate
    raise InputError("files whose .INCLUDE is not there")


def _samples(text: str, session: _Session) -> np.ndarray:
    """Pen samples, float64 [points, 2], with y turned downward and both directions in the same unit."""
    if "X" not in session.columns or "Y" not in session.columns:
        raise InputError("files without X and Y coordinates")
    rows = [line.split() for line in text.splitlines() if line.strip()]
    try:
        # Some files repeat fewer columns than they announce; X and Y are what counts.
        x, y = (session.columns.index(name) for name in "XY")
        samples = np.array([[float(row[x]), float(row[y])] for row in rows], np.float64).reshape(-1, 2)
    except (IndexError, ValueError):
        raise InputError("files with samples that are not numbers") from None
    if not np.isfinite(samples).all() or np.abs(samples).max(initial=0) > 1e7:
        raise InputError("files with samples that are not numbers")
    samples[:, 1] *= -1
    if len(session.resolution) == 2:
        samples[:, 1] *= session.resolution["X"] / session.resolution["Y"]
    return samples


def _add(session: _Session, text: str, writer: str, found: Collected) -> None:
    """Add the character of a .SEGMENT, if it is one."""
    fields = SEGMENT.match(text.strip())
    if fields is None or fields[1].upper() not in CHARACTERS:
        return
    label = re.sub(r"\\(.)", r"\1", fields[4])
    if fields[3].upper() == "BAD":
        found.skip("characters of bad quality")
    elif len(label) != 1 or label.isspace():
        found.skip("labels that are not one character")
    else:
        try:
            strokes = _normalize(_choose(session.components, fields[2]))
        except InputError as error:
            found.skip(str(error))
            return
        found.by_writer[writer] += 1
        found.labels.append(label)
        found.writers.append(writer)
        found.keys.append(f"{writer}#{found.by_writer[writer] - 1}")
        found.drawings.append(strokes)


def _choose(components: list[tuple[bool, np.ndarray]], delineation: str) -> list[np.ndarray]:
    """The strokes, pen down, that a delineation such as "3:12-4:20,7" names."""
    strokes = []
    for part in delineation.split(","):
        bounds = SEGMENT_RANGE.match(part)
        if bounds is None:
            raise InputError("characters with an unreadable delineation")
        first = int(bounds[1])
        last = first if bounds[3] is None else int(bounds[3])
        if not first <= last < len(components):
            raise InputError("characters whose strokes are not there")
        for number in range(first, last + 1):
            down, samples = components[number]
            end = int(bounds[4]) + 1 if number == last and bounds[4] else len(samples)
            # "3:12" alone is a single sample of component 3.
            if bounds[3] is None and bounds[2]:
                end = int(bounds[2]) + 1
            start = int(bounds[2]) if number == first and bounds[2] else 0
            if down and len(samples[start:end]):
                strokes.append(samples[start:end])
    if not strokes:
        raise InputError("characters without ink")
    return strokes


def _normalize(strokes: list[np.ndarray]) -> list[np.ndarray]:
    """The strokes moved to 0, with a longer side of 1000, as int16."""
    points = np.concatenate(strokes)
    low, side = points.min(axis=0), np.ptp(points, axis=0).max()
    scale = LONGER_SIDE / side if side > 0 else 0.0
    return [np.round((stroke - low) * scale).astype(np.int16) for stroke in strokes]
