"""Which files of a folder are a dataset: four of IDX, under the names that publishers give them."""

from dataclasses import dataclass
from pathlib import Path

from mnist_core.data.class_names import EMNIST, names_file
from mnist_core.errors import InputError

PARTS = ("train_images", "train_labels", "test_images", "test_labels")
# MNIST, and whatever takes its place under the same names, such as Fashion-MNIST.
STEMS = {
    "train_images": ("train-images-idx3-ubyte", "train-images.idx3-ubyte"),
    "train_labels": ("train-labels-idx1-ubyte", "train-labels.idx1-ubyte"),
    "test_images": ("t10k-images-idx3-ubyte", "t10k-images.idx3-ubyte"),
    "test_labels": ("t10k-labels-idx1-ubyte", "t10k-labels.idx1-ubyte"),
}


@dataclass(frozen=True)
class IdxFiles:
    """The files of one dataset.

    split: which of EMNIST's sets it is, "" for other datasets. paths: by `PARTS`. names: the file that names the
    classes, None if there is none.
    """

    folder: Path
    split: str
    paths: tuple[Path, ...]
    names: Path | None

    @property
    def all(self) -> tuple[Path, ...]:
        """All files."""
        return (*self.paths, *([self.names] if self.names else []))

    def mark(self) -> str:
        """Another text whenever one of the files has changed. Raises InputError if one is gone."""
        try:
            stats = [(path, path.stat()) for path in self.all]
        except OSError as error:
            raise InputError(f"{self.folder.name}: cannot be read ({error.strerror or error}).") from None
        return "\n".join(f"{path}:{stat.st_size}:{stat.st_mtime_ns}" for path, stat in stats)


def splits_in(folder: Path) -> list[str]:
    """The datasets in a folder: "" for one under MNIST's names, then EMNIST's sets. Raises InputError."""
    files = _files_in(folder)
    return [split for split in ("", *EMNIST) if _first(files, _stems(split, "train_images"))]


def find_files(folder: Path, split: str | None = None) -> IdxFiles:
    """The files of a dataset in a folder. split: as in `IdxFiles`; None for the first one.

    Raises InputError if there is none, or if one of its files is missing.
    """
    files = _files_in(folder)
    if split is None:
        split = next(iter(splits_in(folder)), "")
    paths = []
    for part in PARTS:
        stems = _stems(split, part)
        name = _first(files, stems)
        if not name:
            words = part.replace("_", " ")
            raise InputError(f"{folder}: no {words} found; expected a file {stems[0]}.gz, or the same without .gz.")
        paths.append(folder / name)
    return IdxFiles(folder, split, tuple(paths), names_file(folder, split))


def _stems(split: str, part: str) -> tuple[str, ...]:
    if not split:
        return STEMS[part]
    half, kind = part.split("_")
    return (f"emnist-{split}-{half}-{'images-idx3' if kind == 'images' else 'labels-idx1'}-ubyte",)


def _first(files: set[str], stems: tuple[str, ...]) -> str:
    return next((name for stem in stems for name in (f"{stem}.gz", stem) if name in files), "")


def _files_in(folder: Path) -> set[str]:
    try:
        return {path.name for path in folder.iterdir()}
    except OSError as error:
        raise InputError(f"{folder}: cannot be read ({error.strerror or error}).") from None
