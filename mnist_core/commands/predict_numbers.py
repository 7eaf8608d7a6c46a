"""Read whole numbers in pictures: what `predict --number` and `predict --page` do."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click

from mnist_core.commands.options import percent
from mnist_core.errors import InputError
from mnist_core.files.atomic import reason, write_file
from mnist_core.ink.images import read_image
from mnist_core.reading.answers import NumberReading
from mnist_core.reading.number_figure import NumberFigure
from mnist_core.reading.recognizer import Recognizer


def predict_numbers(
    images: Sequence[str], recognizer: Recognizer, page: bool, figure: Path | None, as_json: bool
) -> tuple[list[dict[str, Any]], bool]:
    """Read one number in each picture, or all numbers; what was found, for JSON, and whether any was refused."""
    shown, refused = [], False
    for path in images:
        try:
            rgba = read_image(path)
            numbers = recognizer.read_page(rgba) if page else (recognizer.read_number(rgba),)
        except InputError as error:
            refused = True
            click.echo(f"Error: {error}", err=True)
            continue
        numbers = tuple(number for number in numbers if number.text)
        if figure is not None:
            _write(figure, NumberFigure(rgba).framed(numbers, png=True))
        if as_json:
            shown.append({"image": path, "numbers": [to_dict(number) for number in numbers]})
            continue
        for number in numbers:
            click.echo(f"{path}: {words(number)}")
        if not numbers:
            click.echo(f"{path}: no number")
    return shown, refused


def _write(figure: Path, picture: bytes) -> None:
    try:
        write_file(figure, picture)
    except OSError as error:
        raise InputError(f"{figure}: cannot be written ({reason(error)}).") from None


def words(number: NumberReading) -> str:
    """A number, how sure it is, and the second likeliest one."""
    second = (
        f", or {number.alternatives[0][0]} ({percent(number.alternatives[0][1], 1)})" if number.alternatives else ""
    )
    return f"{number.text} ({percent(number.confidence, 1)}){second}"


def to_dict(number: NumberReading) -> dict[str, Any]:
    """A number as JSON has it; boxes are left, top, right, bottom in pixels of the picture."""
    return {
        "text": number.text,
        "confidence": number.confidence,
        "box": number.box,
        "digits": [
            {
                "digit": digit.digit,
                "confidence": digit.confidence,
                "other": digit.reading.other,
                "box": digit.box,
            }
            for digit in number.digits
        ],
        "alternatives": [{"text": text, "confidence": share} for text, share in number.alternatives],
    }
