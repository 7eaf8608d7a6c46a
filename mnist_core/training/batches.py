"""The gradient of one batch of images: shared out among threads, and taken in parts that stay in the cache."""

import math
import threading
from collections.abc import Callable

import numpy as np

from mnist_core.blas import blas_threads
from mnist_core.data.augment import Warps
from mnist_core.data.dataset import Dataset, to_unit
from mnist_core.errors import InputError
from mnist_core.nn import metrics
from mnist_core.nn.layers import Tape
from mnist_core.nn.losses import Loss
from mnist_core.nn.network import Network, Plan
from mnist_core.nn.parallel import ThreadTeam

PART = 2000
"""Images that go through the network at once; a larger batch goes in parts, which stay in the processor's cache."""
PICTURES_IN_A_PART = 128
"""The same for a network whose layers work on pictures: those are larger than the image itself."""
PICTURES_FOR_A_THREAD = 16
"""Images from which on another thread is worth its cost, if they go through convolutions."""
MAX_VALUES_AT_ONCE = 100_000_000
"""Numbers that all layers together may compute for the images that go through them at once."""


def largest_batch(network: Plan | Network) -> int | None:
    """How many images a batch for this network may have at most, so that it fits into memory.

    None: any number, because a large batch is taken in parts. Normalization needs all images of a batch at once.
    """
    if any(layer.mixes_images for layer in network.layers):
        return MAX_VALUES_AT_ONCE // network.values_per_image
    return None


