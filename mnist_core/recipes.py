"""Networks by name: for each one the settings that train it, so that anybody can train it again."""

from mnist_core.config import TrainingConfig
from mnist_core.errors import InputError
from mnist_core.published import PUBLISHED
from mnist_core.recipe import Recipe

RECIPES: dict[str, Recipe] = {
    recipe.name: recipe
    for recipe in (
        Recipe(
            "default",
            "Small CNN",
            "Two convolutions find strokes and corners wherever they lie; dropout keeps it from leaning on any one.",
            TrainingConfig(
                layers=(
                    "conv 16 5 biases=none",
                    "batchnorm",
                    "relu",
                    "maxpool 2",
                    "conv 32 5 biases=none",
                    "batchnorm",
                    "relu",
                    "maxpool 2",
                    "flatten",
                    "dense 128 biases=none",
                    "batchnorm",
                    "relu",
                    "dropout 0.5",
                    "dense 10",
                ),
                optimizer="adam",
                learning_rate=0.003,
                schedule="cosine warmup=1",
                batch_size=128,
                epochs=18,
                augmentation="warp rotation=2 scale=0.06 shift=0.5 shear=0",
            ),
        ),
        Recipe(
            "mlp",
            "Multi-layer perceptron",
            "Two hidden layers that see all pixels at once; trained on slightly turned and shifted digits.",
            TrainingConfig(
                layers=("flatten", "dense 256", "relu", "dense 128", "relu", "dense 10"),
                optimizer="adam",
                learning_rate=0.002,
                schedule="cosine",
                batch_size=128,
                epochs=20,
                augmentation="warp rotation=8 scale=0.1 shift=1 shear=5",
            ),
        ),
        *PUBLISHED,
    )
}


def get(name: str) -> Recipe:
    """The recipe called `name`. Raises InputError with the list of names if there is none."""
    if name not in RECIPES:
        raise InputError(f"recipe {name!r}: expected one of {', '.join(RECIPES)}.")
    return RECIPES[name]
