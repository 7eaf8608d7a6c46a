"""How fast networks train here, beside PyTorch (eager and compiled), JAX and scikit-learn.

Run it with: python -m benchmarks.training
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

from benchmarks.cases import CASES, STEPS_OF_CHECK, Case, share_images
from benchmarks.contender_process import TITLES, Contender, present
from benchmarks.speed_page import markdown, write_table
from mnist_core.nn.layers.convolution import Conv2D
from mnist_core.nn.network import Network

RIVALS = ("pytorch", "fused", "compiled", "jax", "sklearn")
TOLERANCE = 0.01
"""How far the mean loss of all steps of the check may be from ours. Late losses alone say little: rounding grows with
every step of Adam, and the last losses of `cnn` differ by up to a fifth, batch by batch."""
FIRST_STEPS, FIRST_TOLERANCE = 3, 0.001
"""The first losses, before rounding has grown, must agree one by one."""
LATE_STEPS = 50
"""The mean of so many last ones is printed, too."""
Row = dict[str, Any]


@click.command()
@click.option(
    "--only",
    multiple=True,
    type=click.Choice([case.name for case in CASES]),
    help="Only this network; may be repeated.",
)
@click.option("--against", multiple=True, type=click.Choice(RIVALS), help="Only this rival; may be repeated.")
@click.option("--optimizer", type=click.Choice(["adam", "sgd"]), default="adam", show_default=True)
@click.option("--repetitions", type=click.IntRange(1, 100), default=7, show_default=True)
@click.option("--check/--no-check", default=True, help="Whether to compare the losses first.")
@click.option("--check-only", is_flag=True, help="Compare the losses; measure nothing.")
@click.option("--write", is_flag=True, help="Write the table into docs/speed.md.")
@click.option("--json", "as_json", is_flag=True, help="Print the results as one line of JSON.")
def main(
    only: tuple[str, ...],
    against: tuple[str, ...],
    optimizer: str,
    repetitions: int,
    check: bool,
    check_only: bool,
    write: bool,
    as_json: bool,
) -> None:
    """Train the same networks here and with the rivals, in turn, each in a process of its own with two threads.

    All begin with the same weights and get the same images in the same order and batches. Everything that a step does
    counts: gathering the batch, augmenting it (for the networks that do), forward, loss, backward and update.

    First the losses of 200 steps are compared, without dropout and with the same change to each image. The
    benchmark ends where a rival's mean differs from that here by more than 1 %, or one of its first three by 0.1 %.
    """
    names = ["ours", *present([name for name in RIVALS if not against or name in against])]
    chosen = [case for case in CASES if not only or case.name in only]
    with tempfile.TemporaryDirectory() as folder:
        share_images(Path(folder))
        with contextlib.closing(Contender("benchmarks.contenders", "ours", chosen[0].name, optimizer, folder)) as ours:
            about = ours.ask("about")
        click.echo(f"Kernels: {about['kernels']}; at most {about['limit']:.0f} GFLOP/s.", err=True)
        rows = []
        for case in tqdm(chosen, disable=None):
            mine = [name for name in names if name != "sklearn" or case.hidden]
            with started(mine, case, optimizer, folder) as contenders:
                if check or check_only:
                    compare(contenders, case.name)
                if not check_only:
                    rows.append(measure(contenders, case, optimizer, repetitions, about))
    if check_only:
        return
    click.echo(json.dumps(rows) if as_json else table(rows))
    if write:
        write_table(f"training {optimizer}", f"Kernels: {about['kernels']}.\n\n{table(rows)}")


@contextlib.contextmanager
def started(names: list[str], case: Case, optimizer: str, folder: str) -> Any:
    """The contenders by their names, while they run."""
    contenders: dict[str, Contender] = {}
    try:
        for name in names:
            contenders[name] = Contender("benchmarks.contenders", name, case.name, optimizer, folder)
        yield contenders
    finally:
        for contender in contenders.values():
            contender.close()


def compare(contenders: dict[str, Contender], network: str) -> None:
    """Print the losses of all; end the benchmark where a rival's differ from ours."""
    found = {name: contender.ask("losses") for name, contender in contenders.items()}
    ours, wrong = found["ours"], []
    for name, losses in found.items():
        assert len(losses) == STEPS_OF_CHECK
        first = max(abs(theirs / own - 1) for theirs, own in zip(losses[:FIRST_STEPS], ours, strict=False))
        mean, late = statistics.fmean(losses), statistics.fmean(losses[-LATE_STEPS:])
        apart = mean / statistics.fmean(ours) - 1
        late_apart = late / statistics.fmean(ours[-LATE_STEPS:]) - 1
        click.echo(
            f"{network}, {name}: the first {FIRST_STEPS} losses differ by at most {first:.1e}; mean of "
            f"{STEPS_OF_CHECK} {mean:.4f} ({apart:+.2%}), of the last {LATE_STEPS} {late:.4f} ({late_apart:+.2%}).",
            err=True,
        )
        # Written so that NaN is wrong, too.
        if not (first <= FIRST_TOLERANCE and abs(apart) <= TOLERANCE):
            wrong.append(name)
    if wrong:
        raise click.ClickException(f"{network}: the losses of {', '.join(wrong)} differ from ours.")


