"""What a group of pieces may be, by two networks: a small one that knows halves and pairs, and the reader's.

The small network, `weights/pieces`, was taught with groups of pieces of composed numbers: digits, letters, and what is
neither, such as half a digit, two digits, or a digit with the dot behind it. Single digits are never read with it.
"""

import functools

import numpy as np

from mnist_core.nn.folding import folded
from mnist_core.nn.network import DIGITS, Network, probabilities
from mnist_core.reading import weights

NAME, FOLDER = "pieces", weights.FOLDER / "pieces"
LETTER, NOTHING = DIGITS, DIGITS + 1
"""The small network's classes after the digits."""
CLASSES = 12
WORTH = 0.05
"""A group that is more likely a digit or a letter than this is shown to the reader's own network, too."""
LEAST = 1e-6
"""A probability below this counts as this: neither network alone can rule anything out."""


def piece_probabilities(images: np.ndarray, threads: int = 1) -> np.ndarray:
    """float32 [N, 12] for images [N, 28, 28]: ten digits, a letter or symbol, neither.

    threads: see `Network.logits`.
    """
    reader, temperature = _network()
    return probabilities(reader.logits(images, threads) / temperature, "softmax").astype(np.float32)


def blend(pieces: np.ndarray, own: np.ndarray) -> np.ndarray:
    """What both say, float32 [N, 12]: their geometric mean, adding up to 1. own [N, classes]: the reader's network."""
    if own.shape[1] == DIGITS:
        # It cannot say that something is no digit: that is left to the small network.
        own = np.concatenate([own * pieces[:, :DIGITS].sum(axis=1, keepdims=True), pieces[:, DIGITS:]], axis=1)
    else:
        letters = own[:, DIGITS:-1].sum(axis=1, keepdims=True)
        own = np.concatenate([own[:, :DIGITS], letters, own[:, -1:]], axis=1)
    both = np.sqrt(np.maximum(pieces, LEAST) * np.maximum(own, LEAST))
    return (both / both.sum(axis=1, keepdims=True)).astype(np.float32)


@functools.cache
def _network() -> tuple[Network, float]:
    network, card = weights.load(NAME, FOLDER)
    return folded(network), card.temperature
