"""The drawings of all visitors, below the folder of all runs. Names of folders are made here, never by input.

drawings/OWNER/drawings.npz  labels, times, pictures of 28x28 and strokes of all of them; OWNER is made of a secret that
                             only that visitor's browser has
drawings/OWNER/ID.png        each drawing as it was drawn
drawings/OWNER/opened        touched when the visitor looks at them: what is not opened for 90 days is removed
drawings/locks/XY            held by who changes drawings of an OWNER that begins so
deleted/drawings-…           what is being removed
"""

import contextlib
import functools
import math
import secrets
import shutil
import time
from collections.abc import Callable, Iterator, Sequence
from collections.abc import Collection as Several
from pathlib import Path

import numpy as np
from filelock import FileLock, Timeout

from mnist_core.drawings.collection import Collection, NewDrawing, check_label
from mnist_core.drawings.collection_file import MAX_BYTES, packed, unpacked
from mnist_core.errors import InputError
from mnist_core.files.atomic import reason, remove_parts, write_file
from mnist_core.ink.images import decode_image
from mnist_core.runs import limits
from mnist_core.runs.names import digest, is_digest, names_in
from mnist_core.runs.store import runs_folder

FILE = "drawings.npz"
DELETED, TRASH = "deleted", "drawings-"
"""Where what is deleted is put aside, and how its name begins there."""
TOUCH_SECONDS = 3600.0
COUNT_SECONDS = 30.0
SWEEP_SECONDS = 3600.0
_sizes: dict[Path, tuple[float, int]] = {}
"""When the files of all drawings below a folder were counted last, and how many bytes they took."""
_swept: dict[Path, float] = {}
"""When old drawings below a folder were last removed."""


