"""What runs in the workers of a Dask cluster; the director's side is cluster.py."""

import functools
import hashlib
import os
import pickle
import threading
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from threadpoolctl import threadpool_limits

from mnist_core.data.registry import fingerprint
from mnist_core.runs.limits import worker_memory
from mnist_core.runs.run_images import RunImages
from mnist_core.runs.worker import Trainings

SESSION_SECONDS = 60.0
"""When somebody else needs a worker, trainings that nobody has asked for so long are let go."""
TRIM = "MALLOC_TRIM_THRESHOLD_"


@dataclass
class _Session:
    """What a worker holds for one director: as long as that one calls it by the same name."""

    trainings: Trainings
    used: float


_images = RunImages()
_sessions: dict[str, _Session] = {}
_one_at_a_time = threading.Lock()


@functools.cache
def _limit_threads() -> object:
    # Otherwise BLAS starts a thread for each core in every worker.
    return threadpool_limits(1, user_api="blas")


def examine() -> dict[str, str | None]:
    """What decides whether a worker, or a director, fits the others. Raises InputError if it has no dataset."""
    _limit_threads()
    return {"mnist_core": sources(), "numpy": np.__version__, "dataset": fingerprint(), TRIM: os.environ.get(TRIM)}


@functools.cache
def sources() -> str:
    """The same for the same version of this library, also of one that is being worked on."""
    digest = hashlib.sha256()
    root = Path(__file__).parent.parent
    for path in sorted(root.rglob("*.py"), key=lambda path: path.relative_to(root).as_posix()):
        digest.update(path.relative_to(root).as_posix().encode())
        # Git may have changed the ends of the lines.
        digest.update(path.read_bytes().replace(b"\r\n", b"\n"))
    return digest.hexdigest()[:16]


def move_on(session: str, order: bytes) -> bytes:
    """Do a slice. Slice and result are pickled, so that Dask need not look into them."""
    with _one_at_a_time:
        _limit_threads()
        now = time.monotonic()
        for name, held in list(_sessions.items()):
            if name != session and now - held.used > SESSION_SECONDS:
                del _sessions[name]
                held.trainings.close()
        mine = _sessions.setdefault(session, _Session(Trainings(_images.load, worker_memory()), now))
        result = mine.trainings.move_on(pickle.loads(order))
        mine.used = time.monotonic()
        return pickle.dumps(result, protocol=5)


def end() -> None:
    """End this process at once, whatever its other threads do."""
    os._exit(1)
