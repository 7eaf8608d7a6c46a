"""NumPy's .npz files from outside, opened with care: sizes are checked before memory is taken, no pickle is run."""

import io
import zipfile
import zlib
from pathlib import Path
from typing import BinaryIO

import numpy as np

from mnist_core.errors import InputError
from mnist_core.files.atomic import reason


def read_npz_at(path: Path, name: str, max_bytes: int) -> dict[str, np.ndarray] | None:
    """`read_npz` of the file at `path`, None if there is none. Raises InputError also if it cannot be read."""
    try:
        with open(path, "rb") as file:
            return read_npz(file, name, max_bytes)
    except FileNotFoundError:
        return None
    except OSError as error:
        raise InputError(f"{name}: cannot be read ({reason(error)}).") from None


def read_npz(file: BinaryIO, name: str, max_bytes: int) -> dict[str, np.ndarray]:
    """All arrays of a .npz file of numbers and texts; `name` is what error messages call it.

    max_bytes: how much the file may unpack to. Every array's own header must agree with the size of its entry, so a
    small file cannot ask for large memory. Raises InputError for anything but a sound file.
    """
    try:
        with zipfile.ZipFile(file) as archive:
            entries = archive.infolist()
            total = sum(entry.file_size for entry in entries)
            if total > max_bytes or len(entries) > 1000:
                raise InputError(f"{name}: expected at most {max_bytes:,} bytes unpacked, found {total:,}.")
            arrays = {}
            for entry in entries:
                if entry.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
                    raise InputError(f"{name}: {entry.filename!r} is packed in a way that NumPy does not use.")
                label = entry.filename.removesuffix(".npy")
                if label in arrays:
                    raise InputError(f"{name}: the array {label!r} occurs twice.")
                with archive.open(entry) as stream:
                    data = stream.read(entry.file_size + 1)
                arrays[label] = _parse_npy(data, f"{name}, array {label!r}")
            return arrays
    except InputError:
        raise
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, ValueError, OSError) as error:
        raise InputError(f"{name}: not a sound .npz file ({error}).") from None


def _parse_npy(data: bytes, name: str) -> np.ndarray:
    stream = io.BytesIO(data)
    try:
        version = np.lib.format.read_magic(stream)
        read_header = {
            (1, 0): np.lib.format.read_array_header_1_0,
            (2, 0): np.lib.format.read_array_header_2_0,
        }[version]
        shape, fortran, dtype = read_header(stream)
    except (ValueError, KeyError, SyntaxError, TypeError, RecursionError, MemoryError) as error:
        raise InputError(f"{name}: the header is damaged ({type(error).__name__}).") from None
    if dtype.kind not in "biufU" or dtype.itemsize == 0:
        raise InputError(f"{name}: expected numbers or texts, found {dtype}.")
    expected = dtype.itemsize
    for side in shape:
        expected *= side
    if any(side < 0 for side in shape) or expected != len(data) - stream.tell():
        raise InputError(
            f"{name}: expected {expected:,} bytes for {dtype} {shape}, found {len(data) - stream.tell():,}."
        )
    values = np.frombuffer(data, dtype, offset=stream.tell())
    if dtype.kind == "U" and values.size:
        letters = np.frombuffer(data, np.dtype("u4").newbyteorder(dtype.byteorder), offset=stream.tell())
        if letters.max() > 0x10FFFF or ((letters >= 0xD800) & (letters <= 0xDFFF)).any():
            raise InputError(f"{name}: expected text, found letters that do not exist.")
    return values.reshape(shape, order="F" if fortran else "C")
