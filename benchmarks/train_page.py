"""What training through the Train page costs, and how quickly it answers.

Run it with: python -m benchmarks.train_page
"""

import dataclasses
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click
import numpy as np
from playwright.sync_api import Page, sync_playwright
from streamlit.testing.v1 import AppTest

from benchmarks.browser import measure_in_browser
from benchmarks.served_app import ROOT, ServedApp, served_app
from mnist_core.recipes.catalog import get
from mnist_core.runs.curves_file import Curves
from mnist_core.runs.folder import Run
from mnist_core.runs.store import RunStore
from mnist_core.training.config import TrainingConfig
from tests.chromium import FLAGS, find_chromium

Row = dict[str, Any]
SECRET = "A" * 22
CALM = 0.05
"""Seconds between two looks, where looking too often would itself slow down what is measured."""
TINY = TrainingConfig(("flatten", "dense 16", "relu", "dense 10"), train_images=2000, validation=500, epochs=100)


@click.command()
@click.option("--only", help="Only this measurement.")
@click.option("--runs", type=click.IntRange(2), default=200, show_default=True, help="How many for the leak test.")
@click.option("--json", "as_json", is_flag=True, help="Print the results as JSON.")
def main(only: str | None, runs: int, as_json: bool) -> None:
    """Measure the Train page with real workers and a real Chromium."""
    measures: dict[str, Callable[[], Row]] = {
        "overhead": overhead,
        "answers": answers,
        "draw": draw_while_training,
        "long": long_run,
        "leaks": lambda: leaks(runs),
    }
    if only is not None and only not in measures:
        raise click.BadParameter(f"expected one of {', '.join(measures)}.", param_hint="--only")
    results = {}
    for name, measure in measures.items():
        if only in (None, name):
            click.echo(f"{name}: {(measure.__doc__ or 'Runs started and stopped.').splitlines()[0]}", err=True)
            results[name] = measure()
            if not as_json:
                click.echo(f"{name}: " + ", ".join(f"{key} {value}" for key, value in results[name].items()))
    if as_json:
        click.echo(json.dumps(results, indent=2))


def wait(condition: Callable[[], bool], seconds: float = 120, pause: float = 0.005) -> float:
    """Wait until it is so; returns the seconds that it took."""
    start = time.perf_counter()
    while not condition():
        if time.perf_counter() - start > seconds:
            raise click.ClickException("waited too long")
        time.sleep(pause)
    return time.perf_counter() - start


@contextmanager
def app() -> Iterator[tuple[ServedApp, RunStore]]:
    """The app with a folder for runs of its own."""
    with tempfile.TemporaryDirectory() as folder:
        store = RunStore(Path(folder))
        with served_app({"DIGIT_RUNS_DIR": folder}) as server:
            yield server, store


@contextmanager
def browser_page(server: ServedApp, path: str) -> Iterator[Page]:
    """A page of the app, opened by the visitor whose secret this program knows."""
    executable = find_chromium()
    if executable is None:
        raise click.ClickException("This needs Chromium (Debian: apt-get install chromium).")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=executable, args=list(FLAGS))
        context = browser.new_context(viewport={"width": 1400, "height": 1200})
        url = f"http://localhost:{server.port}"
        context.add_cookies([{"name": "digit_visitor", "value": SECRET, "url": url}])
        page = context.new_page()
        page.goto(f"{url}/{path}")
        page.locator(".st-key-start button").wait_for()
        page.wait_for_timeout(1500)
        yield page
        browser.close()


def newest(store: RunStore) -> Run:
    return store.runs(SECRET)[-1]


