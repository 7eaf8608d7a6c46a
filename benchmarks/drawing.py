"""How long people wait for the answer to a stroke: in the library, in a browser, and when many draw at once.

Run it with: python -m benchmarks.drawing
"""

import json
import os
import platform
import signal
import sys
import time
from collections.abc import Callable, Sequence
from typing import Any

import click
import numpy as np
import streamlit
from PIL import Image
from playwright.sync_api import Error as PlaywrightError
from threadpoolctl import threadpool_limits
from websockets.exceptions import WebSocketException

from benchmarks.browser import measure_in_browser
from benchmarks.page_session import UnexpectedPageError
from benchmarks.samples import sample_drawings
from benchmarks.served_app import served_app, served_apps
from benchmarks.simulated_users import PAUSE, STROKE_SECONDS, Stroke, make_strokes, simulate
from mnist_core import InputError, Recognizer
from mnist_core.ink import canvas
from mnist_core.reading import weights
from tests.chromium import NAMES, find_chromium

Row = dict[str, Any]
DRAWINGS = 300
BROWSER_STROKES = 40


def numbers(_context: click.Context, _parameter: click.Parameter, text: str) -> list[int]:
    try:
        found = [int(part) for part in text.split(",") if part.strip()]
    except ValueError:
        raise click.BadParameter("expected whole numbers between commas, such as 1,60,120.") from None
    if any(number < 1 for number in found):
        raise click.BadParameter("expected numbers of at least 1.")
    return found


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Print the results as JSON.")
@click.option("--skip-browser", is_flag=True, help="Leave out the part with Chromium.")
@click.option("--users", default="1,60,120", show_default=True, callback=numbers, help="How many draw.")
@click.option("--seconds", type=click.IntRange(1, 3600), default=60, show_default=True, help="For how long.")
@click.option("--network", default="default", show_default=True, help="Which network reads in the app.")
@click.option("--servers", type=click.IntRange(1, 2), default=1, show_default=True, help="Two stand behind nginx.")
def main(as_json: bool, skip_browser: bool, users: list[int], seconds: int, network: str, servers: int) -> None:
    """Measure the time from a drawing to its answer."""
    try:
        recognizer = Recognizer.load(network)
    except InputError as error:
        raise click.ClickException(str(error)) from None
    # Ended by a signal, too, the program still stops the server and the browser that it started.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    # As the app does: a reading is too small to gain from a second thread.
    threadpool_limits(1, user_api="blas")
    drawings = sample_drawings(DRAWINGS)
    results: dict[str, Any] = {"environment": environment()}

    def report(key: str, title: str, rows: list[Row]) -> None:
        results[key] = rows
        if not as_json and rows:
            click.echo(table(title, rows))

    if not as_json:
        click.echo(", ".join(f"{name} {value}" for name, value in results["environment"].items()) + "\n")
    report("library", f"Library, one thread, {DRAWINGS} drawings of 280 x 280", time_library(drawings))
    if not skip_browser:
        report("browser", f"Chromium, one person, network {network!r}", time_browser(network))
    strokes = make_strokes(recognizer, drawings)
    levels = [time_users(network, count, seconds, strokes, servers) for count in users]
    behind = "" if servers == 1 else f", {servers} servers behind nginx"
    report("users", f"People drawing at once, a stroke every {PAUSE:g} s each, network {network!r}{behind}", levels)
    if as_json:
        click.echo(json.dumps(results, indent=2))


def environment() -> Row:
    """What the figures depend on."""
    return {
        "Python": platform.python_version(),
        "NumPy": np.__version__,
        "Streamlit": streamlit.__version__,
        "cores": len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count(),
    }


def time_library(drawings: Sequence[np.ndarray]) -> list[Row]:
    """Normalizing alone, normalizing and reading with each bundled network, then numbers of five digits."""
    rows = [{"what": "canvas.normalize"} | spread(time_each(canvas.normalize, drawings))]
    for name in weights.names():
        rows.append({"what": f"read with {name!r}"} | spread(time_each(Recognizer.load(name).read, drawings)))
    read_number = Recognizer.load().read_number
    rows.append({"what": "five digits with 'default'"} | spread(time_each(read_number, in_rows_of_five(drawings))))
    return rows


