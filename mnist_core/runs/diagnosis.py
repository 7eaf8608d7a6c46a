"""What goes wrong in trainings, told from their curves in plain words, each with the settings of a remedy."""

import dataclasses
import math
from dataclasses import dataclass
from typing import Any

import numpy as np

from mnist_core.errors import InputError
from mnist_core.insight.probe import LayerPlace
from mnist_core.runs.curves_file import Curves
from mnist_core.runs.run_records import Status
from mnist_core.training.config import TrainingConfig

GUESSING = 1.3
"""Up to so many times the share of one class it may guess: of ten digits, most of all, 11 % of the images are ones."""
PATIENCE = 300
"""Steps (or five epochs, if that is less) after which something should have been learned."""


@dataclass(frozen=True)
class Finding:
    """What is wrong, in words; what would help, in words; and the settings that do it.

    go_back: if it helps to go on with this run from the state that is kept, the settings that it shall have then, by
    name; None if a new run helps.
    """

    message: str
    remedy: str
    config: TrainingConfig
    go_back: dict[str, Any] | None = None


def diagnose(
    config: TrainingConfig, curves: Curves, status: Status, dead: dict[LayerPlace, float], classes: int = 10
) -> list[Finding]:
    """The findings for one run; dead: the share of dead units by layer (`mnist_core.insight.probe`).

    classes: how many it learns to tell apart.
    Each claims only what its curves show. What came after the state that a run stands at is left to the explosion.
    """
    exploded = _exploded(config, curves, status)
    if exploded:
        # What there is besides is of the state before; it did not do harm then.
        return [exploded]
    for change in curves.changes:
        config = _changed(config, change)
    guessing = _not_learning(config, curves, classes)
    # Dead units are why it only guesses: one finding is enough.
    units = None if guessing else _dead_units(config, dead)
    return [finding for finding in (guessing, units, _overfitting(config, curves)) if finding]


def _changed(config: TrainingConfig, change: dict[str, Any]) -> TrainingConfig:
    settings = {name: value for name, value in change.items() if name not in ("step", "epoch")}
    try:
        return config.changed(**settings)
    except (InputError, TypeError):
        # A damaged line of the curves.
        return config


def _percent(share: float) -> str:
    """A share, such as "9.8 %"."""
    return f"{100 * share:.1f} %"


def _plain(value: object) -> str:
    return f"{value:g}" if isinstance(value, int | float) else str(value)


def _slower(config: TrainingConfig) -> TrainingConfig:
    return dataclasses.replace(config, learning_rate=float(f"{config.learning_rate / 10:.3g}"))


SHORT_NAMES = {"learning_rate": "rate", "batch_size": "batch size"}


def _exploded(config: TrainingConfig, curves: Curves, status: Status) -> Finding | None:
    if status.cause != "diverged":
        return None
    since: dict[str, Any] = {}
    for change in curves.changes:
        if change["step"] < status.step:
            config = _changed(config, change)
        else:
            since |= {name: value for name, value in change.items() if name not in ("step", "epoch")}
    if since:
        # What was set there is kept with the state; the settings of this moment would explode again.
        before = {name: getattr(config, name) for name in since if hasattr(config, name)}
        words = ", ".join(f"{SHORT_NAMES.get(name, name)} {_plain(value)}" for name, value in before.items())
        made = ", ".join(f"{SHORT_NAMES.get(name, name)} to {_plain(value)}" for name, value in since.items())
        message = f"After the change of the {made} it exploded. {status.message}"
        return Finding(message, f"Go back to before, with {words}", config, before)
    slower = _slower(config)
    return Finding(status.message, f"Train again with a rate of {slower.learning_rate:g}", slower)


def _not_learning(config: TrainingConfig, curves: Curves, classes: int) -> Finding | None:
    loss = np.array(curves.columns["loss"])
    accuracy = np.array(curves.columns["accuracy"])
    steps = curves.last("step")
    if len(loss) < 10 or math.isnan(steps):
        return None
    recent = max(3, len(loss) // 10)
    if steps < PATIENCE and curves.last("epoch") < 5:
        return None
    now = float(np.nanmean(accuracy[-recent:]))
    validation = curves.last("validation_accuracy")
    improving = now > float(np.nanmean(accuracy[-3 * recent : -recent])) + 0.01
    # A mean may hide that it has begun to learn.
    best = np.nanmax([now, validation, np.nanmean(accuracy[-3:])])
    if improving or best > GUESSING / classes:
        return None
    words = f"After {steps:,.0f} steps {_percent(now)} of the training images are right: no better than guessing."
    first, last = float(np.nanmean(loss[:3])), float(np.nanmean(loss[-recent:]))
    # The cross-entropy of equal probabilities is the logarithm of their number.
    worse_than_guessing = config.loss.split()[0] == "softmax_cross_entropy" and last > math.log(classes) + 0.2
    if last > 1.05 * first or worse_than_guessing or np.nanmax(loss) > 2 * float(loss[np.isfinite(loss)][0]):
        slower = _slower(config)
        return Finding(
            f"{words} The loss has risen: the steps are probably too large.",
            f"Train again with a rate of {slower.learning_rate:g}",
            slower,
        )
    if last < 0.9 * first:
        # It does learn something, if not to answer.
        return None
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
    words = (
        f"{100 * dead[worst]:.0f} % of the units in {where} are dead: none of the images that were tried moves them."
    )
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
    # Twice in a row: one bad validation shows nothing.
    if len(validation) - 1 - best < 2 or validation[-2:].min() < 1.1 * validation[best]:
        return None
    if training[-2:].mean() > training[best]:
        return None
    words = (
        f"It overfits, as if it learned the training images by heart: its loss on them went from {training[best]:.3f} "
        f"to {training[-1]:.3f}, but on the validation images it has risen from {validation[best]:.3f} to "
        f"{validation[-1]:.3f}."
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
