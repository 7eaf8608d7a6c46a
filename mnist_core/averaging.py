"""A running mean of the weights of a network while it trains: it reads better than the network of any one step.

The mean of the last steps lies in a flatter place of the loss than each of them (Polyak, Juditsky 1992; Izmailov and
others, "Averaging weights leads to wider optima and better generalization", 2018).
"""

import numpy as np

from mnist_core.config import TrainingConfig
from mnist_core.network import Network

WARM_UP = 10
"""The first means are of few steps only: after step s, the older ones count for at most s / (s + 10)."""


class RunningMean:
    """The mean of a network's parameters, and of what its layers keep of the images, such as their variance."""

    def __init__(self, network: Network, config: TrainingConfig) -> None:
        """network: as it starts, of the training that `config` describes."""
        self.network = Network(config.layers, np.random.default_rng(0), output=network.output, dtype=config.dtype)
        self._decay = config.averaging
        for (_, place), (_, start) in zip(self.network.arrays(), network.arrays(), strict=True):
            np.copyto(place, start)

    def update(self, network: Network, step: int) -> None:
        """Let the network as it stands after `step` steps count."""
        share = 1 - min(self._decay, step / (step + WARM_UP))
        self._approach(self.network.parameters, network.parameters, share)
        for mean, now in zip(self.network.layers, network.layers, strict=True):
            for name, array in mean.state.items():
                self._approach(array, now.state[name], share)

    @staticmethod
    def _approach(mean: np.ndarray, now: np.ndarray, share: float) -> None:
        mean += (now - mean) * mean.dtype.type(share)
