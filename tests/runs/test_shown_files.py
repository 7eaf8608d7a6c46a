"""What a page shows of the inside of a run, in a file that everybody in a class may see."""

import io

import numpy as np
import pytest

from mnist_core.data.dataset import load_mnist
from mnist_core.runs.live_training import LiveTraining
from mnist_core.runs.run_records import RunInfo
from mnist_core.runs.shown_files import view_file
from mnist_core.training.config import TrainingConfig
from mnist_core.training.trainer import Trainer

SMALL = TrainingConfig(("flatten", "dense 10"), train_images=100, validation=100, epochs=1)


def test_images_of_mistakes_are_in_it_unless_they_are_drawings() -> None:
    trainer = Trainer(SMALL, load_mnist(), 1)
    for with_images in (True, False):
        with np.load(io.BytesIO(view_file(trainer, None, with_images=with_images))) as view:
            assert len(view["worst"]) == 8 and len(view["worst_images"]) == (8 if with_images else 0)


@pytest.mark.parametrize(("dataset", "kept"), [("", 8), ("fashion", 8), ("own:drawings", 0), ("class:abc", 0)])
def test_a_run_on_drawings_keeps_none_of_them(dataset: str, kept: int) -> None:
    training = LiveTraining(RunInfo("a run", SMALL, 0.0, dataset=dataset), load_mnist(), None)
    with np.load(io.BytesIO(training._view())) as view:
        assert len(view["worst_images"]) == kept
