"""Networks by name: for each one the settings that train it, so that anybody can train it again."""

import dataclasses

from mnist_core.errors import InputError
from mnist_core.reading.looks import VIEWS
from mnist_core.recipes.notebooks import PUBLISHED
from mnist_core.recipes.recipe import Recipe
from mnist_core.recipes.training_data import NOTHING, ExtraData
from mnist_core.training.config import TrainingConfig

CNN = (
    "conv 24 3 padding=same biases=none",
    "batchnorm",
    "relu",
    "maxpool 2",
    "conv 48 3 padding=same biases=none",
    "batchnorm",
    "relu",
    "conv 48 3 padding=same biases=none",
    "batchnorm",
    "relu",
    "maxpool 2",
    "conv 96 3 padding=same biases=none",
    "batchnorm",
    "relu",
    "conv 96 3 padding=same biases=none",
    "batchnorm",
    "relu",
    "maxpool 2",
    "flatten",
    "dense 128 biases=none",
    "batchnorm",
    "relu",
    "dropout 0.4",
)
MNIST_ONLY = TrainingConfig(
    layers=(*CNN, "dense 10"),
    optimizer="adam",
    learning_rate=0.003,
    schedule="cosine warmup=1",
    batch_size=128,
    epochs=18,
    augmentation="warp rotation=10 scale=0.12 shift=1.5 shear=8 elastic=0.8 share=0.8",
    averaging=0.998,
)
RECIPES: dict[str, Recipe] = {
    recipe.name: recipe
    for recipe in (
        Recipe(
            "default",
            "CNN, five convolutions",
            "Given pen strokes to learn from, it reads strangers' handwriting and knows what is not a digit.",
            MNIST_ONLY,
            extra_data=ExtraData(),
            views=VIEWS,
            with_pen=dataclasses.replace(
                MNIST_ONLY,
                layers=(*CNN, f"dense {NOTHING + 1}"),
                loss="generalized_cross_entropy q=0.15",
                epochs=11,
                augmentation="warp rotation=8 scale=0.1 shift=1.5 shear=6 elastic=0.7 share=0.8",
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
        Recipe(
            "cnn-mnist",
            "CNN, MNIST alone",
            "Without pen strokes: flags, feet, slashes and bars are drawn on to MNIST's digits instead.",
            MNIST_ONLY,
            extra_data=ExtraData(),
            views=VIEWS,
        ),
        Recipe(
            "small-cnn",
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
        *PUBLISHED,
    )
}


def get(name: str) -> Recipe:
    """The recipe called `name`. Raises InputError with the list of names if there is none."""
    if name not in RECIPES:
        raise InputError(f"recipe {name!r}: expected one of {', '.join(RECIPES)}.")
    return RECIPES[name]
