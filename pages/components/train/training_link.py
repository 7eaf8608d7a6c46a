"""The setting of a training as a link: the name of a preset and of a dataset, and what differs from the preset.

?preset=mlp&learning_rate=0.01&layers=flatten;dense+32;relu;dense+10
"""

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass

from mnist_core import InputError
from mnist_core.data import USUAL, Dataset
from mnist_core.recipes import catalog
from mnist_core.training import TrainingConfig, fitted
from pages.components.language import _, gettext_noop

MARK = ":corrected"
MAX_TEXT = 2000
NAME = "name"
"""The query parameter with the name of the run that is started with the setting, if it has one."""
NAMES = ("preset", "dataset", NAME, *(field.name for field in dataclasses.fields(TrainingConfig)))
"""The query parameters that belong to the setting."""


@dataclass(frozen=True)
class Preset:
    """What a training can start from: a recipe of the catalog, by its name, or that recipe's corrected twin."""

    recipe: str
    corrected: bool = False

    @property
    def key(self) -> str:
        """How it is written in an address: the recipe's name, with ":corrected" for the twin."""
        return self.recipe + MARK if self.corrected else self.recipe

    @classmethod
    def from_key(cls, key: str) -> "Preset":
        """The preset of that key. Whether there is such a recipe is not checked."""
        return cls(key.removesuffix(MARK), key.endswith(MARK))


DEFAULT = Preset("mlp")
OWN_NETWORK = gettext_noop("Own network")


def presets() -> dict[Preset, str]:
    """What a training can start from, with its title."""
    titles = {}
    for recipe in catalog.RECIPES.values():
        titles[Preset(recipe.name)] = recipe.title
        if recipe.corrected:
            titles[Preset(recipe.name, corrected=True)] = f"{recipe.title}, corrected"
    return titles


def preset_title(preset: Preset) -> str:
    """A preset's title, in the visitor's language. Presets give runs their English names, which stand in files."""
    recipe = catalog.RECIPES.get(preset.recipe)
    if recipe is None or preset not in presets():
        return _(OWN_NETWORK)
    return _("{title}, corrected").format(title=_(recipe.title)) if preset.corrected else _(recipe.title)


def preset_config(preset: Preset, dataset: Dataset | None = None) -> TrainingConfig:
    """The settings of a preset, fitted to a dataset if there is one. Raises InputError if there is no such preset."""
    config = _config_of(preset)
    return config if dataset is None else fitted(config, dataset)


def _config_of(preset: Preset) -> TrainingConfig:
    if preset.recipe not in catalog.RECIPES:
        raise InputError(f"There is no network called {preset.recipe!r} to start from.")
    recipe = catalog.get(preset.recipe)
    if preset.corrected:
        if recipe.corrected is None:
            raise InputError(f"There is nothing to correct in {recipe.title!r}.")
        return recipe.corrected
    return recipe.config


def twin_of(preset: Preset) -> Preset:
    """The corrected twin of a published network, or the reverse; not every one has a twin."""
    return Preset(preset.recipe, not preset.corrected)


def twin_config(preset: Preset, config: TrainingConfig, dataset: Dataset | None = None) -> TrainingConfig:
    """The settings of the twin, with what differs from the preset in `config`, but for what the twins differ in.

    Raises InputError if there is no twin, or if these do not go together.
    """
    base, twin = preset_config(preset, dataset), preset_config(twin_of(preset), dataset)
    names = [field.name for field in dataclasses.fields(TrainingConfig)]
    common = [name for name in names if getattr(base, name) == getattr(twin, name)]
    return dataclasses.replace(twin, **{name: getattr(config, name) for name in common})


def to_query(
    preset: Preset, config: TrainingConfig, name: str = USUAL, dataset: Dataset | None = None
) -> dict[str, str]:
    """The query parameters that say `config`, for the dataset of that name."""
    base = preset_config(preset, dataset)
    query = {"preset": preset.key} | ({} if name == USUAL else {"dataset": name})
    for field in dataclasses.fields(TrainingConfig):
        value = getattr(config, field.name)
        if value != getattr(base, field.name):
            query[field.name] = ";".join(value) if field.name == "layers" else str(value)
    return query


def from_query(query: Mapping[str, str], dataset: Dataset | None = None) -> tuple[Preset, TrainingConfig]:
    """Preset and settings that a link says, for the dataset that it names; parameters of another kind are passed over.

    Raises InputError, naming it, for a value that cannot be.
    """
    preset = Preset.from_key(query.get("preset", DEFAULT.key))
    config = preset_config(preset, dataset)
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
