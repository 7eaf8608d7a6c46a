"""The six published networks, trained in full: the figure that was printed, ours, and what the mistake cost.

Run it with: python -m benchmarks.recipes
"""

import dataclasses
import json
import statistics
from typing import Any

import click

from mnist_core.config import TrainingConfig
from mnist_core.dataset import load_mnist, to_unit
from mnist_core.metrics import accuracy
from mnist_core.published import PUBLISHED
from mnist_core.recipe import Recipe
from mnist_core.trainer import Trainer


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Print the results as JSON.")
@click.option("--only", help="Train only this recipe.")
@click.option("--seeds", type=click.IntRange(1, 100), default=3, show_default=True, help="How many seeds, from 0 on.")
def main(as_json: bool, only: str | None, seeds: int) -> None:
    """Train every published recipe with several seeds, as published and corrected, and print a table for a README."""
    rows = [row(recipe, seeds) for recipe in PUBLISHED if only in (None, recipe.name)]
    click.echo(json.dumps(rows, indent=2) if as_json else table(rows))


def row(recipe: Recipe, seeds: int) -> dict[str, Any]:
    """One recipe's figures."""
    published = [measure(recipe, recipe.config, seed) for seed in range(seeds)]
    twin = recipe.corrected
    corrected = [] if twin is None else [measure(recipe, twin, seed) for seed in range(seeds)]
    return {
        "recipe": recipe.name,
        "measure": recipe.measure,
        "printed": recipe.printed,
        "accuracies": [share for share, _, _ in published],
        "corrected_accuracies": [share for share, _, _ in corrected],
        "steps": [steps for _, steps, _ in published],
        "seconds": statistics.median(seconds for _, _, seconds in published),
        "lesson": recipe.lesson,
    }


def measure(recipe: Recipe, config: TrainingConfig, seed: int) -> tuple[float, int, float]:
    """Train once; returns the accuracy on the images that the author used, the steps taken and the seconds."""
    dataset = load_mnist()
    trainer = Trainer(dataclasses.replace(config, seed=seed), dataset)
    *_, report = trainer.run()
    share = report.validation_accuracy
    if recipe.measure == "test":
        scores = trainer.network.logits(to_unit(dataset.test_images, config.dtype))
        share = accuracy(scores, dataset.test_labels)
    twin = ", corrected" if config is recipe.corrected else ""
    line = f"{recipe.name}{twin}, seed {seed}: {share:.2%} after {report.step} steps, {report.seconds:.1f} s"
    click.echo(line, err=True)
    return share, report.step, report.seconds


def table(rows: list[dict[str, Any]]) -> str:
    """The rows as a Markdown table."""
    lines = [
        "| recipe | printed | ours | corrected | seeds | time | what was wrong |",
        "| --- | --- | --- | --- | --- | --- | --- |",
    ]
    for found in rows:
        where = "held out" if found["measure"] == "validation" else "test"
        cells = [
            f"`{found['recipe']}`",
            f"{found['printed']:.2%} {where}",
            spread(found["accuracies"]),
            spread(found["corrected_accuracies"]),
            str(len(found["accuracies"])),
            f"{found['seconds']:.0f} s",
            found["lesson"],
        ]
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines)


def spread(shares: list[float]) -> str:
    """The mean of several accuracies, with the lowest and the highest."""
    if not shares:
        return "–"
    mean = statistics.mean(shares)
    return f"{mean:.2%}" if min(shares) == max(shares) else f"{mean:.2%} ({min(shares):.2%} to {max(shares):.2%})"


if __name__ == "__main__":
    main(prog_name="python -m benchmarks.recipes")
