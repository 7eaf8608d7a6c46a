"""Workers of this computer: processes that stay, and wait for slices. Any other executor has the same few methods."""

import os
import queue
import secrets
import subprocess
import sys
import threading
import time
import traceback
from dataclasses import dataclass
from multiprocessing.connection import Connection, Listener
from pathlib import Path
from typing import Protocol

from mnist_core.runs import worker
from mnist_core.runs.slices import Result, Slice

RESTART_SECONDS = 0.5
PROJECT = Path(__file__).parent.parent.parent


@dataclass(frozen=True)
class Answer:
    """What a worker gave for a slice; result None: the worker is no more."""

    worker: str
    order: Slice | None
    result: Result | None


class Workers(Protocol):
    """Where slices are computed: processes of this computer, or a cluster.

    answers: what has come back, put there from other threads. Not a SimpleQueue: in Python 3.11 its `get` waits for
    ever if a signal comes at the end of its timeout, and the director would not end when it is asked to.
    """

    answers: "queue.Queue[Answer]"

    @property
    def trouble(self) -> str:
        """Why no slice can be computed, in a sentence for people; "" if nothing is wrong."""

    def names(self) -> list[str]:
        """The workers that can be given a slice; called often, so that new ones are found and lost ones told of."""

    def submit(self, name: str, order: Slice) -> None:
        """Give a slice to a worker that has none; its answer comes later."""

    def kill(self, name: str) -> None:
        """End a worker that does not answer; its slice is answered with None."""

    def close(self) -> None:
        """End all."""


class LocalWorkers:
    """As many processes as were asked for; one that ends is replaced by another under a new name."""

    trouble = ""

    def __init__(self, count: int, root: Path) -> None:
        """root: the folder of all runs, below which the unpacked dataset lies. Raises OSError."""
        self.answers: queue.Queue[Answer] = queue.Queue()
        self._count, self._root = count, root
        self._key = secrets.token_bytes(16)
        self._listener = Listener(backlog=16, authkey=self._key)
        self._processes: dict[str, subprocess.Popen[bytes]] = {}
        self._pipes: dict[str, Connection] = {}
        self._orders: dict[str, Slice] = {}
        self._lock = threading.Lock()
        self._closed = False
        self._started, self._next_start = 0, 0.0
        threading.Thread(target=self._accept, daemon=True).start()
        self._fill()

    def names(self) -> list[str]:
        self._fill()
        with self._lock:
            return list(self._pipes)

    def submit(self, name: str, order: Slice) -> None:
        with self._lock:
            pipe = self._pipes.get(name)
            self._orders[name] = order
        try:
            if pipe is None:
                raise ConnectionError(name)
            pipe.send(order)
        except (OSError, ValueError):
            self._lost(name)

    def kill(self, name: str) -> None:
        process = self._processes.get(name)
        if process is not None:
            process.kill()

    def close(self) -> None:
        self._closed = True
        for process in self._processes.values():
            process.terminate()
        for process in self._processes.values():
            try:
                process.wait(5)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        self._listener.close()

    def _fill(self) -> None:
        """Start processes until there are enough."""
        for name, process in list(self._processes.items()):
            if process.poll() is not None:
                del self._processes[name]
                self._lost(name)
        while not self._closed and len(self._processes) < self._count:
            if time.monotonic() < self._next_start:
                return
            self._started += 1
            if self._started > self._count:
                # Workers that end while they start must not be started without pause.
                self._next_start = time.monotonic() + RESTART_SECONDS
            try:
                self._processes[str(self._started)] = self._start(str(self._started))
            except OSError:
                # Too little memory, perhaps, for another process; later there may be more.
                traceback.print_exc()
                return

    def _start(self, name: str) -> "subprocess.Popen[bytes]":
        environment = os.environ | {
            worker.ADDRESS: str(self._listener.address),
            worker.KEY: self._key.hex(),
            worker.NAME: name,
            "DIGIT_RUNS_DIR": str(self._root),
            # Otherwise BLAS starts a thread for each core in every worker.
            "OPENBLAS_NUM_THREADS": "1",
            # Every training has a thread; with a heap for each, the memory that they give back would pile up.
            "MALLOC_ARENA_MAX": "1",
        }
        command = [sys.executable, "-c", "from mnist_core.runs.worker import main; main()"]
        return subprocess.Popen(command, cwd=PROJECT, env=environment, stdin=subprocess.DEVNULL)

    def _accept(self) -> None:
        """Let the processes in that were started; each says its name first."""
        while not self._closed:
            try:
                pipe = self._listener.accept()
                name = str(pipe.recv())
            except Exception:
                # Whoever does not know the key is not let in, and a process may end while it comes in.
                if self._closed:
                    return
                continue
            with self._lock:
                self._pipes[name] = pipe
            threading.Thread(target=self._receive, args=(name, pipe), daemon=True).start()

    def _receive(self, name: str, pipe: Connection) -> None:
        while True:
            try:
                result = pipe.recv()
            except (OSError, EOFError):
                self._lost(name)
                return
            with self._lock:
                order = self._orders.pop(name, None)
            self.answers.put(Answer(name, order, result))

    def _lost(self, name: str) -> None:
        with self._lock:
            pipe = self._pipes.pop(name, None)
            order = self._orders.pop(name, None)
        if pipe is not None:
            pipe.close()
        if pipe is not None or order is not None:
            self.answers.put(Answer(name, order, None))

    def pids(self) -> list[int]:
        """The processes that there are now."""
        return [process.pid for process in self._processes.values()]
