"""IDX, the file format of MNIST: a short header with the shape, then the numbers.

Source: the format description on the MNIST page, http://yann.lecun.com/exdb/mnist/.
Bytes 0-1 are zero, byte 2 is the element type, byte 3 the number of dimensions; then one big-endian uint32 a
dimension; then the elements, big-endian, last dimension fastest.
"""

import contextlib
import gzip
import io
import os
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np

from mnist_core.errors import InputError

ELEMENT_TYPES: dict[int, np.dtype[Any]] = {
    0x08: np.dtype(">u1"),
    0x09: np.dtype(">i1"),
    0x0B: np.dtype(">i2"),
    0x0C: np.dtype(">i4"),
    0x0D: np.dtype(">f4"),
    0x0E: np.dtype(">f8"),
}
MAX_IDX_BYTES = 1 << 30
"""A file whose header announces more than this many bytes (1 GiB) is refused before anything is allocated."""


def read_idx(path: str | os.PathLike[str]) -> np.ndarray:
    """Read one IDX file, gzipped or not (told by its first bytes, not by its name).

    Returns an array of the header's shape and element type in the machine's byte order.
    Raises InputError if the file is missing, unreadable, damaged, truncated, too long or too large.
    """
    path = Path(path)
    try:
        with open(path, "rb") as file:
            return parse_idx(file, path.name)
    except OSError as error:
        raise InputError(f"{path}: cannot be read as an IDX file ({error.strerror or error}).") from None


def parse_idx(file: BinaryIO, name: str, max_bytes: int = MAX_IDX_BYTES) -> np.ndarray:
    """Read IDX from an open binary file that can seek; `name` is what error messages call it.

    max_bytes: how much it may unpack to.
    """
    with _unzipped(file, name) as stream:
        return _parse(stream, name, max_bytes)


def idx_header(file: BinaryIO, name: str) -> tuple[np.dtype[Any], tuple[int, ...]]:
    """The element type and the shape that an open IDX file announces; its data are not read. Raises InputError."""
    with _unzipped(file, name) as stream:
        return _header(stream, name)


@contextlib.contextmanager
def _unzipped(file: BinaryIO, name: str) -> Iterator[BinaryIO | gzip.GzipFile]:
    """The file, or what is packed in it. Raises InputError for an error of gzip within."""
    compressed = file.read(2) == b"\x1f\x8b"
    file.seek(0)
    try:
        if compressed:
            with gzip.GzipFile(fileobj=file) as unzipped:
                yield unzipped
        else:
            yield file
    except (gzip.BadGzipFile, zlib.error, EOFError) as error:
        raise InputError(f"{name}: the gzip data is damaged or cut short ({error}).") from None


def _header(file: BinaryIO | gzip.GzipFile, name: str) -> tuple[np.dtype[Any], tuple[int, ...]]:
    header = file.read(4)
    if len(header) < 4 or header[:2] != b"\0\0" or header[2] not in ELEMENT_TYPES or header[3] == 0:
        raise InputError(
            f"{name}: not an IDX file; expected a header of two zero bytes, an element type and a number of "
            f"dimensions, found {header.hex(' ') or 'nothing'}."
        )
    dtype, dimensions = ELEMENT_TYPES[header[2]], header[3]
    sizes = file.read(4 * dimensions)
    if len(sizes) < 4 * dimensions:
        raise InputError(f"{name}: the IDX header ends early; expected {dimensions} dimensions.")
    return dtype, tuple(int(size) for size in np.frombuffer(sizes, ">u4"))


def _parse(file: BinaryIO | gzip.GzipFile, name: str, max_bytes: int) -> np.ndarray:
    dtype, shape = _header(file, name)
    expected, bound = dtype.itemsize, dtype.itemsize
    for size in shape:
        expected *= size
        bound *= max(size, 1)  # NumPy refuses sides whose product overflows, even beside a side of 0
    if bound > max_bytes or len(shape) > 8:
        raise InputError(
            f"{name}: the IDX header announces shape {shape}, {expected:,} bytes; at most {max_bytes:,} bytes "
            "and 8 dimensions are read."
        )
    data = file.read(expected + 1)
    if len(data) != expected:
        found = "more" if len(data) > expected else f"{len(data):,}"
        raise InputError(f"{name}: expected {expected:,} bytes of data for shape {shape}, found {found}.")
    return np.frombuffer(data, dtype).reshape(shape).astype(dtype.newbyteorder("="), copy=True)


def write_idx(path: str | os.PathLike[str], array: np.ndarray) -> None:
    """Write `array` (uint8, int8, int16, int32, float32 or float64) as IDX; gzipped if the name ends in .gz.

    The same array always gives the same bytes. Raises InputError for another dtype or a 0-dimensional array.
    """
    path = Path(path)
    data = idx_bytes(array)
    path.write_bytes(gzip.compress(data, mtime=0) if path.suffix == ".gz" else data)


def idx_bytes(array: np.ndarray) -> bytes:
    """The same as the bytes of a file. Raises InputError as `write_idx` does."""
    array = np.asarray(array)
    codes = [code for code, dtype in ELEMENT_TYPES.items() if dtype.newbyteorder("=") == array.dtype]
    if not codes or not 1 <= array.ndim <= 8:
        raise InputError(
            f"IDX holds 1 to 8 dimensions of uint8, int8, int16, int32, float32 or float64; "
            f"found {array.ndim} of {array.dtype}."
        )
    raw = io.BytesIO()
    raw.write(bytes([0, 0, codes[0], array.ndim]))
    raw.write(np.array(array.shape, ">u4").tobytes())
    raw.write(array.astype(ELEMENT_TYPES[codes[0]]).tobytes())
    return raw.getvalue()
