"""The digits to learn from: the bundled MNIST, other folders of IDX files, and ways to vary the pictures.

Read `dataset.py` first. This wing uses `errors` alone.
"""

from mnist_core.data.augment import AUGMENTATIONS
from mnist_core.data.dataset import Dataset, load_mnist, load_shared, to_unit
from mnist_core.data.doubtful import DOUBTFUL

__all__ = ["AUGMENTATIONS", "DOUBTFUL", "Dataset", "load_mnist", "load_shared", "to_unit"]
