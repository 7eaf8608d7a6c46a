"""One run trained to its end by this very process: for a terminal, without director and workers."""

from collections.abc import Callable
from pathlib import Path

from threadpoolctl import threadpool_limits

from mnist_core.errors import InputError
from mnist_core.runs.folder import Run
from mnist_core.runs.going import GoingRun
from mnist_core.runs.limits import worker_memory
from mnist_core.runs.run_images import RunImages
from mnist_core.runs.run_records import Status
from mnist_core.runs.worker import Trainings
from mnist_core.training.report import Report

SECONDS = 0.25


def train_alone(run: Run, shared: Path, on_report: Callable[[Report], None]) -> Status:
    """Train a run until it is finished, stopped or paused; returns what became of it.

    shared: the folder in which datasets lie unpacked.
    Raises InputError if it is damaged, or if the director or another process has it in hand.
    """
    if run.is_held(patience=0.1):
        raise InputError(f"run {run.id}: another process is training it.")
    run.wake()
    going = GoingRun(run, on_report)
    trainings = Trainings(RunImages(shared).load, worker_memory())
    try:
        with threadpool_limits(1, user_api="blas"):
            while going.going:
                result = trainings.move_on(going.next_slice(SECONDS))
                going.worker = "this process"
                going.take(result)
                if going.going:
                    going.read_control()
            while (order := going.saving_slice() or going.finishing_slice(linger=0.0)) is not None:
                going.take(trainings.move_on(order))
    finally:
        going.close()
    if not run.exists():
        raise InputError(f"run {run.id}: it was deleted.")
    return going.status
