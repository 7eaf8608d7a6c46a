"""Measure how well a network reads."""

import json
from pathlib import Path
from typing import Any

import click
import numpy as np
from threadpoolctl import threadpool_limits
from tqdm import tqdm

from mnist_core.commands.evaluate_numbers import evaluate_numbers
from mnist_core.commands.options import as_json, folder, percent, seed
from mnist_core.commands.options import dataset as dataset_option
from mnist_core.data.dataset import labels_as
from mnist_core.data.registry import load_dataset
from mnist_core.errors import InputError
from mnist_core.files.atomic import reason, write_file
from mnist_core.ink.pen import ANY_HAND, USUAL_HAND, load_pen
from mnist_core.reading.evaluation import (
    DrawingProgress,
    Result,
    Separation,
    StyleResult,
    by_style,
    may_know,
    milliseconds,
    read_pen,
    read_test,
    separate,
)
from mnist_core.reading.evaluation import (
    count as count_results,
)
from mnist_core.reading.figure import draw_confusions
from mnist_core.reading.recognizer import Recognizer


@click.command()
@click.argument("network", default="default")
@folder
@click.option("--pen", type=click.Path(path_type=Path), help="Also replay the digits of this pen-stroke file (.npz).")
@click.option(
    "--others",
    type=click.Path(path_type=Path),
    help="With --pen: also replay what is not a digit in this pen-stroke file, to see whether it is refused.",
)
@click.option(
    "--writers",
    multiple=True,
    help="With --pen: only the writers whose names begin so; may be given several times.",
)
@click.option(
    "--figure",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Draw the worst confusions to this PNG file: on the pen strokes if there are any, else on the test images.",
)
@click.option("--numbers", is_flag=True, help="With --pen: measure whole numbers composed of these digits instead.")
@click.option(
    "--count",
    type=click.IntRange(1, 100_000),
    default=500,
    show_default=True,
    help="With --numbers: how many numbers, drawn on a canvas, and again on made-up photos of paper.",
)
@dataset_option
@seed
@as_json
def evaluate(
    network: str,
    folder: Path,
    pen: Path | None,
    others: Path | None,
    writers: tuple[str, ...],
    figure: Path | None,
    numbers: bool,
    count: int,
    dataset: str | None,
    seed: int,
    as_json: bool,
) -> None:
    """Measure NETWORK on the test images of what it learned from, and on pen strokes if a file is given.

    The strokes are replayed on a 280 x 280 canvas, twice: as people usually draw (longer side 140 to 220 pixels, stroke
    14 to 24 pixels), and in any hand (90 to 220 pixels, stroke from 8 pixels to a fifth of that, tilted up to 10
    degrees). --seed draws size, place, stroke width and tilt. With --numbers, numbers of two to six digits are measured
    instead.
    """
    if numbers and (pen is None or others is not None or figure is not None):
        raise click.UsageError("--numbers needs --pen, and goes neither with --others nor with --figure.")
    if pen is None and (others is not None or writers):
        raise click.UsageError("--others and --writers go with --pen.")
    if figure is not None and not figure.absolute().parent.is_dir():
        raise InputError(f"{figure}: cannot be written (there is no folder {figure.parent}).")
    recognizer = Recognizer.load(network, folder)
    if pen is not None and not recognizer.reads_digits:
        raise InputError(f"{network}: expected a network that reads the ten digits, since the pen strokes are digits.")
    drawings, strangers = load_pen(pen) if pen else None, load_pen(others) if others else None
    if writers and drawings is not None:
        drawings, strangers = drawings.by(writers), strangers.by(writers) if strangers is not None else None
    learned = drawings is not None and may_know(recognizer.card, writers)
    if learned:
        click.echo(f"{network}: it has learned from pen strokes; if from these, it is no stranger to them.", err=True)
    if numbers and drawings is not None:
        with threadpool_limits(1, user_api="blas"):
            evaluate_numbers(network, recognizer, drawings, count, seed, learned, as_json)
        return
    with threadpool_limits(1, user_api="blas"):
        time_of_one = milliseconds(recognizer)
    images = load_dataset(recognizer.card.dataset if dataset is None else dataset)
    try:
        digits = labels_as(images.test_labels, images.classes, recognizer.classes)
    except InputError as error:
        raise InputError(f"{images.name} is not what {network} reads: {error}") from None
    readings = read_test(recognizer, images)
    results = {"test": count_results(readings, digits)}
    styles: dict[str, StyleResult] = {}
    separation: Separation | None = None
    if drawings is not None:
        readings, indices = read_pen(recognizer, drawings, seed, _bar("pen strokes"))
        digits = drawings.labels[indices].astype(np.int64)
        results["pen"], styles = count_results(readings, digits), by_style(readings, indices, drawings)
        in_any_hand, indices = read_pen(recognizer, drawings, seed, _bar("in any hand"), ANY_HAND)
        results["any hand"] = count_results(in_any_hand, drawings.labels[indices].astype(np.int64))
        if strangers is not None:
            unknown, _ = read_pen(recognizer, strangers, seed, _bar("not digits"), USUAL_HAND, digits=False)
            separation = separate(readings, unknown)
    if figure is not None:
        title = f"{network}: {len(digits):,} {'pen strokes' if drawings is not None else 'test images'}"
        picture = draw_confusions(f"{title}, the most frequent confusions, and how sure it was", readings, digits)
        try:
            write_file(figure, picture)
        except OSError as error:
            raise InputError(f"{figure}: cannot be written ({reason(error)}).") from None
    if as_json:
        shown: dict[str, Any] = {"network": network, "seed": seed, "bytes": recognizer.card.bytes}
        shown |= {"milliseconds": time_of_one} | {name: result.to_dict() for name, result in results.items()}
        if drawings is not None:
            shown["learned_from_pen_strokes"] = learned
            shown["styles"] = {style: result.to_dict() for style, result in styles.items()}
        if separation is not None:
            shown["others"] = separation.to_dict()
        click.echo(json.dumps(shown, indent=2))
        return
    click.echo(f"{network}: {recognizer.card.bytes / 1000:,.0f} kB; {time_of_one:.2f} ms a reading (median, one core)")
    for name, result in results.items():
        what = "digits" if recognizer.reads_digits else "images"
        click.echo(_table(f"{network}, {name} ({result.images:,} {what})", result))
        if name == "pen":
            click.echo(_styles(styles), nl=bool(styles))
    if separation is not None:
        click.echo(_separation(f"{network}, not digits ({separation.others:,} drawings)", separation))