def in_rows_of_five(drawings: Sequence[np.ndarray]) -> list[np.ndarray]:
    """Drawings beside each other on a wide canvas, uint8 RGBA [144, 720, 4] each."""
    rows = [np.hstack(drawings[first : first + 5]) for first in range(0, len(drawings) - 4, 5)]
    return [np.array(Image.fromarray(row).resize((720, 144))) for row in rows]


def time_each(function: Callable[[np.ndarray], object], drawings: Sequence[np.ndarray]) -> list[float]:
    """Milliseconds that `function` takes for each drawing, once it has run warm."""
    for drawing in drawings[:20]:
        function(drawing)
    milliseconds = []
    for drawing in drawings:
        start = time.perf_counter()
        function(drawing)
        milliseconds.append((time.perf_counter() - start) * 1000)
    return milliseconds


def time_browser(network: str) -> list[Row]:
    """What one person sees who draws in Chromium, while the pen moves and when it is lifted.

    The age of an answer is the time since the picture was taken that it belongs to, seen at every frame of a stroke.
    """
    executable = find_chromium()
    if executable is None:
        click.echo(f"Chromium is missing ({', '.join(NAMES)}): its part is left out.", err=True)
        return []
    with served_app() as app:
        try:
            strokes = measure_in_browser(executable, app.port, network, BROWSER_STROKES)
        except PlaywrightError as error:
            click.echo(f"Chromium failed, its part is left out: {error.message.splitlines()[0]}", err=True)
            return []
    frames = [interval for stroke in strokes for interval in stroke.frame_intervals]
    ages = [age for stroke in strokes for age in stroke.ages]
    seconds = sum(stroke.seconds for stroke in strokes)
    rows = [
        {"what": "pointer up to answer"} | spread([stroke.up_to_answer for stroke in strokes]),
        {"what": "age of the answer during a stroke"} | spread(ages),
        {"what": "between two frames during a stroke"} | spread(frames),
    ]
    readings = sum(stroke.readings for stroke in strokes)
    words = f"during a stroke: {len(frames) / seconds:.1f} frames and {readings / seconds:.1f} readings a second"
    return [*rows, {"what": words} | dict.fromkeys(("count", "median_ms", "p95_ms"))]


def time_users(network: str, users: int, seconds: int, strokes: Sequence[Stroke], servers: int = 1) -> Row:
    """One level of load, on fresh servers."""
    click.echo(f"{users} drawing, {seconds} s and a warm-up ...", err=True)
    with served_apps(servers) as app:
        try:
            tally = simulate(app, network, users, seconds, strokes)
        except (UnexpectedPageError, WebSocketException, OSError) as error:
            raise click.ClickException(f"{users} users: the app did not answer. {error}") from None
        peak = app.peak_megabytes()
    count = len(tally.milliseconds)
    cpu = tally.cpu_seconds
    load = {
        "readings_in_between_per_s": round(tally.readings / count / STROKE_SECONDS, 2) if count else None,
        "strokes_per_s": round(count / tally.seconds, 1),
        "errors": tally.errors,
        "cpu_ms_per_stroke": None if cpu is None or not count else round(cpu * 1000 / count, 1),
        "peak_MB": None if peak is None else round(peak),
    }
    return {"users": users} | spread(tally.milliseconds) | load


def spread(milliseconds: Sequence[float]) -> Row:
    """How many there are, the middle one, and what 95 of 100 stay under."""
    if not milliseconds:
        return {"count": 0, "median_ms": None, "p95_ms": None}
    median, high = (round(float(value), 2) for value in np.percentile(milliseconds, [50, 95]))
    return {"count": len(milliseconds), "median_ms": median, "p95_ms": high}


def table(title: str, rows: Sequence[Row]) -> str:
    """Rows with the same keys, as lines of text under a title."""
    cells = [[name.replace("_", " ") for name in rows[0]]]
    cells += [["–" if value is None else str(value) for value in row.values()] for row in rows]
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    lines = [title]
    for first, *others in cells:
        right = (cell.rjust(width) for cell, width in zip(others, widths[1:], strict=True))
        lines.append("  ".join(["", first.ljust(widths[0]), *right]))
    return "\n".join([*lines, ""])


if __name__ == "__main__":
    main(prog_name="python -m benchmarks.drawing")
