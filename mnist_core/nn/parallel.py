"""Several threads at one batch: each takes a part of it through the network.

For speed alone: computes the same as Network.forward and Network.backward in a single thread, up to rounding and to
what dropout draws.

NumPy lets other threads run while it computes inside a large array, so two threads use two processor cores, for
element-wise work as well as for matrix products. Sums over the threads are always added in the order of the threads,
whichever finishes first: the same number of threads gives the same sums, bit for bit.
"""

import contextvars
import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

import numpy as np

T = TypeVar("T")


class Exchange:
    """Where the threads of a team give each other arrays: every thread brings one and gets those of all.

    This is the "allgather" of MPI, between threads, with a barrier inside.
    """

    threads: int
    # Two tables in turn: a fast thread may bring its next array while a slow one still reads the last ones.
    _tables: tuple[list[np.ndarray], list[np.ndarray]]
    _turn: list[int]
    _barrier: threading.Barrier

    def __init__(self) -> None:
        self.reset(1)

    def reset(self, threads: int) -> None:
        """Be ready for this number of threads, also after an `abort`; none may be waiting."""
        self.threads = threads
        self._tables = [np.empty(0)] * threads, [np.empty(0)] * threads
        self._turn = [0] * threads
        self._barrier = threading.Barrier(threads)

    def all_gather(self, thread: int, value: np.ndarray) -> list[np.ndarray]:
        """Wait for all threads, and return their arrays in the order of the threads. Do not change them.

        All threads must call it equally often. Raises threading.BrokenBarrierError if one calls `abort` instead.
        """
        self._turn[thread] ^= 1
        table = self._tables[self._turn[thread]]
        table[thread] = value
        if self.threads > 1:
            self._barrier.wait()
        return table

    def abort(self) -> None:
        """Let no thread wait any longer: one has failed."""
        self._barrier.abort()

    @property
    def broken(self) -> bool:
        """Whether a thread has called `abort`."""
        return self._barrier.broken


class ThreadTeam:
    """A fixed number of threads that run one function at the same time; thread 0 is the caller itself."""

    def __init__(self, count: int) -> None:
        self.count = count
        self.exchange = Exchange()
        self._pool = ThreadPoolExecutor(count - 1, "team") if count > 1 else None

    def run(self, task: Callable[[int], T], count: int) -> list[T]:
        """Run task(0), task(1), ... in `count` threads, wait until all have ended, and return their results.

        If a task fails, `exchange.broken` tells the others, which may then end early. Its error is raised at the end;
        if several failed, that of the first thread. Raises ValueError unless count is 1 to self.count.
        """
        if not 1 <= count <= self.count:
            raise ValueError(f"threads: expected 1 to {self.count}, found {count}")
        if self.exchange.threads != count or self.exchange.broken:
            self.exchange.reset(count)
        if self._pool is None or count == 1:
            return [task(0)]

        def guarded(thread: int) -> T:
            try:
                return task(thread)
            except BaseException:
                self.exchange.abort()
                raise

        # A copy of the context brings NumPy's error settings into the other threads.
        others: list[Future[T]] = []
        errors: list[BaseException] = []
        results: list[T] = []
        try:
            for thread in range(1, count):
                others.append(self._pool.submit(contextvars.copy_context().run, guarded, thread))
            results.append(guarded(0))
        except BaseException as error:
            # A thread that could not be started fails here, too.
            self.exchange.abort()
            errors.append(error)
        for other in others:
            try:
                results.append(other.result())
            except BaseException as error:
                errors.append(error)
        if errors:
            raise next((error for error in errors if not isinstance(error, threading.BrokenBarrierError)), errors[0])
        return results
