"""Small files that are never seen half-written: made beside their place, then renamed into it."""

import json
import os
import secrets
import time
from pathlib import Path
from typing import Any

from mnist_core.errors import InputError

MAX_BYTES = 1_000_000
PART = ".part"


def write_file(path: Path, data: bytes) -> None:
    """Put `data` in the place of whatever `path` was. Raises OSError."""
    part = path.with_name(f".{path.name}.{secrets.token_hex(6)}{PART}")
    try:
        part.write_bytes(data)
        _replace(part, path)
    except OSError:
        part.unlink(missing_ok=True)
        raise


def _replace(part: Path, path: Path) -> None:
    end = time.monotonic() + 1.0
    while True:
        try:
            part.replace(path)
            return
        except PermissionError:
            # Windows does not replace a file that somebody has open, and pages read for a moment only.
            if os.name != "nt" or time.monotonic() > end:
                raise
            time.sleep(0.02)


def remove_parts(folder: Path) -> None:
    """Remove what a killed process left half-written."""
    for part in folder.glob(f".*{PART}"):
        part.unlink(missing_ok=True)


def write_json(path: Path, value: object) -> None:
    """The same with a value that JSON can hold. Raises OSError."""
    write_file(path, json.dumps(value).encode())


def overwrite_json(path: Path, value: object) -> None:
    """Write over the bytes of a file that is there: for a full disk, where no second file fits beside it.

    Raises OSError. A reader may see half of it; `read_json` then calls the file damaged.
    """
    data = json.dumps(value).encode()
    with open(path, "r+b") as file:
        # Blanks up to the old end, before anything is cut off: JSON does not mind them.
        file.write(data.ljust(os.fstat(file.fileno()).st_size))


def read_json(path: Path, what: str) -> dict[str, Any]:
    """The object in a JSON file. Raises InputError, calling the file `what`, if it cannot be read or is none."""
    try:
        with open(path, "rb") as file:
            data = file.read(MAX_BYTES + 1)
        value = json.loads(data) if len(data) <= MAX_BYTES else None
    except (OSError, ValueError, RecursionError):
        value = None
    if not isinstance(value, dict):
        raise InputError(f"{what}: its file {path.name} is missing or damaged.")
    return value


def reason(error: OSError) -> str:
    """An operating system's error in a few words: "No space left on device"."""
    return error.strerror or str(error)