class Batches:
    """Takes batches of the chosen images of a dataset through a network and back.

    threads: how many may compute at once. may_compute: cleared, it lets all threads but the first wait between two
    parts (the first calls `pause`). part: images that go through at once. whole: if every batch is all chosen
    images, these as the network takes them, else None. dropouts: the random source of each thread's dropout. team: the
    threads.
    """

    def __init__(
        self,
        network: Network,
        loss: Loss,
        dataset: Dataset,
        indices: np.ndarray,
        dropout: np.random.Generator,
        *,
        l2: float,
        threads: int,
        pause: Callable[[], None],
    ) -> None:
        """indices: the training images to use, integers [N]. pause: called between two parts; it may raise."""
        self.labels = dataset.train_labels[indices]
        self.threads = threads
        self.part = 1
        self.whole: np.ndarray | None = None
        self.dropouts = [dropout, *dropout.spawn(threads - 1)]
        self._network, self._loss, self._l2, self._pause = network, loss, l2, pause
        self._dataset, self._indices = dataset, indices
        self._source = np.asarray(dataset.train_images).reshape(len(dataset.train_images), -1)
        self.team = ThreadTeam(threads)
        self.may_compute = threading.Event()
        self.may_compute.set()
        self._gradients: list[np.ndarray] = []
        self._tapes: list[list[Tape]] = []

    def _allocate(self) -> None:
        """Gradients and tapes for each thread, if they are not there."""
        if self._tapes:
            return
        self._gradients = [np.zeros_like(self._network.parameters) for _ in self.dropouts]
        self._tapes = [
            self._network.new_tapes(
                training=True,
                rng=rng,
                gradients=self._gradients[thread],
                thread=thread,
                exchange=self.team.exchange,
            )
            for thread, rng in enumerate(self.dropouts)
        ]

    def free(self) -> None:
        """Between two steps: give the memory back that only a step needs. The next step takes it again."""
        self._gradients, self._tapes = [], []

    def memory(self) -> int:
        """How many bytes this holds now."""
        kept = self._indices.nbytes + self.labels.nbytes + (0 if self.whole is None else self.whole.nbytes)
        buffers = sum(tape.buffers.nbytes for tapes in self._tapes for tape in tapes)
        return kept + buffers + sum(gradient.nbytes for gradient in self._gradients)

    def arrange(self, batch_size: int, always_whole: bool) -> None:
        """Get ready for batches of `batch_size` images, 0 for all of them.

        always_whole: every batch is all images as they are, in their order, so that it can be prepared once. Raises
        InputError if so many do not fit into memory; nothing is changed then.
        """
        network = self._network
        if (most := largest_batch(network)) is not None:
            images = batch_size or len(self.labels)
            if images > most:
                raise InputError(
                    f"batch_size {batch_size or 'all'}: expected at most {most:,} for this network, "
                    "because its normalization needs all images of a batch at once."
                )
            self.part = images
        else:
            part = PICTURES_IN_A_PART if network.has_pictures else PART
            self.part = max(1, min(part, MAX_VALUES_AT_ONCE // network.values_per_image // self.threads))
        # The old array goes first: two at once would need twice the memory.
        self.whole = None
        self.whole = self._prepared() if always_whole else None

    def _prepared(self) -> np.ndarray:
        parts = (self._indices[first : first + PART] for first in range(0, len(self._indices), PART))
        unit = (to_unit(self._dataset.train_images[part], self._network.dtype) for part in parts)
        return np.concatenate([self._network.prepare(part) for part in unit])

    def gradient(self, chosen: np.ndarray, warps: Warps | None) -> tuple[float, float, np.ndarray]:
        """Forward, loss and backward for one batch: loss, accuracy, and the gradient by all parameters as one vector.

        chosen: the images of the batch, as indices into `labels`, integers [N]. warps: how they are changed first.
        If several threads share the batch, each uses one BLAS thread; a single thread lets BLAS use them all.
        """
        self._allocate()
        threads = self.threads_for(len(chosen))
        with blas_threads(1 if threads > 1 else self.threads):
            results = self.team.run(lambda thread: self._one_share(thread, threads, chosen, warps), threads)
        loss, accuracy = (sum(column) for column in zip(*results, strict=True))
        gradient = self._gradients[0]
        for other in self._gradients[1:threads]:
            gradient += other
        return loss + self._add_l2(), accuracy, gradient

    def threads_for(self, images: int) -> int:
        """How many threads share a batch: one for a small batch, where BLAS makes better use of the threads."""
        if self._network.has_pictures:
            return min(self.threads, max(1, images // PICTURES_FOR_A_THREAD))
        return min(self.threads, math.ceil(images / self.part))

    def _one_share(self, thread: int, threads: int, chosen: np.ndarray, warps: Warps | None) -> tuple[float, float]:
        """Forward, loss and backward for one thread's share of the batch; returns its part of loss and accuracy."""
        tapes, gradient, count = self._tapes[thread], self._gradients[thread], len(chosen)
        start, end = count * thread // threads, count * (thread + 1) // threads
        # A batch size that was changed may take effect in the middle of an epoch, with the rest of it.
        whole = self.whole if count == len(self.labels) else None
        total, loss, accuracy = None, 0.0, 0.0
        for first in range(start, end, self.part):
            if self.team.exchange.broken:
                # Another thread has failed or was stopped, so that the batch is given up.
                break
            if first:
                if thread == 0:
                    self._pause()
                else:
                    self.may_compute.wait()
            part = slice(first, min(first + self.part, end))
            images = self._pixels(chosen[part], tapes[0]) if whole is None else whole[part]
            if warps is not None:
                images = warps.part(part).apply(images)
            labels = self.labels[chosen[part]]
            scores = self._network.forward(images, tapes, prepared=whole is not None)
            loss_of_part, slopes = self._loss(scores, labels, count)
            self._network.backward(slopes, tapes)
            loss += loss_of_part
            accuracy += metrics.accuracy(scores, labels) * len(labels) / count
            if len(labels) < end - start:
                # `gradient` holds the sum over this part alone; the next part overwrites it.
                total = gradient.copy() if total is None else np.add(total, gradient, out=total)
        if total is not None:
            np.copyto(gradient, total)
        return loss, accuracy

    def _pixels(self, chosen: np.ndarray, tape: Tape) -> np.ndarray:
        """Images as networks take them (see `to_unit`), float [N, 28, 28], in a buffer of the tape."""
        count, source = len(chosen), self._source
        pixels = tape.buffers.get("pixels", (count, source.shape[1]), source.dtype)
        np.take(source, self._indices[chosen], axis=0, out=pixels, mode="clip")
        unit = tape.buffers.get("images", (count, *self._dataset.train_images.shape[1:]), self._network.dtype)
        np.copyto(unit.reshape(count, -1), pixels)
        unit /= 255
        return unit

    def _add_l2(self) -> float:
        """Add the gradient of l2 / 2 |W|^2 to every weight's gradient; returns what it adds to the loss."""
        penalty = 0.0
        if self._l2:
            for layer, tape in zip(self._network.layers, self._tapes[0], strict=True):
                if "weights" in layer.parameters:
                    weights = layer.parameters["weights"]
                    tape.gradients["weights"] += self._l2 * weights
                    penalty += self._l2 / 2 * float(np.vdot(weights, weights))
        return penalty
