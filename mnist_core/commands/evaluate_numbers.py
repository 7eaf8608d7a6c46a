"""Measure how well whole numbers are read: what `evaluate --numbers` does."""

import json

import click
from tqdm import tqdm

from mnist_core.commands.options import percent
from mnist_core.ink.pen import PenDrawings
from mnist_core.reading.number_evaluation import KINDS, Kind, NumberProgress, NumberResult, measure_numbers
from mnist_core.reading.recognizer import Recognizer

TITLES: dict[Kind, str] = {"canvas": "drawn on a canvas", "paper": "on made-up photos of paper"}


def evaluate_numbers(
    network: str, recognizer: Recognizer, drawings: PenDrawings, count: int, seed: int, learned: bool, as_json: bool
) -> None:
    """Measure and print both kinds of numbers."""
    results = {kind: measure_numbers(recognizer, drawings, kind, count, seed, _bar(kind)) for kind in KINDS}
    if as_json:
        shown = {"network": network, "seed": seed, "learned_from_pen_strokes": learned}
        click.echo(json.dumps(shown | {kind: result.to_dict() for kind, result in results.items()}, indent=2))
        return
    for kind, result in results.items():
        click.echo(table(f"{network}, {result.numbers:,} numbers {TITLES[kind]}", result))


def _bar(kind: Kind) -> NumberProgress:
    return lambda numbers: tqdm(numbers, TITLES[kind], disable=None)


def table(title: str, result: NumberResult) -> str:
    """A result in lines of text."""
    low, high = result.interval
    lines = [
        title,
        f"  all digits right     {percent(result.accuracy):>9}   (95 % interval {percent(low)} to {percent(high)})",
    ]
    if result.at_gaps is not None:
        lines.append(f"  cut at gaps alone    {percent(result.at_gaps):>9}   (each part read as a digit)")
    lines += [
        f"  90 % sure or more    {percent(result.sure):>9}   of which right: {percent(result.accuracy_when_sure)}",
        f"  calibration error    {percent(result.calibration_error):>9}   (ECE, 15 bins)",
    ]
    lines += [f"  right of {length} digits    {percent(share):>9}" for length, share in result.by_length.items()]
    return "\n".join(lines)
