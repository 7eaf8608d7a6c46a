"""Several threads at one batch: each takes a part of it through the network, in a lane of its own.

For speed alone: computes the same as Network.forward and Network.backward in a single thread, up to rounding and to
what dropout draws.

NumPy lets other threads run while it computes inside a large array, so two lanes use two processor cores, for
element-wise work as well as for matrix products. What is added up over the lanes is added in their order, never in the
order in which they happen to finish: the same number of lanes gives the same sums, bit for bit.
"""

import contextvars
import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

import numpy as np

T = TypeVar("T")


class Meeting:
    """A place where every lane brings an array and sees what the others have brought."""

    lanes: int
    # Two tables in turn: a fast lane may lay its next array down while a slow one still reads.
    _tables: tuple[list[np.ndarray], list[np.ndarray]]
    _turn: list[int]
    _barrier: threading.Barrier

    def __init__(self) -> None:
        self.open(1)

    def open(self, lanes: int) -> None:
        """Be ready for so many lanes; none may be waiting."""
        self.lanes = lanes
        self._tables = [np.empty(0)] * lanes, [np.empty(0)] * lanes
        self._turn = [0] * lanes
        self._barrier = threading.Barrier(lanes)

    def gather(self, lane: int, value: np.ndarray) -> list[np.ndarray]:
        """The arrays that all lanes bring, in the order of the lanes; nobody may change them.

        Every lane has to come equally often. Raises threading.BrokenBarrierError in the others if one gave up.
        """
        self._turn[lane] ^= 1
        table = self._tables[self._turn[lane]]
        table[lane] = value
        if self.lanes > 1:
            self._barrier.wait()
        return table

    def give_up(self) -> None:
        """Let nobody wait for a lane that has failed."""
        self._barrier.abort()

    @property
    def broken(self) -> bool:
        """Whether a lane gave up."""
        return self._barrier.broken


class Lanes:
    """Threads that wait for work: lane 0 is the caller itself."""

    def __init__(self, count: int) -> None:
        self.count = count
        self.meeting = Meeting()
        self._pool = ThreadPoolExecutor(count - 1, "lane") if count > 1 else None

    def run(self, task: Callable[[int], T], count: int) -> list[T]:
        """task(0), task(1), ... at once, in `count` lanes; returns their results in that order.

        It returns when all have ended. If some failed, the error of the first that failed by itself is raised; the
        others can see it by `meeting.broken`, and end sooner. Raises ValueError unless count is 1 to self.count.
        """
        if not 1 <= count <= self.count:
            raise ValueError(f"lanes: expected 1 to {self.count}, found {count}")
        if self.meeting.lanes != count or self.meeting.broken:
            self.meeting.open(count)
        if self._pool is None or count == 1:
            return [task(0)]

        def guarded(lane: int) -> T:
            try:
                return task(lane)
            except BaseException:
                self.meeting.give_up()
                raise

        # A copy of the context brings NumPy's error settings into the other threads.
        others: list[Future[T]] = []
        errors: list[BaseException] = []
        results: list[T] = []
        try:
            for lane in range(1, count):
                others.append(self._pool.submit(contextvars.copy_context().run, guarded, lane))
            results.append(guarded(0))
        except BaseException as error:
            # A thread that could not be started fails here, too.
            self.meeting.give_up()
            errors.append(error)
        for other in others:
            try:
                results.append(other.result())
            except BaseException as error:
                errors.append(error)
        if errors:
            raise next((error for error in errors if not isinstance(error, threading.BrokenBarrierError)), errors[0])
        return results
