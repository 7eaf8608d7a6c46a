"""What layers compute, worked by hand or against the plainest loop; what they refuse."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mnist_core.errors import InputError
from mnist_core.nn.initializers import NAMES, initialize
from mnist_core.nn.layers import LAYERS, Layer, Tape, sigmoid, softmax
from mnist_core.nn.losses import LOSSES
from mnist_core.nn.network import Network, probabilities
from mnist_core.nn.spec import describe, parse


def built(text: str, shape: tuple[int, ...], dtype: type = np.float64) -> Layer:
    layer: Layer = parse(text, LAYERS, "layer")
    layer.build(shape, np.random.default_rng(0), np.dtype(dtype))
    return layer


def test_dense_by_hand() -> None:
    layer = built("dense 2", (3,))
    layer.parameters["weights"][...] = [[1, 2], [3, 4], [5, 6]]
    layer.parameters["biases"][...] = [10, 20]
    assert layer.forward(np.array([[1.0, 0, 2]])).tolist() == [[21, 34]]


@pytest.mark.parametrize("padding", ["valid", "same"])
def test_convolution_against_four_loops(padding: str) -> None:
    rng = np.random.default_rng(0)
    layer = built(f"conv 4 3 padding={padding} biases=normal", (5, 6, 2))
    x = rng.normal(size=(2, 5, 6, 2))
    padded = np.pad(x, ((0, 0), (1, 1), (1, 1), (0, 0))) if padding == "same" else x
    found = layer.forward(x)
    for n, i, j, f in np.ndindex(found.shape):
        window = padded[n, i : i + 3, j : j + 3]
        assert found[n, i, j, f] == pytest.approx(
            (window * layer.parameters["weights"][..., f]).sum() + layer.parameters["biases"][f]
        )


def test_pooling_by_hand_gives_the_gradient_to_the_first_of_equals() -> None:
    layer, tape = built("maxpool 2", (3, 4, 1)), Tape(training=True)
    x = np.array([[1, 5, 2, 2], [5, 0, 2, 2], [9, 9, 9, 9]], float).reshape(1, 3, 4, 1)
    assert layer.forward(x, tape)[0, :, :, 0].tolist() == [[5, 2]]
    dx = layer.backward(np.array([3.0, 7.0]).reshape(1, 1, 2, 1), tape)
    assert dx[0, :, :, 0].tolist() == [[0, 3, 7, 0], [0, 0, 0, 0], [0, 0, 0, 0]]


def test_batch_normalization_of_a_batch_and_of_its_running_average() -> None:
    layer = built("batchnorm momentum=0.5", (1,))
    x = np.array([[1.0], [3.0]])
    np.testing.assert_allclose(layer.forward(x, Tape(training=True)), [[-1], [1]], rtol=1e-4)
    assert layer.state["mean"][0] == 1.0 and layer.state["variance"][0] == 1.0  # halfway to mean 2, variance 1
    np.testing.assert_allclose(layer.forward(x), [[0], [2]], atol=1e-4)


def test_dropout_only_acts_while_training_and_keeps_the_mean() -> None:
    layer, x = built("dropout 0.25", (1000,)), np.ones((50, 1000), np.float32)
    assert layer.forward(x) is x
    dropped = layer.forward(x, Tape(training=True, rng=np.random.default_rng(0)))
    assert set(np.unique(dropped)) == {np.float32(0), np.float32(1 / 0.75)}
    assert dropped.mean() == pytest.approx(1, abs=0.01)


def test_activations_by_hand_and_without_overflow() -> None:
    assert built("relu", (3,)).forward(np.array([[-1.0, 0, 2]])).tolist() == [[0, 0, 2]]
    with np.errstate(over="raise", invalid="raise", divide="raise"):
        assert sigmoid(np.array([-1e4, 0, 1e4])) == pytest.approx([0, 0.5, 1], abs=1e-300)
    assert sigmoid(np.array([-40], np.float32))[0] == pytest.approx(np.exp(-40), rel=1e-5)
    assert softmax(np.array([[1e4, 1e4]])).tolist() == [[0.5, 0.5]]


def test_probabilities_add_up_for_every_output() -> None:
    scores = np.array([[-3.0, 2, 0.5], [-1, -1, -1]])
    for output in ("softmax", "sigmoid", "identity"):
        np.testing.assert_allclose(probabilities(scores, output).sum(axis=1), 1)


@given(st.sampled_from(NAMES), st.integers(0, 1000))
def test_initializers_have_their_spread(name: str, seed: int) -> None:
    values = initialize(name, (200, 50), 200, 50, np.random.default_rng(seed), np.float64)
    expected = {
        "he_normal": np.sqrt(2 / 200),
        "he_uniform": np.sqrt(6 / 200) / np.sqrt(3),
        "glorot_normal": np.sqrt(2 / 250),
        "glorot_uniform": np.sqrt(6 / 250) / np.sqrt(3),
        "fan_in_uniform": 1 / np.sqrt(200) / np.sqrt(3),
        "size_uniform": 1 / np.sqrt(200 * 50) / np.sqrt(3),
        "normal": 1,
        "uniform": 1 / np.sqrt(3),
        "zeros": 0,
        "ones": 0,
    }[name]
    assert values.std() == pytest.approx(expected, rel=0.05)
    assert values.mean() == pytest.approx(float(name == "ones"), abs=0.05)


@pytest.mark.parametrize(
    "text",
    [
        "dense 7 weights=normal:0.01",
        "conv 3 5 padding=same",
        "conv 3",
        "dropout 0.2",
        "batchnorm epsilon=0.001",
        "relu",
    ],
)
def test_a_layer_s_text_makes_the_same_layer(text: str) -> None:
    assert describe(text.split()[0], parse(text, LAYERS, "layer")) == text


@given(st.floats(0, 0.999))
def test_no_digit_of_a_number_is_lost_in_text(rate: float) -> None:
    layer = parse(f"dropout {rate}", LAYERS, "layer")
    assert parse(describe("dropout", layer), LAYERS, "layer").rate == rate  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("layers", "words"),
    [
        (["flatten", "dense x"], "layer 'dense x': units expected a whole number, found 'x'"),
        (["flatten", "dense 10 speed=2"], "'speed=2' is not understood; dense takes units, weights, biases"),
        (["flatten", "dense"], "units is missing"),
        (["squash"], "layer 'squash': expected one of dense, conv"),
        (["dense 10"], "layer 1, dense 10: expected a flat input"),
        (["flatten", "conv 3"], "layer 2, conv 3: expected height x width x channels"),
        (["flatten", "dense 1000000"], "dense: expected units from 1 to 4096, found 1000000"),
        (["conv 4 29"], "conv: expected size from 1 to 28, found 29"),
        (["conv 4 28", "conv 4 3"], "a window of 3x3 does not fit into 1x1"),
        (["flatten", "dense 1"], "the last layer: expected 2 to 64 outputs"),
        (["flatten", "dense 65"], "expected 2 to 64 outputs, one for each class, found shape (65,)"),
        (["flatten", "dropout 1", "dense 10"], "dropout: expected a rate from 0 to below 1, found 1"),
        (["flatten", "dropout nan", "dense 10"], "rate expected a number, found 'nan'"),
        (["flatten", "dense 10 weights=magic"], "initializer 'magic'"),
        ([], "1 to 64 layers"),
        (["conv 512 1 padding=same", "flatten", "dense 4096", "dense 10"], "dense 4096: expected at most 8,000,000"),
        (["conv 512 27 padding=same", "conv 512 27 padding=same"], "layer 2, conv 512: expected at most 8,000,000"),
        (["conv 64 3", "conv 64 15 padding=same"], "conv 64: expected at most 1,000,000 values for an image"),
        (["flatten"] + ["dense 2000"] * 6 + ["dense 10"], "layer 4, up to here: expected at most 8,000,000 parameters"),
    ],
)
def test_impossible_networks_are_refused_by_name(layers: list[str], words: str) -> None:
    with pytest.raises(InputError) as refusal:
        Network(layers, np.random.default_rng(0))
    assert words in str(refusal.value)


def test_inference_in_slices_changes_nothing_and_keeps_float32() -> None:
    network = Network(["conv 3 5", "relu", "maxpool 2", "flatten", "dense 10"], np.random.default_rng(0))
    images = np.random.default_rng(1).random((613, 28, 28), np.float32)
    scores = network.logits(images)
    assert scores.dtype == np.float32
    np.testing.assert_allclose(scores, network.forward(images), rtol=1e-4, atol=1e-5)
    np.testing.assert_allclose(network.predict(images).sum(axis=1), 1, rtol=1e-5)


@pytest.mark.parametrize(
    "layers",
    [
        ["conv 3 5", "flatten", "flatten", "dense 10"],
        ["conv 3 5", "flatten", "relu", "flatten", "dense 10"],
        ["flatten", "dense 10", "flatten"],
    ],
)
def test_what_is_flat_already_may_be_flattened_again(layers: list[str]) -> None:
    network = Network(layers, np.random.default_rng(0))
    images, digits = np.random.default_rng(1).random((4, 28, 28), np.float32), np.array([1, 2, 3, 4])
    tapes = network.new_tapes(training=True)
    scores = network.forward(images, tapes)
    np.testing.assert_allclose(scores, network.forward(images), rtol=1e-6)
    assert network.backward(LOSSES["softmax_cross_entropy"]()(scores, digits)[1], tapes, to_input=True) is not None
