"""What a recipe is: a named training, and for a published one what its author printed and what was wrong with it."""

from dataclasses import dataclass
from typing import Literal

from mnist_core.recipes.training_data import ExtraData
from mnist_core.training.config import TrainingConfig


@dataclass(frozen=True)
class Recipe:
    """A named training.

    title: for a list of choices; description: one sentence on what it is. report_every: steps between two lines on the
    command line (0: one line an epoch).
    extra_data: training data besides MNIST's images, if any. with_pen: the settings if there are pen strokes to learn
    from, None for a recipe that has no use for them. views: how many looks at a picture inference takes.
    corrected: the same with its one mistake mended, if it has one. printed: the accuracy that its author printed,
    0 to 1, on the images that `measure` names; lesson: one sentence on what was wrong.
    """

    name: str
    title: str
    description: str
    config: TrainingConfig
    report_every: int = 0
    corrected: TrainingConfig | None = None
    extra_data: ExtraData | None = None
    with_pen: TrainingConfig | None = None
    views: int = 1
    printed: float | None = None
    measure: Literal["test", "validation"] = "test"
    lesson: str = ""
