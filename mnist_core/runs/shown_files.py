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
from mnist_core.training.trainer import Trainer

VIEW_IMAGES = 1000


def view_file(trainer: Trainer, weights_before: dict[str, np.ndarray] | None) -> bytes:
    """What the network looks like inside: view.npz. weights_before: those before the latest step, if they are known."""
    changes = {} if weights_before is None else probe.update_ratios(weights_before, trainer.network)
    view: dict[str, Any] = probe.look(trainer.trained, _sample(trainer))
    view["updates"] = np.array(list(changes.values()), np.float64)
    view["updates_layers"] = np.array(list(changes), dtype="U40")
    view["step"] = np.array(trainer.step)
    buffer = io.BytesIO()
    np.savez(buffer, allow_pickle=False, **view)
    return buffer.getvalue()


def _sample(trainer: Trainer) -> probe.Sample:
    """The first held-out images, or training images if none are held out."""
    held_out = len(trainer.validation_indices) > 0
    indices = (trainer.validation_indices if held_out else trainer.training_indices)[:VIEW_IMAGES]
    labels = (trainer.validation_class_ids if held_out else trainer.training_class_ids)[:VIEW_IMAGES]
    return probe.Sample(trainer.dataset.train_images[indices], labels, indices)


def network_files(trainer: Trainer, dataset: Dataset, info: RunInfo, check: Callable[[], None]) -> dict[str, bytes]:
    """The trained network, measured on the test images, and its model card. check: called again and again meanwhile."""
    began = f", from {info.start!r} on" if info.start else ""
    card = ModelCard("network", info.name, f"Trained on the Train page{began}.", list(info.config.layers))
    with tempfile.TemporaryDirectory() as folder:
        publish.save_trained(trainer, dataset, Path(folder), card, check)
        return {name: (Path(folder) / name).read_bytes() for name in ("network.npz", "network.json")}