def overhead() -> Row:
    """The same training (mlp, 3 epochs): by the command line, with a page that watches, with Chromium on these cores.

    The page in the second case is drawn by a process of its own once in a second, as a server does for a browser on
    another computer; in the third case the browser takes its share of this computer's processor, too.
    """
    seconds: dict[str, list[float]] = {"command": [], "page": [], "browser": []}
    for _ in range(6):
        with tempfile.TemporaryDirectory() as out:
            command = [sys.executable, "-m", "mnist_core", "train", "--recipe", "mlp", "--epochs", "3"]
            # As a run of the page that has no convolutions.
            command += ["--threads", "1"]
            done = subprocess.run([*command, "--out", out, "--json"], cwd=ROOT, capture_output=True, check=True)
        seconds["command"].append(float(json.loads(done.stdout)["seconds"]))
        with tempfile.TemporaryDirectory() as folder:
            store = RunStore(Path(folder))
            run = store.create(SECRET, dataclasses.replace(get("mlp").config, epochs=3), "watched")
            command = [sys.executable, "-m", "benchmarks.watcher", SECRET]
            variables = os.environ | {"DIGIT_RUNS_DIR": folder}
            watcher = subprocess.Popen(command, cwd=ROOT, env=variables, stderr=subprocess.DEVNULL)
            time.sleep(3)
            store.start(run)
            seconds["page"].append(_training_seconds(run))
            watcher.kill()
            watcher.wait()
        with app() as (server, store), browser_page(server, "train?preset=mlp&epochs=3") as page:
            page.locator(".st-key-start button").click()
            wait(lambda store=store: bool(store.runs(SECRET)), pause=CALM)  # type: ignore[misc]
            seconds["browser"].append(_training_seconds(newest(store)))
    row: Row = {f"{name}_seconds": round(statistics.median(times[1:]), 2) for name, times in seconds.items()}
    for name in ("page", "browser"):
        ratios = [own / alone for own, alone in zip(seconds[name][1:], seconds["command"][1:], strict=True)]
        row[f"{name}_ratio"] = round(statistics.median(ratios), 3)
    return row


def _training_seconds(run: Run) -> float:
    """From the first step to the last, by the clock on the wall."""
    wait(lambda: run.status.state == "training", pause=CALM)
    passed = wait(lambda: run.status.state in ("measuring", "finished"), pause=CALM)
    wait(lambda: run.status.state == "finished", pause=CALM)
    return passed


def answers() -> Row:
    """From Start to the first point on the page, and from Pause and Stop to the last step, ten times each."""
    first, pauses, stops = [], [], []
    with app() as (server, store), browser_page(server, "train?preset=mlp&epochs=1000") as page:
        for number in range(11):
            start = time.perf_counter()
            page.locator(".st-key-start button").click()
            page.get_by_role("heading", name=_title(number)).wait_for()
            page.locator(".facts").get_by_text("%").first.wait_for()
            page.get_by_test_id("stVegaLiteChart").first.locator("canvas, svg").first.wait_for()
            first.append(time.perf_counter() - start)
            run = newest(store)
            page.wait_for_timeout(1500)
            page.locator(".st-key-pause button").click()
            pauses.append(wait(lambda run=run: run.status.state == "paused"))  # type: ignore[misc]
            page.locator(".st-key-resume button").click()
            wait(lambda run=run: run.status.state == "training")  # type: ignore[misc]
            page.wait_for_timeout(1000)
            page.locator(".st-key-stop button").click()
            stops.append(wait(lambda run=run: run.status.state in ("measuring", "stopped")))  # type: ignore[misc]
            wait(lambda run=run: run.status.state == "stopped")  # type: ignore[misc]
            page.locator(".st-key-use button").wait_for()
    return {
        f"{name}_{what}_ms": round(1000 * pick(times[1:]))
        for name, times in (("first_point", first), ("pause", pauses), ("stop", stops))
        for what, pick in (("median", statistics.median), ("max", max))
    }


def _title(number: int) -> str:
    return "Multi-layer perceptron" + (f" {number + 1}" if number else "")


