"""List what can be trained."""

import dataclasses
import json
from typing import Any

import click

from mnist_core.commands.options import as_json, percent
from mnist_core.recipes import catalog
from mnist_core.recipes.recipe import Recipe
from mnist_core.recipes.results import measured


@click.command(name="recipes")
@as_json
def list_recipes(as_json: bool) -> None:
    """List what can be trained by name."""
    if as_json:
        click.echo(json.dumps([_recipe(recipe) for recipe in catalog.RECIPES.values()], indent=2))
        return
    for recipe in catalog.RECIPES.values():
        printed = (
            ""
            if recipe.printed is None
            else f" Published: {percent(recipe.printed)} ({recipe.measure}); "
            f"ours: {percent(measured()[recipe.name].mean)}. {recipe.lesson} {measured()[recipe.name].cost}"
        )
        twin = "" if recipe.corrected is None else " Has a corrected twin."
        click.echo(f"{recipe.name}: {recipe.description}{printed.rstrip()}{twin}")


def _recipe(recipe: Recipe) -> dict[str, Any]:
    """A recipe as JSON can hold it."""
    twin = None if recipe.corrected is None else recipe.corrected.to_dict()
    figures = measured()[recipe.name].to_dict() if recipe.name in measured() else None
    facts = dataclasses.asdict(recipe) | {"config": recipe.config.to_dict(), "corrected": twin, "measured": figures}
    # The name that scripts know this field by.
    facts["practice"] = facts.pop("extra_data")
    return facts
