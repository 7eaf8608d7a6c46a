"""A process that trains its share of the networks: in turns, as a worker does, or one after another.

It is started as `python -m benchmarks.turns_process FIRST TRAININGS EPOCHS`; FIRST is the seed of its first training,
and every second seed is its own. It answers "turns" and "after" with the seconds that all its trainings took, in JSON.
"""

import json
import sys
import time
from collections import deque

from threadpoolctl import threadpool_limits

from benchmarks.cases import case
from mnist_core.data.dataset import load_mnist
from mnist_core.runs.limits import worker_memory
from mnist_core.runs.run_records import RunInfo
from mnist_core.runs.scheduler import LONGEST_SLICE, ROUND_SECONDS, SHORTEST_SLICE
from mnist_core.runs.slices import Slice
from mnist_core.runs.worker import Trainings
from mnist_core.training.config import TrainingConfig
from mnist_core.training.trainer import Trainer

PROCESSES = 2


def in_turns(configs: list[TrainingConfig], trainings_in_all: int) -> float:
    """Slices of the length that the scheduler gives; without what a director adds: curves, views and checkpoints."""
    seconds = min(LONGEST_SLICE, max(SHORTEST_SLICE, ROUND_SECONDS * PROCESSES / trainings_in_all))
    dataset = load_mnist()
    trainings = Trainings(lambda _: dataset, worker_memory())
    runs = {str(place): RunInfo("", config, 0.0) for place, config in enumerate(configs)}
    waiting, begun = deque(runs), set[str]()
    start = time.perf_counter()
    while waiting:
        run = waiting.popleft()
        result = trainings.move_on(Slice(run, runs[run], begin=run not in begun, seconds=seconds))
        if result.phase == "failed" or result.released:
            raise RuntimeError(result.message or "There is too little memory for all trainings.")
        begun.add(run)
        if result.phase == "training":
            waiting.append(run)
    passed = time.perf_counter() - start
    trainings.close()
    return passed


def one_after_another(configs: list[TrainingConfig]) -> float:
    dataset = load_mnist()
    start = time.perf_counter()
    for config in configs:
        for _ in Trainer(config, dataset, threads=1).run():
            pass
    return time.perf_counter() - start


def main(first: int, trainings: int, epochs: int) -> None:
    chosen = case("784-128-10")
    seeds = range(first, trainings, PROCESSES)
    configs = [TrainingConfig(chosen.layers, batch_size=chosen.batch, epochs=epochs, seed=seed) for seed in seeds]
    load_mnist()
    with threadpool_limits(1, user_api="blas"):
        for line in sys.stdin:
            answer = in_turns(configs, trainings) if line.strip() == "turns" else one_after_another(configs)
            print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    main(*(int(argument) for argument in sys.argv[1:]))