def measure(
    contenders: dict[str, Contender], case: Case, optimizer: str, repetitions: int, about: dict[str, Any]
) -> Row:
    """Medians of alternating repetitions for one network; the first round warms up and does not count."""
    seconds: dict[str, list[float]] = {name: [] for name in contenders}
    for _ in range(repetitions + 1):
        for name, contender in contenders.items():
            seconds[name].append(contender.ask("epoch"))
            # Threads that wait for more work do so awake for a while; the next contender should not pay for that.
            time.sleep(0.5)
    speed = {name: case.images / statistics.median(times[1:]) for name, times in seconds.items()}
    rivals = {name: value for name, value in speed.items() if name != "ours"}
    gflops = speed["ours"] * operations(case) / 1e9
    return {
        "network": case.name,
        "batch": case.batch,
        "optimizer": optimizer,
        "images_per_second": {name: round(value) for name, value in speed.items()},
        "ratios": {name: round(speed["ours"] / value, 3) for name, value in rivals.items()},
        "ratio_to_best": round(speed["ours"] / max(rivals.values()), 3) if rivals else None,
        "kernels": about["kernels"],
        "gflops": round(gflops, 1),
        "limit_gflops": round(about["limit"], 1),
        "share_of_limit": round(gflops / about["limit"], 3),
    }


def operations(case: Case) -> float:
    """Multiplications and additions for one training image, with one for each weight and place, forward and backward.

    The gradient by the first layer's input is not needed. A convolution that gets by with fewer is counted in full.
    """
    network = Network(case.layers, np.random.default_rng(0))
    total, first = 0, True
    for layer, shape in zip(network.layers, network.shapes[1:], strict=True):
        if "weights" in layer.parameters:
            places = shape[0] * shape[1] if isinstance(layer, Conv2D) else 1
            total += 2 * layer.parameters["weights"].size * places * (2 if first else 3)
            first = False
    return total


def table(rows: list[Row]) -> str:
    """The rows as a Markdown table."""
    names = [name for name in RIVALS if any(name in row["ratios"] for row in rows)]
    head = ["network, batch", "here, images/s", *(TITLES[name] for name in names)]
    head += ["to the best", "GFLOP/s", "share of the limit"]
    cells = []
    for row in rows:
        speed, ratios = row["images_per_second"], row["ratios"]
        line = [f"{row['network']}, {row['batch']}", f"{speed['ours']:,}"]
        line += [f"{speed[name]:,} ({ratios[name]:.2f}×)" if name in speed else "–" for name in names]
        line += [f"{row['ratio_to_best']:.2f}×" if row["ratio_to_best"] else "–", f"{row['gflops']:.0f}"]
        cells.append([*line, f"{100 * row['share_of_limit']:.0f} % of {row['limit_gflops']:.0f}"])
    return markdown(head, cells)


if __name__ == "__main__":
    main(prog_name="python -m benchmarks.training")
