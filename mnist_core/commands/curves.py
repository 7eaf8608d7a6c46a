"""Write a run's curves for other tools."""

from pathlib import Path

import click

from mnist_core.errors import InputError
from mnist_core.exchange import csv_of, write_events
from mnist_core.files import write_file
from mnist_core.runs import FIELDS, Curves, Run

FORMATS = ("csv", "tensorboard")


@click.command()
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path))
@click.option("--format", "file_format", type=click.Choice(FORMATS), required=True, help="Which files to write.")
@click.option(
    "--out",
    type=click.Path(path_type=Path),
    help="For csv, the file; for tensorboard, the folder. If left out: curves.csv, or the folder tensorboard.",
)
def curves(folder: Path, file_format: str, out: Path | None) -> None:
    """Write the curves of the run in FOLDER as a table (CSV) or as event files of TensorBoard."""
    run = Run(folder)
    name, created = run.info.name, run.info.created
    found = Curves(run.file("metrics.jsonl"))
    if not found.read() or not len(found):
        raise InputError(f"{folder}: the run has no points yet.")
    if file_format == "csv":
        out = out or Path("curves.csv")
        try:
            write_file(out, csv_of({name: found.columns}, FIELDS).encode())
        except OSError as error:
            raise InputError(f"{out}: cannot be written ({error.strerror}).") from None
    else:
        out = out or Path("tensorboard")
        write_events(out / run.id, found.columns, created)
    click.echo(f"{name}: {len(found):,} points, saved in {out}")
