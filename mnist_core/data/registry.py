"""All datasets that can be chosen, by name: the usual one, and the folders below DIGIT_DATA_DIR.

A name from a page or an address is looked up here, and is never used as a path.
"""

import functools
import gzip
import hashlib
import os
import zlib
from pathlib import Path

import numpy as np
from filelock import FileLock

from mnist_core.data.class_names import class_names
from mnist_core.data.dataset import BUNDLED, Dataset, load_files, load_mnist, usual_folder
from mnist_core.data.idx import read_idx
from mnist_core.data.idx_files import PARTS, IdxFiles, find_files, splits_in
from mnist_core.errors import InputError

USUAL = ""
"""The name of the dataset that is used if none is named."""
BUNDLED_NAME = "MNIST"
MOST = 100
MAX_LETTERS = 60


def datasets() -> dict[str, str]:
    """The names of all datasets that can be chosen, with their titles; the usual one first, under the name "".

    Where MNIST_DIR makes another dataset the usual one, the bundled one is called "MNIST". Each folder below
    DIGIT_DATA_DIR with IDX files is called as it is; one with several of EMNIST's sets gives one for each.
    """
    usual = usual_folder()
    titles = {USUAL: BUNDLED_NAME if usual == BUNDLED.absolute() else usual.name or BUNDLED_NAME}
    return titles | {name: name for name in _others()}


def _others() -> dict[str, tuple[Path, str]]:
    """By name, the folder of each dataset beside the usual one, and which set of EMNIST it is there."""
    found = {} if usual_folder() == BUNDLED.absolute() else {BUNDLED_NAME: (BUNDLED.absolute(), "")}
    root = os.environ.get("DIGIT_DATA_DIR")
    if not root:
        return found
    try:
        folders = sorted(path for path in Path(root).absolute().iterdir() if path.is_dir())
    except OSError:
        return found
    for folder in folders:
        # A colon is for datasets that are no folders.
        if folder.name.startswith(".") or not folder.name.isprintable() or ":" in folder.name:
            continue
        try:
            splits = splits_in(folder)
        except InputError:
            continue
        for split in splits:
            name = folder.name if len(splits) == 1 else f"{folder.name} {split}".strip()
            if name != BUNDLED_NAME and len(name) <= MAX_LETTERS and len(found) < MOST:
                found.setdefault(name, (folder, split))
    return found


def _find(name: str) -> IdxFiles:
    if name == USUAL:
        return find_files(usual_folder())
    others = _others()
    if name not in others:
        known = ", ".join(others)
        words = f"one of {known}" if known else "none, since DIGIT_DATA_DIR names no folder with IDX files"
        raise InputError(f"dataset {name[:MAX_LETTERS]!r}: expected {words}.")
    return find_files(*others[name])


def load_dataset(name: str = USUAL) -> Dataset:
    """The dataset of that name, in the memory of this process; read once, until its files change.

    Raises InputError if there is none, or if its files are not sound.
    """
    if name == USUAL:
        return load_mnist()
    files = _find(name)
    return _load(name, files, files.mark())


@functools.lru_cache(maxsize=2)
def _load(name: str, files: IdxFiles, mark: str) -> Dataset:
    return load_files(files, name)


def classes_of(name: str = USUAL) -> tuple[str, ...]:
    """The names of a dataset's classes, without its images. Raises InputError if they cannot be read."""
    files = _find(name)
    return _classes(files, files.mark())


@functools.lru_cache(maxsize=MOST)
def _classes(files: IdxFiles, mark: str) -> tuple[str, ...]:
    return class_names(files.names, files.split, read_idx(files.paths[1]))[0]


def version(name: str = USUAL) -> str:
    """Another text whenever the files of that dataset have changed; quick. Raises InputError if there is none."""
    return hashlib.sha256(f"with classes {_find(name).mark()}".encode()).hexdigest()[:16]


def load_shared(folder: Path, name: str = USUAL) -> Dataset:
    """`load_dataset`, with arrays that all processes of this computer share: unpacked once into `folder`, then mapped.

    Where nothing can be written to `folder`, the dataset is loaded into the memory of this process alone.
    Raises InputError as `load_dataset` does.
    """
    place = folder / version(name)
    try:
        if not (place / "complete").exists():
            place.mkdir(parents=True, exist_ok=True)
            # A class that opens the page at once waits for one unpacking; thirty would take thirty times as long.
            with FileLock(place / "lock"):
                if not (place / "complete").exists():
                    _unpack(place, name)
        mapped = {part: np.load(place / f"{part}.npy", mmap_mode="r") for part in PARTS}
        title, *classes = (place / "complete").read_text(encoding="utf-8").split("\n")
    except (OSError, ValueError):
        return load_dataset(name)
    return Dataset(name=title, classes=tuple(classes), **mapped)


def _unpack(place: Path, name: str) -> None:
    # Not `load_dataset`: what is read here once need not stay in memory, and may be large.
    dataset = load_mnist() if name == USUAL else load_files(_find(name), name)
    for part in PARTS:
        unpacked = place / f".{part}.{os.getpid()}.npy"
        np.save(unpacked, getattr(dataset, part))
        unpacked.replace(place / f"{part}.npy")
    complete = place / f".complete.{os.getpid()}"
    complete.write_text("\n".join((dataset.name, *dataset.classes)), encoding="utf-8")
    complete.replace(place / "complete")


def fingerprint(name: str = USUAL) -> str:
    """The same for the same dataset, wherever its files lie, zipped or not.

    Raises InputError as `load_dataset` does, but does not look at what the files hold.
    """
    files = _find(name)
    return _fingerprint(files, files.mark())


@functools.lru_cache(maxsize=MOST)
def _fingerprint(files: IdxFiles, mark: str) -> str:
    digest = hashlib.sha256()
    for path in files.all:
        try:
            with (gzip.open if path.suffix == ".gz" else open)(path, "rb") as file:
                while block := file.read(1 << 20):
                    digest.update(block)
        except (OSError, EOFError, zlib.error) as error:
            raise InputError(f"{path.name}: cannot be read ({error}).") from None
    # EMNIST stores its images in another way, and its letters are counted from 1.
    digest.update(files.split.encode())
    return digest.hexdigest()[:16]
