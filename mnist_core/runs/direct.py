"""The director's process: started by whoever needs it, exactly one at a time, and watched by every web server."""

import contextlib
import dataclasses
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout

from mnist_core.errors import InputError
from mnist_core.files.atomic import reason
from mnist_core.runs import limits
from mnist_core.runs.director import Director
from mnist_core.runs.folder import Run
from mnist_core.runs.requests import Requests
from mnist_core.runs.run_records import ENDED
from mnist_core.runs.workers import PROJECT, LocalWorkers, Workers

WATCH_SECONDS = 1.0
"""So often a web server looks whether the director still lives."""
LEAVE_AFTER_SECONDS = 600.0
"""A director that a web server has started ends after so long without work; the next Start starts another."""
ABANDONED_SECONDS = 15.0
"""Without work, it ends so soon after the last web server."""
RETRY_SECONDS = 1.0
"""Without workers, it looks for some again after so long."""
CLUSTER = "DIGIT_CLUSTER"

_watched: set[Path] = set()
_started: dict[Path, "subprocess.Popen[bytes]"] = {}
_lock = threading.Lock()


def make_workers(root: Path) -> Workers:
    """Processes of this computer, or the cluster that DIGIT_CLUSTER names. Raises InputError or OSError."""
    address = os.environ.get(CLUSTER, "")
    if not address:
        return LocalWorkers(limits.worker_count(), root)
    from mnist_core.runs.cluster import ClusterWorkers

    return ClusterWorkers(address)


def direct(root: Path, *, from_page: bool = False, stop: Callable[[], bool] = lambda: False) -> None:
    """Be the director of the runs below `root`, until `stop` says so.

    from_page: leave if there is another director, or after LEAVE_AFTER_SECONDS without work. Otherwise it waits until
    the other director is gone. Raises InputError if the folder cannot be written or, except from_page, if there are no
    workers to be had.
    """
    requests = Requests(root)
    try:
        requests.lock_file.parent.mkdir(parents=True, exist_ok=True)
        lock = FileLock(requests.lock_file, thread_local=False)
        # A web server that looks whether a director lives holds the lock for a moment, too.
        lock.acquire(timeout=1.0 if from_page else -1, poll_interval=0.05)
    except Timeout:
        return
    except OSError as error:
        raise InputError(f"Runs cannot be kept in {root}: {reason(error)}.") from None
    workers = None
    try:
        with contextlib.suppress(OSError):
            # On a full disk, runs should still be told that they cannot be saved.
            requests.pid_file.write_text(str(os.getpid()))
        workers = _await_workers(root, from_page, stop)
        if workers is None:
            return
        director = Director(root, workers, limits.idle_seconds())
        director.adopt()
        while not stop():
            director.work()
            if from_page and _may_leave(requests, time.monotonic() - director.last_work):
                return
    except OSError as error:
        raise InputError(f"The workers cannot be started: {reason(error)}.") from None
    finally:
        if workers is not None:
            workers.close()
        lock.release()


def _await_workers(root: Path, patient: bool, stop: Callable[[], bool]) -> Workers | None:
    """Workers, as soon as there are any; None if nobody needs them any more. Meanwhile, the runs that wait say why.

    patient: try again and again. Otherwise, raises InputError if there are none.
    """
    requests, began, told = Requests(root), time.monotonic(), ""
    while True:
        try:
            return make_workers(root)
        except InputError as error:
            for run in (*requests.waiting().values(), *requests.noted()):
                _tell(run, f"{error} The run goes on by itself then.")
            if not patient:
                raise
            if str(error) != told:
                told = str(error)
                print(f"{error} {error.__cause__ or ''}".strip(), file=sys.stderr, flush=True)
        if stop() or _may_leave(requests, time.monotonic() - began):
            return None
        time.sleep(RETRY_SECONDS)


def _tell(run: Run, why: str) -> None:
    """Let a run say why it does not go on, unless it need not, or says so already."""
    with contextlib.suppress(InputError, OSError):
        control, status = run.control, run.written_status()
        told = dataclasses.replace(status, state="interrupted", message=why, serial=control.serial, cause="no_workers")
        if run.exists() and control.command != "pause" and status.state not in ENDED and told != status:
            run.write_status(told)


def _may_leave(requests: Requests, idle: float) -> bool:
    if not requests.lock_file.exists():
        # The whole folder was removed.
        return True
    return idle > LEAVE_AFTER_SECONDS or (idle > ABANDONED_SECONDS and requests.seconds_since_attended() > 5.0)


def lives(root: Path) -> bool:
    """Whether there is a director."""
    requests = Requests(root)
    if not requests.lock_file.parent.is_dir():
        return False
    try:
        with FileLock(requests.lock_file, timeout=0, thread_local=False):
            return False
    except Timeout:
        return True
    except OSError:
        return False


def launch(root: Path) -> None:
    """Start a director's process unless there is one, or one is just starting. Raises InputError."""
    with _lock:
        _launch(root)


def _launch(root: Path) -> None:
    if (root in _started and _started[root].poll() is None) or lives(root):
        return
    environment = os.environ | {"DIGIT_RUNS_DIR": str(root)}
    # Ctrl-C at the server is not meant for the director, which goes on without it.
    apart: dict[str, Any] = {"start_new_session": True}
    if os.name == "nt":
        apart = {"creationflags": subprocess.CREATE_NEW_PROCESS_GROUP | subprocess.CREATE_NO_WINDOW}  # type: ignore[attr-defined, unused-ignore]
    try:
        Requests(root).lock_file.parent.mkdir(parents=True, exist_ok=True)
        with open(root / "director" / "log", "ab") as log:
            process = subprocess.Popen(
                [sys.executable, "-m", "mnist_core", "direct", "--from-page"],
                cwd=PROJECT,
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                **apart,
            )
    except OSError as error:
        raise InputError(f"The training cannot be started: {reason(error)}.") from None
    _started[root] = process
    # An ended process stays in the system's table until somebody asks how it ended.
    threading.Thread(target=process.wait, daemon=True).start()


def watch_over(root: Path) -> None:
    """From now on, as long as this process lives: whenever there is work and no director, start one."""
    with _lock:
        if root in _watched:
            return
        _watched.add(root)
    threading.Thread(target=_watch, args=(root,), daemon=True).start()


def _watch(root: Path) -> None:
    requests = Requests(root)
    while root.is_dir():
        requests.attend()
        if requests.is_work():
            try:
                launch(root)
            except InputError:
                # It is told to whoever presses Start; here, the next look may have more luck.
                pass
        time.sleep(WATCH_SECONDS)
    with _lock:
        _watched.discard(root)
