"""What a worker makes of a training for people to see, as bytes of files: the look inside, and the trained network."""

import io
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from mnist_core.data.dataset import Dataset
from mnist_core.insight import probe
from mnist_core.reading.weights import ModelCard
from mnist_core.recipes import publish
from mnist_core.runs.run_records import RunInfo
from mnist_core.teaching.lesson import Lesson
from mnist_core.teaching.taught import save_taught
from mnist_core.training.trainer import Trainer

VIEW_IMAGES = 1000


def view_file(trainer: Trainer, weights_before: dict[str, np.ndarray] | None, *, with_images: bool = True) -> bytes:
    """What the network looks like inside: view.npz.

    weights_before: those before the latest step, if they are known. with_images: whether the images that it is most
    wrong about may be kept, and be seen by whoever sees the run.
    """
    changes = {} if weights_before is None else probe.update_ratios(weights_before, trainer.network)
    view: dict[str, Any] = probe.look(trainer.trained, _sample(trainer))
    view["updates"] = np.array(list(changes.values()), np.float64)
    view["updates_layers"] = np.array(list(changes), dtype="U40")
    view["step"] = np.array(trainer.step)
    if not with_images:
        view["worst_images"] = view["worst_images"][:0]
    buffer = io.BytesIO()
    np.savez(buffer, allow_pickle=False, **view)
    return buffer.getvalue()


def _sample(trainer: Trainer) -> probe.Sample:
    """The first held-out images that show one of the classes, or training images if none are held out."""
    held_out, classes = len(trainer.validation_indices) > 0, len(trainer.dataset.classes)
    indices = trainer.validation_indices if held_out else trainer.training_indices
    labels = trainer.validation_class_ids if held_out else trainer.training_class_ids
    shown = np.flatnonzero(labels < classes)[:VIEW_IMAGES]
    return probe.Sample(trainer.dataset.train_images[indices[shown]], labels[shown], indices[shown], classes)


def network_files(
    trainer: Trainer, dataset: Dataset, info: RunInfo, lesson: Lesson | None, check: Callable[[], None]
) -> dict[str, bytes]:
    """The trained network, measured on the test images, and its model card. check: called again and again meanwhile.

    lesson: what the network was taught, None for a training on the dataset.
    """
    made = f"Trained on the Train page{f', from {info.start!r} on' if info.start else ''}."
    card = ModelCard("network", info.name, made, list(info.config.layers), dataset=info.dataset)
    with tempfile.TemporaryDirectory() as folder:
        if lesson is None:
            publish.save_trained(trainer, dataset, Path(folder), card, check)
        else:
            save_taught(trainer, lesson, dataset, Path(folder), card.name, info.name, check)
        return {name: (Path(folder) / name).read_bytes() for name in ("network.npz", "network.json")}
