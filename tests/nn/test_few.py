"""The way of a few images through a network against the usual one."""

from collections.abc import Sequence

import numpy as np
import pytest

from mnist_core.nn import network as network_module
from mnist_core.nn.few import FEW, forward_few
from mnist_core.nn.layers import Layer, Tape
from mnist_core.nn.network import Network

LAYERS = [
    ["conv 6 5", "maxpool", "relu", "conv 8 3 padding=same biases=none", "maxpool 3", "flatten", "dense 10"],
    ["conv 4 3 padding=same biases=normal", "batchnorm", "relu", "maxpool 1", "conv 3 6", "flatten", "dense 10"],
    ["relu", "conv 5 2", "tanh", "maxpool 5", "dropout 0.5", "conv 5 4", "flatten", "dense 7", "relu", "dense 10"],
]


@pytest.mark.parametrize("layers", LAYERS, ids=len)
@pytest.mark.parametrize("count", [1, 2, FEW])
@pytest.mark.parametrize(("dtype", "closeness"), [(np.float64, 1e-12), (np.float32, 1e-4)])
def test_a_few_images_give_what_many_give(
    layers: list[str], count: int, dtype: type[np.floating], closeness: float
) -> None:
    rng = np.random.default_rng(count)
    network = Network(layers, rng, dtype=dtype)
    images = rng.random((FEW + 1, 28, 28)).astype(dtype)
    many = network.forward(images)[:count]
    kept, tapes = images.copy(), network.new_tapes(training=False)

    def few(some: np.ndarray) -> np.ndarray:
        return forward_few(network.layers, some[..., None], tapes)

    np.testing.assert_allclose(few(images[:count]), many, atol=closeness, rtol=0)
    # A second time with the buffers of the first, after other images.
    few(images[-1:])
    np.testing.assert_allclose(few(images[:count]), many, atol=closeness, rtol=0)
    np.testing.assert_array_equal(images, kept)


def test_few_images_go_the_way_of_few_and_many_never_do(monkeypatch: pytest.MonkeyPatch) -> None:
    taken: list[int] = []

    def noted(layers: Sequence[Layer], x: np.ndarray, tapes: Sequence[Tape]) -> np.ndarray:
        taken.append(len(x))
        return forward_few(layers, x, tapes)

    monkeypatch.setattr(network_module, "forward_few", noted)
    convolutions, dense = (Network(layers, np.random.default_rng(0)) for layers in (LAYERS[0], ["flatten", "dense 10"]))
    # The last slice of many is short, too.
    for count in (1, FEW, FEW + 1, 130):
        convolutions.logits(np.zeros((count, 28, 28)))
        dense.logits(np.zeros((count, 28, 28)))
    assert taken == [1, FEW]


def test_few_images_leave_nothing_in_the_tapes() -> None:
    network = Network(LAYERS[0], np.random.default_rng(0))
    tapes = network.new_tapes(training=False)
    forward_few(network.layers, np.ones((1, 28, 28, 1), np.float32), tapes)
    assert not any(tape.saved for tape in tapes)
