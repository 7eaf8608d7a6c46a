"""What goes wrong in trainings, told from their curves in plain words, each with the settings of a remedy."""

import dataclasses
import math
from dataclasses import dataclass

import numpy as np

from mnist_core.insight.probe import LayerPlace
from mnist_core.runs.curves_file import Curves
from mnist_core.runs.run_records import Status
from mnist_core.training.config import TrainingConfig

CHANCE = 0.1
CHANCE_LOSS = math.log(10)
"""The cross-entropy of ten equal probabilities."""
PATIENCE = 300
"""Steps (or a tenth of the training, if that is less) after which something should have been learned."""


@dataclass(frozen=True)
class Finding:
    """What is wrong, in words; what would help, in words; and the settings that do it."""

    message: str
    remedy: str
    config: TrainingConfig


def diagnose(config: TrainingConfig, curves: Curves, status: Status, dead: dict[LayerPlace, float]) -> list[Finding]:
    """The findings for one run; dead: the share of dead units by layer (`mnist_core.insight.probe`)."""
    guessing = _not_learning(config, curves)
    # Dead units are why it only guesses: one finding is enough.
    units = None if guessing else _dead_units(config, dead)
    found = [_exploded(config, status), guessing, units, _overfitting(config, curves)]
    return [finding for finding in found if finding]


def _slower(config: TrainingConfig) -> TrainingConfig:
    return dataclasses.replace(config, learning_rate=float(f"{config.learning_rate / 10:.3g}"))


def _exploded(config: TrainingConfig, status: Status) -> Finding | None:
    if status.cause != "diverged":
        return None
    slower = _slower(config)
    return Finding(status.message, f"Train again with a rate of {slower.learning_rate:g}", slower)


def _not_learning(config: TrainingConfig, curves: Curves) -> Finding | None:
    loss = np.array(curves.columns["loss"])
    accuracy = np.array(curves.columns["accuracy"])
    steps = curves.last("step")
    if len(loss) < 10 or math.isnan(steps):
        return None
    recent = max(3, len(loss) // 10)
    if steps < PATIENCE and curves.last("epoch") < 5:
        return None
    if np.nanmean(accuracy[-recent:]) > 2 * CHANCE:
        return None
    words = f"After {steps:,.0f} steps the network still only guesses."
    first, last = np.nanmean(loss[:3]), np.nanmean(loss[-recent:])
    if last > 1.05 * first or last > CHANCE_LOSS + 0.2 or np.nanmax(loss) > 5:
        slower = _slower(config)
        return Finding(
            f"{words} The loss has jumped: the steps are too large.",
            f"Train again with a rate of {slower.learning_rate:g}",
            slower,
        )
    faster = dataclasses.replace(config, learning_rate=float(f"{config.learning_rate * 10:.3g}"))
    return Finding(
        f"{words} The loss hardly moves: the steps may be too small.",
        f"Train again with a rate of {faster.learning_rate:g}",
        faster,
    )


def _dead_units(config: TrainingConfig, dead: dict[LayerPlace, float]) -> Finding | None:
    worst = max(dead, key=dead.__getitem__, default=None)
    if worst is None or dead[worst] <= 0.5:
        return None
    where = f"layer {worst.number} ({worst.name})"
    words = f"{dead[worst]:.0%} of the units in {where} are dead: no image moves them, none learns."
    if worst.name == "relu":
        slower = _slower(config)
        return Finding(words, f"Train again with a rate of {slower.learning_rate:g}", slower)
    calmer = tuple(
        " ".join("weights=glorot_uniform" if word.startswith("weights=") else word for word in layer.split())
        for layer in config.layers
    )
    if calmer == config.layers:
        slower = _slower(config)
        return Finding(words, f"Train again with a rate of {slower.learning_rate:g}", slower)
    return Finding(words, "Train again with smaller first weights", dataclasses.replace(config, layers=calmer))


def _overfitting(config: TrainingConfig, curves: Curves) -> Finding | None:
    known = ~np.isnan(curves.columns["validation_loss"])
    validation = np.array(curves.columns["validation_loss"])[known]
    training = np.array(curves.columns["loss"])[known]
    if len(validation) < 4:
        return None
    best = int(validation.argmin())
    if len(validation) - 1 - best < 2 or validation[-1] < 1.1 * validation[best] or training[-1] > training[best]:
        return None
    words = (
        "It learns the training images by heart: its loss on them still falls, but on the validation images it has "
        f"risen from {validation[best]:.3f} to {validation[-1]:.3f}."
    )
    if config.augmentation == "none":
        changed = dataclasses.replace(config, augmentation="warp rotation=8 scale=0.1 shift=1 shear=5")
        return Finding(words, "Train again with augmentation", changed)
    hidden = [i for i, layer in enumerate(config.layers) if layer.startswith("dense")]
    if not any(layer.startswith("dropout") for layer in config.layers) and len(hidden) > 1:
        last = hidden[-1]
        layers = (*config.layers[:last], "dropout 0.5", *config.layers[last:])
        return Finding(words, "Train again with dropout", dataclasses.replace(config, layers=layers))
    stronger = dataclasses.replace(config, l2=max(0.001, min(1.0, 10 * config.l2)))
    return Finding(words, f"Train again with an L2 of {stronger.l2:g}", stronger)
