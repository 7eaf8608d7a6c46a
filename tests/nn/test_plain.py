"""The textbook: its gradients against finite differences, the fast layers against it, and that it learns MNIST."""

import numpy as np
import pytest
from threadpoolctl import threadpool_limits

from mnist_core.data.dataset import load_mnist, to_unit
from mnist_core.errors import InputError
from mnist_core.nn import plain
from mnist_core.nn.layers import LAYERS, Layer, Tape
from mnist_core.nn.losses import SoftmaxCrossEntropy
from mnist_core.nn.spec import parse
from tests.nn.test_gradients import numeric_gradient, relative_error
from tests.test_imports import LIBRARY, imported

FAST_NAMES = {"W": "weights", "b": "biases", "gamma": "scale", "beta": "shift"}
"""What the fast layers call the parameters of the plain ones."""


def test_the_textbook_needs_no_other_book() -> None:
    (path,) = (path for path in LIBRARY if path.name == "plain.py")
    assert {name for name in imported(path) if not name.startswith("numpy")} == {
        "mnist_core.errors",
        "mnist_core.errors.InputError",
    }


def plain_layer(text: str, shape: tuple[int, ...]) -> plain.Layer:
    """The plain layer for the description of a fast one; its parameters are drawn so that none hides a mistake."""
    rng = np.random.default_rng(7)
    kind, *words = text.split()
    layer: plain.Layer
    if kind == "dense":
        layer = plain.Dense(shape[0], int(words[0]), rng)
    elif kind == "conv":
        layer = plain.Conv2D(shape[-1], int(words[0]), int(words[1]), rng, words[2].removeprefix("padding="))
    elif kind == "maxpool":
        layer = plain.MaxPool2D(int(words[0]))
    elif kind == "batchnorm":
        layer = plain.BatchNorm(shape[-1])
    elif kind == "dropout":
        layer = plain.Dropout(float(words[0]), rng)
    else:
        layer = {"flatten": plain.Flatten, "relu": plain.ReLU, "sigmoid": plain.Sigmoid, "tanh": plain.Tanh}[kind]()
    for letter in parameters(layer):
        getattr(layer, letter)[...] = rng.normal(1 if letter == "gamma" else 0, 0.5, getattr(layer, letter).shape)
    return layer


def parameters(layer: plain.Layer) -> list[str]:
    return [letter for letter in FAST_NAMES if hasattr(layer, letter)]


def fast_layer(text: str, shape: tuple[int, ...], like: plain.Layer) -> Layer:
    layer: Layer = parse(text, LAYERS, "layer")
    layer.build(shape, np.random.default_rng(0), np.dtype(np.float64))
    assert set(layer.parameters) == {FAST_NAMES[letter] for letter in parameters(like)}
    for letter in parameters(like):
        layer.parameters[FAST_NAMES[letter]][...] = getattr(like, letter)
    return layer


def assert_equal(found: np.ndarray, expected: np.ndarray, limit: float) -> None:
    assert found.dtype == np.float64
    np.testing.assert_allclose(found, expected, rtol=0, atol=limit * max(1, np.abs(expected).max()))


def compare(text: str, shape: tuple[int, ...], x: np.ndarray, limit: float = 1e-9) -> Tape:
    """Forward, dX and every parameter's gradient of both; returns the tape of the fast one."""
    slow = plain_layer(text, shape)
    fast, tape = fast_layer(text, shape, slow), Tape(training=True)
    y = slow.forward(x)
    assert_equal(fast.forward(x.copy(), tape), y, limit)
    dy = np.random.default_rng(8).normal(size=y.shape)
    dx = slow.backward(dy)
    # The fast layers may use up dy.
    assert_equal(fast.backward(dy.copy(), tape), dx, limit)
    assert set(tape.gradients) == set(fast.parameters)
    for letter in parameters(slow):
        assert_equal(tape.gradients[FAST_NAMES[letter]], getattr(slow, f"d{letter}"), limit)
    slow.training = False
    assert_equal(fast.forward(x.copy()), slow.forward(x), limit)
    return tape


