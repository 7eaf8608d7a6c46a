"""A class that trains at once: what each of many open Train pages sees, as its browser would.

Run it with: python -m benchmarks.classroom
"""

import asyncio
import contextlib
import dataclasses
import json
import multiprocessing
import os
import signal
import statistics
import sys
import time
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from threading import BrokenBarrierError
from typing import Any

import click
import numpy as np
from threadpoolctl import threadpool_limits
from websockets.exceptions import WebSocketException

from benchmarks.page_session import UnexpectedPageError
from benchmarks.samples import sample_drawings
from benchmarks.simulated_users import make_strokes, simulate
from benchmarks.train_session import TrainPage, open_page, open_pages, open_room
from benchmarks.training_processes import Footprint, footprint
from mnist_core import InputError, Recognizer
from mnist_core.data import load_mnist
from mnist_core.recipes import catalog
from mnist_core.runs import Curves, Run, RunStore
from mnist_core.training import Trainer, TrainingConfig

Row = dict[str, Any]
LOOK = 0.02
"""Seconds between two looks at a run's folder: looking too often would itself slow down what is measured."""
DRAW_SECONDS = 20
SETTLE_SECONDS = 3.0
LONG = 10_000
"""Epochs of a training that is not meant to come to its end."""
SMALL = TrainingConfig(
    ("flatten", "dense 32", "relu", "dense 10"), train_images=10_000, validation=500, batch_size=32, epochs=LONG
)
FAILURES = (TimeoutError, UnexpectedPageError, WebSocketException, InputError, OSError)


@click.command()
@click.option("--users", type=click.IntRange(1, 500), default=30, show_default=True, help="How many train at once.")
@click.option("--epochs", type=click.IntRange(1, LONG), default=5, show_default=True, help="How long each trains.")
@click.option("--crowd", type=click.IntRange(1, 100), default=100, show_default=True, help="Runs of the one visitor.")
@click.option("--tries", type=click.IntRange(1), default=5, show_default=True, help="Of each control.")
@click.option("--only", help="Only this measurement.")
@click.option("--json", "as_json", is_flag=True, help="Print the results as JSON.")
def main(users: int, epochs: int, crowd: int, tries: int, only: str | None, as_json: bool) -> None:
    """Measure what a class sees on the Train page."""
    # Ended by a signal, too, the program still stops what it started.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    measures: dict[str, Callable[[], Row]] = {
        "start": lambda: asyncio.run(start_together(users, epochs)),
        "alone": lambda: asyncio.run(start_together(1, epochs)),
        "sequential": lambda: sequential(users, epochs),
        "crowded": lambda: asyncio.run(crowded(crowd)),
        "controls": lambda: asyncio.run(controls(users, tries)),
        "draw": lambda: asyncio.run(draw(users)),
    }
    if only is not None and only not in measures:
        raise click.BadParameter(f"expected one of {', '.join(measures)}.", param_hint="--only")
    results: dict[str, Row] = {}
    for name, measure in measures.items():
        if only not in (None, name):
            continue
        click.echo(f"{name} ...", err=True)
        results[name] = measure()
        if name == "sequential" and "start" in results:
            compare(results["start"], results[name])
        if not as_json:
            click.echo(text(name, results[name]))
    if as_json:
        click.echo(json.dumps(results, indent=2))


def text(name: str, row: Row) -> str:
    """A measurement as lines."""
    width = max(map(len, row))
    shown = [f"  {key.replace('_', ' ').ljust(width)}  {'–' if value is None else value}" for key, value in row.items()]
    return "\n".join([name, *shown, ""])


def compare(together: Row, one_after_another: Row) -> None:
    """Set the last page's seconds in relation to those of the bare work."""
    for key in ("last_trained_s", "last_finished_s"):
        last = together[key]
        ratio = None if last is None else round(last / one_after_another["seconds"], 3)
        one_after_another[f"{key.removesuffix('_s')}_ratio"] = ratio


# The room in which all takes place.


def address(epochs: int, seed: int = 0) -> str:
    return f"preset=mlp&epochs={epochs}&seed={seed}"


# What is measured.


