"""Files that somebody brings, as drawings with labels. Nothing in them is trusted, and nothing is written to a disk.

A pen file (.npz) has strokes; a ZIP has pictures in folders named by their label, or IDX files; IDX files come in pairs
of images and labels, as MNIST's do.
"""

import dataclasses
import io
import zipfile
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath

import numpy as np

from mnist_core.data.idx import idx_header, parse_idx
from mnist_core.drawings.collection import NO_DIGIT, NUMERALS, SIDE, NewDrawing
from mnist_core.errors import InputError
from mnist_core.ink import canvas
from mnist_core.ink.images import decode_image
from mnist_core.ink.pen import CANVAS, parse_pen, render

MOST = 10_000
"""More drawings are not looked at; how many are kept is another limit."""
MAX_FILE_BYTES = 40_000_000
MAX_UNPACKED = 200_000_000
"""Of all files together."""
MAX_PEN_BYTES = 50_000_000
"""What a pen file may unpack to; so many points as are drawn take less."""
MAX_POINTS_OF_ONE, MAX_POINTS = 10_000, 500_000
"""Points of a drawing in a pen file, and of all together: drawing them takes time."""
MAX_PICTURE_BYTES = 2_000_000
MAX_PIXELS = 4_000_000
PEN_SIZE, PEN_WIDTH = 200, 20
"""How large and how thick strokes of a pen file are drawn, in pixels of the canvas."""
OTHERS = ("none", "not a digit", "other", "others")
"""Names of folders of what is not a digit."""
IDX_ENDINGS = (".gz", ".idx", "-ubyte")
Files = Sequence[tuple[str, bytes]]


@dataclass
class _Budget:
    """What may still be taken from all files of a call; each is asked for before memory is taken, or time."""

    most: int
    drawings: int
    unpacked: int = MAX_UNPACKED
    points: int = MAX_POINTS

    @classmethod
    def of(cls, most: int) -> "_Budget":
        return cls(most, most)

    def check_drawings(self, count: int) -> None:
        if count > self.drawings:
            found = self.most - self.drawings + count
            raise InputError(f"Expected at most {self.most:,} drawings at once, found {found:,} or more.")

    def take_drawings(self, count: int) -> None:
        self.check_drawings(count)
        self.drawings -= count

    def take_unpacked(self, name: str, size: int) -> None:
        if size > self.unpacked:
            total = MAX_UNPACKED - self.unpacked + size
            raise InputError(
                f"{name}: expected at most {MAX_UNPACKED / 1e6:g} MB unpacked, all files together, "
                f"found {total / 1e6:,.0f} MB or more."
            )
        self.unpacked -= size

    def take_points(self, name: str, counts: np.ndarray) -> None:
        """counts: points of each drawing, integers [N]."""
        if (largest := int(counts.max(initial=0))) > MAX_POINTS_OF_ONE:
            raise InputError(f"{name}: expected at most {MAX_POINTS_OF_ONE:,} points in a drawing, found {largest:,}.")
        if (total := MAX_POINTS - self.points + int(counts.sum())) > MAX_POINTS:
            raise InputError(f"{name}: expected at most {MAX_POINTS:,} points in all drawings, found {total:,}.")
        self.points = MAX_POINTS - total


def bring_back(files: Files, most: int = MOST) -> list[NewDrawing]:
    """All drawings in the files, name and bytes each. All or nothing: raises InputError for the first that is wrong.

    most: how many may come; more are refused before they are looked at.
    """
    budget = _Budget.of(min(most, MOST))
    found: list[NewDrawing] = []
    idx: list[tuple[str, bytes]] = []
    for name, data in files:
        if len(data) > MAX_FILE_BYTES:
            raise InputError(f"{name}: expected at most {MAX_FILE_BYTES / 1e6:g} MB, found {len(data) / 1e6:.0f} MB.")
        if name.lower().endswith(".npz"):
            found += _of_pen(name, data, budget)
        elif data[:2] == b"PK":
            pictures, inside = _of_zip(name, data, budget)
            found += pictures
            idx += inside
        elif _is_idx(data):
            idx.append((name, data))
        else:
            raise InputError(
                f"{name}: expected a pen file (.npz), a ZIP of pictures in folders named by their label, or IDX files, "
                "found something else."
            )
    found += _of_idx(idx, budget)
    if not found:
        raise InputError("There are no drawings in these files.")
    return found


def _of_pen(name: str, data: bytes, budget: _Budget) -> list[NewDrawing]:
    pen = parse_pen(io.BytesIO(data), name, min(MAX_PEN_BYTES, budget.unpacked))
    budget.take_unpacked(name, sum(getattr(pen, one.name).nbytes for one in dataclasses.fields(pen)))
    budget.take_drawings(len(pen))
    budget.take_points(name, np.diff(pen.strokes[pen.drawings]))
    drawings = []
    for number, label in enumerate(map(str, pen.labels)):
        strokes = _on_canvas(pen.drawing(number))
        rgba = render([stroke.astype(float) for stroke in strokes], PEN_WIDTH)
        new = NewDrawing(rgba, label if label in NUMERALS else NO_DIGIT, tuple(strokes), background=canvas.BLACK)
        drawings.append(new.made_small())
    return drawings


