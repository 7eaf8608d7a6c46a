"""The networks that are trained and read side by side, and what all contenders share: images, order, first weights."""

import dataclasses
import functools
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from mnist_core.data.augment import AUGMENTATIONS, Augmentation, Warp, Warps
from mnist_core.data.dataset import load_mnist, to_unit
from mnist_core.nn.layers import Layer
from mnist_core.nn.losses import LOSSES, GeneralizedCrossEntropy
from mnist_core.nn.network import Network, plan_network
from mnist_core.nn.spec import parse
from mnist_core.recipes.catalog import get
from mnist_core.training.config import TrainingConfig

THREADS = 2
STEPS_OF_CHECK = 200
LEARNING_RATES = {"sgd": 0.05, "adam": 0.001}
CNN = ("conv 32 5", "relu", "maxpool 2", "conv 64 5", "relu", "maxpool 2", "flatten", "dense 128", "relu", "dense 10")


@dataclass(frozen=True)
class Case:
    """A network and how it is trained. images: how many an epoch of the benchmark has, whole batches of them.

    recipe: the recipe whose layers, loss, augmentation and averaging these are; "" for plain networks. hidden: the
    hidden units of a network of dense layers alone.
    """

    name: str
    batch: int
    layers: tuple[str, ...]
    images: int
    hidden: tuple[int, ...] = ()
    recipe: str = ""

    def config(self, optimizer: str, dropout: bool = True) -> TrainingConfig:
        """As this project trains it, with a constant learning rate. dropout: False leaves dropout out."""
        settings: dict[str, Any] = {}
        if self.recipe:
            recipe = get(self.recipe)
            own = recipe.with_pen or recipe.config
            settings = {name: getattr(own, name) for name in ("loss", "augmentation", "averaging")}
        layers = tuple(layer for layer in self.layers if dropout or not layer.startswith("dropout"))
        return TrainingConfig(
            layers,
            batch_size=self.batch,
            epochs=10_000,
            optimizer=optimizer,
            learning_rate=LEARNING_RATES[optimizer],
            validation=0,
            **settings,
        )


def dense(name: str, batch: int, *hidden: int) -> Case:
    layers = ["flatten"]
    for units in hidden:
        layers += [f"dense {units}", "relu"]
    return Case(name, batch, (*layers, "dense 10"), 60_000 // batch * batch, hidden)


def of_recipe(name: str) -> Case:
    recipe = get(name)
    config = recipe.with_pen or recipe.config
    return Case(name, config.batch_size, config.layers, 6_400, recipe=name)


CASES = (
    dense("784-100-10", 32, 100),
    dense("784-128-10", 128, 128),
    dense("784-512-256-10", 128, 512, 256),
    Case("cnn", 128, CNN, 6_400),
    of_recipe("small-cnn"),
    of_recipe("default"),
)


def case(name: str) -> Case:
    return next(each for each in CASES if each.name == name)


@dataclass(frozen=True)
class Task:
    """One training, as every contender is given it.

    images: float32 [N, 784]; labels: uint8 [N]; order: the images in the order of an epoch, int64 [N]. config: as this
    project writes it. first: the first weights, one array for each of this project's arrays of parameters, in order.
    warps: how each image of the epoch is changed, in its order; None where the contender draws that itself.
    """

    case: Case
    config: TrainingConfig
    images: np.ndarray
    labels: np.ndarray
    order: np.ndarray
    first: list[np.ndarray]
    warps: Warps | None = None

    @property
    def steps(self) -> int:
        """Steps of an epoch."""
        return len(self.order) // self.case.batch

    @functools.cached_property
    def layers(self) -> list[tuple[Layer, tuple[int, ...]]]:
        """Each layer with the shape of what goes into it."""
        plan = plan_network(self.config.layers)
        return list(zip(plan.layers, plan.shapes, strict=False))

    @property
    def augmentation(self) -> Warp | None:
        found = parse(self.config.augmentation, AUGMENTATIONS, "augmentation")
        return found if isinstance(found, Warp) else None

    @property
    def q(self) -> float:
        """Of the generalized cross-entropy; 0 for the plain one."""
        loss = parse(self.config.loss, LOSSES, "loss")
        return loss.q if isinstance(loss, GeneralizedCrossEntropy) else 0.0


def timed_task(chosen: Case, optimizer: str, folder: Path) -> Task:
    """What is timed: everything that a step does, with chance where it has a place."""
    return _task(chosen, chosen.config(optimizer), chosen.images, folder)


def checked_task(chosen: Case, optimizer: str, folder: Path) -> Task:
    """What shows that all compute the same: no dropout, and the same change to each image."""
    count = STEPS_OF_CHECK * chosen.batch
    task = _task(chosen, chosen.config(optimizer, dropout=False), count, folder)
    augmentation: Augmentation = parse(task.config.augmentation, AUGMENTATIONS, "augmentation")
    return dataclasses.replace(task, warps=augmentation.draw(count, np.random.default_rng(1)))


def _task(chosen: Case, config: TrainingConfig, count: int, folder: Path) -> Task:
    images, labels = (np.load(folder / f"{name}.npy")[:count] for name in ("images", "labels"))
    order = np.random.default_rng(0).permutation(len(labels))
    network = Network(config.layers, np.random.default_rng(0))
    first = [array for layer in network.layers for array in layer.parameters.values()]
    return Task(chosen, config, images, labels, order, first)


def share_images(folder: Path) -> None:
    """Write the images and labels down, for all contenders."""
    dataset = load_mnist()
    np.save(folder / "images.npy", to_unit(dataset.train_images).reshape(-1, 784))
    np.save(folder / "labels.npy", dataset.train_labels)
