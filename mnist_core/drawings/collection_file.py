"""The file that a visitor's drawings are kept in: flat arrays, no pickle, written in one go."""

import io
import itertools
from pathlib import Path

import numpy as np

from mnist_core.drawings.collection import SIDE, Collection, check_label
from mnist_core.errors import InputError
from mnist_core.files.npz import read_npz
from mnist_core.runs.names import RUN_NAME

MAX_BYTES = 500_000_000
NAMES = {"ids", "labels", "times", "images", "points", "strokes", "drawings"}


def packed(collection: Collection) -> bytes:
    """The bytes of the file. points: int16 [P, 2]; strokes, drawings: where each begins, as in a pen file."""
    flat = [stroke for strokes in collection.strokes for stroke in strokes]
    points = np.concatenate([np.zeros((0, 2), np.int16), *flat]).astype(np.int16)
    buffer = io.BytesIO()
    np.savez(
        buffer,
        ids=np.array(collection.ids, "U40"),
        labels=np.array(collection.labels, "U8"),
        times=np.array(collection.times, np.float64),
        images=collection.images,
        points=points,
        strokes=np.cumsum([0, *map(len, flat)]).astype(np.int64),
        drawings=np.cumsum([0, *map(len, collection.strokes)]).astype(np.int64),
    )
    return buffer.getvalue()


def unpacked(path: Path) -> Collection:
    """The drawings in the file; none if there is no file. Raises InputError if it is damaged."""
    try:
        with open(path, "rb") as file:
            arrays = read_npz(file, "your drawings", MAX_BYTES)
    except FileNotFoundError:
        return Collection()
    except OSError:
        raise InputError("Your drawings cannot be read.") from None
    try:
        return _parse(arrays)
    except (KeyError, ValueError, IndexError, TypeError):
        raise InputError("your drawings: their file is damaged.") from None


def _parse(arrays: dict[str, np.ndarray]) -> Collection:
    if set(arrays) != NAMES:
        raise KeyError("names")
    count = len(arrays["ids"])
    images, points = arrays["images"], arrays["points"]
    if images.dtype != np.uint8 or images.shape != (count, SIDE, SIDE) or points.shape[1:] != (2,):
        raise ValueError("images or points")
    ids = tuple(map(str, arrays["ids"]))
    if not all(map(RUN_NAME.fullmatch, ids)):
        raise ValueError("ids")
    flat = [points[a:b] for a, b in itertools.pairwise(arrays["strokes"].tolist())]
    strokes = tuple(tuple(flat[a:b]) for a, b in itertools.pairwise(arrays["drawings"].tolist()))
    labels = tuple(check_label(str(label)) for label in arrays["labels"])
    times = tuple(map(float, arrays["times"]))
    if not len(labels) == len(times) == len(strokes) == count:
        raise ValueError("lengths")
    return Collection(ids, labels, times, images, strokes)
