"""Train a recipe, or work on a run of the Train page."""

import dataclasses
import json
import math
from collections.abc import Iterable
from pathlib import Path

import click
from threadpoolctl import threadpool_limits
from tqdm import tqdm

from mnist_core.commands.options import Refusal, as_json, percent
from mnist_core.commands.options import dataset as dataset_option
from mnist_core.data.registry import USUAL, load_dataset
from mnist_core.ink.pen import load_pen
from mnist_core.recipes import catalog
from mnist_core.recipes.reproduce import THREADS, PenFiles, train_and_save
from mnist_core.recipes.training_data import Rendered
from mnist_core.runs.alone import train_alone
from mnist_core.runs.folder import Run
from mnist_core.runs.store import RunStore
from mnist_core.training.report import Report
from mnist_core.training.trainer import MAX_THREADS


@click.command()
@click.option("--recipe", "name", help=f"What to train: {', '.join(catalog.RECIPES)}.")
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
    "--pen",
    multiple=True,
    type=click.Path(dir_okay=False, path_type=Path),
    help="Learn from this pen-stroke file (.npz) too; may be given several times.",
)
@click.option(
    "--without",
    multiple=True,
    help="With --pen: leave out the writers whose names begin so, to measure with them; may be given several times.",
)
@dataset_option
@click.option("--credit", default="", help="With --pen: whose strokes these are; it goes into the model card.")
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
    pen: tuple[Path, ...],
    without: tuple[str, ...],
    dataset: str | None,
    credit: str,
    out: Path,
    run: Path | None,
    as_json: bool,
) -> None:
    """Train a recipe and save the network with its model card, or work on a run of the Train page.

    A training that was interrupted goes on where it was when the same command is given again.
    """
    if (run is None) == (name is None):
        raise click.UsageError("Expected either --recipe NAME or --run FOLDER.")
    if run is not None:
        if seed is not None or corrected or epochs or threads or pen or without or credit or dataset:
            raise click.UsageError(
                "--pen, --without, --credit, --seed, --corrected, --epochs, --threads and --dataset go with --recipe; "
                "a run has settings of its own."
            )
        train_run(run, as_json)
        return
    if (without or credit) and not pen:
        raise click.UsageError("--without and --credit go with --pen.")
    assert name is not None
    recipe = catalog.get(name)
    threads = threads or THREADS
    strokes = PenFiles(tuple(path.name for path in pen), tuple(load_pen(path) for path in pen), without, credit)
    images = load_dataset(dataset or USUAL)
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
                recipe,
                images,
                out,
                name=dataset or USUAL,
                seed=seed,
                epochs=epochs,
                corrected=corrected,
                threads=threads,
                pen=strokes,
                on_report=show,
                preparing=_preparing,
            )
        if last is not None and last not in trace:
            # A training that stopped by itself, between two lines.
            trace.append(last)
            if not as_json:
                bar.write(_progress(last))
    if as_json:
        shown = card.to_dict() | {"trace": [_point(report) for report in trace]}
        click.echo(json.dumps(shown, indent=2))
    else:
        click.echo(
            f"test {percent(card.accuracies['test'])}; {card.parameters:,} parameters; "
            f"saved {out / card.name}.npz and .json"
        )


def _preparing(rendered: Iterable[Rendered], count: int) -> Iterable[Rendered]:
    return tqdm(rendered, "replaying strokes", count, disable=None, leave=False)


def _point(report: Report) -> dict[str, float | None]:
    """What is printed of a report; a figure that is not known is null."""
    names = ("step", "epoch", "loss", "accuracy", "validation_loss", "validation_accuracy", "seconds")
    values = {name: getattr(report, name) for name in names}
    return {name: value if math.isfinite(value) else None for name, value in values.items()}


def train_run(folder: Path, as_json: bool) -> None:
    """Train a run of the Train page in this process."""
    store = RunStore()
    with tqdm(unit=" steps", unit_scale=True, disable=None) as bar:

        def show(report: Report) -> None:
            bar.total = report.steps
            bar.update(report.step - bar.n)
            if report.end_of_epoch and not as_json and bar.disable is False:
                bar.write(_progress(report))

        status = train_alone(Run(folder), store.datasets, show)
    if status.state == "failed":
        raise Refusal(status.message)
    click.echo(json.dumps(dataclasses.asdict(status)) if as_json else f"{status.state} at step {status.step:,}")


def _progress(report: Report) -> str:
    parts = [f"step {report.step}", f"epoch {report.epoch:.4g}", f"loss {report.loss:.4f}"]
    parts.append(f"accuracy {percent(report.accuracy)}")
    if not math.isnan(report.validation_accuracy):
        parts.append(f"validation {percent(report.validation_accuracy)}")
    return ", ".join(parts) + f", {report.seconds:.0f} s"
