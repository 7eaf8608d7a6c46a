"""Which images a run learns from: a dataset by its name, or images of its own that are kept in its folder."""

import io
from collections import OrderedDict
from pathlib import Path

import numpy as np

from mnist_core.data.class_names import check_names
from mnist_core.data.dataset import SIDE, Dataset
from mnist_core.data.idx_files import PARTS
from mnist_core.data.registry import USUAL, fingerprint, load_dataset, load_shared, version
from mnist_core.errors import InputError
from mnist_core.files.atomic import write_file
from mnist_core.files.npz import read_npz_at
from mnist_core.runs.run_records import RunInfo

MAX_BYTES = 200_000_000
KEPT = 4
"""So many datasets are kept mapped: each takes four file handles."""


class RunImages:
    """The datasets of runs, as one worker loads them.

    shared: the folder in which they lie unpacked for all workers of this computer; None for one that shares no folder.
    """

    def __init__(self, shared: Path | None = None) -> None:
        self._shared = shared
        self._loaded: OrderedDict[tuple[str, str], Dataset] = OrderedDict()

    def load_usual(self) -> Dataset:
        """What is learned from if no dataset is named."""
        return self._load(USUAL)

    def load(self, info: RunInfo) -> Dataset:
        """What this run learns from. Raises InputError if it is not here, or not what it was when the run was made."""
        if info.fingerprint and fingerprint(info.dataset) != info.fingerprint:
            raise InputError(
                f"dataset {info.dataset!r}: its files, below DIGIT_DATA_DIR of the computer that trains, are not those "
                "that the run was made with."
            )
        return self._load(info.dataset)

    def _load(self, name: str) -> Dataset:
        key = name, version(name)
        if key not in self._loaded:
            self._loaded[key] = load_dataset(name) if self._shared is None else load_shared(self._shared, name)
            while len(self._loaded) > KEPT:
                self._loaded.popitem(last=False)
        self._loaded.move_to_end(key)
        return self._loaded[key]


def about_dataset(name: str, shared: Path) -> tuple[tuple[str, ...], str]:
    """The names of a dataset's classes and its fingerprint, as a run notes them. Raises InputError if there is none."""
    return load_shared(shared, name).classes, "" if name == USUAL else fingerprint(name)


def write_images(path: Path, dataset: Dataset) -> None:
    """Keep the images that a run alone learns from. Raises OSError."""
    arrays = {part: getattr(dataset, part) for part in PARTS}
    if dataset.held_out is not None:
        arrays["held_out"] = np.asarray(dataset.held_out, np.int64)
    buffer = io.BytesIO()
    np.savez_compressed(
        buffer, allow_pickle=False, **arrays, name=np.array(dataset.name), classes=np.array(dataset.classes)
    )
    write_file(path, buffer.getvalue())


def read_images(path: Path, name: str) -> Dataset | None:
    """What `write_images` wrote, None if there is no such file. Raises InputError if it is damaged.

    name: what the error messages call the file.
    """
    arrays = read_npz_at(path, name, MAX_BYTES)
    if arrays is None:
        return None
    try:
        dataset = Dataset(
            name=str(arrays["name"]),
            classes=check_names(arrays["classes"].tolist(), name),
            held_out=arrays.get("held_out"),
            **{part: arrays[part] for part in PARTS},
        )
    except (KeyError, TypeError):
        raise InputError(f"{name}: is damaged.") from None
    for images, labels in ((dataset.train_images, dataset.train_labels), (dataset.test_images, dataset.test_labels)):
        if images.dtype != np.uint8 or images.shape != (len(labels), SIDE, SIDE) or labels.dtype != np.uint8:
            raise InputError(f"{name}: is damaged.")
    return dataset
