"""Layers that training takes as one, against the same layers one after the other."""

import numpy as np
import pytest

from mnist_core.nn import network as network_module
from mnist_core.nn.joined import Joined, training_steps
from mnist_core.nn.layers import LAYERS, Layer, Tape
from mnist_core.nn.layers.activations import ReLU
from mnist_core.nn.layers.base import picture, planes
from mnist_core.nn.network import Network
from mnist_core.nn.parallel import ThreadTeam
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
SCALES = {"positive scales": 0.7, "a negative scale": -0.7, "a scale of zero": 0.0}


def built(texts: tuple[str, ...], third_scale: float) -> list[Layer]:
    layers: list[Layer] = [parse(text, LAYERS, "layer") for text in texts]
    for layer in layers:
        layer.build(SHAPE, np.random.default_rng(0), np.dtype(np.float64))
        if "scale" in layer.parameters:
            layer.parameters["scale"][...] = [0.5, 1.5, third_scale, 1, 2]
            layer.parameters["shift"][...] = np.linspace(-1, 1, SHAPE[2])
    return layers


def joined(layers: list[Layer]) -> Joined:
    ((number, step),) = training_steps(layers, [SHAPE] * len(layers))
    assert number == 0 and isinstance(step, Joined)
    return step


@pytest.mark.parametrize("texts", RUNS, ids=" ".join)
@pytest.mark.parametrize("third_scale", SCALES.values(), ids=SCALES)
@pytest.mark.parametrize("equal", [False, True], ids=["different values", "many equal values"])
def test_joined_layers_compute_what_they_do_one_by_one(texts: tuple[str, ...], third_scale: float, equal: bool) -> None:
    rng = np.random.default_rng(0)
    one_by_one, together = built(texts, third_scale), built(texts, third_scale)
    step, tapes, tape = joined(together), [Tape(training=True) for _ in texts], Tape(training=True)
    for count in (6, 6, 1, 3):
        # Buffers hold what the batch before has left, which may have been larger.
        x: np.ndarray = rng.normal(size=(count, *SHAPE))
        x = picture(planes(x.round() if equal else x))
        before, expected = x.copy(), x.copy()
        for layer, own in zip(one_by_one, tapes, strict=True):
            expected = layer.forward(expected, own)
        np.testing.assert_allclose(step.forward(x, tape), expected, atol=1e-12)
        dy = rng.normal(size=expected.shape)
        gradient = dy.copy()
        for layer, own in zip(reversed(one_by_one), reversed(tapes), strict=True):
            gradient = layer.backward(gradient, own)
        np.testing.assert_allclose(step.backward(dy, tape), gradient, atol=1e-12)
        assert (x == before).all(), "what goes in belongs to the layer before"
        for name, array in tapes[0].gradients.items():
            # With a scale of zero all values of a block are equal, and either may be chosen.
            chosen = slice(None) if third_scale or name == "shift" else [0, 1, 3, 4]
            np.testing.assert_allclose(tape.gradients[name][chosen], array[chosen], atol=1e-12)
    for name, array in one_by_one[0].state.items():
        np.testing.assert_allclose(together[0].state[name], array, atol=1e-12)


@pytest.mark.timeout(60)
def test_two_threads_join_layers_as_one_does() -> None:
    rng, texts = np.random.default_rng(0), RUNS[0]
    x, dy = rng.normal(size=(6, *SHAPE)), rng.normal(size=(6, 3, 4, SHAPE[2]))
    whole, tape, team = joined(built(texts, -0.7)), Tape(training=True), ThreadTeam(2)
    y, dx = whole.forward(x, tape), whole.backward(dy, tape)
    layers, halves = built(texts, -0.7), (slice(0, 2), slice(2, 6))
    tapes = [Tape(training=True, thread=thread, exchange=team.exchange) for thread in range(2)]

    def half(thread: int) -> tuple[np.ndarray, np.ndarray]:
        step, part = joined(layers), halves[thread]
        return step.forward(x[part], tapes[thread]).copy(), step.backward(dy[part], tapes[thread])

    for part, (found, gradient) in zip(halves, team.run(half, 2), strict=True):
        np.testing.assert_allclose(found, y[part], atol=1e-12)
        np.testing.assert_allclose(gradient, dx[part], atol=1e-12)
    for name, array in tape.gradients.items():
        np.testing.assert_allclose(tapes[0].gradients[name] + tapes[1].gradients[name], array, atol=1e-12)


def test_only_neighbors_in_this_order_and_on_pictures_are_joined() -> None:
    class Other(ReLU):
        pass

    def starts(*layers: Layer, shape: tuple[int, ...] = SHAPE) -> list[int]:
        return [number for number, step in training_steps(layers, [shape] * len(layers)) if isinstance(step, Joined)]

    norm, relu, pool, dropout = (parse(text, LAYERS, "layer") for text in ("batchnorm", "relu", "maxpool", "dropout"))
    assert starts(norm, relu, pool, relu, norm) == [0]
    assert starts(pool, relu, norm, norm, relu) == [3]
    assert starts(relu, dropout, pool) == []
    assert starts(norm, Other()) == []
    assert starts(norm, relu, shape=(5,)) == []


@pytest.mark.parametrize(
    "first", [(), ("batchnorm", "relu", "maxpool 2"), ("relu", "maxpool 2")], ids=["conv", "batchnorm", "relu"]
)
@pytest.mark.parametrize("prepared", [False, True])
@pytest.mark.parametrize(("dtype", "limit"), [(np.float64, 1e-10), (np.float32, 1e-4)])
def test_a_network_learns_the_same_either_way(
    monkeypatch: pytest.MonkeyPatch, first: tuple[str, ...], prepared: bool, dtype: type[np.floating], limit: float
) -> None:
    texts = [*first, "conv 4 3 padding=same", "batchnorm", "relu", "maxpool 2", "conv 6 3", "relu", "maxpool 2"]
    images = np.random.default_rng(1).random((9, 28, 28)).astype(dtype)
    results = []
    for join in (True, False):
        if not join:
            monkeypatch.setattr(network_module, "training_steps", lambda layers, shapes: list(enumerate(layers)))
        network = Network([*texts, "flatten", "dense 10"], np.random.default_rng(0), dtype=dtype)
        gradients = np.zeros_like(network.parameters)
        tapes = network.new_tapes(training=True, gradients=gradients)
        for _ in range(3):
            scores = network.forward(network.prepare(images) if prepared else images, tapes, prepared=prepared).copy()
            by_pixels = network.backward(np.ones_like(scores), tapes, to_input=not prepared)
            network.parameters -= 1e-6 * gradients
        assert (by_pixels is None) == prepared
        results.append((scores, gradients, scores if by_pixels is None else by_pixels.copy()))
    for together, separate in zip(*results, strict=True):
        np.testing.assert_allclose(together, separate, atol=limit * np.abs(separate).max(), rtol=0)
        assert together.dtype == separate.dtype