CASES = [
    ("dense 5", (7,)),
    ("dense 1", (3,)),
    ("maxpool 2", (4, 6, 2)),
    ("maxpool 2", (5, 7, 3)),
    ("maxpool 3", (7, 8, 2)),
    ("batchnorm", (6,)),
    ("batchnorm", (3, 4, 2)),
    ("flatten", (3, 4, 2)),
    ("flatten", (9,)),
    ("relu", (8,)),
    ("relu", (3, 4, 2)),
    ("sigmoid", (8,)),
    ("sigmoid", (3, 4, 2)),
    ("tanh", (8,)),
    ("tanh", (3, 4, 2)),
]
CONVOLUTIONS = [
    (f"conv {filters} {size} padding={padding}", shape)
    for filters, size, shape in [(4, 1, (5, 6, 2)), (3, 3, (6, 5, 2)), (6, 5, (9, 14, 3)), (2, 5, (5, 6, 1))]
    for padding in ("valid", "same")
] + [
    ("conv 3 2 padding=valid", (4, 5, 2)),
    ("conv 2 4 padding=valid", (7, 4, 3)),
    ("conv 2 28 padding=valid", (28, 28, 1)),
    # Windows that are wider than the picture.
    ("conv 2 3 padding=same", (1, 1, 2)),
    ("conv 2 7 padding=same", (2, 2, 1)),
    ("conv 2 9 padding=same", (3, 3, 2)),
    ("conv 2 17 padding=same", (7, 7, 1)),
]


@pytest.mark.parametrize(("text", "shape"), CASES)
def test_the_fast_layer_gives_what_the_plain_one_gives(text: str, shape: tuple[int, ...]) -> None:
    compare(text, shape, np.random.default_rng(1).normal(2, 3, size=(6, *shape)))


@pytest.mark.parametrize(("text", "shape"), CONVOLUTIONS)
@pytest.mark.parametrize("tiles", [False, True], ids=["columns", "tiles"])
def test_the_fast_convolution_gives_what_the_plain_one_gives(
    monkeypatch: pytest.MonkeyPatch, text: str, shape: tuple[int, ...], tiles: bool
) -> None:
    monkeypatch.setattr("mnist_core.nn.layers.convolution.WORTH_IT", np.inf if tiles else 0)
    # Tiles exist for windows of 3 and 5; infinity is not below infinity, so that the others stay with columns.
    by_tiles = tiles and text.split()[2] in ("3", "5")
    tape = compare(text, shape, np.random.default_rng(1).normal(size=(5, *shape)), 1e-11 if by_tiles else 1e-12)
    assert ("columns" in tape.saved) != by_tiles


def test_of_equal_values_both_poolings_choose_the_first() -> None:
    x = np.random.default_rng(1).integers(0, 2, (4, 6, 9, 2)).astype(np.float64)
    compare("maxpool 3", (6, 9, 2), x)


def test_the_plain_pooling_by_hand() -> None:
    layer = plain.MaxPool2D(2)
    x = np.array([[1, 5, 2, 2], [5, 0, 2, 2], [9, 9, 9, 9]], float).reshape(1, 3, 4, 1)
    assert layer.forward(x)[0, :, :, 0].tolist() == [[5, 2]]
    dx = layer.backward(np.array([3.0, 7.0]).reshape(1, 1, 2, 1))
    assert dx[0, :, :, 0].tolist() == [[0, 3, 7, 0], [0, 0, 0, 0], [0, 0, 0, 0]]


@pytest.mark.parametrize("scale", [1, 1000])
def test_the_fast_loss_gives_what_the_plain_one_gives(scale: float) -> None:
    rng = np.random.default_rng(2)
    logits, labels = rng.normal(size=(9, 10)) * scale, rng.integers(0, 10, 9)
    with np.errstate(over="raise", invalid="raise", divide="raise"):
        loss, d_logits = plain.softmax_cross_entropy(logits, labels)
    fast_loss, fast_gradient = SoftmaxCrossEntropy()(logits.copy(), labels)
    assert fast_loss == pytest.approx(loss, rel=1e-12)
    assert_equal(fast_gradient, d_logits, 1e-12)


