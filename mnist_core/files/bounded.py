"""Files from outside, of which no more than a limit is read: whatever lies there, the memory does not fill."""

from pathlib import Path

from mnist_core.errors import InputError
from mnist_core.files.atomic import reason


def read_bounded(path: Path, limit: int, name: str, kind: str = "a file") -> bytes:
    """All bytes of a file. Raises InputError if it cannot be read or has more than `limit` bytes.

    name: what the error messages call the file; kind: what they say was expected.
    """
    try:
        with open(path, "rb") as file:
            data = file.read(limit + 1)
    except OSError as error:
        raise InputError(f"{name}: cannot be read ({reason(error)}).") from None
    if len(data) > limit:
        raise InputError(f"{name}: expected {kind} of at most {limit / 1e6:g} MB, found more.")
    return data
