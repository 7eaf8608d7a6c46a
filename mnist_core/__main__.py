"""The command line: train a network, evaluate one, or read digits in image files."""

import dataclasses
import json
import math
import os
from pathlib import Path
from typing import Any

import click
import numpy as np
from threadpoolctl import threadpool_limits
from tqdm import tqdm

from mnist_core import recipes, weights
from mnist_core.dataset import load_mnist, load_shared
from mnist_core.errors import InputError
from mnist_core.evaluation import (
    DIGITS,
    Progress,
    Result,
    Separation,
    count,
    evaluate_pen,
    evaluate_test,
    read_pen,
    separate,
)
from mnist_core.images import read_image
from mnist_core.measured import measured
from mnist_core.pen import ANY_HAND, load_pen
from mnist_core.publish import THREADS, train_and_save
from mnist_core.recipe import Recipe
from mnist_core.recognizer import Reading, Recognizer
from mnist_core.runs.folder import Run
from mnist_core.runs.store import FROM_PAGE, RunStore, idle_seconds
from mnist_core.runs.worker import work
from mnist_core.trainer import MAX_THREADS, Report
from mnist_core.unipen import read_unipen, write_pen


class Refusal(click.ClickException):
    """Bad input: one line, exit code 2."""

    exit_code = 2


class Commands(click.Group):
    """A group of commands for which all bad input, in files or in options, becomes a refusal."""

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except InputError as error:
            raise Refusal(str(error)) from None
        except click.UsageError as error:
            raise Refusal(error.format_message()) from None
        except MemoryError:
            raise Refusal("There is not enough memory for this.") from None


as_json = click.option("--json", "as_json", is_flag=True, help="Print the result as JSON.")
folder = click.option(
    "--folder",
    type=click.Path(file_okay=False, path_type=Path),
    default=weights.FOLDER,
    help="Where NAME.npz and NAME.json are; the bundled networks if left out.",
)
seed = click.option(
    "--seed", type=click.IntRange(0, 2**32 - 1), default=0, show_default=True, help="Start of the random numbers."
)


@click.group(cls=Commands)
def main() -> None:
    """Handwritten digits, read by networks that are written in NumPy alone."""


@main.command()
@click.option("--recipe", "name", help=f"What to train: {', '.join(recipes.RECIPES)}.")
@click.option(
    "--seed", type=click.IntRange(0, 2**32 - 1), help="Start of the random numbers, instead of the recipe's own."
)
@click.option("--corrected", is_flag=True, help="Train the twin without the published mistake.")
@click.option("--epochs", type=click.IntRange(1, 10_000), help="Passes over the data, instead of the recipe's own.")
@click.option(
    "--threads",
    type=click.IntRange(1, MAX_THREADS),
    help=f"How many compute at once (default: {THREADS}). The same number gives the same network.",
)
@click.option(
    "--out",
    type=click.Path(file_okay=False, path_type=Path),
    default=Path("trained"),
    show_default=True,
    help="The folder to write NAME.npz and NAME.json to; it is made if missing.",
)
@click.option(
    "--run",
    type=click.Path(file_okay=False, path_type=Path),
    help="Instead of a recipe: train the run in this folder, or go on with it (the Train page makes such folders).",
)
@as_json
def train(
    name: str | None,
    seed: int | None,
    corrected: bool,
    epochs: int | None,
    threads: int | None,
    out: Path,
    run: Path | None,
    as_json: bool,
) -> None:
    """Train a recipe and save the network with its model card, or work on a run of the Train page."""
    if (run is None) == (name is None):
        raise click.UsageError("Expected either --recipe NAME or --run FOLDER.")
    if run is not None:
        if seed is not None or corrected or epochs or threads:
            raise click.UsageError(
                "--seed, --corrected, --epochs and --threads go with --recipe; a run has settings of its own."
            )
        train_run(run, as_json)
        return
    assert name is not None
    recipe = recipes.get(name)
    threads = threads or THREADS
    dataset = load_mnist()
    trace: list[Report] = []
    last: Report | None = None
    with tqdm(unit=" images", unit_scale=True, disable=None) as bar:

        def show(report: Report) -> None:
            bar.total = report.images * report.steps // report.step
            bar.update(report.images - bar.n)
            every = recipe.report_every
            nonlocal last
            last = report
            if report.step % every == 0 if every else report.end_of_epoch:
                trace.append(report)
                if not as_json:
                    bar.write(_progress(report))

        # A fixed number of threads: the same seed then gives the same weights, however many cores there are.
        with threadpool_limits(threads, user_api="blas"):
            card = train_and_save(
                recipe, dataset, out, seed=seed, epochs=epochs, corrected=corrected, threads=threads, on_report=show
            )
        if last is not None and last not in trace:
            # A training that stopped by itself, between two lines.
            trace.append(last)
            if not as_json:
                bar.write(_progress(last))
    if as_json:
        shown = dataclasses.asdict(card) | {"trace": [_point(report) for report in trace]}
        click.echo(json.dumps(shown, indent=2))
    else:
        click.echo(
            f"test {card.accuracies['test']:.2%}; {card.parameters:,} parameters; saved {out / card.name}.npz and .json"
        )


def _point(report: Report) -> dict[str, float | None]:
    """What is printed of a report; a figure that is not known is null."""
    names = ("step", "epoch", "loss", "accuracy", "validation_loss", "validation_accuracy", "seconds")
    values = {name: getattr(report, name) for name in names}
    return {name: value if math.isfinite(value) else None for name, value in values.items()}


