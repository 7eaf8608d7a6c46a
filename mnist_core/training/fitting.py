"""A setting made for one dataset, brought to another: as many outputs as classes, no more images than there are."""

import dataclasses

from mnist_core.data.dataset import Dataset
from mnist_core.errors import InputError
from mnist_core.nn.architecture import with_outputs
from mnist_core.training.config import TrainingConfig

MOST_HELD_OUT, LEAST_LEFT = 6, 10
"""At most one image in so many is held out: of MNIST's 60,000 some presets hold out 10,000. So many are left."""


def fitted(config: TrainingConfig, dataset: Dataset) -> TrainingConfig:
    """The same training of as many classes as the dataset has, with fewer images held out if it is small."""
    count = len(dataset.train_labels)
    validation = min(config.validation, count // MOST_HELD_OUT, max(0, count - LEAST_LEFT))
    return dataclasses.replace(
        config,
        layers=with_outputs(config.layers, len(dataset.classes)),
        validation=validation,
        train_images=min(config.train_images, count - validation),
    )


def check_outputs(outputs: int, dataset: Dataset) -> None:
    """Raise InputError if a network with so many outputs has too few for the dataset's classes."""
    if outputs < len(dataset.classes):
        raise InputError(
            f"the last layer: expected {len(dataset.classes)} outputs, one for each class of {dataset.name}, "
            f"found {outputs}."
        )
