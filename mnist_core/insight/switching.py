"""What a network answers when one of its units is switched off, for many units at once."""

from collections.abc import Sequence

import numpy as np

from mnist_core.nn.network import Network

AT_ONCE = 32
"""Units that are switched off at once, each in a copy of the picture of its own."""


def scores_without(network: Network, values: np.ndarray, layer: int, units: Sequence[int]) -> np.ndarray:
    """The scores [K, classes] of one picture, with each of K units of a layer switched off, one at a time.

    values: the output of the layer for the picture, [units] or [H, W, units]. layer: its index, from 0.
    """
    found = []
    for first in range(0, len(units), AT_ONCE):
        part = np.asarray(units[first : first + AT_ONCE])
        x = np.repeat(values[None], len(part), axis=0)
        x[np.arange(len(part)), ..., part] = 0
        for later in network.layers[layer + 1 :]:
            x = later.forward(x)
        found.append(x)
    return np.concatenate(found)
