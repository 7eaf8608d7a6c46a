"""Small files that are never seen half-written: made beside their place, then renamed into it."""

import json
import os
from pathlib import Path
from typing import Any

from mnist_core.errors import InputError

MAX_BYTES = 1_000_000


def write_file(path: Path, data: bytes) -> None:
    """Put `data` in the place of whatever `path` was. Raises OSError."""
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        part.write_bytes(data)
        part.replace(path)
    except OSError:
        part.unlink(missing_ok=True)
        raise


def write_json(path: Path, value: object) -> None:
    """The same with a value that JSON can hold. Raises OSError."""
    write_file(path, json.dumps(value).encode())


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
