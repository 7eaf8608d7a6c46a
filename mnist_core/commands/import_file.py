"""Take in a network that another program has trained."""

import dataclasses
import json
from pathlib import Path

import click
from threadpoolctl import threadpool_limits

from mnist_core.commands.options import as_json, percent
from mnist_core.data import load_mnist
from mnist_core.errors import InputError
from mnist_core.exchange import FITS, SCALES, Imported, PicturesWanted, best_way
from mnist_core.exchange.importing import read_file
from mnist_core.nn import parse_layers
from mnist_core.reading import weights
from mnist_core.reading.evaluation import evaluate_test
from mnist_core.reading.recognizer import Recognizer


@click.command(name="import")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@click.option("--name", default="", help="What to call the network here; the file's own name if left out.")
@click.option(
    "--scale",
    default="",
    help=f"Which pixels it was trained on: {', '.join(SCALES)}, or another mean and deviation. If left out, each of "
    "these is tried on some training images.",
)
@click.option(
    "--fit", type=click.Choice(FITS), default=None, help="How 28x28 pixels become its size; tried, too, if left out."
)
@click.option("--layers", default="", help="For safetensors of others: the layers, with ; between them.")
@click.option(
    "--out",
    type=click.Path(file_okay=False, path_type=Path),
    default=Path("trained"),
    show_default=True,
    help="Where to write NAME.npz and NAME.json.",
)
@as_json
def import_file(file: Path, name: str, scale: str, fit: str | None, layers: str, out: Path, as_json: bool) -> None:
    """Take in the network in FILE, an ONNX or safetensors file, and save it with a model card."""
    found = read_file(file)
    if layers:
        if not found.needs_layers:
            raise InputError(f"{file.name}: it says itself which layers it has; leave --layers out.")
        found = found.with_layers(parse_layers(layers))
    elif found.needs_layers:
        raise InputError(f'{file.name}: it holds arrays only; name the layers: --layers "flatten; dense 10".')
    with threadpool_limits(1, user_api="blas"):
        wanted, tried = _wanted(found, scale, fit or "")
        network, card = found.network(wanted)
        card = dataclasses.replace(card, name=name or card.name)
        weights.check_folder(out)
        result = evaluate_test(Recognizer(network, card), load_mnist())
    accuracies = card.accuracies | {"test": round(result.accuracy, 5)}
    card = weights.save(network, dataclasses.replace(card, accuracies=accuracies), out)
    if as_json:
        facts = {"network": card.name, "scale": wanted.scale, "fit": wanted.fit, "layers": card.layers}
        click.echo(json.dumps(facts | {"test": card.accuracies["test"], "folder": str(out)}, indent=2))
        return
    if tried is not None:
        click.echo(
            f"pixels: {wanted.scale}, which read {percent(tried, 1)} of some training images rightly, most of all"
        )
    click.echo("\n".join(f"{number:>3}. {line}" for number, line in enumerate(card.layers, 1)))
    click.echo(f"{card.name}: {percent(result.accuracy)} of the test images right; saved in {out}")


def _wanted(found: Imported, scale: str, fit: str) -> tuple[PicturesWanted, float | None]:
    """Which pictures to make, and the share of right answers if that was found out by trying."""
    if found.card is not None:
        return PicturesWanted(), None
    wanted, right = best_way(found, scale, fit)
    return wanted, None if scale else right