async def start_together(users: int, epochs: int) -> Row:
    """All press Start at the same moment, and watch until their runs are finished."""
    patience = 120.0 + 15.0 * users * epochs
    with open_room() as room:
        async with open_pages(room, [address(epochs, seed) for seed in range(users)]) as pages:
            # Nobody presses Start in the first moments of a server: its workers are warm by then.
            await asyncio.sleep(SETTLE_SECONDS)
            before, own_before = room.server.cpu_seconds(), time.process_time()

            async def train(page: TrainPage) -> float:
                pressed = await page.press("start")
                await page.wait_for(lambda: bool(page.finished), patience)
                return pressed

            outcomes = await asyncio.gather(*(train(page) for page in pages), return_exceptions=True)
            after, own = room.server.cpu_seconds(), time.process_time() - own_before
        done = [(page, began) for page, began in zip(pages, outcomes, strict=True) if isinstance(began, float)]
        tell([outcome for outcome in outcomes if isinstance(outcome, BaseException)])
        tell(sorted({trouble for page in pages for trouble in page.troubles}))
        first = [page.steps[0][0] - began for page, began in done if page.steps]
        still = [page.standstill() for page, _ in done]
        trained = [(page.trained or page.finished) - began for page, began in done]
        finished = [page.finished - began for page, began in done]
    return {
        "users": users,
        "epochs": epochs,
        "first_step_median_s": seconds(first, statistics.median),
        "first_step_p95_s": seconds(first, p95),
        "first_step_worst_s": seconds(first, max),
        "standstill_median_s": seconds(still, statistics.median),
        "standstill_worst_s": seconds(still, max),
        "steps_seen_median": statistics.median(len(page.steps) for page in pages),
        "last_trained_s": seconds(trained, max),
        "last_finished_s": seconds(finished, max),
        "server_cpu_s": None if before is None or after is None else round(after - before, 2),
        "sessions_cpu_s": round(own, 2),
        "errors": users - len(done) + sum(len(page.troubles) for page in pages),
    }


def sequential(users: int, epochs: int) -> Row:
    """The same trainings without pages: two processes, each of which does half of them one after another."""
    spawn = multiprocessing.get_context("spawn")
    barrier = spawn.Barrier(3)
    seeds = list(range(users))
    before = os.environ.get("OPENBLAS_NUM_THREADS")
    os.environ["OPENBLAS_NUM_THREADS"] = "1"
    halves = [spawn.Process(target=_train_all, args=(barrier, seeds[half::2], epochs)) for half in range(2)]
    try:
        for process in halves:
            process.start()
        # The time begins when both are ready to train.
        barrier.wait(120)
        began = time.perf_counter()
        for process in halves:
            process.join()
        passed = time.perf_counter() - began
        if any(process.exitcode for process in halves):
            raise click.ClickException("a training failed")
    except BrokenBarrierError:
        raise click.ClickException("the trainings did not start") from None
    finally:
        for process in halves:
            if process.is_alive():
                process.terminate()
        if before is None:
            del os.environ["OPENBLAS_NUM_THREADS"]
        else:
            os.environ["OPENBLAS_NUM_THREADS"] = before
    return {"users": users, "epochs": epochs, "seconds": round(passed, 2)}


def _train_all(barrier: Any, seeds: Sequence[int], epochs: int) -> None:
    dataset = load_mnist()
    with threadpool_limits(1, user_api="blas"):
        barrier.wait(120)
        for seed in seeds:
            config = dataclasses.replace(catalog.get("mlp").config, epochs=epochs, seed=seed)
            for _ in Trainer(config, dataset, threads=1).run():
                pass


async def crowded(crowd: int) -> Row:
    """Somebody presses Start while one visitor has many runs going; and what the training takes of the computer."""
    with open_room() as room:
        other = room.visitor()
        runs = await asyncio.to_thread(start_runs, room.store, [other] * crowd)
        async with watched(runs):
            page = await open_page(room, address(LONG))
            others_page = await open_page(room, "", other)
            await asyncio.sleep(5)
            prints = [footprint(room.store.root, room.server.pid)]
            first = None
            try:
                pressed = await page.press("start")
                first = await page.first_step(600) - pressed
            except FAILURES as error:
                tell([error])
            prints.append(footprint(room.store.root, room.server.pid))
            server = room.server.megabytes()
            await asyncio.gather(page.close(), others_page.close())
        tell(page.troubles)
    return {
        "runs": crowd,
        "first_step_s": None if first is None else round(first, 2),
        "processes": most(prints, "processes"),
        "rss_mb": most(prints, "rss"),
        "pss_mb": most(prints, "pss"),
        "server_mb": None if server is None else round(server),
        "errors": (first is None) + len(page.troubles),
    }


async def controls(users: int, tries: int) -> Row:
    """How soon a run follows its page, among others that are going."""
    times: dict[str, list[float]] = {"rate": [], "pause": [], "one_step": [], "stop": []}
    errors = 0
    with open_room() as room:
        others = [room.visitor() for _ in range(max(0, users - 1))]
        runs = await asyncio.to_thread(start_runs, room.store, others)
        secret = room.visitor()
        async with watched(runs):
            page = await open_page(room, address(LONG), secret)
            for number in range(tries):
                try:
                    await _control(room.store, secret, page, number, times)
                except FAILURES as error:
                    tell([error])
                    errors += 1
            await page.close()
        tell(page.troubles)
        errors += len(page.troubles)
    row: Row = {"users": users, "tries": tries}
    for name, passed in times.items():
        row[f"{name}_median_s"], row[f"{name}_worst_s"] = seconds(passed, statistics.median), seconds(passed, max)
    return row | {"errors": errors}


