"""Every backward pass against finite differences: (L(x + h) - L(x - h)) / 2h, in float64."""

from collections.abc import Callable

import numpy as np
import pytest

from mnist_core.nn.layers import LAYERS, Layer, Tape
from mnist_core.nn.losses import LOSSES
from mnist_core.nn.network import Network
from mnist_core.nn.spec import parse

LAYER_CASES = [
    ("dense 5", (7,)),
    ("dense 5 biases=normal:0.5", (7,)),
    ("dense 5 biases=none weights=glorot_uniform", (7,)),
    ("conv 3 3", (6, 5, 2)),
    ("conv 2 5 padding=same biases=normal:0.5", (6, 7, 3)),
    ("conv 2 2 biases=none", (4, 4, 1)),
    ("maxpool 2", (4, 6, 2)),
    ("maxpool 3", (7, 8, 2)),
    ("batchnorm", (6,)),
    ("batchnorm", (3, 4, 2)),
    ("dropout 0.4", (9,)),
    ("flatten", (3, 4, 2)),
    ("relu", (8,)),
    ("sigmoid", (8,)),
    ("tanh", (8,)),
    ("softmax", (8,)),
    ("scale 3", (8,)),
    ("ones", (8,)),
    ("standardize 0.1307 0.3081", (8,)),
    ("pad 2", (3, 4, 2)),
    ("resize 5", (4, 3, 2)),
    ("resize 4", (9, 11, 2)),
]


def numeric_gradient(loss: Callable[[], float], array: np.ndarray, step: float = 1e-5) -> np.ndarray:
    gradient = np.empty_like(array)
    for index in np.ndindex(array.shape):
        kept = array[index]
        array[index] = kept + step
        above = loss()
        array[index] = kept - step
        below = loss()
        array[index] = kept
        gradient[index] = (above - below) / (2 * step)
    return gradient


def relative_error(a: np.ndarray, b: np.ndarray) -> float:
    return float(np.abs(a - b).max() / max(np.abs(a).max(), np.abs(b).max(), 1e-12))


def test_every_kind_of_layer_is_checked() -> None:
    assert {text.split()[0] for text, _ in LAYER_CASES} == set(LAYERS)


@pytest.mark.parametrize(("text", "shape"), LAYER_CASES)
def test_layer(text: str, shape: tuple[int, ...]) -> None:
    rng = np.random.default_rng(1)
    layer: Layer = parse(text, LAYERS, "layer")
    out_shape = layer.output_shape(shape)
    layer.build(shape, rng, np.dtype(np.float64))
    if layer.name == "batchnorm":  # scale 1 and shift 0 would hide mistakes
        for parameter in layer.parameters.values():
            parameter[...] = rng.normal(1, 0.5, parameter.shape)
    x = rng.normal(size=(4, *shape))
    x[np.abs(x) < 1e-3] = 0.1  # no value so near to a kink that a finite step jumps over it
    weights = rng.normal(size=(4, *out_shape))

    def loss() -> float:
        # The same random numbers each time, so that dropout drops the same values.
        return float((layer.forward(x, Tape(training=True, rng=np.random.default_rng(5))) * weights).sum())

    tape = Tape(training=True, rng=np.random.default_rng(5))
    assert layer.forward(x, tape).shape == (4, *out_shape)
    dx = layer.backward(weights.copy(), tape).copy()
    assert relative_error(dx, numeric_gradient(loss, x)) < 1e-6
    assert set(tape.gradients) == set(layer.parameters)
    for name, parameter in layer.parameters.items():
        assert relative_error(tape.gradients[name], numeric_gradient(loss, parameter)) < 1e-6, name


@pytest.mark.parametrize("name", list(LOSSES))
def test_loss(name: str) -> None:
    rng = np.random.default_rng(2)
    loss, scores, digits = LOSSES[name](), rng.normal(size=(6, 10)) * 3, rng.integers(0, 10, 6)
    _, gradient = loss(scores, digits)
    assert relative_error(gradient, numeric_gradient(lambda: loss(scores, digits)[0], scores)) < 1e-6


def test_whole_network_down_to_the_pixels() -> None:
    layers = ("conv 2 5 biases=none", "batchnorm", "tanh", "maxpool 6", "flatten", "dense 6", "sigmoid", "dense 10")
    rng = np.random.default_rng(3)
    network, loss = Network(layers, rng, dtype=np.float64), LOSSES["softmax_cross_entropy"]()
    images, digits = rng.random((3, 28, 28)), np.array([1, 5, 5])
    tapes = network.new_tapes(training=True)

    def value() -> float:
        return loss(network.forward(images, tapes), digits)[0]

    _, gradient = loss(network.forward(images, tapes), digits)
    by_pixels = network.backward(gradient, tapes, to_input=True)
    assert by_pixels is not None
    by_pixels = by_pixels[..., 0].copy()
    learned = [
        tape.gradients[name].copy()
        for tape, layer in zip(tapes, network.layers, strict=True)
        for name in layer.parameters
    ]
    patch = images[:, 12:15, 12:15]
    assert relative_error(by_pixels[:, 12:15, 12:15], numeric_gradient(value, patch)) < 1e-6
    parameters = [p for layer in network.layers for p in layer.parameters.values()]
    for found, parameter in zip(learned, parameters, strict=True):
        assert relative_error(found, numeric_gradient(value, parameter)) < 1e-6
