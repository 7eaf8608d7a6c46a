"""The same training by this project and by its rivals: each runs in a process of its own.

A process is started as `python -m benchmarks.contenders WHO NETWORK OPTIMIZER FOLDER`. It answers every line that it is
sent with a line of JSON. "losses": the loss of each of the steps that all must agree in. "epoch": it trains for two
epochs and answers with the seconds of the second, because the first brings data and buffers back into the caches.
"about": what it runs on.
"""

import functools
import json
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Protocol

from benchmarks.cases import Task, case, checked_task, timed_task
from benchmarks.ours import Ours, about
from benchmarks.rivals_jax import Jax
from benchmarks.rivals_sklearn import Sklearn
from benchmarks.rivals_torch import Torch


class Training(Protocol):
    """One training by one contender. losses: of each step of the first epoch. epochs: seconds of each epoch."""

    def losses(self) -> list[float]: ...

    def epochs(self) -> Iterator[float]: ...


CONTENDERS: dict[str, Callable[[Task], Training]] = {
    "ours": Ours,
    "pytorch": Torch,
    "fused": functools.partial(Torch, fused=True),
    "compiled": functools.partial(Torch, fused=True, compiled=True),
    "jax": Jax,
    "sklearn": Sklearn,
}


def main(who: str, network: str, optimizer: str, folder: str) -> None:
    chosen, make, epochs = case(network), CONTENDERS[who], None
    for line in sys.stdin:
        answer: Any
        match line.strip():
            case "losses":
                answer = make(checked_task(chosen, optimizer, Path(folder))).losses()
            case "about":
                answer = about()
            case _:
                epochs = epochs or make(timed_task(chosen, optimizer, Path(folder))).epochs()
                next(epochs)
                answer = next(epochs)
        print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
