"""A training as it stands between two steps (`Trainer.state`), as one file to go on from after a kill."""

import io
import json
from pathlib import Path
from typing import Any

import numpy as np

from mnist_core.errors import InputError
from mnist_core.files.atomic import write_file
from mnist_core.files.npz import read_npz_at

MAX_CHECKPOINT_BYTES = 300_000_000


def write_checkpoint(path: Path, arrays: dict[str, np.ndarray], facts: dict[str, Any]) -> None:
    """Write the state to `path`, replacing the one before. Raises OSError if it cannot; the one before is kept then.

    arrays, facts: what `Trainer.state` returns.
    """
    buffer = io.BytesIO()
    np.savez(buffer, allow_pickle=False, **arrays, facts=np.array(json.dumps(facts)))
    write_file(path, buffer.getvalue())


def read_checkpoint(path: Path, name: str) -> tuple[dict[str, np.ndarray], dict[str, Any]] | None:
    """The arrays and facts in the file, None if there is no file. Raises InputError if it is damaged.

    name: what the error messages call the file.
    """
    arrays = read_npz_at(path, name, MAX_CHECKPOINT_BYTES)
    if arrays is None:
        return None
    try:
        facts = json.loads(str(arrays.pop("facts")))
    except (KeyError, ValueError):
        raise InputError(f"{name}: is damaged.") from None
    if not isinstance(facts, dict):
        raise InputError(f"{name}: is damaged.")
    return arrays, facts
