"""The settings of a training: everything that decides what comes out of it, apart from the data."""

import dataclasses
import math
from dataclasses import dataclass
from typing import Any

from mnist_core.data.augment import AUGMENTATIONS
from mnist_core.errors import InputError
from mnist_core.nn.losses import LOSSES
from mnist_core.nn.network import plan_network
from mnist_core.nn.optimizers import OPTIMIZERS
from mnist_core.nn.published_mistakes import MISTAKEN_LOSSES
from mnist_core.nn.schedules import SCHEDULES
from mnist_core.nn.spec import parse

CHANGEABLE = ("learning_rate", "batch_size", "augmentation")
"""The settings that may change while a training runs."""
SAMPLING = ("shuffled", "file_order", "replacement")
ALL_LOSSES = LOSSES | MISTAKEN_LOSSES


@dataclass(frozen=True)
class TrainingConfig:
    """All that decides what comes out of a training, apart from the data. Saved in the model card.

    layers: lines of text, see `mnist_core.nn.layers`; loss, optimizer, schedule, augmentation: one line each.
    learning_rate: the highest rate of the schedule. l2: adds l2 / 2 times the squared weights (not the biases) to
    the loss. validation: how many training images are held out, drawn by the seed. train_images: use only that many
    of the others (0 for all). Raises InputError, naming the setting, when made with an impossible value.

    batch_size: 0 for all images at once. sampling: "shuffled" anew in each epoch, in "file_order", or drawn with
    "replacement". steps: how many steps to take, instead of counting epochs (0: `epochs` decides). stop_at_loss:
    stop after the first epoch whose mean loss is at most this (0: never). validate_every: steps from one validation
    to the next (0: at the end of each epoch). averaging: the decay, 0 to below 1, of an exponential moving
    average of the weights, used for inference instead (0: the weights as they are).
    """

    layers: tuple[str, ...]
    loss: str = "softmax_cross_entropy"
    optimizer: str = "adam"
    learning_rate: float = 0.001
    schedule: str = "constant"
    batch_size: int = 128
    epochs: int = 5
    l2: float = 0.0
    augmentation: str = "none"
    validation: int = 5000
    train_images: int = 0
    seed: int = 0
    dtype: str = "float32"
    sampling: str = "shuffled"
    steps: int = 0
    stop_at_loss: float = 0.0
    validate_every: int = 0
    averaging: float = 0.0

    def __post_init__(self) -> None:
        object.__setattr__(self, "layers", tuple(self.layers))
        for name, low, high in (
            ("learning_rate", 1e-9, 1e3),
            ("batch_size", 0, 65536),
            ("epochs", 1, 10_000),
            ("l2", 0, 10),
            ("validation", 0, 1_000_000),
            ("train_images", 0, 1_000_000),
            ("seed", 0, 2**32 - 1),
            ("steps", 0, 10_000_000),
            ("stop_at_loss", 0, 1e6),
            ("validate_every", 0, 10_000_000),
            ("averaging", 0, 0.99999),
        ):
            value = getattr(self, name)
            if not low <= value <= high:
                raise InputError(f"{name}: expected {low:g} to {high:g}, found {value}.")
        if self.dtype not in ("float32", "float64"):
            raise InputError(f"dtype {self.dtype!r}: expected float32 or float64.")
        if self.sampling not in SAMPLING:
            raise InputError(f"sampling {self.sampling!r}: expected one of {', '.join(SAMPLING)}.")
        parse(self.loss, ALL_LOSSES, "loss")
        parse(self.optimizer, OPTIMIZERS, "optimizer")
        parse(self.schedule, SCHEDULES, "schedule")
        parse(self.augmentation, AUGMENTATIONS, "augmentation")
        plan_network(self.layers)

    def changed(self, **settings: Any) -> "TrainingConfig":
        """The same with other values for settings of `CHANGEABLE`.

        Raises InputError for any other setting, and for an impossible value.
        """
        if wrong := sorted(settings.keys() - set(CHANGEABLE)):
            raise InputError(f"{wrong[0]}: only {', '.join(CHANGEABLE)} can change during a training.")
        return dataclasses.replace(self, **settings)

    def steps_per_epoch(self, images: int) -> int:
        """Steps of one epoch of `images` images; the last batch may be smaller than the others."""
        return math.ceil(images / (self.batch_size or images))

    def total_steps(self, images: int) -> int:
        """Steps of a training on `images` images from start to end, unless `stop_at_loss` ends it before."""
        return self.steps or self.epochs * self.steps_per_epoch(images)

    def changeable(self) -> dict[str, Any]:
        """The settings that may change while it trains (`CHANGEABLE`), by name, with their values."""
        return {name: getattr(self, name) for name in CHANGEABLE}

    def to_dict(self) -> dict[str, object]:
        """The settings as JSON can hold them."""
        return dataclasses.asdict(self) | {"layers": list(self.layers)}
