"""Training: a loop that shows a network one batch of images after another and reports how it is getting on.

A `Trainer` can be stopped after any step, written down with `state`, and made to go on elsewhere with `restore`, to the
last bit as if nothing had happened.
"""

import math
import time
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import numpy as np

from mnist_core.data.augment import AUGMENTATIONS
from mnist_core.data.dataset import Dataset
from mnist_core.errors import InputError
from mnist_core.nn.network import Network
from mnist_core.nn.optimizers import OPTIMIZERS
from mnist_core.nn.schedules import SCHEDULES
from mnist_core.nn.spec import parse
from mnist_core.training.averaging import MovingAverage
from mnist_core.training.batches import Batches
from mnist_core.training.config import ALL_LOSSES, TrainingConfig
from mnist_core.training.counters import Counters
from mnist_core.training.fitting import check_outputs
from mnist_core.training.report import Report
from mnist_core.training.sampler import Sampler
from mnist_core.training.split import split_images
from mnist_core.training.state import MovingParts, refusing
from mnist_core.training.validation import Validation

MAX_THREADS = 64


class Trainer:
    """One training of one network; `run` does the work.

    network: the network as it stands. trained: the one for inference, which is the same, unless the configuration asks
    for a moving average of its weights. training_indices, validation_indices: which of the dataset's training images
    it learns from, and which are held out, integers [N]; training_class_ids, validation_class_ids: what these images
    show, uint8 [N].
    batches gives the gradients, sampler the images of the next batch, counters how far the training is, and
    validation the scores of the held-out images.
    check: called again and again between short pieces of work; it may wait, raise, or set `report_now` to have a
    report after the step that comes next or is going on. Where `between_steps` is true it may also call `change` and
    `state`. seconds: how long it has trained, without pauses.
    """

    def __init__(
        self,
        config: TrainingConfig,
        dataset: Dataset,
        threads: int = 1,
        start: Mapping[str, np.ndarray] | None = None,
        keep: float = 0.0,
    ) -> None:
        """threads: how many may compute at once. The same number gives the same network, bit for bit.

        start: the arrays of a network with the same layers (`Network.arrays`), to train that one on; None to begin with
        random weights. keep: how much of that one stays in the average; see `MovingAverage`. Raises InputError if the
        configuration asks for more images, or for more memory, than there is, or for fewer outputs than there are
        classes, or if `start` has other layers.
        """
        if not 1 <= threads <= MAX_THREADS:
            raise InputError(f"threads: expected 1 to {MAX_THREADS}, found {threads}.")
        self.dataset = dataset
        # One stream of random numbers for each purpose: another batch size does not change the first weights.
        first_weights, held_out, order, self._warps, dropout = np.random.default_rng(config.seed).spawn(5)
        self.loss = parse(config.loss, ALL_LOSSES, "loss")
        self.network = Network(config.layers, first_weights, output=self.loss.output, dtype=config.dtype)
        check_outputs(self.network.classes, dataset)
        if start is not None:
            self.network.load_arrays(start)
        self._average = MovingAverage(self.network, config, keep) if config.averaging else None
        self.trained = self._average.network if self._average else self.network
        self.optimizer = parse(config.optimizer, OPTIMIZERS, "optimizer")
        self.schedule = parse(config.schedule, SCHEDULES, "schedule")

        # The dataset itself may be shared between processes: only the indices of the images are kept.
        split = split_images(config, dataset, held_out)
        self.training_indices, self.validation_indices = split.training, split.validation
        self.training_class_ids = dataset.train_labels[self.training_indices]
        self.check: Callable[[], None] = lambda: None
        self.report_now = False
        self.between_steps = True
        self.seconds = self._started = 0.0

        self.sampler = Sampler(len(self.training_class_ids), config.sampling, order)
        self.counters = Counters(len(self.training_class_ids))
        shared: dict[str, Any] = {"threads": threads, "pause": self._pause_to_check}
        self.batches = Batches(self.network, self.loss, dataset, split.training, dropout, l2=config.l2, **shared)
        self.validation = Validation(self.trained, self.loss, dataset, split.validation, **shared)
        self.validation_class_ids = self.validation.labels
        self._parts = MovingParts(
            self.network, self._average, self.optimizer, self.counters, self.sampler, self._warps, self.batches.dropouts
        )
        self._apply(config)

    @property
    def step(self) -> int:
        """Steps taken."""
        return self.counters.step

    @property
    def steps(self) -> int:
        """Steps in all."""
        return self.counters.steps

    @property
    def epoch(self) -> float:
        """Epochs done, counted in steps: 1.5 is the middle of the second."""
        return self.counters.epoch

    @property
    def finished(self) -> bool:
        """Whether all steps are taken, or the loss is as low as was asked for."""
        return self.counters.finished

    def run(self, report_every: int = 50) -> Iterator[Report]:
        """Train; yields a Report every `report_every` steps, whenever it validates, and at the end of each epoch."""
        self._started = time.perf_counter() - self.seconds
        while not self.finished:
            self.between_steps = True
            self._pause_to_check()
            self.between_steps = False
            rate = self.config.learning_rate * self.schedule.factor(self.counters.progress, self.epoch)
            end_of_epoch = self._take_step(rate)
            every = self.config.validate_every
            validating = self.finished or (self.step % every == 0 if every else end_of_epoch)
            validation = self.validation.measure() if validating else (math.nan, math.nan)
            self.seconds = time.perf_counter() - self._started
            if validating or end_of_epoch or self.report_now or self.step % report_every == 0:
                self.report_now = False
                yield self.counters.report(rate, self.seconds, end_of_epoch or self.finished, validation)
                # Time that the receiver of the report takes is not the training's.
                self._started = time.perf_counter() - self.seconds

    def _take_step(self, rate: float) -> bool:
        """Learn from one batch with the learning rate `rate`; returns whether it was the last of an epoch."""
        shown, whole = self.counters.shown_in_epoch, self.batches.whole is not None
        indices = self.sampler.next_batch(shown, self.counters.batch_size, always_whole=whole)
        warps = self.augment.draw(len(indices), self._warps)
        loss, accuracy, gradient = self.batches.gradient(indices, warps)
        self.optimizer.step([(self.network.parameters, gradient)], rate)
        if self._average:
            self._average.update(self.network, self.step)
        end_of_epoch = self.counters.count(len(indices), loss, accuracy)
        if end_of_epoch:
            self.sampler.end_epoch()
        return end_of_epoch

    def _pause_to_check(self) -> None:
        before = time.perf_counter()
        self.check()
        self._started += time.perf_counter() - before

    def change(self, **settings: Any) -> None:
        """Change settings, of those in `CHANGEABLE`, from the next step on.

        Raises InputError for another setting or an impossible value; nothing is changed then.
        """
        self._apply(self.config.changed(**settings))

    def _apply(self, config: TrainingConfig) -> None:
        augment = parse(config.augmentation, AUGMENTATIONS, "augmentation")
        all_at_once = config.batch_size in (0, len(self.training_class_ids))
        same = all_at_once and config.sampling != "replacement" and config.augmentation == "none"
        self.batches.arrange(config.batch_size, always_whole=same)
        self.counters.arrange(config)
        self.config, self.augment = config, augment

    def state(self) -> tuple[dict[str, np.ndarray], dict[str, Any]]:
        """All that the training consists of between two steps: arrays by name, and what JSON can hold.

        The arrays are the training's own, not copies: write them down before the next step.
        """
        facts = {"config": self.config.to_dict(), "seconds": self.seconds, **self._parts.facts()}
        return dict(self._parts.arrays()), facts

    def state_bytes(self) -> int:
        """The size of the arrays of `state`, without the rest: asked for after every slice of a live training."""
        return sum(array.nbytes for _, array in self._parts.arrays())

    def restore(self, arrays: Mapping[str, np.ndarray], facts: Mapping[str, Any]) -> None:
        """Go on from a `state` of a training with the same first settings.

        Raises InputError, naming what is wrong, if it is not such a state; the training must then be thrown away.
        """
        with refusing(facts):
            self._apply(TrainingConfig(**facts["config"]))
            self.seconds = float(facts["seconds"])
            self._parts.restore_facts(facts)
        self._parts.restore_arrays(arrays)
