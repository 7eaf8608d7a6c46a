"""Handwritten digits read by neural networks that are written in NumPy alone.

The shortest way in: ``Recognizer.load().read(rgba)`` turns a drawing into a `Reading`. What a training needs is here
too, but loaded only when it is asked for: to read a digit takes no training code.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from mnist_core.errors import InputError
from mnist_core.reading.recognizer import Reading, Recognizer

if TYPE_CHECKING:
    from mnist_core.data.dataset import Dataset, load_mnist
    from mnist_core.nn.network import Network
    from mnist_core.reading import weights
    from mnist_core.teaching.taught import teach
    from mnist_core.training.config import TrainingConfig
    from mnist_core.training.trainer import Trainer

__all__ = [
    "Dataset",
    "InputError",
    "Network",
    "Reading",
    "Recognizer",
    "Trainer",
    "TrainingConfig",
    "load_mnist",
    "teach",
    "weights",
]

_LATER = {
    "Dataset": "mnist_core.data.dataset",
    "Network": "mnist_core.nn.network",
    "Trainer": "mnist_core.training.trainer",
    "TrainingConfig": "mnist_core.training.config",
    "load_mnist": "mnist_core.data.dataset",
    "teach": "mnist_core.teaching.taught",
    "weights": "mnist_core.reading.weights",
}


def __getattr__(name: str) -> Any:
    if name not in _LATER:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    module = import_module(_LATER[name])
    # "weights" is a module itself; the others are found in theirs.
    return module if _LATER[name].endswith(f".{name}") else getattr(module, name)
