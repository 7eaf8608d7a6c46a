"""Files to take drawings away in: a pen file where strokes are known, IDX files, or pictures in a ZIP."""

import gzip
import io
import zipfile
from collections.abc import Callable

import numpy as np

from mnist_core.data.idx import idx_bytes
from mnist_core.data.idx_files import PARTS, STEMS
from mnist_core.drawings.as_dataset import split
from mnist_core.drawings.collection import Collection
from mnist_core.errors import InputError

LONGER_SIDE = 1000
"""Of each drawing in a pen file."""
NOT_A_DIGIT = "none"
"""The folder of what is not a digit."""
WRITER = "me"


def as_pen(collection: Collection, writer: str = WRITER) -> bytes:
    """A pen file (`mnist_core.ink.pen`) of the drawings whose strokes are known. Raises InputError without any."""
    known = [place for place, strokes in enumerate(collection.strokes) if strokes]
    if not known:
        raise InputError("Of none of these drawings the strokes are known.")
    drawings = [_enlarged(collection.strokes[place]) for place in known]
    flat = [stroke for strokes in drawings for stroke in strokes]
    buffer = io.BytesIO()
    np.savez_compressed(
        buffer,
        points=np.concatenate(flat),
        strokes=np.cumsum([0, *map(len, flat)]).astype(np.int32),
        drawings=np.cumsum([0, *map(len, drawings)]).astype(np.int32),
        labels=np.array([collection.labels[place] for place in known], "U8"),
        writers=np.array([writer] * len(known), f"U{max(1, len(writer))}"),
    )
    return buffer.getvalue()


def _enlarged(strokes: tuple[np.ndarray, ...]) -> list[np.ndarray]:
    points = np.concatenate(strokes).astype(float)
    low = points.min(axis=0)
    scale = LONGER_SIDE / max(float((points.max(axis=0) - low).max()), 1.0)
    return [np.round((stroke - low) * scale).astype(np.int16) for stroke in strokes]


def as_idx(collection: Collection) -> bytes:
    """A ZIP of four IDX files, as MNIST has them, of all digits: unpacked, a folder for `MNIST_DIR`.

    Every third drawing of a digit is a test image, if there are so many. Raises InputError if there is no digit.
    """
    arrays = split(collection)
    return _zip({f"{STEMS[part][0]}.gz": gzip.compress(idx_bytes(arrays[part]), mtime=0) for part in PARTS})


def as_pictures(collection: Collection, picture: Callable[[str], bytes]) -> bytes:
    """A ZIP of PNG files in folders named by their label. picture: given a drawing's name, the bytes of its file."""
    files = {}
    for number, (identity, label) in enumerate(zip(collection.ids, collection.labels, strict=True), 1):
        files[f"{label or NOT_A_DIGIT}/{number:05d}.png"] = picture(identity)
    return _zip(files)


def _zip(files: dict[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_STORED) as archive:
        for name, data in files.items():
            archive.writestr(zipfile.ZipInfo(name, (2000, 1, 1, 0, 0, 0)), data)
    return buffer.getvalue()
