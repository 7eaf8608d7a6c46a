"""An exponential moving average of the weights: it is more accurate than the network of any one step.

Averages of the weights of late steps lie in flatter places of the loss (Polyak, Juditsky 1992; Izmailov and others
2018); the exponential one needs no choice of when to begin (Tarvainen, Valpola, "Mean teachers are better role models",
2017).

Where a network is trained on, the average may also keep a part of the network that it began with: on a straight line
between the old weights and the new ones lie networks that know the new and have hardly forgotten the old (Wortsman and
others, "Robust fine-tuning of zero-shot models", 2022).
"""

import numpy as np

from mnist_core.nn.network import Network
from mnist_core.training.config import TrainingConfig

WARM_UP = 10
"""Early averages forget faster: after s steps, the older average counts for at most s / (s + 10)."""


class MovingAverage:
    """The average of a network's parameters, and of its layers' state, such as the running variance.

    network: a network that holds the averages, of the same dtype; the one for inference.
    """

    def __init__(self, network: Network, config: TrainingConfig, keep: float = 0.0) -> None:
        """network: as it starts, of the training that `config` describes. keep: the part, 0 to below 1, that it keeps
        of it for good: what is averaged is the network between the first one and that of each step.
        """
        self.network = network.copy()
        self._decay = config.averaging
        self._first = network.copy() if keep else None
        self._keep = keep

    def update(self, network: Network, steps_before: int) -> None:
        """Take in the network after a step; `steps_before` is how many steps came before that one.

        After the first step the average is the network itself: its random first weights do not count.
        """
        share = 1 - min(self._decay, steps_before / (steps_before + WARM_UP))
        first = self._first or network
        self._approach(self.network.parameters, network.parameters, first.parameters, share)
        for average, now, before in zip(self.network.layers, network.layers, first.layers, strict=True):
            for name, array in average.state.items():
                self._approach(array, now.state[name], before.state[name], share)

    def _approach(self, average: np.ndarray, now: np.ndarray, first: np.ndarray, share: float) -> None:
        if self._first is not None:
            now = now + (first - now) * now.dtype.type(self._keep)
        average += (now - average) * average.dtype.type(share)
