"""One more answer for a network that knows digits alone: "not a digit"."""

import dataclasses

import numpy as np

from mnist_core.errors import InputError
from mnist_core.nn.layers.dense import Dense
from mnist_core.nn.network import DIGITS, Network
from mnist_core.reading.recognizer import Recognizer


def with_no_digit(recognizer: Recognizer) -> Recognizer:
    """The recognizer, with an eleventh score if it has ten only; one that has more stays as it is.

    The weights of the new score are 0, and its bias, if the layer has biases, is the lowest of the others: what the
    network is sure of, it goes on to be sure of. Raises InputError if the network has no place for it.
    """
    network, card = recognizer.network, recognizer.card
    if network.classes > DIGITS:
        return recognizer
    last = network.layers[-1]
    if network.output != "softmax" or not isinstance(last, Dense):
        raise InputError(
            f"network {card.name!r}: it cannot learn what is not a digit, because its last layer is no dense layer "
            "with a softmax. Choose another network, or digits alone."
        )
    words = network.description[-1].split()
    layers = [*network.description[:-1], " ".join([words[0], str(DIGITS + 1), *words[2:]])]
    grown = Network(layers, np.random.default_rng(0), output=network.output, dtype=network.dtype)
    for layer, before in zip(grown.layers, network.layers, strict=True):
        for name, array in (layer.parameters | layer.state).items():
            known = (before.parameters | before.state)[name]
            if layer is grown.layers[-1]:
                array[...] = known.min() if name == "biases" else 0
                array[..., :DIGITS] = known
            else:
                array[...] = known
    return Recognizer(grown, dataclasses.replace(card, layers=layers, parameters=grown.size))
