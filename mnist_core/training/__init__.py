"""Training: the settings, the loop and its parts, the gradient of a batch, and a training as a file.

Read `config.py` first, then `Trainer.run` in `trainer.py`. This wing uses `nn`, `data`, `files` and `errors`.
"""

from mnist_core.training.batches import largest_batch
from mnist_core.training.config import SAMPLING, TrainingConfig
from mnist_core.training.fitting import check_outputs, fitted
from mnist_core.training.report import Report
from mnist_core.training.split import count_training_images
from mnist_core.training.trainer import Trainer

__all__ = [
    "SAMPLING",
    "Report",
    "Trainer",
    "TrainingConfig",
    "check_outputs",
    "count_training_images",
    "fitted",
    "largest_batch",
]
