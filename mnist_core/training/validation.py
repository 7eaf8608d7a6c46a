"""Loss and accuracy of a network on the images that are held out while it trains."""

import math
from collections.abc import Callable

import numpy as np

from mnist_core.blas import blas_threads
from mnist_core.data.dataset import Dataset, to_unit
from mnist_core.nn import metrics
from mnist_core.nn.losses import Loss
from mnist_core.nn.network import Network

VALIDATED_AT_ONCE = 1000
"""Images between two calls of `pause`."""


class Validation:
    """Measures one network on the held-out images of a dataset.

    labels: their digits, uint8 [N]. scores: what the network gave when it was measured last, float [N, classes] of its
    dtype; None before that, and where no images are held out.
    """

    def __init__(
        self,
        network: Network,
        loss: Loss,
        dataset: Dataset,
        indices: np.ndarray,
        *,
        threads: int,
        pause: Callable[[], None],
    ) -> None:
        """indices: which training images are held out, integers [N]. pause: called between two parts; it may raise."""
        self.labels = dataset.train_labels[indices]
        self.scores: np.ndarray | None = None
        self._network, self._loss, self._dataset, self._indices = network, loss, dataset, indices
        self._threads, self._pause = threads, pause

    def measure(self) -> tuple[float, float]:
        """Loss and accuracy (0..1) of the network as it stands; NaN if no images are held out."""
        network, count = self._network, len(self.labels)
        if count == 0:
            return math.nan, math.nan
        scores = np.empty((count, network.classes), network.dtype)
        for first in range(0, count, VALIDATED_AT_ONCE):
            self._pause()
            part = slice(first, first + VALIDATED_AT_ONCE)
            images = to_unit(self._dataset.train_images[self._indices[part]], network.dtype)
            with blas_threads(1 if network.has_pictures else self._threads):
                scores[part] = network.logits(images, self._threads)
        self.scores = scores
        return self._loss(scores, self.labels)[0], metrics.accuracy(scores, self.labels)
