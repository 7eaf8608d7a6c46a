"""A worker: holds trainings in memory and moves them on, slice by slice. It knows nothing of files of runs.

`Trainings` is what every worker has, on this computer or in a cluster; `main` is the process of this computer.
"""

import gc
import os
import signal
import time
import traceback
from collections import OrderedDict
from collections.abc import Callable
from multiprocessing.connection import Client
from pathlib import Path

from threadpoolctl import threadpool_limits

from mnist_core.data.dataset import Dataset
from mnist_core.errors import InputError
from mnist_core.runs.limits import worker_memory
from mnist_core.runs.live_training import LiveTraining
from mnist_core.runs.run_images import RunImages
from mnist_core.runs.run_records import RunInfo
from mnist_core.runs.slices import Result, Slice, State

ADDRESS = "DIGIT_DIRECTOR_ADDRESS"
KEY = "DIGIT_DIRECTOR_KEY"
NAME = "DIGIT_WORKER_NAME"
"""Set by a director for the workers that it starts: where it listens, a secret that only they know, and their name."""
NICENESS = 15
FEW = 4
"""With more trainings than this, each gives back between slices what it can."""


class Trainings:
    """The trainings that a worker holds, the least recently used first, up to `budget` bytes."""

    def __init__(self, load: Callable[[RunInfo], Dataset], budget: int) -> None:
        self._load, self._budget = load, budget
        self._held: OrderedDict[str, LiveTraining] = OrderedDict()
        self._bytes: dict[str, int] = {}
        self._forgotten = False

    def move_on(self, order: Slice) -> Result:
        """Do a slice. Whatever goes wrong with one training is told in the result, and touches no other."""
        start = time.monotonic()
        try:
            result = self._move_on(order)
        except InputError as error:
            result = self._failed(order, str(error))
        except MemoryError:
            result = self._failed(order, "There is not enough memory for this network and batch size.")
        except Exception as error:
            # One faulty run must not take the others down with it.
            traceback.print_exc()
            result = self._failed(order, f"The training ended by a fault of this program ({type(error).__name__}).")
        result.seconds = time.monotonic() - start
        if self._forgotten:
            # A training refers to itself in circles; its memory should not wait until they are found by chance. Only
            # here: before, somebody still has it in hand.
            self._forgotten = False
            gc.collect()
        return result

    def close(self) -> None:
        """Let all go, whatever is unsaved."""
        for run in list(self._held):
            self._forget(run)

    def _failed(self, order: Slice, message: str) -> Result:
        self._forget(order.run)
        return Result(order.run, "failed", message=message)

    def _move_on(self, order: Slice) -> Result:
        if order.begin:
            # Whatever is still held of it is older than what the director knows.
            self._forget(order.run)
            dataset = self._load(order.info) if order.images is None else order.images
            self._held[order.run] = LiveTraining(order.info, dataset, order.state, order.lesson)
        training = self._held.get(order.run)
        if training is None:
            return Result(order.run, "missing")
        self._held.move_to_end(order.run)
        if order.release:
            result = Result(order.run, step=training.trainer.step, epoch=training.trainer.epoch)
            result.released[order.run] = self._give_away(order.run)
            return result
        result = training.move_on(order)
        if training.ended:
            self._forget(order.run)
        else:
            if len(self._held) > FEW:
                training.free()
                result.memory = training.memory()
            self._bytes[order.run] = result.memory
        result.released = self._make_room(order.run)
        return result

    def _make_room(self, keep: str) -> dict[str, State | None]:
        """Give trainings away until the rest fits. One that rests in the middle of a step goes only if it has to."""
        released = {}
        for run in sorted(self._held, key=lambda run: not self._held[run].between_steps):
            if sum(self._bytes.values()) <= self._budget:
                break
            if run != keep:
                released[run] = self._give_away(run)
        return released

    def _give_away(self, run: str) -> State | None:
        """The state of a training, which is then held no longer; None if the last one that was given is still good."""
        training = self._held[run]
        state = None
        if training.unsaved and training.between_steps:
            try:
                state = training.state()
            except InputError:
                # It has diverged; the next worker finds out by itself, from the last good state.
                state = None
        self._forget(run)
        return state

    def _forget(self, run: str) -> None:
        training = self._held.pop(run, None)
        self._bytes.pop(run, None)
        if training is not None:
            training.drop()
            self._forgotten = True


def main() -> None:
    """Answer the slices of the director that started this process, until it is gone."""
    # Ctrl-C at a terminal is meant for the director, which then ends its workers.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    if hasattr(os, "nice"):
        # Whoever waits for a page or an answer comes before whoever waits for a training.
        os.nice(NICENESS)
    with Client(os.environ[ADDRESS], authkey=bytes.fromhex(os.environ[KEY])) as director:
        shared = Path(os.environ["DIGIT_RUNS_DIR"]) / "dataset"
        with threadpool_limits(1, user_api="blas"):
            # At once, so that others are let in; what is sent here meanwhile waits.
            director.send(os.environ[NAME])
            images = RunImages(shared)
            # Most runs learn from the usual images: they are there before the first one comes.
            images.load_usual()
            trainings = Trainings(images.load, worker_memory())
            # What is there now stays: it need not be looked at whenever a training has gone.
            gc.freeze()
            while True:
                try:
                    director.send(trainings.move_on(director.recv()))
                except (EOFError, ConnectionError):
                    # The director is gone: whatever was not yet told is computed again by another.
                    os._exit(0)
