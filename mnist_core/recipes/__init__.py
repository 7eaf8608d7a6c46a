"""Networks by name, published ones and our own, and how each is made from data to model card.

Read `recipe.py` first, then `catalog.py`. This wing uses `training`, `reading` and all that these use.
"""

from mnist_core.recipes import catalog, training_data
from mnist_core.recipes.catalog import RECIPES
from mnist_core.recipes.recipe import Recipe
from mnist_core.recipes.results import measured

__all__ = ["RECIPES", "Recipe", "catalog", "measured", "training_data"]
