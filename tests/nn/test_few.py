"""The way of a few images through a network against the usual one."""

import numpy as np
import pytest

from mnist_core.nn.few import FEW, forward_few
from mnist_core.nn.network import Network

LAYERS = [
    ["conv 6 5", "maxpool", "relu", "conv 8 3 padding=same biases=none", "maxpool 3", "flatten", "dense 10"],
    ["conv 4 3 padding=same biases=normal", "batchnorm", "relu", "maxpool 1", "conv 3 6", "flatten", "dense 10"],
    ["relu", "conv 5 2", "tanh", "maxpool 5", "dropout 0.5", "conv 5 4", "flatten", "dense 7", "relu", "dense 10"],
]


@pytest.mark.parametrize("layers", LAYERS, ids=len)
@pytest.mark.parametrize("count", [1, 2, 5, FEW])
def test_a_few_images_give_what_many_give(layers: list[str], count: int) -> None:
    rng = np.random.default_rng(count)
    network = Network(layers, rng, dtype=np.float64)
    images: np.ndarray = rng.random((FEW + 1, 28, 28))
    many = network.forward(images)[:count]
    kept = images.copy()
    np.testing.assert_allclose(network.logits(images[:count]), many, atol=1e-12, rtol=0)
    # A second time with the buffers of the first, after other images.
    network.logits(images[-1:])
    np.testing.assert_allclose(network.logits(images[:count]), many, atol=1e-12, rtol=0)
    np.testing.assert_array_equal(images, kept)


def test_few_images_leave_nothing_in_the_tapes() -> None:
    network = Network(LAYERS[0], np.random.default_rng(0))
    tapes = network.new_tapes(training=False)
    forward_few(network.layers, np.ones((1, 28, 28, 1), np.float32), tapes)
    assert not any(tape.saved for tape in tapes)
