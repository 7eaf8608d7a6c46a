"""Explanations against networks small enough to work by hand, and against finite differences on larger ones."""

from collections.abc import Iterable

import numpy as np
import pytest

from mnist_core.data.dataset import load_mnist, to_unit
from mnist_core.errors import InputError
from mnist_core.insight import explain
from mnist_core.insight.damage import DAMAGES, blur, noise, rotate, shift, thicken
from mnist_core.insight.switching import scores_without
from mnist_core.nn.folding import folded
from mnist_core.nn.network import Network
from mnist_core.reading import weights
from mnist_core.reading.recognizer import Recognizer

DEEP = ["conv 3 3 padding=same", "batchnorm", "relu", "maxpool 2", "batchnorm", "flatten", "dropout 0.5", "dense 10"]


def linear() -> Network:
    return Network(["flatten", "dense 10"], np.random.default_rng(0), dtype=np.float64)


def deep() -> Network:
    network, rng = Network(DEEP, np.random.default_rng(1), dtype=np.float64), np.random.default_rng(2)
    for layer in network.layers:
        for array in layer.state.values():
            array[...] = rng.uniform(0.5, 2, array.shape)
    return network


def a_seven() -> np.ndarray:
    return np.asarray(to_unit(load_mnist().test_images[0]).astype(np.float64))


def weights_of(network: Network, digit: int) -> np.ndarray:
    return np.asarray(network.layers[1].parameters["weights"][:, digit].reshape(28, 28))


def test_the_gradient_of_a_linear_network_is_its_weights() -> None:
    network, images = linear(), np.random.default_rng(3).random((70, 28, 28))
    found = explain.gradients(network, images, 4)
    np.testing.assert_allclose(found, np.tile(weights_of(network, 4), (70, 1, 1)))
    found = explain.gradients(network, images[:2], 4, against=9)
    np.testing.assert_allclose(found[1], weights_of(network, 4) - weights_of(network, 9))


def test_the_gradient_is_that_of_reading_not_of_training() -> None:
    network, image = deep(), np.random.default_rng(3).random((28, 28))
    before = [array.copy() for _, array in network.arrays()]
    found = explain.gradients(network, image[None], 6)[0]
    for row, column in ((0, 0), (5, 14), (13, 13), (27, 26), (20, 3)):
        nudged = np.repeat(image[None], 2, axis=0)
        nudged[:, row, column] += (1e-5, -1e-5)
        high, low = network.logits(nudged)[:, 6]
        assert found[row, column] == pytest.approx((high - low) / 2e-5, rel=1e-5, abs=1e-8)
    for kept, (_, array) in zip(before, network.arrays(), strict=True):
        np.testing.assert_array_equal(array, kept)
    np.testing.assert_allclose(explain.gradients(folded(network), image[None], 6)[0], found, rtol=1e-9, atol=1e-12)


@pytest.mark.slow
def test_integrated_gradients_by_hand_and_complete() -> None:
    network, image = linear(), a_seven()
    np.testing.assert_allclose(
        explain.integrated_gradients(network, image, 7, steps=3), image * weights_of(network, 7), atol=1e-12
    )
    for reader in (deep(), *(Recognizer.load(name).reader for name in weights.names())):
        attributions = explain.integrated_gradients(reader, image, 7, steps=256)
        change = np.ptp(reader.logits(np.stack([image, 0 * image]).astype(reader.dtype))[:, 7])
        assert abs(explain.completeness_gap(reader, image, 7, attributions)) < 0.02 * max(1, change)
        assert (attributions[image == 0] == 0).all()


def test_occlusion_by_hand() -> None:
    network, image = linear(), a_seven()
    found, worth = explain.occlusion(network, image, 7, size=2), image * weights_of(network, 7)
    wide = np.pad(worth, 2)
    expected = np.zeros((28, 28))
    for row in range(28):
        for column in range(28):
            for top in (row - 1, row):
                for left in (column - 1, column):
                    expected[row, column] += wide[top + 2 : top + 4, left + 2 : left + 4].sum() / 4
    np.testing.assert_allclose(found, expected, atol=1e-9)


