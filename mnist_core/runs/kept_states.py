"""The states of a run that are kept beside its checkpoint, so that it can go back to before an explosion.

before_change.npz   the training right before a setting was changed
last_good.npz       the last checkpoint with a usual loss, once there is one with an unusual loss; without it, the
                    training was well at its first step only

A file counts only if the checkpoint knows of it: what a killed process wrote after its last checkpoint is passed over.
"""

import math
import os
import shutil
from pathlib import Path
from typing import Any

from mnist_core.errors import InputError
from mnist_core.runs.folder import Run
from mnist_core.runs.slices import Change, State
from mnist_core.training.checkpoint import read_checkpoint, write_checkpoint
from mnist_core.training.report import Report

PROVEN_STEPS = 100
"""So many steps after a change, a usual loss means that the change was none that explodes."""
SMOOTHING = 0.1


class LossLevel:
    """What is usual for the loss of one run: its first value, and the lowest that its moving average has reached."""

    def __init__(self, facts: dict[str, Any]) -> None:
        """facts: of a checkpoint; NaN where nothing is known yet."""
        known = facts.get("loss_level")
        first, mean, lowest = known if isinstance(known, list) and len(known) == 3 else [math.nan] * 3
        self.first, self.mean, self.lowest = float(first), float(mean), float(lowest)
        self.latest = math.nan

    def facts(self) -> dict[str, Any]:
        """What a checkpoint says of it."""
        return {"loss_level": [self.first, self.mean, self.lowest]}

    def take(self, event: Report | Change) -> None:
        """Learn from a point of the curves."""
        if isinstance(event, Change):
            if event.setting != "learning_rate":
                # Other images, or other batches, may have another loss for good.
                self.mean = self.lowest = math.nan
            return
        self.latest = event.loss
        if math.isnan(self.first):
            self.first = event.loss
        self.mean = event.loss if math.isnan(self.mean) else self.mean + SMOOTHING * (event.loss - self.mean)
        self.lowest = self.mean if math.isnan(self.lowest) else min(self.lowest, self.mean)

    def is_usual(self, state: State) -> bool:
        """Whether the training was well there: its loss is not far above the lowest so far."""
        total, _, steps = state.facts.get("recent", [0.0, 0.0, 0])
        loss = total / steps if steps else self.latest
        # With nothing to compare it with, it is taken for usual.
        return not loss > 2 * self.lowest + 0.1 * self.first


class KeptStates:
    """The earlier states of one run. `level` must be told of every point before a state is given."""

    def __init__(self, run: Run, facts: dict[str, Any]) -> None:
        """facts: of the run's checkpoint, {} if there is none. Files that it does not know of are removed."""
        self._run = run
        self.level = LossLevel(facts)
        self._change_step: int | None = facts.get("before_change_step")
        self._good_step: int | None = facts.get("last_good_step")
        self._checkpoint_step: int | None = facts.get("step")
        if self._change_step is None:
            self._before_change.unlink(missing_ok=True)
        if self._good_step is None:
            self._last_good.unlink(missing_ok=True)

    @property
    def _checkpoint(self) -> Path:
        return self._run.file("checkpoint.npz")

    @property
    def _before_change(self) -> Path:
        return self._run.file("before_change.npz")

    @property
    def _last_good(self) -> Path:
        return self._run.file("last_good.npz")

    def keep_before_change(self, state: State, metrics_bytes: int) -> None:
        """A setting is about to be changed. Raises OSError.

        An earlier state stays if the run was not well since its change, or if that was a moment ago.
        """
        step = int(state.facts["step"])
        recent = self._change_step is not None and step < self._change_step + PROVEN_STEPS
        if recent or not self.level.is_usual(state):
            return
        write_checkpoint(self._before_change, state.arrays, state.facts | {"metrics_bytes": metrics_bytes})
        self._change_step = step

    def about_to_save(self, state: State) -> dict[str, Any]:
        """`state` will take the place of the checkpoint; returns what its facts must say. Raises OSError."""
        usual = self.level.is_usual(state)
        if not usual and self._good_step is None:
            if self._checkpoint_step is not None and self._checkpoint.exists():
                _put(self._checkpoint, self._last_good)
            self._good_step = self._checkpoint_step or 0
        elif usual and self._good_step is not None:
            self._good_step = None
            self._last_good.unlink(missing_ok=True)
        self._checkpoint_step = int(state.facts["step"])
        return {
            "before_change_step": self._change_step,
            "last_good_step": self._good_step,
            **self.level.facts(),
        }

    def go_back(self) -> None:
        """Put the state from before an explosion in the checkpoint's place: none if that is the first step.

        Raises OSError.
        """
        good_step = self._checkpoint_step if self._good_step is None else self._good_step
        unproven = self._change_step is not None and (good_step or 0) < self._change_step + PROVEN_STEPS
        if unproven and self._take_over(self._before_change, self._change_step):
            return
        if self._good_step is not None and not self._take_over(self._last_good, self._good_step):
            self._checkpoint.unlink(missing_ok=True)

    def _take_over(self, file: Path, step: int | None) -> bool:
        try:
            found = read_checkpoint(file, file.name)
        except InputError:
            return False
        if found is None or found[1].get("step") != step:
            return False
        file.replace(self._checkpoint)
        return True

    def forget(self) -> None:
        """Remove the files: the run has ended. They are not missed if that fails."""
        for file in (self._before_change, self._last_good):
            try:
                file.unlink(missing_ok=True)
            except OSError:
                pass


def _put(source: Path, target: Path) -> None:
    """The file under another name, too: a checkpoint is replaced, never written over. Raises OSError."""
    target.unlink(missing_ok=True)
    try:
        os.link(source, target)
    except OSError:
        shutil.copyfile(source, target)
