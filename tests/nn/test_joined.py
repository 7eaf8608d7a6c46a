"""Layers that training takes as one, against the same layers one after the other."""

import numpy as np
import pytest

from mnist_core.nn import network as network_module
from mnist_core.nn.joined import joined_layers
from mnist_core.nn.layers import LAYERS, Layer, Tape
from mnist_core.nn.layers.activations import ReLU
from mnist_core.nn.network import Network
from mnist_core.nn.spec import parse

SHAPE = (7, 8, 5)
RUNS = [
    ("batchnorm", "relu", "maxpool 2"),
    ("batchnorm", "relu", "maxpool 3"),
    ("batchnorm", "maxpool 2"),
    ("batchnorm", "relu"),
    ("relu", "maxpool 2"),
    ("batchnorm", "relu", "maxpool 1"),
    ("relu", "maxpool 1"),
]


def built(texts: tuple[str, ...], scale: np.ndarray) -> list[Layer]:
    layers: list[Layer] = [parse(text, LAYERS, "layer") for text in texts]
    for layer in layers:
        layer.build(SHAPE, np.random.default_rng(0), np.dtype(np.float64))
        if "scale" in layer.parameters:
            layer.parameters["scale"][...] = scale
            layer.parameters["shift"][...] = np.linspace(-1, 1, SHAPE[2])
    return layers


@pytest.mark.parametrize("texts", RUNS, ids=" ".join)
@pytest.mark.parametrize("falling", [False, True], ids=["positive scales", "a negative scale"])
@pytest.mark.parametrize("equal", [False, True], ids=["different values", "many equal values"])
def test_joined_layers_compute_what_they_do_one_by_one(texts: tuple[str, ...], falling: bool, equal: bool) -> None:
    rng = np.random.default_rng(0)
    scale = np.array([0.5, 1.5, -0.7 if falling else 0.7, 1, 2])
    one_by_one, together = built(texts, scale), built(texts, scale)
    joined = joined_layers(together, [SHAPE] * len(texts))[0]
    assert joined.count == len(texts)
    tapes, tape = [Tape(training=True) for _ in texts], Tape(training=True)
    for _ in range(2):
        # The second time, buffers hold what the first has left.
        x: np.ndarray = rng.normal(size=(6, *SHAPE))
        x = x.round() if equal else x
        expected = x.copy()
        for layer, own in zip(one_by_one, tapes, strict=True):
            expected = layer.forward(expected, own)
        np.testing.assert_allclose(joined.forward(x.copy(), tape), expected, atol=1e-12)
        dy = rng.normal(size=expected.shape)
        gradient = dy.copy()
        for layer, own in zip(reversed(one_by_one), reversed(tapes), strict=True):
            gradient = layer.backward(gradient, own)
        np.testing.assert_allclose(joined.backward(dy, tape), gradient, atol=1e-12)
    for name, array in tapes[0].gradients.items():
        np.testing.assert_allclose(tape.gradients[name], array, atol=1e-12)
    for name, array in one_by_one[0].state.items():
        np.testing.assert_allclose(together[0].state[name], array, atol=1e-12)


def test_only_neighbors_in_this_order_and_on_pictures_are_joined() -> None:
    class Other(ReLU):
        pass

    def starts(*layers: Layer, shape: tuple[int, ...] = SHAPE) -> dict[int, int]:
        return {start: joined.count for start, joined in joined_layers(layers, [shape] * len(layers)).items()}

    norm, relu, pool, dropout = (parse(text, LAYERS, "layer") for text in ("batchnorm", "relu", "maxpool", "dropout"))
    assert starts(norm, relu, pool, relu, norm) == {0: 3}
    assert starts(pool, relu, norm, norm, relu) == {3: 2}
    assert starts(relu, dropout, pool) == {}
    assert starts(norm, Other()) == {}
    assert starts(norm, relu, shape=(5,)) == {}


def test_a_network_learns_the_same_either_way(monkeypatch: pytest.MonkeyPatch) -> None:
    texts = ["conv 4 3", "batchnorm", "relu", "maxpool 2", "conv 6 3", "relu", "maxpool 2", "flatten", "dense 10"]
    images = np.random.default_rng(1).random((9, 28, 28))
    results = []
    for join in (True, False):
        if not join:
            monkeypatch.setattr(network_module, "joined_layers", lambda layers, shapes: {})
        network = Network(texts, np.random.default_rng(0), dtype=np.float64)
        assert len(network._joined) == (2 if join else 0)
        gradients = np.zeros_like(network.parameters)
        tapes = network.new_tapes(training=True, gradients=gradients)
        scores = network.forward(images, tapes).copy()
        by_pixels = network.backward(np.ones_like(scores), tapes, to_input=True)
        assert by_pixels is not None
        results.append((scores, gradients, by_pixels.copy()))
    for joined, separate in zip(*results, strict=True):
        np.testing.assert_allclose(joined, separate, atol=1e-12)
