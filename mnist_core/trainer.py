"""Training: a loop that shows a network one batch of images after another and reports how it is getting on."""

import dataclasses
import math
import time
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from mnist_core import metrics
from mnist_core.augment import AUGMENTATIONS
from mnist_core.dataset import Dataset, to_unit
from mnist_core.errors import InputError
from mnist_core.losses import LOSSES
from mnist_core.mistakes import MISTAKEN_LOSSES
from mnist_core.network import Network
from mnist_core.optimizers import OPTIMIZERS
from mnist_core.schedules import SCHEDULES
from mnist_core.spec import parse

SAMPLING = ("shuffled", "file_order", "replacement")
ALL_LOSSES = LOSSES | MISTAKEN_LOSSES


@dataclass(frozen=True)
class TrainingConfig:
    """All that decides what comes out of a training, apart from the data. Saved in the model card.

    layers: lines of text, see `mnist_core.layers`; loss, optimizer, schedule, augmentation: one line each.
    learning_rate: the highest rate of the schedule. l2: adds l2 / 2 times the squared weights (not the biases) to
    the loss. validation: how many training images are held out, drawn by the seed. train_images: use only that many
    of the others (0 for all). Raises InputError, naming the setting, when made with an impossible value.

    batch_size: 0 for all images at once. sampling: "shuffled" anew in each epoch, in "file_order", or drawn with
    "replacement". steps: how many steps to take, instead of counting epochs (0: `epochs` decides). stop_at_loss:
    stop after the first epoch whose mean loss is at most this (0: never). validate_every: steps from one validation
    to the next (0: at the end of each epoch).
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
        Network(self.layers, np.random.default_rng(0))

    def to_dict(self) -> dict[str, object]:
        """The settings as JSON can hold them."""
        return dataclasses.asdict(self) | {"layers": list(self.layers)}


@dataclass(frozen=True)
class Report:
    """How far a training is: sent after every few steps, and after each epoch with the validation results.

    loss and accuracy (0..1) are means over the training batches since the last report, augmentation and L2 included;
    validation_loss and validation_accuracy are NaN where nothing was validated. seconds counts from the start.
    """

    step: int
    steps: int
    epoch: float
    loss: float
    accuracy: float
    learning_rate: float
    images: int
    seconds: float
    end_of_epoch: bool = False
    validation_loss: float = math.nan
    validation_accuracy: float = math.nan


class Trainer:
    """One training of one network. `run` does the work; `network` is the network as it stands."""

    def __init__(self, config: TrainingConfig, dataset: Dataset) -> None:
        """Raises InputError if the configuration asks for more images than the dataset has."""
        self.config = config
        # One stream of random numbers for each purpose: another batch size does not change the first weights.
        first_weights, held_out, self._order, self._warps, self._dropout = np.random.default_rng(config.seed).spawn(5)
        self.loss = parse(config.loss, ALL_LOSSES, "loss")
        self.network = Network(config.layers, first_weights, output=self.loss.output, dtype=config.dtype)
        self.optimizer = parse(config.optimizer, OPTIMIZERS, "optimizer")
        self.schedule = parse(config.schedule, SCHEDULES, "schedule")
        self.augment = parse(config.augmentation, AUGMENTATIONS, "augmentation")

        available = len(dataset.train_labels) - config.validation
        wanted = config.train_images or available
        if available < 1 or wanted > available:
            raise InputError(
                f"validation {config.validation}, train_images {config.train_images}: together more than the "
                f"{len(dataset.train_labels):,} training images of {dataset.name}."
            )
        shuffled = held_out.permutation(len(dataset.train_labels))
        chosen, validation = np.sort(shuffled[:wanted]), np.sort(shuffled[available:])
        self.images, self.labels = dataset.train_images[chosen], dataset.train_labels[chosen]
        self.validation_images = to_unit(dataset.train_images[validation], config.dtype)
        self.validation_labels = dataset.train_labels[validation]
        self.batch_size = config.batch_size or wanted
        self.steps_per_epoch = math.ceil(wanted / self.batch_size)
        self.steps = config.steps or config.epochs * self.steps_per_epoch
        self._tapes = self.network.new_tapes(self._dropout)
        # A batch that is always the same is prepared once.
        self._whole: np.ndarray | None = None
        if self.batch_size == wanted and config.sampling != "replacement" and config.augmentation == "none":
            self._whole = self.network.prepare(to_unit(self.images, config.dtype))

    def run(self, report_every: int = 50) -> Iterator[Report]:
        """Train; yields a Report every `report_every` steps, whenever it validates, and at the end of each epoch."""
        config, start, shown = self.config, time.perf_counter(), 0
        since_report: list[tuple[float, float]] = []
        this_epoch: list[float] = []
        for step, (inputs, labels) in enumerate(self._batches(), 1):
            done = step - 1
            rate = config.learning_rate * self.schedule.factor(done / self.steps, done / self.steps_per_epoch)
            scores = self.network.forward(inputs, self._tapes, prepared=self._whole is not None)
            loss, gradient = self.loss(scores, labels)
            self.network.backward(gradient, self._tapes)
            loss += self._add_l2()
            self.optimizer.step(self._pairs(), rate)

            shown += len(labels)
            since_report.append((loss, metrics.accuracy(scores, labels)))
            this_epoch.append(loss)
            end_of_epoch = step % self.steps_per_epoch == 0
            low_enough = end_of_epoch and sum(this_epoch) / len(this_epoch) <= config.stop_at_loss
            last = step == self.steps or bool(config.stop_at_loss and low_enough)
            validating = last or (step % config.validate_every == 0 if config.validate_every else end_of_epoch)
            if validating or end_of_epoch or step % report_every == 0:
                validation = self.validate() if validating else (math.nan, math.nan)
                mean_loss, mean_accuracy = (sum(values) / len(values) for values in zip(*since_report, strict=True))
                yield Report(
                    step=step,
                    steps=self.steps,
                    epoch=step / self.steps_per_epoch,
                    loss=mean_loss,
                    accuracy=mean_accuracy,
                    learning_rate=rate,
                    images=shown,
                    seconds=time.perf_counter() - start,
                    end_of_epoch=end_of_epoch or last,
                    validation_loss=validation[0],
                    validation_accuracy=validation[1],
                )
                since_report.clear()
            if end_of_epoch:
                this_epoch.clear()
            if last:
                return

    def _batches(self) -> Iterator[tuple[np.ndarray, np.ndarray]]:
        """Inputs and labels of one step after the other, without end."""
        count = len(self.labels)
        while self._whole is not None:
            yield self._whole, self.labels
        while self.config.sampling == "replacement":
            yield self._batch(self._order.integers(0, count, self.batch_size))
        while True:
            order = np.arange(count) if self.config.sampling == "file_order" else self._order.permutation(count)
            for first in range(0, count, self.batch_size):
                yield self._batch(order[first : first + self.batch_size])

    def validate(self) -> tuple[float, float]:
        """Loss and accuracy on the held-out images, NaN if there are none."""
        if len(self.validation_labels) == 0:
            return math.nan, math.nan
        scores = self.network.logits(self.validation_images)
        return self.loss(scores, self.validation_labels)[0], metrics.accuracy(scores, self.validation_labels)

    def _batch(self, chosen: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        images = to_unit(self.images[chosen], self.config.dtype)
        return self.augment(images, self._warps), self.labels[chosen]

    def _pairs(self) -> Iterator[tuple[np.ndarray, np.ndarray]]:
        for layer, tape in zip(self.network.layers, self._tapes, strict=True):
            for name, parameter in layer.parameters.items():
                yield parameter, tape.gradients[name]

    def _add_l2(self) -> float:
        """Add the gradient of l2 / 2 |W|^2 to every weight's gradient; returns what it adds to the loss."""
        penalty = 0.0
        if self.config.l2:
            for layer, tape in zip(self.network.layers, self._tapes, strict=True):
                if "weights" in layer.parameters:
                    weights = layer.parameters["weights"]
                    tape.gradients["weights"] += self.config.l2 * weights
                    penalty += self.config.l2 / 2 * float(np.vdot(weights, weights))
        return penalty
