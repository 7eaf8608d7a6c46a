"""A setting for MNIST fits other datasets: as many outputs as classes, fewer images held out of a small one."""

import dataclasses

import numpy as np
import pytest

from mnist_core.data.class_names import EMNIST
from mnist_core.data.dataset import Dataset, load_mnist
from mnist_core.nn.architecture import Architecture, recognize, with_outputs
from mnist_core.recipes.catalog import RECIPES
from mnist_core.training.fitting import fitted
from mnist_core.training.trainer import Trainer
from tests.data.idx_folders import made_up


def letters(each: int = 4) -> Dataset:
    images, labels = made_up(47, each)
    return Dataset("letters", images, labels, images, labels, classes=EMNIST["balanced"])


@pytest.mark.parametrize("name", RECIPES)
def test_every_recipe_fits_another_dataset_and_stays_as_it_is_for_mnist(name: str) -> None:
    for config in filter(None, (RECIPES[name].config, RECIPES[name].corrected)):
        assert fitted(config, load_mnist()) == config
        found = fitted(dataclasses.replace(config, batch_size=min(config.batch_size, 64)), letters())
        assert found.validation <= 47 * 4 // 6
        trainer = Trainer(dataclasses.replace(found, epochs=1, steps=1), letters())
        list(trainer.run())
        assert trainer.network.classes == 47 and np.isfinite(trainer.network.parameters).all()


def test_the_last_dense_layer_gets_the_outputs() -> None:
    layers = ("flatten", "dense 10", "relu", "dense 10 weights=zeros biases=none", "softmax")
    assert with_outputs(layers, 3) == ("flatten", "dense 10", "relu", "dense 3 weights=zeros biases=none", "softmax")
    assert recognize(Architecture(units=(32,), outputs=47).layers()) == Architecture(units=(32,), outputs=47)
