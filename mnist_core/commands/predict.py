"""Read a digit in pictures."""

import json
from pathlib import Path

import click

from mnist_core.commands.options import as_json, folder, percent
from mnist_core.commands.predict_numbers import predict_numbers
from mnist_core.errors import InputError
from mnist_core.ink.images import read_image
from mnist_core.reading.recognizer import Reading, Recognizer


@click.command()
@click.argument("images", nargs=-1, required=True, type=click.Path())
@click.option("--network", default="default", show_default=True, help="Which network reads.")
@folder
@click.option("--plain", is_flag=True, help="Squeeze the whole picture into 28x28 instead of normalizing it.")
@click.option("--number", is_flag=True, help="Read one whole number in each picture, instead of one digit.")
@click.option("--page", is_flag=True, help="Read all numbers of each picture, such as the photo of a sheet of paper.")
@click.option(
    "--figure",
    type=click.Path(dir_okay=False, path_type=Path),
    help="With --number or --page, and one picture: draw the frames of the digits to this PNG file.",
)
@as_json
def predict(
    images: tuple[str, ...],
    network: str,
    folder: Path,
    plain: bool,
    number: bool,
    page: bool,
    figure: Path | None,
    as_json: bool,
) -> None:
    """Read one digit in each of IMAGES (PNG, JPEG, GIF, BMP, WEBP, TIFF or HEIC), or with --number one number."""
    if (number or page) and plain:
        raise click.UsageError("--plain goes with single digits, not with --number or --page.")
    if figure is not None and (not (number or page) or len(images) != 1):
        raise click.UsageError("--figure goes with --number or --page, and with one picture.")
    recognizer = Recognizer.load(network, folder)
    if number or page:
        found, refused = predict_numbers(images, recognizer, page, figure, as_json)
        if as_json:
            click.echo(json.dumps(found, indent=2))
        if refused:
            raise SystemExit(2)
        return
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
                    "answer": reading.answer,
                    "confidence": reading.confidence,
                    "other": reading.other,
                    "probabilities": reading.probabilities.tolist(),
                }
            )
        else:
            click.echo(f"{path}: {sentence(reading)}")
    if as_json:
        click.echo(json.dumps(shown, indent=2))
    if refused:
        raise SystemExit(2)


def sentence(reading: Reading) -> str:
    """A reading in words; where it is unsure, with the two likeliest answers."""
    if reading.status == "blank":
        return "blank"
    if reading.digit is None:
        return "unsure: only specks or a filled shape, no strokes to read"
    if reading.status == "other":
        return f"not a digit ({percent(reading.other, 1)}); the likeliest would be {reading.answer}"
    shares = reading.probabilities * (1 - reading.other)
    likely = [(reading.classes[digit], float(shares[digit])) for digit in reading.likeliest(2)]
    if reading.status == "unsure":
        likely = sorted([*likely, ("no digit", reading.other)], key=lambda pair: -pair[1])
    first, second = (f"{name} ({percent(share, 1)})" for name, share in likely[:2])
    return first if reading.status == "digit" else f"unsure: {first} or {second}"
