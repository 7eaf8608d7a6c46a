"""The images that networks learn from: the bundled MNIST, or another folder of IDX files like it."""

import functools
import os
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import DTypeLike

from mnist_core.data.class_names import TEN_DIGITS, class_names
from mnist_core.data.idx import read_idx
from mnist_core.data.idx_files import PARTS, IdxFiles, find_files
from mnist_core.errors import InputError

BUNDLED = Path(__file__).parent
SIDE = 28
TRANSPOSED_AT_ONCE = 1000


@dataclass(frozen=True)
class Dataset:
    """Images and labels, split into training and test parts. The arrays are read-only and may be shared.

    Images are uint8 [N, 28, 28], 0 for background and 255 for ink. Labels are uint8 [N]: indices into `classes`, the
    names of what the images show. train_labels may hold larger ones, for what is none of these, such as a letter among
    digits. held_out: indices of the training images that a training must not learn from, but be validated with,
    integers [V]; None if it is free to choose.
    """

    name: str
    train_images: np.ndarray
    train_labels: np.ndarray
    test_images: np.ndarray
    test_labels: np.ndarray
    held_out: np.ndarray | None = None
    classes: tuple[str, ...] = TEN_DIGITS


def usual_folder() -> Path:
    """Where the dataset lies that is used if none is named: MNIST_DIR, or the bundled MNIST."""
    return Path(os.environ.get("MNIST_DIR") or BUNDLED).absolute()


def load_mnist(folder: str | os.PathLike[str] | None = None) -> Dataset:
    """The dataset in `folder`, else in the folder named by MNIST_DIR, else the bundled MNIST.

    A folder is read once a process; the same Dataset is returned after that.
    Raises InputError if a file is missing, damaged, or not 28x28 images with labels of known classes.
    """
    return _load_first(Path(folder).absolute() if folder else usual_folder())


@functools.lru_cache(maxsize=2)
def _load_first(folder: Path) -> Dataset:
    return load_files(find_files(folder))


def load_files(files: IdxFiles, name: str = "") -> Dataset:
    """Read a dataset. name: what it is called, by its folder if left out. Raises InputError as `load_mnist` does."""
    train_images, train_labels, test_images, test_labels = (read_idx(path) for path in files.paths)
    names, first = class_names(files.names, files.split, train_labels)
    for half, (images, labels) in enumerate(((train_images, train_labels), (test_images, test_labels))):
        _check(files.paths[2 * half], images, files.paths[2 * half + 1], labels, names, first)
        labels -= np.uint8(first)
        if files.split:
            # EMNIST stores its images column by column; transposed, they stand as MNIST's do.
            for start in range(0, len(images), TRANSPOSED_AT_ONCE):
                part = images[start : start + TRANSPOSED_AT_ONCE]
                part[...] = part.transpose(0, 2, 1).copy()
    arrays = (train_images, train_labels, test_images, test_labels)
    for array in arrays:
        array.setflags(write=False)
    usual = "MNIST" if files.folder == BUNDLED.absolute() else files.folder.name
    return Dataset(name=name or usual, classes=names, **dict(zip(PARTS, arrays, strict=True)))


def _check(
    images_path: Path, images: np.ndarray, labels_path: Path, labels: np.ndarray, names: tuple[str, ...], first: int
) -> None:
    if images.dtype != np.uint8 or images.ndim != 3 or images.shape[1:] != (SIDE, SIDE) or len(images) == 0:
        raise InputError(
            f"{images_path.name}: expected uint8 images of shape (N, {SIDE}, {SIDE}), "
            f"found {images.dtype} {images.shape}."
        )
    if labels.dtype != np.uint8 or labels.shape != images.shape[:1]:
        raise InputError(
            f"{labels_path.name}: expected {len(images):,} uint8 labels, one an image, "
            f"found {labels.dtype} {labels.shape}."
        )
    last = first + len(names) - 1
    if not first <= labels.min() <= labels.max() <= last:
        found = labels.max() if labels.max() > last else labels.min()
        raise InputError(
            f"{labels_path.name}: expected labels {first} to {last}, found {found}; the names of other classes go into "
            "classes.txt beside it, one on a line."
        )


def labels_as(labels: np.ndarray, names: tuple[str, ...], wanted: tuple[str, ...]) -> np.ndarray:
    """Labels [N] that are indices into `names`, as indices into `wanted`: integers [N].

    What is none of the names stays none of them. Raises InputError if a name is not among the wanted ones.
    """
    if names == wanted:
        return labels
    if unknown := [name for name in names if name not in wanted]:
        raise InputError(f"expected classes among {', '.join(wanted)}, found {unknown[0]}.")
    table = np.full(256, len(wanted), np.uint8)
    table[: len(names)] = [wanted.index(name) for name in names]
    return np.asarray(table[labels])


def to_unit(images: np.ndarray, dtype: DTypeLike = np.float32) -> np.ndarray:
    """Pixels as networks take them: uint8 0..255 [N, 28, 28] becomes float 0..1 of the same shape."""
    unit = images.astype(dtype)
    unit /= 255
    return unit


def to_bytes(images: np.ndarray) -> np.ndarray:
    """The reverse of `to_unit`, rounded: float 0..1 becomes uint8 0..255 of the same shape."""
    return np.round(images * 255).astype(np.uint8)