@pytest.mark.parametrize(("text", "shape"), [*CASES, *CONVOLUTIONS])
def test_plain_gradients_against_finite_differences(text: str, shape: tuple[int, ...]) -> None:
    rng = np.random.default_rng(1)
    layer = plain_layer(text, shape)
    x = rng.normal(size=(3, *shape))
    x[np.abs(x) < 1e-3] = 0.1  # no value so near to a kink that a finite step jumps over it
    dy = rng.normal(size=layer.forward(x).shape)

    def loss() -> float:
        return float((layer.forward(x) * dy).sum())

    dx = layer.backward(dy)
    assert dx.shape == x.shape
    assert list(layer.learned) == parameters(layer)
    learned = [(getattr(layer, letter), getattr(layer, f"d{letter}")) for letter in layer.learned]
    for values, gradient in [(x, dx), *learned]:
        assert gradient.shape == values.shape
        assert relative_error(gradient, numeric_gradient(loss, values)) < 1e-6


def test_the_plain_loss_against_finite_differences() -> None:
    rng = np.random.default_rng(2)
    logits, labels = rng.normal(size=(6, 10)) * 3, rng.integers(0, 10, 6)
    _, d_logits = plain.softmax_cross_entropy(logits, labels)
    numeric = numeric_gradient(lambda: plain.softmax_cross_entropy(logits, labels)[0], logits)
    assert relative_error(d_logits, numeric) < 1e-6


def test_plain_dropout_keeps_the_mean_and_gives_its_gradient_to_what_it_kept() -> None:
    layer, x = plain.Dropout(0.25, np.random.default_rng(0)), np.ones((50, 1000))
    y = layer.forward(x)
    assert set(np.unique(y)) == {0, 1 / 0.75} and y.mean() == pytest.approx(1, abs=0.01)
    assert (layer.backward(x) == y).all()
    layer.training = False
    assert (layer.forward(x) == x).all()


@pytest.mark.parametrize(("size", "padding"), [(3, "mirror"), (2, "same")])
def test_an_impossible_padding_is_refused(size: int, padding: str) -> None:
    with pytest.raises(InputError, match="padding"):
        plain.Conv2D(1, 1, size, np.random.default_rng(0), padding)


@pytest.mark.slow
def test_every_plain_layer_together_learns_a_few_images() -> None:
    rng, dataset = np.random.default_rng(0), load_mnist()
    images, labels = to_unit(dataset.train_images[:64], np.float64)[..., None], dataset.train_labels[:64]
    layers = [
        plain.Conv2D(1, 4, 5, rng, "same"),
        plain.BatchNorm(4),
        plain.Tanh(),
        plain.MaxPool2D(4),
        plain.Flatten(),
        plain.Dense(7 * 7 * 4, 32, rng),
        plain.Sigmoid(),
        plain.Dropout(0.1, rng),
        plain.Dense(32, 10, rng),
    ]
    losses = plain.train(layers, images, labels, rng, epochs=40, batch_size=32, learning_rate=0.5)
    assert len(losses) == 80 and losses[-1] < losses[0] / 4
    assert (plain.predict(layers, images) == labels).mean() > 0.9


@pytest.mark.slow
def test_the_plain_loop_learns_mnist() -> None:
    rng, dataset = np.random.default_rng(0), load_mnist()
    images, test_images = (to_unit(part, np.float64) for part in (dataset.train_images, dataset.test_images))
    layers = [plain.Flatten(), plain.Dense(784, 128, rng), plain.ReLU(), plain.Dense(128, 10, rng)]
    with threadpool_limits(1):  # for matrices so small, threads cost more than they save
        plain.train(layers, images, dataset.train_labels, rng)
        right = plain.predict(layers, test_images) == dataset.test_labels
    assert right.mean() >= 0.97
