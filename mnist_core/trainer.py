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

from mnist_core import metrics
from mnist_core.augment import AUGMENTATIONS, Warps
from mnist_core.averaging import MovingAverage
from mnist_core.config import ALL_LOSSES, TrainingConfig
from mnist_core.dataset import Dataset, to_unit
from mnist_core.errors import InputError
from mnist_core.lanes import Lanes
from mnist_core.layers import Tape
from mnist_core.network import Network
from mnist_core.optimizers import OPTIMIZERS
from mnist_core.schedules import SCHEDULES
from mnist_core.spec import parse

PART = 1000
"""Images that go through the network at once; a larger batch goes in parts, which stay in the processor's cache."""
PICTURES_IN_A_PART = 128
"""The same for a network whose layers work on pictures: those are larger than the image itself."""
PICTURES_IN_A_LANE = 16
"""Images for which it pays to have another thread, if they go through convolutions."""
MAX_VALUES_AT_ONCE = 100_000_000
"""Numbers that all layers together may compute for the images that go through them at once."""
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

    places, validation_places: which of the dataset's training images it trains on, and which are held out.
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
        self._source = np.asarray(dataset.train_images).reshape(len(dataset.train_images), -1)
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
        self._lanes = Lanes(threads)
        self._dropouts = [dropout, *dropout.spawn(threads - 1)]
        self._gradients = [np.zeros_like(self.network.parameters) for _ in self._dropouts]
        self._tapes = [
            self.network.new_tapes(rng, self._gradients[lane], lane, self._lanes.meeting)
            for lane, rng in enumerate(self._dropouts)
        ]
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
        values = sum(math.prod(shape) for shape in self.network.shapes)
        if any(layer.mixes_images for layer in self.network.layers):
            if batch_size * values > MAX_VALUES_AT_ONCE:
                raise InputError(
                    f"batch_size {config.batch_size or 'all'}: expected at most {MAX_VALUES_AT_ONCE // values:,} for "
                    "this network, because its normalization needs all images of a batch at once."
                )
            self._part = batch_size
        else:
            part = PICTURES_IN_A_PART if self.network.has_pictures else PART
            self._part = max(1, min(part, MAX_VALUES_AT_ONCE // values // self._lanes.count))
        self.augment = parse(config.augmentation, AUGMENTATIONS, "augmentation")
        self.batch_size = batch_size
        self.steps_per_epoch = math.ceil(count / batch_size)
        rest_of_epoch = math.ceil((count - self._shown_in_epoch) / batch_size)
        rest = rest_of_epoch + (config.epochs - self._epochs_done - 1) * self.steps_per_epoch
        self.steps = config.steps or self.step + rest
        # A batch that is always the same is prepared once.
        self._whole: np.ndarray | None = None
        if batch_size == count and config.sampling != "replacement" and config.augmentation == "none":
            unit = (to_unit(self.images[first : first + PART], config.dtype) for first in range(0, count, PART))
            self._whole = np.concatenate([self.network.prepare(part) for part in unit])

    @property
    def epoch(self) -> float:
        """Epochs done, counted in steps: 1.5 is the middle of the second."""
        steps = math.ceil(self._shown_in_epoch / self.batch_size)
        return (self._epochs_done * self.steps_per_epoch + steps) / self.steps_per_epoch

    def run(self, report_every: int = 50) -> Iterator[Report]:
        """Train; yields a Report every `report_every` steps, whenever it validates, and at the end of each epoch."""
        self._started = time.perf_counter() - self.seconds
        while not self.finished:
            self.between_steps = True
            self._pause_to_check()
            self.between_steps = False
            rate = self.config.learning_rate * self.schedule.factor(self.step / self.steps, self.epoch)
            places = self._next_places()
            loss, accuracy, gradient = self._gradient(places)
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
            whole = self._whole is not None and self._shown_in_epoch == 0
            shuffled = self.config.sampling == "shuffled" and not whole
            self._places = self._order.permutation(count) if shuffled else np.arange(count)
        return self._places[self._shown_in_epoch : self._shown_in_epoch + self.batch_size]

    def _gradient(self, places: np.ndarray) -> tuple[float, float, np.ndarray]:
        """Forward, loss and backward for one batch: loss, accuracy, and the gradient by all parameters as one vector.

        Several threads take a share of the batch each, with one BLAS thread; otherwise BLAS may use them all.
        """
        lanes = self._lanes_for(len(places))
        warps = self.augment.draw(len(places), self._warps)
        with self._blas.limit(limits=1 if lanes > 1 else self._lanes.count):
            results = self._lanes.run(lambda lane: self._one_lane(lane, lanes, places, warps), lanes)
        loss, accuracy = (sum(column) for column in zip(*results, strict=True))
        gradient = self._gradients[0]
        for other in self._gradients[1:lanes]:
            gradient += other
        return loss + self._add_l2(), accuracy, gradient

    def _lanes_for(self, images: int) -> int:
        """How many threads should share a batch: for a small network and batch, BLAS makes better use of them."""
        if self.network.has_pictures:
            return min(self._lanes.count, max(1, images // PICTURES_IN_A_LANE))
        return min(self._lanes.count, math.ceil(images / self._part))

    def _one_lane(self, lane: int, lanes: int, places: np.ndarray, warps: Warps | None) -> tuple[float, float]:
        """Forward, loss and backward for a lane's share of the batch: what that adds to loss and accuracy."""
        tapes, gradient, count = self._tapes[lane], self._gradients[lane], len(places)
        start, end = count * lane // lanes, count * (lane + 1) // lanes
        # A batch size that was changed may take effect in the middle of an epoch, with the rest of it.
        whole = self._whole if count == len(self.labels) else None
        total, loss, accuracy = None, 0.0, 0.0
        for first in range(start, end, self._part):
            if self._lanes.meeting.broken:
                # Another lane has failed, or somebody asked for the end: what this one computes is not wanted.
                break
            if first and lane == 0:
                self._pause_to_check()
            part = slice(first, min(first + self._part, end))
            images = self._pixels(places[part], tapes[0]) if whole is None else whole[part]
            if warps is not None:
                images = warps.part(part).apply(images)
            labels = self.labels[places[part]]
            scores = self.network.forward(images, tapes, prepared=whole is not None)
            loss_of_part, slopes = self.loss(scores, labels, count)
            self.network.backward(slopes, tapes)
            loss += loss_of_part
            accuracy += metrics.accuracy(scores, labels) * len(labels) / count
            if len(labels) < end - start:
                # The tapes hold the gradient of this part alone.
                total = gradient.copy() if total is None else np.add(total, gradient, out=total)
        if total is not None:
            np.copyto(gradient, total)
        return loss, accuracy

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
        for first in range(0, count, PART):
            self._pause_to_check()
            part = slice(first, first + PART)
            images = to_unit(self.dataset.train_images[self.validation_places[part]], self.config.dtype)
            with self._blas.limit(limits=1 if self.network.has_pictures else self._lanes.count):
                scores[part] = self.trained.logits(images, self._lanes.count)
        self.validation_scores = scores
        return self.loss(scores, self.validation_labels)[0], metrics.accuracy(scores, self.validation_labels)

    def _pixels(self, places: np.ndarray, tape: Tape) -> np.ndarray:
        """Images as networks take them (see `to_unit`), float [N, 28, 28], in a buffer of the tape."""
        count, source = len(places), self._source
        pixels = tape.buffer("pixels", (count, source.shape[1]), source.dtype)
        np.take(source, self.places[places], axis=0, out=pixels, mode="clip")
        unit = tape.buffer("images", (count, *self.dataset.train_images.shape[1:]), self.network.dtype)
        np.copyto(unit.reshape(count, -1), pixels)
        unit /= 255
        return unit

    def _add_l2(self) -> float:
        """Add the gradient of l2 / 2 |W|^2 to every weight's gradient; returns what it adds to the loss."""
        penalty = 0.0
        if self.config.l2:
            for layer, tape in zip(self.network.layers, self._tapes[0], strict=True):
                if "weights" in layer.parameters:
                    weights = layer.parameters["weights"]
                    tape.gradients["weights"] += self.config.l2 * weights
                    penalty += self.config.l2 / 2 * float(np.vdot(weights, weights))
        return penalty

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
            "dropout": [rng.bit_generator.state for rng in self._dropouts],
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
            for rng, state in zip(self._dropouts, facts["dropout"], strict=True):
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