def _bar(what: str) -> DrawingProgress:
    return lambda indices: tqdm(indices, what, disable=None)


def _styles(styles: dict[str, StyleResult]) -> str:
    lines = []
    for style, found in styles.items():
        low, high = found.interval
        mostly = "" if found.mistaken_for is None else f"; mostly taken for {found.mistaken_for}"
        lines.append(
            f"  {style:<21}{percent(found.accuracy):>9}   ({found.drawings:,} drawings; "
            f"95 % interval {percent(low)} to {percent(high)}{mostly if found.mistaken_for != -1 else ''})"
        )
    return "\n".join(lines)


def _separation(title: str, found: Separation) -> str:
    low, high = found.auroc_interval
    least, most = found.refused_interval
    return "\n".join(
        [
            title,
            f"  told from digits     {found.auroc:8.4f}   AUROC of confidence (95 % interval {low:.4f} to {high:.4f})",
            f"  digits refused       {percent(found.refused_digits):>9}   where 95 % of these are (confidence below "
            f"{found.threshold:.3f}; 95 % interval {percent(least)} to {percent(most)})",
            f"  read as a digit      {percent(found.sure_of_others):>9}   by this network's own threshold",
        ]
    )


def _right_of(name: str) -> str:
    return f"right of the {name}s" if name.isdigit() else f"right of {name}"


def _table(title: str, result: Result) -> str:
    low, high = result.interval
    lines = [
        title,
        f"  right                {percent(result.accuracy):>9}   (95 % interval {percent(low)} to {percent(high)})",
        f"  unsure               {percent(result.unsure):>9}",
        f"  right when sure      {percent(result.accuracy_when_sure):>9}",
        f"  calibration error    {percent(result.calibration_error):>9}   (ECE, 15 bins)",
    ]
    for digit, share in result.by_digit.items():
        low, high = result.digit_intervals[digit]
        lines.append(
            f"  {_right_of(result.classes[digit]):<21}{percent(share):>9}   (95 % interval {percent(low)} to "
            f"{percent(high)})"
        )
    return "\n".join(lines)
