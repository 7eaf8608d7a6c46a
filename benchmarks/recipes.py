"""The six published networks, trained in full: the figure that was printed, ours, and what the mistake cost.

Run it with: python -m benchmarks.recipes
"""

import dataclasses
import json
import statistics
from dataclasses import asdict

import click

from mnist_core.data.dataset import load_mnist, to_unit
from mnist_core.nn.metrics import accuracy
from mnist_core.recipes.catalog import RECIPES
from mnist_core.recipes.notebooks import PUBLISHED
from mnist_core.recipes.recipe import Recipe
from mnist_core.recipes.reproduce import THREADS
from mnist_core.recipes.results import FILE, Measured, measured
from mnist_core.training.config import TrainingConfig
from mnist_core.training.trainer import Trainer


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Print the results as JSON.")
@click.option("--only", help="Train only this recipe.")
@click.option("--seeds", type=click.IntRange(1, 100), default=3, show_default=True, help="How many seeds, from 0 on.")
@click.option("--save", is_flag=True, help=f"Also write the results to mnist_core/data/{FILE.name}.")
def main(as_json: bool, only: str | None, seeds: int, save: bool) -> None:
    """Train every published recipe with several seeds, as published and corrected, and print a table for a README."""
    found = [train(recipe, seeds) for recipe in PUBLISHED if only in (None, recipe.name)]
    if save:
        merged = measured() | {row.recipe: row for row in found}
        FILE.write_text(json.dumps([asdict(row) for row in merged.values()], indent=1) + "\n", encoding="utf-8")
    click.echo(json.dumps([row.to_dict() for row in found], indent=2) if as_json else table(found))


def train(recipe: Recipe, seeds: int) -> Measured:
    """One recipe's figures."""
    published = [measure(recipe, recipe.config, seed) for seed in range(seeds)]
    twin = recipe.corrected
    corrected = [] if twin is None else [measure(recipe, twin, seed) for seed in range(seeds)]
    return Measured(
        recipe.name,
        tuple(share for share, _ in published),
        tuple(share for share, _ in corrected),
        round(statistics.median(seconds for _, seconds in published), 1),
    )


def measure(recipe: Recipe, config: TrainingConfig, seed: int) -> tuple[float, float]:
    """Train once; returns the accuracy on the images that the author used, and the seconds."""
    dataset = load_mnist()
    trainer = Trainer(dataclasses.replace(config, seed=seed), dataset, THREADS)
    *_, report = trainer.run()
    share = report.validation_accuracy
    if recipe.measure == "test":
        scores = trainer.network.logits(to_unit(dataset.test_images, config.dtype))
        share = accuracy(scores, dataset.test_labels)
    twin = ", corrected" if config is recipe.corrected else ""
    line = f"{recipe.name}{twin}, seed {seed}: {percent(share)} after {report.step} steps, {report.seconds:.1f} s"
    click.echo(line, err=True)
    return share, report.seconds


def table(rows: list[Measured]) -> str:
    """The rows as a Markdown table."""
    lines = [
        "| recipe | printed | ours | corrected | seeds | time | what was wrong, and what it cost |",
        "| --- | --- | --- | --- | --- | --- | --- |",
    ]
    for row in rows:
        recipe = RECIPES[row.recipe]
        where = "held out" if recipe.measure == "validation" else "test"
        cells = [
            f"`{row.recipe}`",
            f"{percent(recipe.printed or 0)} {where}",
            spread(row.accuracies),
            spread(row.corrected_accuracies),
            str(len(row.accuracies)),
            f"{row.seconds:.0f} s",
            f"{recipe.lesson} {row.cost}".strip(),
        ]
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines)


def spread(shares: tuple[float, ...]) -> str:
    """The mean of several accuracies, with the lowest and the highest."""
    if not shares:
        return "–"
    mean = statistics.mean(shares)
    lowest, highest = min(shares), max(shares)
    return percent(mean) if lowest == highest else f"{percent(mean)} ({percent(lowest)} to {percent(highest)})"


def percent(share: float) -> str:
    """A share of 1, such as "94.52 %"."""
    return f"{100 * share:.2f} %"


if __name__ == "__main__":
    main(prog_name="python -m benchmarks.recipes")
