"""What a network offers apart from its layers: copies, loading, planning without memory, threads that are kept."""

import threading
import tracemalloc

import numpy as np
import pytest

from mnist_core.errors import InputError
from mnist_core.nn.network import Network, plan_network

LAYERS = ("conv 3 3", "batchnorm", "relu", "maxpool 2", "flatten", "dense 10")


def test_a_copy_answers_the_same_and_shares_nothing() -> None:
    network = Network(LAYERS, np.random.default_rng(1))
    network.layers[1].state["mean"] += 0.5
    copy = network.copy()
    images = np.random.default_rng(2).random((3, 28, 28), dtype=np.float32)
    assert np.array_equal(copy.logits(images), network.logits(images))
    before = network.parameters.copy()
    copy.parameters[...] = 0
    copy.layers[1].state["mean"][...] = 9
    assert np.array_equal(network.parameters, before) and network.layers[1].state["mean"][0] == 0.5


def test_arrays_that_do_not_fit_change_nothing() -> None:
    network = Network(LAYERS, np.random.default_rng(1))
    before = network.parameters.copy()
    arrays = {name: array * 0 for name, array in network.arrays()}
    with pytest.raises(InputError, match="layer '6 dense biases': expected float32 .*, found nothing"):
        network.load_arrays({name: array for name, array in arrays.items() if name != "6 dense biases"})
    with pytest.raises(InputError, match="layer '6 dense biases': expected float32 .*, found float64"):
        network.load_arrays(arrays | {"6 dense biases": np.zeros(10)})
    assert np.array_equal(network.parameters, before)
    network.load_arrays(arrays | {"another": np.zeros(1)})
    assert np.array_equal(network.layers[0].parameters["weights"], np.zeros((3, 3, 1, 3)))


def test_a_plan_tells_shapes_and_size_and_takes_no_memory() -> None:
    network = Network(LAYERS, np.random.default_rng(1))
    plan = plan_network(LAYERS)
    assert (plan.shapes, plan.size) == (network.shapes, network.size)
    large = ("flatten", "dense 4096", "relu", "dense 1024", "dense 10")
    tracemalloc.start()
    try:
        assert plan_network(large).size > 7_000_000
        assert tracemalloc.get_traced_memory()[1] < 1_000_000
    finally:
        tracemalloc.stop()


def test_inference_with_several_threads_keeps_them_for_the_next_time() -> None:
    network = Network(LAYERS, np.random.default_rng(1))
    images = np.random.default_rng(2).random((200, 28, 28), dtype=np.float32)
    expected = network.logits(images)
    others = {thread.ident for thread in threading.enumerate()}
    seen: list[set[int | None]] = []
    for _ in range(3):
        assert np.array_equal(network.logits(images, threads=2), expected)
        seen.append({thread.ident for thread in threading.enumerate()} - others)
    assert seen[0] and seen == [seen[0]] * 3
