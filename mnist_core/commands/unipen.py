"""Collect pen strokes from UNIPEN files."""

import json
from pathlib import Path

import click
from tqdm import tqdm

from mnist_core.commands.options import as_json
from mnist_core.errors import InputError
from mnist_core.ink.pen import NUMERALS
from mnist_core.ink.unipen import read_unipen, write_pen


@click.command()
@click.argument("folder", type=click.Path(path_type=Path))
@click.argument("out", type=click.Path(dir_okay=False, path_type=Path))
@as_json
def unipen(folder: Path, out: Path, as_json: bool) -> None:
    """Collect the characters of the UNIPEN files (.dat) below FOLDER into OUT, a pen-stroke file (.npz).

    The public collection, train_r01_v07, is on Zenodo (doi 10.5281/zenodo.1195803). `evaluate --pen` reads such a file.
    """
    if out.suffix != ".npz":
        raise click.UsageError(f"{out}: expected a name that ends in .npz.")
    if not out.absolute().parent.is_dir():
        raise InputError(f"{out}: cannot be written (there is no folder {out.parent}).")
    found = read_unipen(folder, lambda paths: tqdm(paths, "UNIPEN files", disable=None))
    write_pen(found, out)
    digits = sum(label in NUMERALS for label in found.labels)
    facts = {"drawings": len(found.labels), "digits": digits, "writers": len(set(found.writers))}
    if as_json:
        click.echo(json.dumps(facts | {"skipped": found.skipped}, indent=2))
        return
    click.echo("{drawings:,} characters, {digits:,} of them digits, by {writers:,} writers".format(**facts))
    for why, count_ in sorted(found.skipped.items()):
        click.echo(f"passed over: {count_:,} {why}")
    click.echo(f"saved {out}")
