"""The same training by this project, by PyTorch and by scikit-learn: each runs in a process of its own.

A process is started as `python -m benchmarks.contenders WHO NETWORK OPTIMIZER FOLDER`. It prints "ready", and for every
line that it is sent it trains for two epochs and prints the seconds of the second: the first brings data and buffers
back into the caches.
"""

import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

THREADS = 2
LEARNING_RATES = {"sgd": 0.05, "adam": 0.001}


@dataclass(frozen=True)
class Case:
    """A network and its batch. layers: as this project writes them; images: how many an epoch of the benchmark has."""

    name: str
    batch: int
    layers: tuple[str, ...]
    images: int
    hidden: tuple[int, ...] = ()


def dense(name: str, batch: int, *hidden: int) -> Case:
    layers = ["flatten"]
    for units in hidden:
        layers += [f"dense {units}", "relu"]
    return Case(name, batch, (*layers, "dense 10"), 60_000, hidden)


CNN = ("conv 32 5", "relu", "maxpool 2", "conv 64 5", "relu", "maxpool 2", "flatten", "dense 128", "relu", "dense 10")
CASES = (
    dense("784-100-10", 32, 100),
    dense("784-128-10", 128, 128),
    dense("784-512-256-10", 128, 512, 256),
    Case("cnn", 128, CNN, 12_800),
    Case("small-cnn", 128, (), 12_800),
)


def case(name: str) -> Case:
    return next(each for each in CASES if each.name == name)


def ours(
    chosen: Case, optimizer: str, images: np.ndarray, labels: np.ndarray, order: np.ndarray
) -> Callable[[], float]:
    """This project's own Trainer, as the command line uses it."""
    import dataclasses

    from mnist_core.data.dataset import Dataset
    from mnist_core.recipes.catalog import get
    from mnist_core.training.config import TrainingConfig
    from mnist_core.training.trainer import Trainer

    pixels = (images * 255).round().astype(np.uint8).reshape(-1, 28, 28)
    dataset = Dataset("benchmark", pixels, labels, pixels[:1], labels[:1])
    if chosen.layers:
        rate = LEARNING_RATES[optimizer]
        config = TrainingConfig(
            chosen.layers, batch_size=chosen.batch, epochs=1, optimizer=optimizer, learning_rate=rate, validation=0
        )
    else:
        config = dataclasses.replace(
            get("small-cnn").config,
            epochs=1,
            validation=0,
            optimizer=optimizer,
            learning_rate=LEARNING_RATES[optimizer],
        )

    def epoch() -> float:
        trainer = Trainer(config, dataset, THREADS)
        trainer.sampler.order = order  # the order that all contenders share
        return list(trainer.run(1_000_000))[-1].seconds

    return epoch


def pytorch(
    chosen: Case, optimizer: str, images: np.ndarray, labels: np.ndarray, order: np.ndarray
) -> Callable[[], float]:
    """PyTorch's eager mode, as its tutorials write a training: nn.Module, its optimizer, pixels as floats."""
    import torch

    torch.set_num_threads(THREADS)
    pictures = chosen.name in ("cnn", "small-cnn")
    x_all = torch.from_numpy(images.reshape(-1, 1, 28, 28) if pictures else images)
    y_all = torch.from_numpy(labels.astype(np.int64))
    places = torch.from_numpy(order.astype(np.int64))
    warp = _torch_warp(torch) if chosen.name == "small-cnn" else None

    def epoch() -> float:
        network = torch_network(torch, chosen)
        make = {"sgd": torch.optim.SGD, "adam": torch.optim.Adam}[optimizer]
        update = make(network.parameters(), lr=LEARNING_RATES[optimizer])
        loss_of = torch.nn.CrossEntropyLoss()
        start = time.perf_counter()
        for first in range(0, len(places), chosen.batch):
            batch = places[first : first + chosen.batch]
            x = x_all[batch]
            if warp is not None:
                x = warp(x)
            update.zero_grad()
            loss = loss_of(network(x), y_all[batch])
            loss.backward()
            update.step()
        return time.perf_counter() - start

    return epoch


def torch_network(torch: Any, chosen: Case) -> Any:
    """The network of a case as an nn.Module."""
    nn = torch.nn
    if chosen.name == "cnn":
        return nn.Sequential(
            *(nn.Conv2d(1, 32, 5), nn.ReLU(), nn.MaxPool2d(2), nn.Conv2d(32, 64, 5), nn.ReLU(), nn.MaxPool2d(2)),
            *(nn.Flatten(), nn.Linear(1024, 128), nn.ReLU(), nn.Linear(128, 10)),
        )
    if chosen.name == "small-cnn":
        from mnist_core.recipes.catalog import get

        return nn.Sequential(*_torch_layers(nn, get("small-cnn").config.layers))
    layers: list[Any] = []
    for inputs, outputs in zip((784, *chosen.hidden), (*chosen.hidden, 10), strict=True):
        layers += [nn.Linear(inputs, outputs), nn.ReLU()]
    return nn.Sequential(*layers[:-1])


