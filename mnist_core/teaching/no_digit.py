"""One more answer for a network that knows digits alone: "not a digit"."""

import dataclasses

import numpy as np

from mnist_core.errors import InputError
from mnist_core.nn.layers.dense import Dense
from mnist_core.nn.network import Network
from mnist_core.reading.recognizer import Recognizer


def with_no_digit(recognizer: Recognizer) -> Recognizer:
    """The recognizer, with one more score if it has as many as classes; one that has more stays as it is.

    The weights of the new score are 0, and its bias, if the layer has biases, is the lowest of the others: what the
    network is sure of, it goes on to be sure of. Raises InputError if the network has no place for it.
    """
    network, card = recognizer.network, recognizer.card
    known = network.classes
    if recognizer.knows_others:
        return recognizer
    last = network.layers[-1]
    if network.output != "softmax" or not isinstance(last, Dense):
        raise InputError(
            f"network {card.name!r}: it cannot learn what is not a digit, because its last layer is no dense layer "
            "with a softmax. Choose another network, or digits alone."
        )
    words = network.description[-1].split()
    layers = [*network.description[:-1], " ".join([words[0], str(known + 1), *words[2:]])]
    grown = Network(layers, np.random.default_rng(0), output=network.output, dtype=network.dtype)
    for layer, before in zip(grown.layers, network.layers, strict=True):
        for name, array in (layer.parameters | layer.state).items():
            learned = (before.parameters | before.state)[name]
            if layer is grown.layers[-1]:
                array[...] = learned.min() if name == "biases" else 0
                array[..., :known] = learned
            else:
                array[...] = learned
    return Recognizer(grown, dataclasses.replace(card, layers=layers, parameters=grown.size))
