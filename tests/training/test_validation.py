"""How accurate a network is on the images that are held out."""

import math

import numpy as np
import pytest

from mnist_core.data.dataset import Dataset, to_unit
from mnist_core.nn import metrics
from mnist_core.nn.losses import SoftmaxCrossEntropy
from mnist_core.nn.network import Network
from mnist_core.training import validation
from mnist_core.training.validation import Validation


def thirty_images() -> Dataset:
    images = np.random.default_rng(6).integers(0, 256, (30, 28, 28), np.uint8)
    labels = (np.arange(30) % 10).astype(np.uint8)
    return Dataset("thirty", images, labels, images[:1], labels[:1])


def small_network(dtype: str = "float64") -> Network:
    return Network(("flatten", "dense 6", "tanh", "dense 10"), np.random.default_rng(1), dtype=dtype)


def validated(network: Network, indices: list[int], threads: int = 1) -> Validation:
    return Validation(
        network,
        SoftmaxCrossEntropy(),
        thirty_images(),
        np.array(indices, np.int64),
        threads=threads,
        pause=lambda: None,
    )


def test_loss_and_accuracy_are_those_of_the_images_held_out() -> None:
    network, dataset, indices = small_network(), thirty_images(), [1, 4, 5, 17, 29]
    found = validated(network, indices)
    assert found.scores is None and found.labels.tolist() == [1, 4, 5, 7, 9]
    loss, accuracy = found.measure()
    scores = network.logits(to_unit(dataset.train_images[indices], np.float64))
    labels = dataset.train_labels[indices]
    assert accuracy == metrics.accuracy(scores, labels)
    odds = np.exp(scores - scores.max(axis=1, keepdims=True))
    likelihood = (odds / odds.sum(axis=1, keepdims=True))[np.arange(5), labels]
    assert loss == pytest.approx(float(-np.log(likelihood).mean()))
    assert found.scores is not None
    np.testing.assert_allclose(found.scores, scores)


def test_without_images_held_out_both_are_nan() -> None:
    found = validated(small_network(), [])
    assert all(math.isnan(value) for value in found.measure())
    assert found.scores is None


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_scores_have_the_networks_precision(dtype: str) -> None:
    found = validated(small_network(dtype), [0, 1, 2])
    found.measure()
    assert found.scores is not None and found.scores.dtype == dtype and found.scores.shape == (3, 10)


def test_it_measures_the_network_as_it_stands() -> None:
    network = small_network()
    found = validated(network, list(range(30)))
    first = found.measure()
    assert found.measure() == first
    network.parameters[:] = 0
    loss, accuracy = found.measure()
    assert loss == pytest.approx(math.log(10)) and accuracy == pytest.approx(0.1)
    assert found.scores is not None and not found.scores.any()


def test_taken_in_parts_it_is_the_same_and_pauses_before_each(monkeypatch: pytest.MonkeyPatch) -> None:
    network, calls = small_network(), []
    whole = validated(network, list(range(30)))
    expected = whole.measure()
    monkeypatch.setattr(validation, "VALIDATED_AT_ONCE", 8)
    parts = Validation(
        network,
        SoftmaxCrossEntropy(),
        thirty_images(),
        np.arange(30),
        threads=2,
        pause=lambda: calls.append(1),
    )
    assert parts.measure() == pytest.approx(expected) and len(calls) == 4
    assert parts.scores is not None and whole.scores is not None
    np.testing.assert_allclose(parts.scores, whole.scores)


def test_a_pause_that_raises_keeps_the_scores_of_the_last_time() -> None:
    class Left(Exception):
        pass

    def leave() -> None:
        if leaving:
            raise Left

    leaving = False
    found = Validation(small_network(), SoftmaxCrossEntropy(), thirty_images(), np.arange(30), threads=1, pause=leave)
    found.measure()
    scores, leaving = found.scores, True
    with pytest.raises(Left):
        found.measure()
    assert found.scores is scores
