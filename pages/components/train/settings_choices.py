"""The usual choices of a training's settings, and what a student reads for each."""

from collections.abc import Mapping
from typing import Literal

from pages.components.language import _, gettext_noop

MAX_CONVOLUTIONS, MAX_FILTERS = 2, 128
MAX_HIDDEN_LAYERS, MAX_UNITS = 6, 2048
MAX_DROPOUT = 0.8
"""What the form's own controls can show; other networks are written as layers."""
MIN_RATE, MAX_RATE = 1e-7, 100.0
MAX_BATCH = 65536
Kind = Literal["dense", "cnn", "own"]
KIND_NAMES: dict[Kind, str] = {
    "dense": gettext_noop("Fully connected"),
    "cnn": gettext_noop("Small CNN"),
    "own": gettext_noop("Own layers"),
}
AUGMENTATION_NAMES = {
    "none": gettext_noop("None"),
    "warp rotation=2 scale=0.06 shift=0.5 shear=0": gettext_noop("Very slight"),
    "warp rotation=8 scale=0.1 shift=1 shear=5": gettext_noop("Slight"),
    "warp": gettext_noop("Strong"),
    "warp rotation=15 scale=0.15 shift=2.5 shear=10 elastic=1": gettext_noop("Strong, and bent"),
}
OPTIMIZER_NAMES = {
    "sgd": gettext_noop("SGD, plain steps"),
    "momentum": gettext_noop("Momentum"),
    "adam": gettext_noop("Adam"),
}
SCHEDULE_NAMES = {
    "constant": gettext_noop("Constant"),
    "cosine": gettext_noop("Cosine, down to 0"),
    "cosine warmup=1": gettext_noop("One epoch of warm-up, then cosine"),
    "step 5": gettext_noop("A tenth every 5 epochs"),
    "one_cycle": gettext_noop("One cycle: up, then down to 0"),
}
LOSS_NAMES = {
    "softmax_cross_entropy": gettext_noop("Softmax and cross-entropy"),
    "generalized_cross_entropy": gettext_noop("Cross-entropy that doubts unlikely labels"),
    "binary_cross_entropy": gettext_noop("A yes-or-no question for each class"),
    "squared_error": gettext_noop("Squared error"),
}
SAMPLING_NAMES = {
    "shuffled": gettext_noop("Shuffled in each epoch"),
    "file_order": gettext_noop("In the order of the file"),
    "replacement": gettext_noop("Drawn with replacement"),
}


def name_in(names: Mapping[str, str], choice: str) -> str:
    """What a student reads for a choice, in the visitor's language; one without a name is read as it is."""
    return _(names[choice]) if choice in names else choice


def augmentation_name(augmentation: str) -> str:
    """What a student reads for an augmentation."""
    return name_in(AUGMENTATION_NAMES, augmentation)


def with_current(names: dict[str, str], current: str) -> list[str]:
    """The usual choices, and the present one if it is not among them."""
    return list(names) if current in names else [*names, current]
