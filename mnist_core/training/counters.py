"""How far a training is: steps, epochs and images, and the mean losses. It counts, and computes nothing else."""

import math
from collections import deque
from collections.abc import Mapping
from typing import Any

from mnist_core.training.config import TrainingConfig
from mnist_core.training.report import Report

LATEST_STEPS = 60


class Counters:
    """What a training has done so far, and how many steps it takes in all.

    step: steps taken. steps: steps in all. shown: images shown since the start. shown_in_epoch: images shown in the
    epoch that is going on. batch_size: images of a full batch. steps_per_epoch: steps of a whole epoch with it.
    latest: step, epoch, loss and accuracy of each of the last `LATEST_STEPS` steps since this object was made.
    """

    def __init__(self, count: int) -> None:
        """count: how many images an epoch has. `arrange` must follow before anything else is asked."""
        self.step = self.steps = self.shown = self.shown_in_epoch = 0
        self._count = count
        self._epochs_done = 0
        # Sums of loss and accuracy since the last report, and their number; the same of the loss alone in this epoch.
        self._recent, self._epoch_loss = [0.0, 0.0, 0], [0.0, 0]
        self._low_enough = False
        self.latest: deque[tuple[int, float, float, float]] = deque(maxlen=LATEST_STEPS)

    def arrange(self, config: TrainingConfig) -> None:
        """Use these settings from now on. Another batch size changes `steps` and `steps_per_epoch`."""
        self._config = config
        self.batch_size = config.batch_size or self._count
        self.steps_per_epoch = config.steps_per_epoch(self._count)
        rest_of_epoch = math.ceil((self._count - self.shown_in_epoch) / self.batch_size)
        rest = rest_of_epoch + (config.epochs - self._epochs_done - 1) * self.steps_per_epoch
        self.steps = config.steps or self.step + rest

    @property
    def finished(self) -> bool:
        """Whether all steps are taken, or the loss is as low as was asked for."""
        return self.step >= self.steps or self._low_enough

    @property
    def epoch(self) -> float:
        """Epochs done, counted in steps: 1.5 is the middle of the second."""
        return self._steps_of_epochs / self.steps_per_epoch

    @property
    def progress(self) -> float:
        """The share of the training that is done, 0 to 1: by epochs, unless a number of steps was asked for.

        A new batch size changes the number of steps, but not the progress, so the schedule goes on where it was.
        """
        if self._config.steps:
            return self.step / self.steps
        return self._steps_of_epochs / (self._config.epochs * self.steps_per_epoch)

    @property
    def _steps_of_epochs(self) -> int:
        """How many steps of the present batch size the images shown so far make."""
        return self._epochs_done * self.steps_per_epoch + math.ceil(self.shown_in_epoch / self.batch_size)

    def count(self, images: int, loss: float, accuracy: float) -> bool:
        """Note that a step was taken; returns whether it was the last of an epoch."""
        self.step += 1
        self.shown += images
        self.shown_in_epoch += images
        for sums, values in ((self._recent, (loss, accuracy, 1)), (self._epoch_loss, (loss, 1))):
            for index, value in enumerate(values):
                sums[index] += value
        self.latest.append((self.step, self.epoch, loss, accuracy))
        if self.shown_in_epoch < self._count:
            return False
        mean_loss = self._epoch_loss[0] / self._epoch_loss[1]
        self._low_enough = self._config.stop_at_loss > 0 and mean_loss <= self._config.stop_at_loss
        self._epochs_done, self.shown_in_epoch, self._epoch_loss = self._epochs_done + 1, 0, [0.0, 0]
        return True

    def report(self, rate: float, seconds: float, end_of_epoch: bool, validation: tuple[float, float]) -> Report:
        """A report of the steps since the last one, of which there must be at least one.

        rate: the learning rate of the last step. validation: loss and accuracy, NaN where nothing was validated.
        """
        loss, accuracy, steps = self._recent
        self._recent = [0.0, 0.0, 0]
        return Report(
            step=self.step,
            steps=self.steps,
            epoch=self.epoch,
            loss=loss / steps,
            accuracy=accuracy / steps,
            learning_rate=rate,
            images=self.shown,
            seconds=seconds,
            end_of_epoch=end_of_epoch,
            validation_loss=validation[0],
            validation_accuracy=validation[1],
        )

    def facts(self) -> dict[str, Any]:
        """All that is counted, as JSON can hold it."""
        return {
            "step": self.step,
            "epochs_done": self._epochs_done,
            "shown_in_epoch": self.shown_in_epoch,
            "shown": self.shown,
            "recent": list(self._recent),
            "epoch_loss": list(self._epoch_loss),
            "low_enough": self._low_enough,
            "steps": self.steps,
        }

    def restore(self, facts: Mapping[str, Any]) -> None:
        """Go on from `facts`, after `arrange`. Raises KeyError, TypeError or ValueError if they are not such facts."""
        self.step, self._epochs_done = int(facts["step"]), int(facts["epochs_done"])
        self.shown_in_epoch, self.shown = int(facts["shown_in_epoch"]), int(facts["shown"])
        self.steps, self._low_enough = int(facts["steps"]), bool(facts["low_enough"])
        self._recent, self._epoch_loss = list(facts["recent"]), list(facts["epoch_loss"])
