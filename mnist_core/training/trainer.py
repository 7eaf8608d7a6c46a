"""Training: a loop that shows a network one batch of images after another and reports how it is getting on.

A `Trainer` can be stopped after any step, written down with `state`, and made to go on elsewhere with `restore`, to the
last bit as if nothing had happened.
"""

import dataclasses
import math
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from threadpoolctl import ThreadpoolController

from mnist_core.data.augment import AUGMENTATIONS
from mnist_core.data.dataset import Dataset, to_unit
from mnist_core.errors import InputError
from mnist_core.nn import metrics
from mnist_core.nn.network import Network
from mnist_core.nn.optimizers import OPTIMIZERS
from mnist_core.nn.schedules import SCHEDULES
from mnist_core.nn.spec import parse
from mnist_core.training.averaging import MovingAverage
from mnist_core.training.batches import Batches
from mnist_core.training.config import ALL_LOSSES, TrainingConfig

VALIDATED_AT_ONCE = 1000
"""Images between two looks at whether to go on."""
MAX_THREADS = 64
CHANGEABLE = ("learning_rate", "batch_size", "augmentation")


@dataclass(frozen=True)
class Report:
    """How far a training is: sent after every few steps, and after each epoch with the validation results.

    loss and accuracy (0..1) are means over the training batches since the last report, augmentation and L2 included;
    validation_loss and validation_accuracy are NaN where nothing was validated. seconds counts from the start, without
    pauses. A loss is that of the network before the step that learned from it: after step 1 it is the first network's.
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
    """One training of one network. `run` does the work; `network` is the network as it stands, and `trained` the one
    to read with: the same, unless the configuration asks for a moving average of its weights.

    places, validation_places: which of the dataset's training images it trains on, and which are held out. batches
    gives the gradients.
    check: called again and again between short pieces of work; it may wait, raise, or set `report_now` to have a
    report after the step that comes next or is going on. Where `between_steps` is true it may also call `change` and
    `state`.
    """

    def __init__(self, config: TrainingConfig, dataset: Dataset, threads: int = 1) -> None:
        """threads: how many may compute at once. The same number gives the same network, bit for bit.

        Raises InputError if the configuration asks for more images, or for more memory, than there is.
        """
        if not 1 <= threads <= MAX_THREADS:
            raise InputError(f"threads: expected 1 to {MAX_THREADS}, found {threads}.")
        self.config = config
        # One stream of random numbers for each purpose: another batch size does not change the first weights.
        first_weights, held_out, self._order, self._warps, dropout = np.random.default_rng(config.seed).spawn(5)
        self.loss = parse(config.loss, ALL_LOSSES, "loss")
        self.network = Network(config.layers, first_weights, output=self.loss.output, dtype=config.dtype)
        self._average = MovingAverage(self.network, config) if config.averaging else None
        self.trained = self._average.network if self._average else self.network
        self.optimizer = parse(config.optimizer, OPTIMIZERS, "optimizer")
        self.schedule = parse(config.schedule, SCHEDULES, "schedule")

        validation = config.validation if dataset.held_out is None else len(dataset.held_out)
        available = len(dataset.train_labels) - validation
        wanted = config.train_images or available
        if available < 1 or wanted > available:
            raise InputError(
                f"validation {validation}, train_images {config.train_images}: together more than the "
                f"{len(dataset.train_labels):,} training images of {dataset.name}."
            )
        shuffled = held_out.permutation(len(dataset.train_labels))
        if dataset.held_out is not None:
            kept = np.isin(shuffled, dataset.held_out, invert=True)
            shuffled = np.concatenate([shuffled[kept], dataset.held_out])
        # The dataset itself may be shared between processes: only the places of the images are kept.
        self.dataset, self.places = dataset, np.sort(shuffled[:wanted])
        self.validation_places = np.sort(shuffled[available:])
        self.labels = dataset.train_labels[self.places]
        self.validation_labels = dataset.train_labels[self.validation_places]
        self.validation_scores: np.ndarray | None = None
        self.check: Callable[[], None] = lambda: None
        self.report_now = False
        self.between_steps = True

        self.step = 0
        self._epochs_done = self._shown_in_epoch = self._shown = 0
        self._places: np.ndarray | None = None
        self._order_before: Mapping[str, Any] = self._order.bit_generator.state
        self._recent, self._epoch_loss = [0.0, 0.0, 0], [0.0, 0]
        self.seconds = self._started = 0.0
        self._low_enough = False
        self._threads = threads
        self.batches = Batches(
            self.network,
            self.loss,
            dataset,
            self.places,
            dropout,
            l2=config.l2,
            threads=threads,
            pause=self._pause_to_check,
        )
        self._blas = ThreadpoolController().select(user_api="blas")
        self._apply_settings()

    @property
    def images(self) -> np.ndarray:
        """The images that it trains on, a copy: uint8 [N, 28, 28]."""
        return self.dataset.train_images[self.places]

    @property
    def validation_images(self) -> np.ndarray:
        """The images that are held out, a copy: uint8 [N, 28, 28]."""
        return self.dataset.train_images[self.validation_places]

    @property
    def finished(self) -> bool:
        """Whether all steps are taken, or the loss is as low as was asked for."""
        return self.step >= self.steps or self._low_enough

    def change(self, **settings: Any) -> None:
        """Change learning_rate, batch_size or augmentation from the next step on.

        Raises InputError for another setting or an impossible value; nothing is changed then.
        """
        if wrong := sorted(settings.keys() - set(CHANGEABLE)):
            raise InputError(f"{wrong[0]}: only {', '.join(CHANGEABLE)} can change during a training.")
        before = self.config
        self.config = dataclasses.replace(before, **settings)
        try:
            self._apply_settings()
        except InputError:
            self.config = before
            raise

    def _apply_settings(self) -> None:
        config, count = self.config, len(self.labels)
        batch_size = config.batch_size or count
        augment = parse(config.augmentation, AUGMENTATIONS, "augmentation")
        same = batch_size == count and config.sampling != "replacement" and config.augmentation == "none"
        self.batches.arrange(config.batch_size, always_whole=same)
        self.augment, self.batch_size = augment, batch_size
        self.steps_per_epoch = math.ceil(count / batch_size)
        rest_of_epoch = math.ceil((count - self._shown_in_epoch) / batch_size)
        rest = rest_of_epoch + (config.epochs - self._epochs_done - 1) * self.steps_per_epoch
        self.steps = config.steps or self.step + rest

    @property
    def epoch(self) -> float:
        """Epochs done, counted in steps: 1.5 is the middle of the second."""
        steps = math.ceil(self._shown_in_epoch / self.batch_size)
        return (self._epochs_done * self.steps_per_epoch + steps) / self.steps_per_epoch

    @property
    def progress(self) -> float:
        """The share of the training that is done, 0 to 1: by epochs, unless a number of steps was asked for.

        So the schedule goes on where it stood when the batch size changes, which changes how many steps there are.
        """
        if self.config.steps:
            return self.step / self.steps
        steps = math.ceil(self._shown_in_epoch / self.batch_size)
        return (self._epochs_done * self.steps_per_epoch + steps) / (self.config.epochs * self.steps_per_epoch)

    def run(self, report_every: int = 50) -> Iterator[Report]:
        """Train; yields a Report every `report_every` steps, whenever it validates, and at the end of each epoch."""
        self._started = time.perf_counter() - self.seconds
        while not self.finished:
            self.between_steps = True
            self._pause_to_check()
            self.between_steps = False
            rate = self.config.learning_rate * self.schedule.factor(self.progress, self.epoch)
            places = self._next_places()
            warps = self.augment.draw(len(places), self._warps)
            loss, accuracy, gradient = self.batches.gradient(places, warps)
            self.optimizer.step([(self.network.parameters, gradient)], rate)
            if self._average:
                self._average.update(self.network, self.step)

            end_of_epoch = self._count(len(places), loss, accuracy)
            every = self.config.validate_every
            validating = self.finished or (self.step % every == 0 if every else end_of_epoch)
            validation = self.validate() if validating else (math.nan, math.nan)
            self.seconds = time.perf_counter() - self._started
            if validating or end_of_epoch or self.report_now or self.step % report_every == 0:
                total_loss, total_accuracy, steps = self._recent
                self._recent, self.report_now = [0.0, 0.0, 0], False
                yield Report(
                    step=self.step,
                    steps=self.steps,
                    epoch=self.epoch,
                    loss=total_loss / steps,
                    accuracy=total_accuracy / steps,
                    learning_rate=rate,
                    images=self._shown,
                    seconds=self.seconds,
                    end_of_epoch=end_of_epoch or self.finished,
                    validation_loss=validation[0],
                    validation_accuracy=validation[1],
                )
                # Time that the receiver of the report takes is not the training's.
                self._started = time.perf_counter() - self.seconds

    def _pause_to_check(self) -> None:
        before = time.perf_counter()
        self.check()
        self._started += time.perf_counter() - before

    def _next_places(self) -> np.ndarray:
        """The places, among the images that it trains on, of the next batch: integers [N]."""
        count = len(self.labels)
        if self.config.sampling == "replacement":
            return self._order.integers(0, count, self.batch_size)
        if self._places is None:
            self._order_before = self._order.bit_generator.state
            # A whole batch at the start of an epoch needs no order; one in the middle is the rest of a shuffled epoch.
            whole = self.batches.whole is not None and self._shown_in_epoch == 0
            shuffled = self.config.sampling == "shuffled" and not whole
            self._places = self._order.permutation(count) if shuffled else np.arange(count)
        return self._places[self._shown_in_epoch : self._shown_in_epoch + self.batch_size]

    def _count(self, images: int, loss: float, accuracy: float) -> bool:
        """Note that a step was taken; returns whether it was the last of an epoch."""
        self.step += 1
        self._shown += images
        self._shown_in_epoch += images
        for total, values in ((self._recent, (loss, accuracy, 1)), (self._epoch_loss, (loss, 1))):
            for place, value in enumerate(values):
                total[place] += value
        if self._shown_in_epoch < len(self.labels):
            return False
        mean_loss = self._epoch_loss[0] / self._epoch_loss[1]
        self._low_enough = self.config.stop_at_loss > 0 and mean_loss <= self.config.stop_at_loss
        self._epochs_done, self._shown_in_epoch = self._epochs_done + 1, 0
        self._places, self._epoch_loss = None, [0.0, 0]
        return True

    def validate(self) -> tuple[float, float]:
        """Loss and accuracy on the held-out images, NaN if there are none; `validation_scores` keeps the scores."""
        count = len(self.validation_labels)
        if count == 0:
            return math.nan, math.nan
        scores = np.empty((count, self.trained.classes), self.trained.dtype)
        for first in range(0, count, VALIDATED_AT_ONCE):
            self._pause_to_check()
            part = slice(first, first + VALIDATED_AT_ONCE)
            images = to_unit(self.dataset.train_images[self.validation_places[part]], self.config.dtype)
            with self._blas.limit(limits=1 if self.network.has_pictures else self._threads):
                scores[part] = self.trained.logits(images, self._threads)
        self.validation_scores = scores
        return self.loss(scores, self.validation_labels)[0], metrics.accuracy(scores, self.validation_labels)

    def state(self) -> tuple[dict[str, np.ndarray], dict[str, Any]]:
        """All that the training consists of between two steps: arrays by name, and what JSON can hold.

        The arrays are the training's own, not copies: write them down before the next step.
        """
        arrays = dict(self._arrays())
        facts = {
            "config": self.config.to_dict(),
            "step": self.step,
            "epochs_done": self._epochs_done,
            "shown_in_epoch": self._shown_in_epoch,
            "shown": self._shown,
            "seconds": self.seconds,
            "recent": list(self._recent),
            "epoch_loss": list(self._epoch_loss),
            "low_enough": self._low_enough,
            "steps": self.steps,
            "optimizer_steps": self.optimizer.steps,
            "order": self._order.bit_generator.state if self._places is None else self._order_before,
            "warps": self._warps.bit_generator.state,
            "dropout": [rng.bit_generator.state for rng in self.batches.dropouts],
        }
        return arrays, facts

    def restore(self, arrays: Mapping[str, np.ndarray], facts: Mapping[str, Any]) -> None:
        """Go on from a `state` of a training with the same first settings.

        Raises InputError, naming what is wrong, if it is not such a state; the training must then be thrown away.
        """
        try:
            self.config = TrainingConfig(**facts["config"])
            self.step, self._epochs_done = int(facts["step"]), int(facts["epochs_done"])
            self._shown_in_epoch, self._shown = int(facts["shown_in_epoch"]), int(facts["shown"])
            self._apply_settings()
            self.steps = int(facts["steps"])
            self.seconds, self._low_enough = float(facts["seconds"]), bool(facts["low_enough"])
            self._recent, self._epoch_loss = list(facts["recent"]), list(facts["epoch_loss"])
            self.optimizer.steps = int(facts["optimizer_steps"])
            self._order.bit_generator.state = facts["order"]
            self._warps.bit_generator.state = facts["warps"]
            for rng, state in zip(self.batches.dropouts, facts["dropout"], strict=True):
                rng.bit_generator.state = state
        except (KeyError, TypeError, ValueError) as error:
            if isinstance(facts.get("dropout"), dict):
                raise InputError(
                    "the checkpoint: it was made by an earlier version of this program; start it again."
                ) from None
            raise InputError(f"the checkpoint: expected the state of a training, found {error!r}.") from None
        for name, place in self._arrays():
            found = arrays.get(name)
            if found is None or found.shape != place.shape or found.dtype != place.dtype:
                raise InputError(f"the checkpoint: expected {name!r} as {place.dtype} {place.shape}.")
            place[...] = found

    def _arrays(self) -> Iterator[tuple[str, np.ndarray]]:
        yield from self.network.arrays()
        if self._average:
            for name, array in self._average.network.arrays():
                yield f"average {name}", array
        for slot, array in self.optimizer.memory(self.network.parameters).items():
            yield f"{self.optimizer.name} {slot}", array
