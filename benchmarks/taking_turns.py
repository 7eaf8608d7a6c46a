"""What it costs that many trainings take turns: thirty in two processes, beside the same one after another.

Run it with: python -m benchmarks.taking_turns
"""

import contextlib
import json
import statistics
import time
from typing import Any

import click

from benchmarks.contender_process import Contender
from benchmarks.speed_page import markdown, write_table
from benchmarks.turns_process import PROCESSES

WAYS = ("turns", "after")
Row = dict[str, Any]


@click.command()
@click.option("--trainings", type=click.IntRange(PROCESSES), default=30, show_default=True)
@click.option("--epochs", type=click.IntRange(1, 100), default=1, show_default=True)
@click.option("--repetitions", type=click.IntRange(1, 100), default=7, show_default=True)
@click.option("--write", is_flag=True, help="Write the table into docs/speed.md.")
@click.option("--json", "as_json", is_flag=True, help="Print the results as one line of JSON.")
def main(trainings: int, epochs: int, repetitions: int, write: bool, as_json: bool) -> None:
    """Train 784-128-10 many times: in turns, as workers do, and one after another, alternately.

    Two processes of one thread each share the trainings. The sum is the time of both processes, added up.
    """
    with contextlib.ExitStack() as stack:
        processes = [
            stack.enter_context(
                contextlib.closing(
                    Contender("benchmarks.turns_process", str(first), str(trainings), str(epochs), threads=1)
                )
            )
            for first in range(PROCESSES)
        ]
        sums: dict[str, list[float]] = {way: [] for way in WAYS}
        for _ in range(repetitions):
            for way, found in sums.items():
                for process in processes:
                    process.send(way)
                found.append(sum(process.answer() for process in processes))
                time.sleep(0.5)
    median = {way: statistics.median(found) for way, found in sums.items()}
    row = {
        "trainings": trainings,
        "epochs": epochs,
        "seconds": {way: round(value, 3) for way, value in median.items()},
        "ratio": round(median["after"] / median["turns"], 3),
    }
    click.echo(json.dumps(row) if as_json else table(row))
    if write:
        write_table("taking turns", table(row))


def table(row: Row) -> str:
    head = ["trainings of 784-128-10", "epochs each", "in turns", "one after another", "ratio"]
    seconds = [f"{row['seconds'][way]:.1f} s" for way in WAYS]
    return markdown(head, [[str(row["trainings"]), str(row["epochs"]), *seconds, f"{row['ratio']:.3f}"]])


if __name__ == "__main__":
    main(prog_name="python -m benchmarks.taking_turns")