def _torch_layers(nn: Any, descriptions: tuple[str, ...]) -> list[Any]:
    """Layers of PyTorch for this project's descriptions, as far as the default network uses them."""
    from mnist_core.nn.layers import LAYERS
    from mnist_core.nn.layers.convolution import Conv2D
    from mnist_core.nn.layers.dense import Dense
    from mnist_core.nn.layers.pooling import Flatten, MaxPool2D
    from mnist_core.nn.layers.regularization import BatchNorm, Dropout
    from mnist_core.nn.spec import parse

    found: list[Any] = []
    shape: tuple[int, ...] = (28, 28, 1)
    for text in descriptions:
        layer: Any = parse(text, LAYERS, "layer")
        channels = shape[-1]
        match layer:
            case Conv2D():
                padding = layer.size // 2 if layer.padding == "same" else 0
                bias = layer.biases != "none"
                found.append(nn.Conv2d(channels, layer.filters, layer.size, padding=padding, bias=bias))
            case Dense():
                found.append(nn.Linear(channels, layer.units, bias=layer.biases != "none"))
            case BatchNorm():
                found.append((nn.BatchNorm2d if len(shape) == 3 else nn.BatchNorm1d)(channels))
            case MaxPool2D():
                found.append(nn.MaxPool2d(layer.size))
            case Flatten():
                found.append(nn.Flatten())
            case Dropout():
                found.append(nn.Dropout(layer.rate))
            case _:
                found.append({"relu": nn.ReLU, "tanh": nn.Tanh, "sigmoid": nn.Sigmoid}[layer.name]())
        layer.build(shape, np.random.default_rng(0), np.dtype(np.float32))
        shape = layer.output_shape(shape)
    return found


def _torch_warp(torch: Any) -> Callable[[Any], Any]:
    """The default recipe's augmentation, with PyTorch's own affine_grid and grid_sample."""
    from mnist_core.data.augment import AUGMENTATIONS, Warp
    from mnist_core.nn.spec import parse
    from mnist_core.recipes.catalog import get

    limits = parse(get("small-cnn").config.augmentation, AUGMENTATIONS, "augmentation")
    assert isinstance(limits, Warp) and not limits.elastic
    sample, grid = torch.nn.functional.grid_sample, torch.nn.functional.affine_grid

    def within(limit: float, *shape: int) -> Any:
        return (torch.rand(*shape) * 2 - 1) * limit

    def warp(x: Any) -> Any:
        n = len(x)
        angle, slant = torch.deg2rad(within(limits.rotation, n)), torch.tan(torch.deg2rad(within(limits.shear, n)))
        stretch, shift = 1 + within(limits.scale, n, 2), within(limits.shift / 14, n, 2)
        cos, sin = torch.cos(angle), torch.sin(angle)
        rows = (
            torch.stack([(cos + slant * sin) / stretch[:, 0], (sin - slant * cos) / stretch[:, 0], shift[:, 0]], 1),
            torch.stack([-sin / stretch[:, 1], cos / stretch[:, 1], shift[:, 1]], 1),
        )
        return sample(x, grid(torch.stack(rows, 1), (n, 1, 28, 28), align_corners=False), align_corners=False)

    return warp


def sklearn(
    chosen: Case, optimizer: str, images: np.ndarray, labels: np.ndarray, order: np.ndarray
) -> Callable[[], float]:
    """scikit-learn's MLPClassifier. Only its second epoch counts, without what `fit` prepares before the first."""
    import warnings

    from sklearn.neural_network import MLPClassifier

    warnings.simplefilter("ignore")

    class Order(np.random.RandomState):
        """Gives the contenders' common order instead of one by chance."""

        def shuffle(self, x: Any) -> None:
            x[:] = np.arange(len(x)) if len(x) != len(order) else order

    class Timed(MLPClassifier):  # type: ignore[misc]
        def _update_no_improvement_count(self, *arguments: Any) -> None:
            ends.append(time.perf_counter())
            super()._update_no_improvement_count(*arguments)

    ends: list[float] = []

    def epoch() -> float:
        ends.clear()
        Timed(
            chosen.hidden,
            solver=optimizer,
            alpha=0,
            batch_size=chosen.batch,
            learning_rate_init=LEARNING_RATES[optimizer],
            momentum=0,
            max_iter=2,
            random_state=Order(0),
        ).fit(images, labels)
        return ends[1] - ends[0]

    return epoch


CONTENDERS = {"ours": ours, "pytorch": pytorch, "sklearn": sklearn}


def main(who: str, network: str, optimizer: str, folder: str) -> None:
    chosen = case(network)
    images = np.load(Path(folder) / "images.npy")[: chosen.images]
    labels = np.load(Path(folder) / "labels.npy")[: chosen.images]
    order = np.random.default_rng(0).permutation(len(labels))
    epoch = CONTENDERS[who](chosen, optimizer, images, labels, order)
    print("ready", flush=True)
    for _ in sys.stdin:
        epoch()
        print(epoch(), flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