def test_the_smallest_change_of_a_linear_network_by_hand() -> None:
    network, image = linear(), np.full((28, 28), 0.5)
    scores = network.logits(image[None])[0]
    now, target = int(scores.argmax()), int(scores.argsort()[-2])
    found = explain.flip(network, image, target)
    assert found is not None and explain.answer(network, found.image) == target
    difference = weights_of(network, target) - weights_of(network, now)
    nearest = (scores[now] - scores[target]) / np.linalg.norm(difference)
    assert nearest <= found.distance < 1.05 * nearest
    assert found.added == pytest.approx(np.clip(found.image - image, 0, None).sum())
    assert found.removed == pytest.approx(np.clip(image - found.image, 0, None).sum())
    same = explain.flip(network, image, now)
    assert same is not None and same.distance == 0


@pytest.mark.slow
@pytest.mark.parametrize(("name", "images"), [("default", [0]), ("mlp", range(12))])
def test_a_change_is_found_for_every_digit_and_stays_a_picture(name: str, images: Iterable[int]) -> None:
    network = Recognizer.load(name).network
    for number in images:
        image = to_unit(load_mnist().test_images[number])
        now = explain.answer(network, image)
        for target in set(range(10)) - {now}:
            # Among them ways that come near a boundary in ever shorter steps, such as the mlp's from image 1 to a 7.
            found = explain.flip(network, image, target)
            assert found is not None and explain.answer(network, found.image) == target
            assert found.image.min() >= 0 and found.image.max() <= 1 and 0 < found.distance < 9


def test_a_change_need_not_exist() -> None:
    image = to_unit(load_mnist().test_images[0])
    deaf = Network(["flatten", "dense 10 weights=zeros"], np.random.default_rng(0))
    deaf.layers[1].parameters["biases"][3] = 1
    assert explain.flip(deaf, image, 5) is None


def test_units_can_be_switched_off_and_scaled() -> None:
    network = Network(["flatten", "dense 4", "relu", "dense 10"], np.random.default_rng(0))
    image = to_unit(load_mnist().test_images[:2])
    plain, scaled = (list(explain.outputs(network, image, factors)) for factors in (None, {(2, 1): 0.0, (2, 3): 2.0}))
    np.testing.assert_array_equal(plain[-1], network.forward(image))
    np.testing.assert_array_equal(scaled[1], plain[1])
    np.testing.assert_allclose(scaled[2], plain[2] * [1, 0, 1, 2])
    last = network.layers[3].parameters
    np.testing.assert_allclose(scaled[3], scaled[2] @ last["weights"] + last["biases"], rtol=1e-5, atol=1e-6)
    for place, unit in ((9, 0), (1, 4), (-1, 0)):
        with pytest.raises(InputError, match="the network has none there"):
            list(explain.outputs(network, image, {(place, unit): 0.0}))


@pytest.mark.parametrize("layers", [DEEP, ["flatten", "dense 40", "relu", "dense 10"]])
def test_many_units_are_switched_off_one_at_a_time(layers: list[str]) -> None:
    network, image = Network(layers, np.random.default_rng(1)), to_unit(load_mnist().test_images[:1])
    for layer, values in enumerate(explain.outputs(network, image)):
        units = range(min(40, values.shape[-1]))
        found = scores_without(network, values[0], layer, units)
        for unit in units:
            *_, expected = explain.outputs(network, image, {(layer, unit): 0.0})
            np.testing.assert_allclose(found[unit], expected[0], rtol=1e-4, atol=1e-4)


def test_contributions_add_up_to_what_a_unit_gets() -> None:
    network = Network(["flatten", "dense 4", "relu", "dense 10"], np.random.default_rng(0), dtype=np.float64)
    found, image = explain.contributions(network, a_seven()), a_seven()[None]
    assert list(found) == [1, 3] and found[1].shape == (784, 4) and found[3].shape == (4, 10)
    biases = network.layers[3].parameters["biases"]
    np.testing.assert_allclose(found[3].sum(axis=0) + biases, network.logits(image)[0])