async def _control(store: RunStore, secret: str, page: TrainPage, number: int, times: dict[str, list[float]]) -> None:
    """Start a run, change its rate, pause it, let it take one step, let it go on and stop it."""
    known = len(store.runs(secret))
    await page.press("start")
    await come_true("new run", lambda: len(store.runs(secret)) > known)
    run = store.runs(secret)[-1]
    curves = Curves(run.file("metrics.jsonl"))
    rate = round(0.0015 - 0.0001 * number, 6)

    def begun() -> bool:
        curves.read()
        return len(curves) > 0

    def changed() -> bool:
        curves.read()
        return any(change.get("learning_rate") == rate for change in curves.changes)

    try:
        await come_true("first point", begun, 120)
        pressed = await page.set_number(f"change_rate_{run.id}", rate)
        times["rate"].append(await come_true("changed rate", changed) - pressed)

        pressed = await page.press("pause")
        times["pause"].append(await come_true("pause", lambda: run.status.state == "paused") - pressed)

        step = run.status.step
        pressed = await page.press("one_step")
        stepped = await come_true("one step", lambda: run.status.step > step and run.status.state == "paused")
        times["one_step"].append(stepped - pressed)

        await page.press("resume")
        await come_true("going on", lambda: run.status.state == "training", 120)
        pressed = await page.press("stop")
        stopped = await come_true("stop", lambda: run.status.state in ("measuring", "stopped"))
        times["stop"].append(stopped - pressed)
        await come_true("end", lambda: run.status.state == "stopped", 120)
    finally:
        # What did not answer must not stand in the next one's way.
        if run.status.state != "stopped":
            store.delete(run)


async def draw(users: int) -> Row:
    """As many draw as train."""
    recognizer = Recognizer.load("default")
    with threadpool_limits(1, user_api="blas"):
        strokes = make_strokes(recognizer, sample_drawings(100))
    with open_room() as room:
        async with open_pages(room, [address(LONG, seed) for seed in range(users)]) as pages:

            async def train(page: TrainPage) -> None:
                await page.press("start")
                await page.first_step(30)

            began = await asyncio.gather(*(train(page) for page in pages), return_exceptions=True)
            tally = await asyncio.to_thread(simulate, room.server, "default", users, float(DRAW_SECONDS), strokes)
            training = sum(page.state == "Training" for page in pages)
        tell(sorted({trouble for page in pages for trouble in page.troubles}))
    times = tally.milliseconds
    return {
        "users": users,
        "begun": sum(outcome is None for outcome in began),
        "training_in_the_end": training,
        "strokes": len(times),
        "stroke_median_ms": round(statistics.median(times), 1) if times else None,
        "stroke_p95_ms": round(p95(times), 1) if times else None,
        "errors": tally.errors + sum(len(page.troubles) for page in pages),
    }


# What these have in common.


def start_runs(store: RunStore, secrets: Sequence[str]) -> list[Run]:
    """A small run of many epochs for each visitor."""
    runs = [
        store.create(secret, dataclasses.replace(SMALL, seed=seed), f"run {seed}")
        for seed, secret in enumerate(secrets)
    ]
    for run in runs:
        store.start(run)
    return runs


@asynccontextmanager
async def watched(runs: Sequence[Run]) -> AsyncIterator[None]:
    """As if pages looked at these runs: none of them is paused because nobody watches."""

    async def look() -> None:
        while True:
            for run in runs:
                run.watch()
            await asyncio.sleep(2)

    task = asyncio.create_task(look())
    try:
        yield
    finally:
        task.cancel()


async def come_true(what: str, condition: Callable[[], bool], patience: float = 60.0) -> float:
    """Look again and again until it is so; returns the moment. Raises TimeoutError."""
    end = time.perf_counter() + patience
    while time.perf_counter() < end:
        with contextlib.suppress(InputError):
            if condition():
                return time.perf_counter()
        await asyncio.sleep(LOOK)
    raise TimeoutError(f"{what}: not within {patience:g} s")


def p95(values: Sequence[float]) -> float:
    return float(np.percentile(values, 95))


def seconds(values: Sequence[float], pick: Callable[[Sequence[float]], float]) -> float | None:
    """One figure of many, None if there are none."""
    return round(float(pick(values)), 3) if values else None


def most(prints: Sequence[Footprint], what: str) -> float | None:
    """The highest that was found, None where it cannot be known."""
    values = [value for value in (getattr(found, what) for found in prints) if value is not None]
    return round(max(values)) if values else None


def tell(troubles: Sequence[object]) -> None:
    """Say what went wrong."""
    for trouble in troubles:
        kind = f"{type(trouble).__name__} " if isinstance(trouble, BaseException) else ""
        click.echo(f"  {kind}{trouble}", err=True)


if __name__ == "__main__":
    main(prog_name="python -m benchmarks.classroom")
