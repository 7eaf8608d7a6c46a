"""Measure how well a network reads."""

import json
from pathlib import Path

import click
import numpy as np
from tqdm import tqdm

from mnist_core.commands.options import as_json, folder, seed
from mnist_core.dataset import load_mnist
from mnist_core.evaluation import Progress, Result, Separation, count, evaluate_pen, evaluate_test, read_pen, separate
from mnist_core.pen import ANY_HAND, load_pen
from mnist_core.recognizer import Recognizer


@click.command()
@click.argument("network", default="default")
@folder
@click.option("--pen", type=click.Path(path_type=Path), help="Also replay the digits of this pen-stroke file (.npz).")
@click.option(
    "--others",
    type=click.Path(path_type=Path),
    help="With --pen: also replay what is not a digit in this pen-stroke file, to see whether it is refused.",
)
@seed
@as_json
def evaluate(network: str, folder: Path, pen: Path | None, others: Path | None, seed: int, as_json: bool) -> None:
    """Measure NETWORK on the test images, and on pen strokes if a file is given.

    The strokes are replayed on a 280 x 280 canvas, twice: as people usually draw (longer side 140 to 220 pixels, stroke
    14 to 24 pixels), and in any hand (90 to 220 pixels, stroke from 8 pixels to a fifth of that, tilted up to 10
    degrees). --seed draws size, place, stroke width and tilt.
    """
    if others is not None and pen is None:
        raise click.UsageError("--others goes with --pen: both are needed to tell digits from other things.")
    recognizer = Recognizer.load(network, folder)
    drawings = load_pen(pen) if pen else None
    strangers = load_pen(others) if others else None
    results = {"test": evaluate_test(recognizer, load_mnist())}
    separation: Separation | None = None
    if drawings is not None:
        readings, labels = read_pen(recognizer, drawings, seed, _bar("pen strokes"))
        results["pen"] = count(readings, labels.astype(np.int64))
        results["any hand"] = evaluate_pen(recognizer, drawings, seed, _bar("in any hand"), ANY_HAND)
        if strangers is not None:
            unknown, _ = read_pen(recognizer, strangers, seed, _bar("not digits"), digits=False)
            separation = separate(readings, unknown)
    if as_json:
        shown = {"network": network, "seed": seed} | {name: result.to_dict() for name, result in results.items()}
        if separation is not None:
            shown["others"] = separation.to_dict()
        click.echo(json.dumps(shown, indent=2))
        return
    for name, result in results.items():
        click.echo(_table(f"{network}, {name} ({result.images:,} digits)", result))
    if separation is not None:
        click.echo(_separation(f"{network}, not digits ({separation.others:,} drawings)", separation))


def _bar(what: str) -> Progress:
    return lambda places: tqdm(places, what, disable=None)


def _separation(title: str, found: Separation) -> str:
    low, high = found.auroc_interval
    least, most = found.refused_interval
    return "\n".join(
        [
            title,
            f"  told from digits     {found.auroc:8.4f}   AUROC of confidence (95 % interval {low:.4f} to {high:.4f})",
            f"  digits refused       {found.refused_digits:8.2%}   where 95 % of these are (confidence below "
            f"{found.threshold:.3f}; 95 % interval {least:.2%} to {most:.2%})",
            f"  read as a digit      {found.sure_of_others:8.2%}   by this network's own threshold",
        ]
    )


def _table(title: str, result: Result) -> str:
    low, high = result.interval
    lines = [
        title,
        f"  right                {result.accuracy:8.2%}   (95 % interval {low:.2%} to {high:.2%})",
        f"  unsure               {result.unsure:8.2%}",
        f"  right when sure      {result.accuracy_when_sure:8.2%}",
        f"  calibration error    {result.calibration_error:8.2%}   (ECE, 15 bins)",
        "  right by digit       " + "  ".join(f"{digit}: {share:.1%}" for digit, share in result.by_digit.items()),
    ]
    return "\n".join(lines)