def test_weights_of_a_unit_as_pictures() -> None:
    network = Network(["conv 3 5", "relu", "maxpool 2", "flatten", "dense 6", "dense 10"], np.random.default_rng(0))
    kernel, plane, none = (explain.unit_weights(network, layer, 2) for layer in (0, 4, 5))
    assert kernel is not None and kernel.shape == (1, 5, 5) and none is None
    np.testing.assert_array_equal(kernel[0], network.layers[0].parameters["weights"][:, :, 0, 2])
    assert plane is not None and plane.shape == (3, 12, 12)
    # Summed up against the feature maps, it is what the unit gets.
    image = to_unit(load_mnist().test_images[:1])
    results = list(explain.outputs(network, image))
    maps = results[2][0].transpose(2, 0, 1)
    assert results[4][0, 2] == pytest.approx(
        float((maps * plane).sum() + network.layers[4].parameters["biases"][2]), 1e-4
    )
    assert explain.unit_weights(network, 1, 0) is None
    square = Network(["flatten", "ones", "dense 784", "relu", "dense 10"], np.random.default_rng(0))
    pixels = explain.unit_weights(square, 2, 5)
    assert pixels is not None and explain.unit_weights(square, 4, 5) is None
    np.testing.assert_array_equal(pixels[0].reshape(-1), square.layers[2].parameters["weights"][1:, 5])
    incoming = explain.incoming_weights(square, 4, 3)
    assert incoming is not None and incoming.shape == (784,) and explain.incoming_weights(network, 0, 0) is None


def test_no_digit_is_an_answer_too() -> None:
    network, image = Network(["flatten", "dense 13 weights=zeros"], np.random.default_rng(0)), a_seven()
    biases = network.layers[1].parameters["biases"]
    biases[:] = 0
    biases[12] = 2
    assert explain.answer(network, image) == explain.NO_DIGIT
    biases[4] = 3
    assert explain.answer(network, image) == 4


def test_principal_components_against_the_eigenvectors_of_the_covariance() -> None:
    rng = np.random.default_rng(0)
    points = rng.normal(size=(300, 20)) @ rng.normal(size=(20, 20))
    found = explain.principal_plane(points, rng)
    values, vectors = np.linalg.eigh(np.cov(points.T))
    for axis, expected in zip(found.axes, vectors.T[::-1], strict=False):
        assert abs(axis @ expected) == pytest.approx(1, abs=1e-3)
    assert found.explained == pytest.approx(values[-2:].sum() / values.sum(), rel=1e-3)
    np.testing.assert_allclose(found.place(points), found.places)
    np.testing.assert_allclose(found.places.mean(axis=0), 0, atol=1e-9)
    flat = explain.principal_plane(rng.normal(size=(9, 1)), rng)
    assert flat.places.shape == (9, 2) and (flat.places[:, 1] == 0).all()
    with pytest.raises(InputError, match="the same for every picture"):
        explain.principal_plane(np.ones((5, 4)), rng)
    with pytest.raises(InputError, match="at least 3 pictures"):
        explain.principal_plane(np.ones((2, 4)), rng)


def test_damage_by_hand() -> None:
    post = np.zeros((1, 28, 28), np.float32)
    post[0, 4:24, 13:15] = 1
    for name, (damage, amounts) in DAMAGES.items():
        assert 0 in amounts, name
        np.testing.assert_allclose(damage(post, 0), post, atol=1e-6)
        for amount in amounts:
            assert damage(post, amount).shape == post.shape and damage(post, amount).dtype == np.float32
    np.testing.assert_allclose(shift(post, 3)[0, :, 16:18], post[0, :, 13:15], atol=1e-6)
    lying = rotate(post, 90)
    np.testing.assert_allclose(lying[0, 13:15, 4:24], 1, atol=1e-4)
    # A post that leans to the left at the top has been turned counterclockwise.
    leaning = rotate(post, 20)[0]
    assert (leaning[5] * np.arange(28)).sum() / leaning[5].sum() < 12
    assert thicken(post, 1)[0, 14, 12:16].tolist() == [1, 1, 1, 1] and thicken(post, 1)[0, 14].sum() == 4
    assert thicken(post, 0.5)[0, 14, 12] == 0.5 and thicken(post, -1).sum() == 0
    soft = blur(post, 1.0)
    assert soft.sum() == pytest.approx(post.sum(), rel=1e-3) and soft.max() < 0.75
    np.testing.assert_array_equal(noise(post, 0.3), noise(post, 0.3))
    assert noise(post, 0.3)[post == 0].std() > 0.1
