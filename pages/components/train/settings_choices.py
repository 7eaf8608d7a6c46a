"""The usual choices of a training's settings, and what a student reads for each."""

from typing import Literal

MAX_CONVOLUTIONS, MAX_FILTERS = 2, 128
MAX_HIDDEN_LAYERS, MAX_UNITS = 6, 2048
MAX_DROPOUT = 0.8
"""What the form's own controls can show; other networks are written as layers."""
MIN_RATE, MAX_RATE = 1e-7, 100.0
MAX_BATCH = 65536
Kind = Literal["dense", "cnn", "own"]
KIND_NAMES: dict[Kind, str] = {"dense": "Fully connected", "cnn": "Small CNN", "own": "Own layers"}
AUGMENTATION_NAMES = {
    "none": "None",
    "warp rotation=2 scale=0.06 shift=0.5 shear=0": "Very slight",
    "warp rotation=8 scale=0.1 shift=1 shear=5": "Slight",
    "warp": "Strong",
    "warp rotation=15 scale=0.15 shift=2.5 shear=10 elastic=1": "Strong, and bent",
}
OPTIMIZER_NAMES = {"sgd": "SGD, plain steps", "momentum": "Momentum", "adam": "Adam"}
SCHEDULE_NAMES = {
    "constant": "Constant",
    "cosine": "Cosine, down to 0",
    "cosine warmup=1": "One epoch of warm-up, then cosine",
    "step 5": "A tenth every 5 epochs",
    "one_cycle": "One cycle: up, then down to 0",
}
LOSS_NAMES = {
    "softmax_cross_entropy": "Softmax and cross-entropy",
    "generalized_cross_entropy": "Cross-entropy that doubts unlikely labels",
    "binary_cross_entropy": "A yes-or-no question for each class",
    "squared_error": "Squared error",
}
SAMPLING_NAMES = {
    "shuffled": "Shuffled in each epoch",
    "file_order": "In the order of the file",
    "replacement": "Drawn with replacement",
}


def augmentation_name(augmentation: str) -> str:
    """What a student reads for an augmentation."""
    return AUGMENTATION_NAMES.get(augmentation, augmentation)


def with_current(names: dict[str, str], current: str) -> list[str]:
    """The usual choices, and the present one if it is not among them."""
    return list(names) if current in names else [*names, current]
