"""The images to learn from: the bundled MNIST, other folders of IDX files, and ways to vary the pictures.

Read `dataset.py` first, then `registry.py`, which finds a dataset by its name. This wing uses `errors` alone.
"""

from mnist_core.data.augment import AUGMENTATIONS
from mnist_core.data.class_names import TEN_DIGITS
from mnist_core.data.dataset import Dataset, labels_as, load_mnist, to_bytes, to_unit
from mnist_core.data.doubtful import DOUBTFUL, Doubt
from mnist_core.data.registry import USUAL, classes_of, datasets, fingerprint, load_dataset, load_shared, version

__all__ = [
    "AUGMENTATIONS",
    "DOUBTFUL",
    "TEN_DIGITS",
    "USUAL",
    "Dataset",
    "Doubt",
    "classes_of",
    "datasets",
    "fingerprint",
    "labels_as",
    "load_dataset",
    "load_mnist",
    "load_shared",
    "to_bytes",
    "to_unit",
    "version",
]
