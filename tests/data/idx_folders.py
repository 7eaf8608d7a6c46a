"""Folders of IDX files for tests, laid out as publishers do: MNIST, Fashion-MNIST and EMNIST."""

from pathlib import Path

import numpy as np

from mnist_core.data.class_names import EMNIST
from mnist_core.data.idx import write_idx

MNIST_STEMS = (
    "train-images-idx3-ubyte.gz",
    "train-labels-idx1-ubyte.gz",
    "t10k-images-idx3-ubyte.gz",
    "t10k-labels-idx1-ubyte.gz",
)


def make_idx(folder: Path, images: np.ndarray, labels: np.ndarray, tests: int, classes: str = "") -> Path:
    """A folder under MNIST's names, of which the last `tests` images are for the test. classes: of classes.txt."""
    folder.mkdir(parents=True, exist_ok=True)
    parts = (images[:-tests], labels[:-tests], images[-tests:], labels[-tests:])
    for name, array in zip(MNIST_STEMS, parts, strict=True):
        write_idx(folder / name, array.astype(np.uint8))
    if classes:
        (folder / "classes.txt").write_text(classes, encoding="utf-8")
    return folder


def make_emnist(
    folder: Path, split: str, images: np.ndarray, labels: np.ndarray, tests: int, mapped: bool = True
) -> Path:
    """One of EMNIST's sets: images stored column by column, letters counted from 1. mapped: with its mapping file."""
    folder.mkdir(parents=True, exist_ok=True)
    first = 1 if split == "letters" else 0
    stored = np.ascontiguousarray(images.transpose(0, 2, 1))
    for half, part in (("train", slice(None, -tests)), ("test", slice(-tests, None))):
        write_idx(folder / f"emnist-{split}-{half}-images-idx3-ubyte.gz", stored[part])
        write_idx(folder / f"emnist-{split}-{half}-labels-idx1-ubyte.gz", (labels[part] + first).astype(np.uint8))
    if mapped:
        rows = []
        for number, name in enumerate(EMNIST[split], first):
            codes = [ord(name), ord(name.lower())] if split == "letters" else [ord(name)]
            rows.append(" ".join(map(str, [number, *codes])))
        (folder / f"emnist-{split}-mapping.txt").write_text("\n".join(rows) + "\n", encoding="ascii")
    return folder


def made_up(classes: int, each: int, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Images that a network tells apart at once, uint8 [classes * each, 28, 28], with labels: a block at a place of its
    own for each class, and a corner that shows which way up the picture is.
    """
    rng = np.random.default_rng(seed)
    labels = rng.permutation(np.repeat(np.arange(classes, dtype=np.uint8), each))
    images = rng.integers(0, 40, (len(labels), 28, 28), dtype=np.uint8)
    for image, label in zip(images, labels.tolist(), strict=True):
        row, column = divmod(label, 8)
        image[3 * row + 2 : 3 * row + 5, 3 * column + 2 : 3 * column + 5] = 255
        image[26:, :8] = 200
    return images, labels