def _on_canvas(strokes: list[np.ndarray]) -> list[np.ndarray]:
    """The strokes in the middle of the canvas, int16."""
    points = np.concatenate(strokes).astype(float)
    low, high = points.min(axis=0), points.max(axis=0)
    scale = PEN_SIZE / max(float((high - low).max()), 1.0)
    shift = (CANVAS - (high - low) * scale) / 2
    return [np.round((stroke - low) * scale + shift).astype(np.int16) for stroke in strokes]


def _of_zip(name: str, data: bytes, budget: _Budget) -> tuple[list[NewDrawing], list[tuple[str, bytes]]]:
    """The pictures in a ZIP, and its IDX files."""
    drawings: list[NewDrawing] = []
    idx: list[tuple[str, bytes]] = []
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            entries = [entry for entry in archive.infolist() if not _is_passed_over(entry)]
            budget.check_drawings(sum(not entry.filename.endswith(IDX_ENDINGS) for entry in entries))
            budget.take_unpacked(name, sum(entry.file_size for entry in entries))
            for entry in entries:
                _check_path(name, entry.filename)
                where = f"{name}, {entry.filename[-60:]}"
                with archive.open(entry) as stream:
                    # Never more than was announced, and summed up above.
                    content = stream.read(entry.file_size + 1)
                if _is_idx(content):
                    idx.append((where, content))
                    continue
                if len(content) > MAX_PICTURE_BYTES:
                    raise InputError(f"{where}: expected a picture of at most {MAX_PICTURE_BYTES / 1e6:g} MB.")
                budget.take_drawings(1)
                drawings.append(_picture(where, entry.filename, content))
    except InputError:
        raise
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, ValueError, OSError) as error:
        raise InputError(f"{name}: not a sound ZIP file ({error}).") from None
    return drawings, idx


def _is_passed_over(entry: zipfile.ZipInfo) -> bool:
    """Folders, and what some systems add by themselves."""
    return (
        entry.is_dir() or entry.filename.startswith("__MACOSX/") or entry.filename.endswith((".DS_Store", "Thumbs.db"))
    )


def _check_path(name: str, inside: str) -> None:
    if inside.startswith(("/", "\\")) or ":" in inside or ".." in inside.replace("\\", "/").split("/"):
        raise InputError(f"{name}: {inside[:60]!r} leads out of the ZIP; expected names such as '4/one.png'.")


def _picture(where: str, path: str, content: bytes) -> NewDrawing:
    rgba = decode_image(content, where, max_pixels=MAX_PIXELS)
    folder = PurePosixPath(path.replace("\\", "/")).parent.name.strip().lower()
    if folder not in (*NUMERALS, *OTHERS):
        raise InputError(
            f"{where}: expected a folder named by the label, such as '4' or 'none', found {folder[:20]!r}."
        )
    try:
        return NewDrawing(rgba, folder if folder in NUMERALS else NO_DIGIT).made_small()
    except InputError:
        raise InputError(f"{where}: nothing is drawn in this picture.") from None


def _is_idx(data: bytes) -> bool:
    return data[:2] == b"\x1f\x8b" or data[:3] == b"\0\0\x08"


def _of_idx(files: Files, budget: _Budget) -> list[NewDrawing]:
    """Drawings of IDX files, which come in any order: as many files of labels as of images, of the same lengths.

    What their headers announce is checked before any data are unpacked.
    """
    headers = [(name, data, *idx_header(io.BytesIO(data), name)) for name, data in sorted(files)]
    images = [header for header in headers if len(header[3]) == 3]
    labels = [header for header in headers if len(header[3]) == 1]
    if len(images) + len(labels) != len(headers) or len(images) != len(labels):
        raise InputError("The IDX files: expected one of images and one of labels, in pairs.")
    for (name, _, dtype, shape), (labels_name, _, labels_dtype, labels_shape) in zip(images, labels, strict=True):
        if dtype != np.uint8 or shape[1:] != (SIDE, SIDE):
            raise InputError(f"{name}: expected uint8 images of 28x28 pixels, found {dtype} {shape}.")
        if labels_shape != shape[:1] or labels_dtype != np.uint8:
            raise InputError(f"{labels_name}: expected {shape[0]:,} labels, found {labels_dtype} {labels_shape}.")
        budget.take_drawings(shape[0])
        budget.take_unpacked(name, shape[0] * (SIDE * SIDE + 1))
    drawings: list[NewDrawing] = []
    for (name, data, *_), (labels_name, labels_data, *_) in zip(images, labels, strict=True):
        pictures = parse_idx(io.BytesIO(data), name)
        if not pictures.any(axis=(1, 2)).all():
            raise InputError(f"{name}: an image in it is empty.")
        numbers = parse_idx(io.BytesIO(labels_data), labels_name).tolist()
        for picture, number in zip(pictures, numbers, strict=True):
            drawings.append(NewDrawing.of_image(picture, str(number) if number < 10 else NO_DIGIT))
    return drawings
