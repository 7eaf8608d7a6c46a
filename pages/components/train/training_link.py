"""The setting of a training as a link: the name of a preset, and what differs from it.

?preset=mlp&learning_rate=0.01&layers=flatten;dense+32;relu;dense+10
"""

import dataclasses
from collections.abc import Mapping

from mnist_core import InputError
from mnist_core.recipes import catalog
from mnist_core.training import TrainingConfig

CORRECTED = ":corrected"
DEFAULT = "mlp"
MAX_TEXT = 2000
NAMES = ("preset", *(field.name for field in dataclasses.fields(TrainingConfig)))
"""The query parameters that belong to the setting."""


def presets() -> dict[str, str]:
    """What a training can start from: title by key. A key is a recipe's name, with ":corrected" for its twin."""
    titles = {}
    for recipe in catalog.RECIPES.values():
        titles[recipe.name] = recipe.title
        if recipe.corrected:
            titles[recipe.name + CORRECTED] = f"{recipe.title}, corrected"
    return titles


def preset_config(key: str) -> TrainingConfig:
    """The settings of a preset. Raises InputError if there is none of that key."""
    name = key.removesuffix(CORRECTED)
    if name not in catalog.RECIPES:
        raise InputError(f"There is no network called {name!r} to start from.")
    recipe = catalog.get(name)
    if key.endswith(CORRECTED):
        if recipe.corrected is None:
            raise InputError(f"There is nothing to correct in {recipe.title!r}.")
        return recipe.corrected
    return recipe.config


def to_query(preset: str, config: TrainingConfig) -> dict[str, str]:
    """The query parameters that say `config`."""
    base = preset_config(preset)
    query = {"preset": preset}
    for field in dataclasses.fields(TrainingConfig):
        value = getattr(config, field.name)
        if value != getattr(base, field.name):
            query[field.name] = ";".join(value) if field.name == "layers" else str(value)
    return query


def from_query(query: Mapping[str, str]) -> tuple[str, TrainingConfig]:
    """Preset and settings that a link says; parameters of another kind are passed over.

    Raises InputError, naming it, for a value that cannot be.
    """
    preset = query.get("preset", DEFAULT)
    config = preset_config(preset)
    changes: dict[str, object] = {}
    for field in dataclasses.fields(TrainingConfig):
        if field.name not in query:
            continue
        text = query[field.name]
        if len(text) > MAX_TEXT:
            raise InputError(f"{field.name}: expected at most {MAX_TEXT} characters.")
        try:
            if field.name == "layers":
                changes[field.name] = tuple(layer.strip() for layer in text.split(";") if layer.strip())
            else:
                changes[field.name] = type(getattr(config, field.name))(text)
        except ValueError:
            raise InputError(f"{field.name}: {text!r} is not a number.") from None
    return preset, dataclasses.replace(config, **changes)  # type: ignore[arg-type]
