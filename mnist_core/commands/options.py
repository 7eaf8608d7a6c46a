"""What several commands have in common: their options, and how they refuse."""

from pathlib import Path

import click

from mnist_core.reading import weights


def percent(share: float, decimals: int = 2) -> str:
    """A share of 1, such as "97.42 %"."""
    return f"{100 * share:.{decimals}f} %"


class Refusal(click.ClickException):
    """Bad input: one line, exit code 2."""

    exit_code = 2


as_json = click.option("--json", "as_json", is_flag=True, help="Print the result as JSON.")
folder = click.option(
    "--folder",
    type=click.Path(file_okay=False, path_type=Path),
    default=weights.FOLDER,
    help="Where NAME.npz and NAME.json are; the bundled networks if left out.",
)
dataset = click.option(
    "--dataset",
    help="The images by name: a folder below DIGIT_DATA_DIR. If left out: MNIST, or what MNIST_DIR names.",
)
seed = click.option(
    "--seed", type=click.IntRange(0, 2**32 - 1), default=0, show_default=True, help="Start of the random numbers."
)