class DrawingStore:
    """The drawings below one folder. Nothing is kept in memory but what was read and has not changed since."""

    def __init__(self, root: Path | None = None) -> None:
        self.root = (root or runs_folder()).absolute()
        self.folder = self.root / "drawings"

    @property
    def most(self) -> int:
        """How many drawings a visitor may have."""
        return int(limits.DRAWINGS.value())

    def of(self, secret: str) -> Collection:
        """The visitor's drawings, the oldest first. Raises InputError if their file is damaged."""
        owner = digest(secret)
        found = self.of_owner(owner)
        if len(found):
            self._touch(owner)
        return found

    def of_owner(self, owner: str) -> Collection:
        """The same by the digest of the secret, for a class to which they were given; it does not keep them from aging.

        Raises InputError if their file is damaged.
        """
        return _read(self.folder / owner / FILE) if is_digest(owner) else Collection()

    def picture(self, secret: str, identity: str) -> np.ndarray:
        """One of the visitor's drawings as it was drawn, uint8 RGBA [H, W, 4]. Raises InputError for any other."""
        owner = digest(secret)
        if identity not in self.of(secret).ids:
            raise InputError("There is no such drawing.")
        try:
            data = (self.folder / owner / f"{identity}.png").read_bytes()
        except OSError as error:
            raise InputError(f"The drawing cannot be read: {reason(error)}.") from None
        return decode_image(data, "the drawing")

    def add(self, secret: str, drawings: Sequence[NewDrawing]) -> list[str]:
        """Keep some more; returns the names of all. All or none: raises InputError if one is empty, or it is too much.

        One that equals another, in its picture of 28x28 pixels and its label, is not kept twice: it has the other's
        name. Otherwise one of the two might be learned, and measured with the other.
        """
        small = [drawing.made_small() for drawing in drawings]
        for drawing in small:
            check_label(drawing.label)
        owner = digest(secret)
        self._touch(owner)
        self.remove_old()
        with self._locked(owner):
            folder = self.folder / owner
            # It may have been deleted while this waited for the lock.
            folder.mkdir(parents=True, exist_ok=True)
            before = _read(folder / FILE)
            names = {
                (image.tobytes(), label): identity
                for image, label, identity in zip(before.images, before.labels, before.ids, strict=True)
            }
            ids: list[str] = []
            new: dict[str, NewDrawing] = {}
            now = time.time_ns()
            for drawing in small:
                key = drawing.normalized().tobytes(), drawing.label
                if key not in names:
                    names[key] = f"{now + len(new):020d}-{secrets.token_hex(4)}"
                    new[names[key]] = drawing
                ids.append(names[key])
            if new:
                self._check_room(len(before), len(new))
                self._write_more(folder, before, new)
        return ids

    def _write_more(self, folder: Path, before: Collection, new: dict[str, NewDrawing]) -> None:
        """Write drawings under these names beside those that are there. Raises InputError or OSError."""
        more = Collection(
            tuple(new),
            tuple(drawing.label for drawing in new.values()),
            (time.time(),) * len(new),
            np.array([drawing.normalized() for drawing in new.values()], np.uint8),
            tuple(drawing.strokes for drawing in new.values()),
        )
        data = packed(before.joined(more))
        if len(data) > MAX_BYTES:
            raise InputError(
                f"With these your drawings would take {limits.megabytes(len(data))}, strokes included; at most "
                f"{limits.megabytes(MAX_BYTES)} are allowed. Delete some first."
            )
        try:
            for identity, drawing in new.items():
                write_file(folder / f"{identity}.png", drawing.picture())
            write_file(folder / FILE, data)
            (folder / "opened").touch()
        finally:
            with contextlib.suppress(OSError):
                _tidy(folder)

    def relabel(self, secret: str, ids: Several[str], label: str) -> None:
        """Give some drawings another label. Raises InputError."""
        check_label(label)
        self._change(secret, lambda now: now.relabeled(ids, label))

    def delete(self, secret: str, ids: Several[str]) -> None:
        """Remove some drawings for good. Raises InputError."""
        self._change(secret, lambda now: now.without(ids))

    def delete_all(self, secret: str) -> None:
        """Remove all that is kept of this visitor's drawings. Raises InputError."""
        owner = digest(secret)
        with self._locked(owner):
            self._remove(owner)

    def _remove(self, owner: str) -> None:
        """Remove a visitor's folder, for all others in one moment. It must be locked. Raises InputError or OSError."""
        trash = self.root / DELETED / f"{TRASH}{secrets.token_hex(8)}"
        trash.parent.mkdir(parents=True, exist_ok=True)
        with contextlib.suppress(FileNotFoundError):
            (self.folder / owner).rename(trash)
        _read_at.cache_clear()
        self._sweep()
        if trash.exists():
            raise InputError(
                "The drawings are deleted, but some of their files are still on the disk; try again later."
            )

    def _sweep(self) -> None:
        """Remove what this deletion has put aside, and what others have left behind."""
        for name in names_in(self.root / DELETED):
            if name.startswith(TRASH):
                shutil.rmtree(self.root / DELETED / name, ignore_errors=True)

    def _change(self, secret: str, change: Callable[[Collection], Collection]) -> None:
        owner = digest(secret)
        with self._locked(owner):
            folder = self.folder / owner
            # Another page may have deleted all while this waited for the lock.
            if not (folder / FILE).exists():
                return
            before = _read(folder / FILE)
            after = change(before)
            write_file(folder / FILE, packed(after))
            if len(after) < len(before):
                _read_at.cache_clear()
            _tidy(folder)

    def _check_room(self, there: int, more: int) -> None:
        if there + more > self.most:
            raise InputError(
                f"You have {there:,} drawings; with {more:,} more there would be over {self.most:,}. Delete some first."
            )
        if self._bytes_of_all() > limits.DRAWINGS_MB.value() * 1e6:
            raise InputError(
                f"The drawings of all visitors take {limits.megabytes(self._bytes_of_all())}; at most "
                f"{limits.DRAWINGS_MB.value():,.0f} MB are allowed."
            )
        if shutil.disk_usage(self.folder).free < limits.MIN_FREE_MB.value() * 1e6:
            raise InputError("The disk is full: the drawing is not kept.")

    def _bytes_of_all(self) -> int:
        counted, size = _sizes.get(self.folder, (-math.inf, 0))
        if time.monotonic() - counted > COUNT_SECONDS:
            size = limits.folder_bytes(self.folder)
            _sizes[self.folder] = time.monotonic(), size
        return size

    @contextlib.contextmanager
    def _locked(self, owner: str, timeout: float = 5) -> Iterator[None]:
        """Only one process at a time changes a visitor's drawings. Raises InputError, also for an OSError within.

        The lock is not in the visitor's folder, which may be deleted; several visitors share one, so that none of
        theirs stays.
        """
        lock = self.folder / "locks" / owner[:2]
        try:
            lock.parent.mkdir(parents=True, exist_ok=True)
            with FileLock(lock, timeout=timeout, thread_local=False):
                yield
        except Timeout:
            raise InputError("Your drawings are busy; try again.") from None
        except OSError as error:
            raise InputError(f"Your drawings cannot be changed: {reason(error)}.") from None

    # How long they are kept.

    def _touch(self, owner: str) -> None:
        """Say that somebody looks at them; written now and then only."""
        path = self.folder / owner / "opened"
        with contextlib.suppress(OSError):
            if not path.exists() or time.time() - path.stat().st_mtime > TOUCH_SECONDS:
                path.touch()

    def remove_old(self) -> int:
        """Remove the drawings that their visitors have not opened for `DIGIT_KEEP_DAYS`; returns of how many visitors.

        It looks once an hour: when drawings are added, and when pages that show some are opened.
        """
        if time.monotonic() - _swept.get(self.folder, -math.inf) < SWEEP_SECONDS:
            return 0
        _swept[self.folder] = time.monotonic()
        self._sweep()
        count = 0
        for owner in filter(is_digest, names_in(self.folder)):
            # In use, or not to be removed: it is tried again within the hour.
            with contextlib.suppress(InputError):
                count += self._remove_if_old(owner)
        return count

    def _remove_if_old(self, owner: str) -> bool:
        if not self._is_old(owner):
            return False
        with self._locked(owner, timeout=0):
            # Somebody may have opened them meanwhile.
            if old := self._is_old(owner):
                self._remove(owner)
        return old

    def _is_old(self, owner: str) -> bool:
        folder = self.folder / owner
        try:
            seen = folder / "opened"
            opened = (seen if seen.exists() else folder).stat().st_mtime
        except OSError:
            return False
        return time.time() - opened > limits.KEEP_DAYS.value() * 86_400


def _tidy(folder: Path) -> None:
    """Remove pictures that no drawing has, and parts of files: a full disk and a crash leave them. Raises OSError."""
    remove_parts(folder)
    ids = set(_read(folder / FILE).ids)
    for path in folder.glob("*.png"):
        if path.stem not in ids:
            path.unlink(missing_ok=True)


def _read(path: Path) -> Collection:
    """What a file holds; it is read again only when it has changed. Raises InputError unless it is sound or missing."""
    try:
        found = path.stat()
    except FileNotFoundError:
        return Collection()
    except OSError:
        raise InputError("Your drawings cannot be read.") from None
    return _read_at(path, (found.st_mtime_ns, found.st_ino, found.st_size))


@functools.lru_cache(maxsize=300)
def _read_at(path: Path, mark: tuple[int, int, int]) -> Collection:
    found = unpacked(path)
    found.images.setflags(write=False)
    return found
