"""Which of a dataset's training images a training learns from, and which are held out to validate it."""

from dataclasses import dataclass

import numpy as np

from mnist_core.data.dataset import Dataset
from mnist_core.errors import InputError
from mnist_core.training.config import TrainingConfig


@dataclass(frozen=True)
class Split:
    """Indices among the dataset's training images, integers [N], in rising order; no image is in both."""

    training: np.ndarray
    validation: np.ndarray


def count_training_images(config: TrainingConfig, total: int, held_out: int) -> int:
    """How many of `total` images a training learns from if `held_out` are for validation; below 1 if none are left."""
    return config.train_images or total - held_out


def split_images(config: TrainingConfig, dataset: Dataset, rng: np.random.Generator) -> Split:
    """Choose the images at random; where `dataset.held_out` says which are held out, it is those.

    Raises InputError if the configuration asks for more images than there are.
    """
    count = len(dataset.train_labels)
    validation = config.validation if dataset.held_out is None else len(dataset.held_out)
    available = count - validation
    wanted = count_training_images(config, count, validation)
    if available < 1 or wanted > available:
        raise InputError(
            f"validation {validation}, train_images {config.train_images}: together more than the "
            f"{count:,} training images of {dataset.name}."
        )
    shuffled = rng.permutation(count)
    if dataset.held_out is not None:
        kept = np.isin(shuffled, dataset.held_out, invert=True)
        shuffled = np.concatenate([shuffled[kept], dataset.held_out])
    return Split(np.sort(shuffled[:wanted]), np.sort(shuffled[available:]))
