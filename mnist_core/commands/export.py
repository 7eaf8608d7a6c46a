"""Write a network as files of other programs."""

import json
from pathlib import Path

import click

from mnist_core.commands.options import as_json, folder
from mnist_core.errors import InputError
from mnist_core.exchange import FORMATS, exported
from mnist_core.files import write_file
from mnist_core.reading import weights


@click.command()
@click.argument("network", default="default")
@click.option("--format", "file_format", type=click.Choice(list(FORMATS)), required=True, help="Which files to write.")
@click.option(
    "--drawings", is_flag=True, help="With onnx: take drawings of 280x280 pixels, and normalize them in the network."
)
@folder
@click.option(
    "--out",
    type=click.Path(file_okay=False, path_type=Path),
    default=Path("exported"),
    show_default=True,
    help="The folder to write to.",
)
@as_json
def export(network: str, file_format: str, drawings: bool, folder: Path, out: Path, as_json: bool) -> None:
    """Write NETWORK as ONNX, as safetensors, or for PyTorch: a state dict and a program that rebuilds it."""
    found, card = weights.load(network, folder)
    files = exported(found, card, file_format, drawings)
    weights.check_folder(out)
    for name, data in files.items():
        try:
            write_file(out / name, data)
        except OSError as error:
            raise InputError(f"{out / name}: cannot be written ({error.strerror}).") from None
    if as_json:
        click.echo(json.dumps({"files": [str(out / name) for name in files]}, indent=2))
        return
    for name, data in files.items():
        click.echo(f"{out / name}: {len(data) / 1000:,.0f} kB")