def draw_while_training() -> Row:
    """From pointer up to the answer on the Draw page, while two runs train."""
    executable = find_chromium()
    if executable is None:
        raise click.ClickException("This needs Chromium (Debian: apt-get install chromium).")
    with app() as (server, store):
        runs = [store.create(SECRET, get(name).config, name) for name in ("small-cnn", "mlp")]
        runs[1] = store.create(SECRET, dataclasses.replace(get("mlp").config, epochs=1000), "mlp")
        for run in (runs[0], runs[1]):
            store.start(run)
        wait(lambda: all(run.status.state == "training" for run in runs))
        strokes = measure_in_browser(executable, server.port, "small-cnn", 40)
        times = [stroke.up_to_answer for stroke in strokes]
        assert all(run.status.state == "training" for run in runs)
        for run in runs:
            store.delete(run)
    return {"median_ms": round(statistics.median(times)), "p95_ms": round(float(np.percentile(times, 95)))}


def long_run() -> Row:
    """A page that watches a run of 100,000 steps: the server's memory, and the time of an update."""
    config = dataclasses.replace(TINY, batch_size=2, epochs=100, validation=500)
    with app() as (server, store), browser_page(server, "train") as page:
        page.wait_for_timeout(3000)
        run = store.create(SECRET, dataclasses.replace(config, epochs=1, train_images=200), "warm-up")
        store.start(run)
        wait(lambda: run.status.state == "finished")
        page.reload()
        page.get_by_test_id("stVegaLiteChart").first.wait_for()
        page.wait_for_timeout(3000)
        before = server.megabytes()
        long = store.create(SECRET, config, "long")
        store.start(long)
        page.reload()
        wait(lambda: long.status.state == "finished", 600, 0.2)
        page.wait_for_timeout(3000)
        after = server.megabytes()
        curves = Curves(long.file("metrics.jsonl"))
        curves.read()
        assert curves.last("step") == 100_000
        os.environ["DIGIT_RUNS_DIR"] = str(store.root)
        test = AppTest.from_file(str(ROOT / "app.py"), default_timeout=60)
        test.session_state["visitor"] = SECRET
        test.run()
        test.switch_page("pages/train.py").run()
        times = []
        for _ in range(20):
            start = time.perf_counter()
            test.run()
            times.append(time.perf_counter() - start)
    growth = None if before is None or after is None else round(after - before, 1)
    return {
        "points": len(curves),
        "memory_growth_mb": growth,
        "whole_page_ms_median": round(1000 * statistics.median(times)),
        "whole_page_ms_max": round(1000 * max(times)),
    }


def leaks(count: int) -> Row:
    """Runs started and stopped, two at a time: what is left of processes, file handles and memory."""

    def handles() -> int:
        return len(os.listdir("/proc/self/fd"))

    def memory() -> float:
        lines = Path("/proc/self/status").read_text().splitlines()
        return next(int(line.split()[1]) / 1000 for line in lines if line.startswith("VmRSS:"))

    def start_and_stop(store: RunStore) -> None:
        pair = [store.create(SECRET, TINY, "run") for _ in range(2)]
        for run in pair:
            store.start(run)
        for run in pair:
            wait(lambda run=run: run.status.state in ("training", "finished"))  # type: ignore[misc]
            store.stop(run)
        for run in pair:
            wait(lambda run=run: not run.is_held())  # type: ignore[misc]
            store.delete(run)

    with tempfile.TemporaryDirectory() as folder:
        store = RunStore(Path(folder))
        for _ in range(3):
            start_and_stop(store)
        time.sleep(0.5)
        handles_before, memory_before = handles(), memory()
        for _ in range(count // 2):
            start_and_stop(store)
        time.sleep(0.5)
        listed = subprocess.run(["pgrep", "-P", str(os.getpid())], capture_output=True, text=True, check=False)
        children = len(listed.stdout.split()) - 1  # pgrep itself
        left = sum(len(files) for _, _, files in os.walk(Path(folder) / "sessions"))
        requests = len(list((Path(folder) / "director" / "inbox").iterdir()))
    return {
        "runs": 2 * (count // 2),
        "processes_left": max(0, children),
        "handles_more": handles() - handles_before,
        "memory_more_mb": round(memory() - memory_before, 1),
        "files_left": left,
        "requests_left": requests,
    }


if __name__ == "__main__":
    main(prog_name="python -m benchmarks.train_page")