def train_run(folder: Path, as_json: bool) -> None:
    """Be the worker of a run."""
    store = RunStore()
    with tqdm(unit=" steps", unit_scale=True, disable=None) as bar:

        def show(report: Report) -> None:
            bar.total = report.steps
            bar.update(report.step - bar.n)
            if report.end_of_epoch and not as_json and bar.disable is False:
                bar.write(_progress(report))

        idle = idle_seconds()
        if FROM_PAGE not in os.environ:
            # Somebody at a terminal wants it to run on, and to its end.
            idle = math.inf
            Run(folder).wake()
        status = work(folder, store.root, lambda: load_shared(store.root / "dataset"), show, idle)
    if status.state == "failed":
        raise Refusal(status.message)
    click.echo(json.dumps(dataclasses.asdict(status)) if as_json else f"{status.state} at step {status.step:,}")


def _progress(report: Report) -> str:
    parts = [f"step {report.step}", f"epoch {report.epoch:.4g}", f"loss {report.loss:.4f}"]
    parts.append(f"accuracy {report.accuracy:.2%}")
    if not math.isnan(report.validation_accuracy):
        parts.append(f"validation {report.validation_accuracy:.2%}")
    return ", ".join(parts) + f", {report.seconds:.0f} s"


@main.command(name="recipes")
@as_json
def list_recipes(as_json: bool) -> None:
    """List what can be trained by name."""
    if as_json:
        click.echo(json.dumps([_recipe(recipe) for recipe in recipes.RECIPES.values()], indent=2))
        return
    for recipe in recipes.RECIPES.values():
        printed = (
            ""
            if recipe.printed is None
            else f" Published: {recipe.printed:.2%} ({recipe.measure}); ours: {measured()[recipe.name].mean:.2%}. "
            f"{recipe.lesson} {measured()[recipe.name].cost}"
        )
        twin = "" if recipe.corrected is None else " Has a corrected twin."
        click.echo(f"{recipe.name}: {recipe.description}{printed.rstrip()}{twin}")


def _recipe(recipe: Recipe) -> dict[str, Any]:
    """A recipe as JSON can hold it."""
    twin = None if recipe.corrected is None else recipe.corrected.to_dict()
    figures = measured()[recipe.name].to_dict() if recipe.name in measured() else None
    return dataclasses.asdict(recipe) | {"config": recipe.config.to_dict(), "corrected": twin, "measured": figures}


@main.command()
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


@main.command()
@click.argument("folder", type=click.Path(path_type=Path))
@click.argument("out", type=click.Path(dir_okay=False, path_type=Path))
@as_json
def unipen(folder: Path, out: Path, as_json: bool) -> None:
    """Collect the characters of the UNIPEN files (.dat) below FOLDER into OUT, a pen-stroke file (.npz).

    The public collection, train_r01_v07, is on Zenodo (doi 10.5281/zenodo.1195803). `evaluate --pen` reads such a file.
    """
    if out.suffix != ".npz":
        raise click.UsageError(f"{out}: expected a name that ends in .npz.")
    found = read_unipen(folder, lambda paths: tqdm(paths, "UNIPEN files", disable=None))
    write_pen(found, out)
    digits = sum(label in DIGITS for label in found.labels)
    facts = {"drawings": len(found.labels), "digits": digits, "writers": len(set(found.writers))}
    if as_json:
        click.echo(json.dumps(facts | {"skipped": found.skipped}, indent=2))
        return
    click.echo("{drawings:,} characters, {digits:,} of them digits, by {writers:,} writers".format(**facts))
    for why, count_ in sorted(found.skipped.items()):
        click.echo(f"passed over: {count_:,} {why}")
    click.echo(f"saved {out}")


@main.command()
@click.argument("images", nargs=-1, required=True, type=click.Path())
@click.option("--network", default="default", show_default=True, help="Which network reads.")
@folder
@click.option("--plain", is_flag=True, help="Squeeze the whole picture into 28x28 instead of normalizing it.")
@as_json
def predict(images: tuple[str, ...], network: str, folder: Path, plain: bool, as_json: bool) -> None:
    """Read one digit in each of IMAGES (PNG, JPEG, GIF, BMP, WEBP or TIFF)."""
    recognizer = Recognizer.load(network, folder)
    shown, refused = [], False
    for path in images:
        try:
            reading = recognizer.read(read_image(path), normalized=not plain)
        except InputError as error:
            refused = True
            click.echo(f"Error: {error}", err=True)
            continue
        if as_json:
            shown.append(
                {
                    "image": path,
                    "status": reading.status,
                    "digit": reading.digit,
                    "confidence": reading.confidence,
                    "probabilities": reading.probabilities.tolist(),
                }
            )
        else:
            click.echo(f"{path}: {_sentence(reading)}")
    if as_json:
        click.echo(json.dumps(shown, indent=2))
    if refused:
        raise SystemExit(2)


def _sentence(reading: Reading) -> str:
    if reading.status == "blank":
        return "blank"
    if reading.digit is None:
        return "unsure: only specks or a filled shape, no strokes to read"
    first, second = (f"{digit} ({reading.probabilities[digit]:.1%})" for digit in reading.likeliest(2))
    return first if reading.status == "digit" else f"unsure: {first} or {second}"


if __name__ == "__main__":
    main(prog_name="python -m mnist_core")
