"""A network that gives the same answers in fewer steps, for inference only.

For speed alone: computes the same as Network.forward, up to rounding.

- Batch normalization, once it is learned, only multiplies each channel and adds to it. The layer before can do both:
  (x W + b) f + g = x (W f) + (b f + g).
- Dropout does nothing in inference.
- The largest of four values stays the largest after a ReLU, so a ReLU may come after the pooling, on fewer values.
"""

import numpy as np

from mnist_core.nn.layers.activations import ReLU
from mnist_core.nn.layers.convolution import Conv2D
from mnist_core.nn.layers.dense import Dense
from mnist_core.nn.layers.pooling import MaxPool2D
from mnist_core.nn.layers.regularization import BatchNorm, Dropout
from mnist_core.nn.network import Network

Learned = dict[str, np.ndarray]


def folded(network: Network) -> Network:
    """Another network with the answers of `network`, up to rounding; later changes of that one do not reach it."""
    texts: list[str] = []
    learned: list[Learned] = []
    for layer, text in zip(network.layers, network.description, strict=True):
        if isinstance(layer, Dropout):
            continue
        if isinstance(layer, BatchNorm) and texts and texts[-1].split()[0] in (Conv2D.name, Dense.name):
            factor, offset = layer.as_line()
            before = learned[-1]
            before["weights"] = before["weights"] * factor
            before["biases"] = before.get("biases", 0) * factor + offset
            texts[-1] = " ".join(word for word in texts[-1].split() if not word.startswith("biases="))
            continue
        texts.append(text)
        learned.append(layer.parameters | layer.state)
    for i in range(len(texts) - 1):
        if texts[i] == ReLU.name and texts[i + 1].split()[0] == MaxPool2D.name:
            texts[i : i + 2] = texts[i + 1], texts[i]
    result = Network(texts, np.random.default_rng(0), output=network.output, dtype=network.dtype)
    for layer, arrays in zip(result.layers, learned, strict=True):
        for name, array in (layer.parameters | layer.state).items():
            array[...] = arrays[name]
    return result
