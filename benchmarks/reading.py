"""How fast networks read here, beside ONNX Runtime, PyTorch (eager and compiled) and JAX: one image, and ten thousand.

Run it with: python -m benchmarks.reading
"""

import contextlib
import json
import statistics
import tempfile
import time
from pathlib import Path
from typing import Any

import click
import numpy as np
from tqdm import tqdm

from benchmarks.contender_process import TITLES, Contender, present
from benchmarks.speed_page import markdown, write_table

RIVALS = ("onnxruntime", "pytorch", "compiled", "jax")
NETWORKS = ("784-128-10", "cnn", "small-cnn", "default")
QUESTIONS = {"one": 1, "many": 10_000}
TOLERANCE = 1e-4
Row = dict[str, Any]


@click.command()
@click.option("--only", multiple=True, type=click.Choice(NETWORKS), help="Only this network; may be repeated.")
@click.option("--against", multiple=True, type=click.Choice(RIVALS), help="Only this rival; may be repeated.")
@click.option("--repetitions", type=click.IntRange(1, 100), default=7, show_default=True)
@click.option("--check-only", is_flag=True, help="Compare the answers; measure nothing.")
@click.option("--write", is_flag=True, help="Write the table into docs/speed.md.")
@click.option("--json", "as_json", is_flag=True, help="Print the results as one line of JSON.")
def main(
    only: tuple[str, ...], against: tuple[str, ...], repetitions: int, check_only: bool, write: bool, as_json: bool
) -> None:
    """Read with the same networks here and with the rivals, in turn, each in a process of its own with two threads.

    First the probabilities for all test images are compared; where a rival's differ from those here by more than 1e-4,
    the benchmark ends.
    """
    names = ["ours", *present([name for name in RIVALS if not against or name in against])]
    rows: list[Row] = []
    kernels = ""
    for network in tqdm([name for name in NETWORKS if not only or name in only], disable=None):
        with tempfile.TemporaryDirectory() as folder, contextlib.ExitStack() as stack:
            contenders = {
                name: stack.enter_context(
                    contextlib.closing(Contender("benchmarks.reading_contenders", name, network, folder))
                )
                for name in names
            }
            if not kernels:
                kernels = contenders["ours"].ask("about")["kernels"]
                click.echo(f"Kernels: {kernels}.", err=True)
            compare(contenders, network, Path(folder))
            if not check_only:
                rows += measure(contenders, network, repetitions)
    if check_only:
        return
    click.echo(json.dumps(rows) if as_json else table(rows))
    if write:
        write_table("reading", f"Kernels: {kernels}.\n\n{table(rows)}")


def compare(contenders: dict[str, Contender], network: str, folder: Path) -> None:
    """Print how far the answers are apart; end the benchmark if that is too far."""
    for contender in contenders.values():
        contender.ask("answers")
    answers = {name: np.load(folder / f"{name}.npy") for name in contenders}
    apart = {name: float(np.abs(answers["ours"] - found).max()) for name, found in answers.items() if name != "ours"}
    for name, most in apart.items():
        click.echo(f"{network}, {name}: probabilities differ by at most {most:.1e}.", err=True)
    if wrong := [name for name, most in apart.items() if not most <= TOLERANCE]:
        raise click.ClickException(f"{network}: the answers of {', '.join(wrong)} differ from ours by more than 1e-4.")


def measure(contenders: dict[str, Contender], network: str, repetitions: int) -> list[Row]:
    """Medians of alternating repetitions for one network; the first round warms up and does not count."""
    times: dict[str, dict[str, list[float]]] = {question: {name: [] for name in contenders} for question in QUESTIONS}
    for _ in range(repetitions + 1):
        for name, contender in contenders.items():
            for question, found in times.items():
                found[name].append(contender.ask(question))
            # Threads that wait for more work do so awake for a while; the next contender should not pay for that.
            time.sleep(0.5)
    rows = []
    for question, images in QUESTIONS.items():
        seconds = {name: statistics.median(found[1:]) for name, found in times[question].items()}
        ratios = {name: round(value / seconds["ours"], 3) for name, value in seconds.items() if name != "ours"}
        milliseconds = {name: round(1000 * value, 4) for name, value in seconds.items()}
        rows.append({"network": network, "images": images, "milliseconds": milliseconds, "ratios": ratios})
    return rows


def table(rows: list[Row]) -> str:
    """The rows as a Markdown table."""
    names = [name for name in RIVALS if any(name in row["ratios"] for row in rows)]
    cells = []
    for row in rows:
        ms, ratios = row["milliseconds"], row["ratios"]
        rivals = [f"{ms[name]:.3g} ms ({ratios[name]:.2f}×)" for name in names]
        cells.append([row["network"], f"{row['images']:,}", f"{ms['ours']:.3g} ms", *rivals])
    return markdown(["network", "images", "here", *(TITLES[name] for name in names)], cells)


if __name__ == "__main__":
    main(prog_name="python -m benchmarks.reading")
