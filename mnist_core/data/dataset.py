"""The images that networks learn from: the bundled MNIST, or another folder of IDX files like it."""

import functools
import gzip
import hashlib
import os
import zlib
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from filelock import FileLock
from numpy.typing import DTypeLike

from mnist_core.data.idx import read_idx
from mnist_core.errors import InputError

BUNDLED = Path(__file__).parent
PARTS = ("train_images", "train_labels", "test_images", "test_labels")
DIGITS = 10
SIDE = 28

# The names that publishers give to the four files: MNIST and Fashion-MNIST, then EMNIST's digits.
STEMS = {
    "train images": ("train-images-idx3-ubyte", "train-images.idx3-ubyte", "emnist-digits-train-images-idx3-ubyte"),
    "train labels": ("train-labels-idx1-ubyte", "train-labels.idx1-ubyte", "emnist-digits-train-labels-idx1-ubyte"),
    "test images": ("t10k-images-idx3-ubyte", "t10k-images.idx3-ubyte", "emnist-digits-test-images-idx3-ubyte"),
    "test labels": ("t10k-labels-idx1-ubyte", "t10k-labels.idx1-ubyte", "emnist-digits-test-labels-idx1-ubyte"),
}


@dataclass(frozen=True)
class Dataset:
    """Images and labels, split into training and test parts. The arrays are read-only and may be shared.

    Images are uint8 [N, 28, 28], 0 for background and 255 for ink. Labels are uint8 [N], 0 to 9; train_labels are class
    ids, which are 10 or more for what is not a digit. held_out: indices of the training images that a training must not
    learn from, but be validated with, integers [V]; None if it is free to choose.
    """

    name: str
    train_images: np.ndarray
    train_labels: np.ndarray
    test_images: np.ndarray
    test_labels: np.ndarray
    held_out: np.ndarray | None = None


def load_mnist(folder: str | os.PathLike[str] | None = None) -> Dataset:
    """The dataset in `folder`, else in the folder named by MNIST_DIR, else the bundled MNIST.

    A folder is read once a process; the same Dataset is returned after that.
    Raises InputError if a file is missing, damaged, or not 28x28 images with labels 0 to 9.
    """
    return _load(Path(folder or os.environ.get("MNIST_DIR") or BUNDLED).absolute())


@functools.lru_cache(maxsize=2)
def _load(folder: Path) -> Dataset:
    paths = {part: _find(folder, part) for part in STEMS}
    arrays = {part: read_idx(path) for part, path in paths.items()}
    for half in ("train", "test"):
        images, labels = arrays[f"{half} images"], arrays[f"{half} labels"]
        _check(paths[f"{half} images"], images, paths[f"{half} labels"], labels)
        if paths[f"{half} images"].name.startswith("emnist"):
            # EMNIST stores its images column by column; transposed, they stand as MNIST's do.
            arrays[f"{half} images"] = np.ascontiguousarray(images.transpose(0, 2, 1))
    for array in arrays.values():
        array.setflags(write=False)
    return Dataset(
        name="MNIST" if folder == BUNDLED.absolute() else folder.name,
        train_images=arrays["train images"],
        train_labels=arrays["train labels"],
        test_images=arrays["test images"],
        test_labels=arrays["test labels"],
    )


def _find(folder: Path, part: str) -> Path:
    try:
        files = {path.name for path in folder.iterdir()}
    except OSError as error:
        raise InputError(f"{folder}: cannot be read ({error.strerror or error}).") from None
    for stem in STEMS[part]:
        for name in (f"{stem}.gz", stem):
            if name in files:
                return folder / name
    raise InputError(f"{folder}: no {part} found; expected a file {STEMS[part][0]}.gz, or the same without .gz.")


def _check(images_path: Path, images: np.ndarray, labels_path: Path, labels: np.ndarray) -> None:
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
    if labels.max() >= DIGITS:
        raise InputError(f"{labels_path.name}: expected labels 0 to 9, found {labels.max()}.")


def to_unit(images: np.ndarray, dtype: DTypeLike = np.float32) -> np.ndarray:
    """Pixels as networks take them: uint8 0..255 [N, 28, 28] becomes float 0..1 of the same shape."""
    unit = images.astype(dtype)
    unit /= 255
    return unit


def to_bytes(images: np.ndarray) -> np.ndarray:
    """The reverse of `to_unit`, rounded: float 0..1 becomes uint8 0..255 of the same shape."""
    return np.round(images * 255).astype(np.uint8)


def load_shared(folder: Path) -> Dataset:
    """`load_mnist`, with arrays that all processes of this computer share: unpacked once into `folder`, then mapped.

    Where nothing can be written to `folder`, the dataset is loaded into the memory of this process alone.
    Raises InputError as `load_mnist` does.
    """
    source = Path(os.environ.get("MNIST_DIR") or BUNDLED).absolute()
    paths = [_find(source, part) for part in STEMS]
    marks = [f"{path}:{path.stat().st_size}:{path.stat().st_mtime_ns}" for path in paths]
    place = folder / hashlib.sha256("\n".join(marks).encode()).hexdigest()[:16]
    try:
        if not (place / "complete").exists():
            place.mkdir(parents=True, exist_ok=True)
            # A class that opens the page at once waits for one unpacking; thirty would take thirty times as long.
            with FileLock(place / "lock"):
                if not (place / "complete").exists():
                    _unpack(place)
        mapped = {part: np.load(place / f"{part}.npy", mmap_mode="r") for part in PARTS}
    except (OSError, ValueError):
        return load_mnist()
    return Dataset(name="MNIST" if source == BUNDLED.absolute() else source.name, **mapped)


def _unpack(place: Path) -> None:
    dataset = load_mnist()
    for part in PARTS:
        unpacked = place / f".{part}.{os.getpid()}.npy"
        np.save(unpacked, getattr(dataset, part))
        unpacked.replace(place / f"{part}.npy")
    (place / "complete").touch()


@functools.cache
def fingerprint() -> str:
    """The same for the same dataset, wherever its files lie, zipped or not: what `load_mnist` without a folder gives.

    Raises InputError as `load_mnist` does, but does not look at what the files hold.
    """
    source = Path(os.environ.get("MNIST_DIR") or BUNDLED).absolute()
    digest = hashlib.sha256()
    for part in STEMS:
        path = _find(source, part)
        try:
            with (gzip.open if path.suffix == ".gz" else open)(path, "rb") as file:
                while block := file.read(1 << 20):
                    digest.update(block)
        except (OSError, EOFError, zlib.error) as error:
            raise InputError(f"{path.name}: cannot be read ({error}).") from None
        # EMNIST stores its images in another way.
        digest.update(str(path.name.startswith("emnist")).encode())
    return digest.hexdigest()[:16]
