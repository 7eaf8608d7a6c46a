"""The published networks: the exact trace of the one without chance, the first steps of the others, their mistakes."""

import dataclasses
import itertools
from pathlib import Path

import numpy as np
import pytest

from mnist_core.data.dataset import load_mnist, to_unit
from mnist_core.errors import InputError
from mnist_core.nn.layers import LAYERS, Tape, softmax
from mnist_core.nn.losses import LOSSES, SoftmaxCrossEntropy, SquaredError
from mnist_core.nn.published_mistakes import (
    MISTAKEN_LAYERS,
    MISTAKEN_LOSSES,
    BatchSoftmax,
    DigitDifference,
    OneBiasGradient,
    WrongDivisor,
)
from mnist_core.reading import weights
from mnist_core.recipes.catalog import RECIPES, get
from mnist_core.recipes.notebooks import PUBLISHED, SIGMOID_128_SQUARED_ERROR
from mnist_core.recipes.reproduce import train_and_save
from mnist_core.training.config import TrainingConfig
from mnist_core.training.trainer import Trainer
from tests.training.test_trainer import eight_images

# The loss before updates 0, 1, 2, … that the notebook's arithmetic gives; nothing in it is random.
SEED = 0
TRACE = {
    0: 0.693147180559945,
    1: 0.843445687508334,
    2: 0.551204748892388,
    3: 0.295687007359365,
    4: 0.189853876570571,
    5: 0.175582891552667,
    6: 0.167488127292622,
    7: 0.162387524342028,
    8: 0.156528056897467,
    9: 0.152926926510556,
    10: 0.148349685001839,
    20: 0.125378277537180,
}


@pytest.mark.slow
def test_logistic_regression_follows_its_trace() -> None:
    trainer = Trainer(get("logistic-regression").config, load_mnist())
    losses = [report.loss for report in itertools.islice(trainer.run(report_every=1), 21)]
    for update, expected in TRACE.items():
        assert losses[update] == pytest.approx(expected, rel=1e-9), update


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "steps", "loss", "accuracy"),
    [
        # Mean loss and accuracy of the last reported steps, from a run of this code (seed 0).
        ("relu-10", 20, 2.07360, 0.2272),
        ("relu-100-l2", 300, 1.02519, 0.7171),
        ("relu-100-double-softmax", 300, 2.30038, 0.1030),
        ("sigmoid-128", 10, 3.02309, 0.4043),
        ("sigmoid-128-squared-error", 300, 8.81250, 0.4949),
    ],
)
def test_the_first_steps_of_the_others(name: str, steps: int, loss: float, accuracy: float) -> None:
    trainer = Trainer(dataclasses.replace(get(name).config, steps=steps, seed=SEED), load_mnist())
    *_, report = trainer.run(report_every=steps)
    assert report.step == steps
    assert report.loss == pytest.approx(loss, rel=2e-3)
    assert report.accuracy == pytest.approx(accuracy, abs=2e-3)


def test_the_bundled_logistic_regression_has_9032_right() -> None:
    network, _ = weights.load("logistic-regression")
    dataset = load_mnist()
    scores = network.logits(to_unit(dataset.test_images, np.float64))
    assert int((scores.argmax(axis=1) == dataset.test_labels).sum()) == 9032


def test_every_published_recipe_is_complete() -> None:
    assert [recipe.name for recipe in PUBLISHED] == [
        "logistic-regression",
        "relu-10",
        "relu-100-l2",
        "relu-100-double-softmax",
        "sigmoid-128",
        "sigmoid-128-squared-error",
    ]
    for recipe in PUBLISHED:
        assert recipe.printed and recipe.lesson and recipe.title and recipe.description
        assert recipe.corrected != recipe.config


def test_mistakes_are_never_a_default_and_only_published_recipes_name_them() -> None:
    assert not set(MISTAKEN_LAYERS) & set(LAYERS) and not set(MISTAKEN_LOSSES) & set(LOSSES)
    mistaken = set(MISTAKEN_LAYERS) | set(MISTAKEN_LOSSES)
    named = {
        recipe.name
        for recipe in RECIPES.values()
        for line in (*recipe.config.layers, recipe.config.loss)
        if line.split()[0] in mistaken
    }
    assert named == {"relu-10", "sigmoid-128-squared-error"}
    for recipe in PUBLISHED:
        if recipe.corrected:
            lines = {line.split()[0] for line in (*recipe.corrected.layers, recipe.corrected.loss)}
            assert not lines & mistaken


def test_an_unknown_recipe_is_refused_with_the_names() -> None:
    with pytest.raises(InputError, match="recipe 'x': expected one of default, mlp, cnn-mnist, small-cnn, "):
        get("x")


def test_one_bias_gradient_by_hand() -> None:
    layer, tape = OneBiasGradient(3), Tape(training=True)
    layer.build((2,), np.random.default_rng(0), np.dtype(float))
    layer.forward(np.ones((2, 2)), tape)
    layer.backward_parameters(np.array([[1.0, 2, 3], [4, 5, 6]]), tape)
    assert tape.gradients["biases"].tolist() == [21, 21, 21]


def test_wrong_divisor_by_hand() -> None:
    scores, digits = np.random.default_rng(0).normal(size=(4, 10)), np.array([1, 2, 3, 4])
    loss, gradient = SoftmaxCrossEntropy()(scores, digits)
    wrong_loss, wrong = WrongDivisor(8)(scores, digits)
    assert wrong_loss == loss
    np.testing.assert_allclose(wrong, gradient / 2)


def test_digit_difference_shows_one_number_and_follows_another() -> None:
    scores = np.eye(10)[[1, 8]]
    loss, gradient = DigitDifference()(scores, np.array([9, 9]))
    assert loss == (64 + 1) / 2
    np.testing.assert_array_equal(gradient, SquaredError()(scores, np.array([9, 9]))[1])


def test_batch_softmax_by_hand() -> None:
    layer, tape = BatchSoftmax(), Tape(training=True)
    layer.build((2,), np.random.default_rng(0), np.dtype(float))
    y = layer.forward(np.log(np.array([[1.0, 2], [3, 6]])), tape)
    np.testing.assert_allclose(y, [[0.25, 0.25], [0.75, 0.75]])
    np.testing.assert_allclose(layer.backward(np.ones((2, 2)), tape), 0.1875)
    # One hundredth of the way from 0 to the logarithm of each column's mean, 2 and 4.
    np.testing.assert_allclose(layer.state["level"], 0.01 * np.log([2, 4]))
    x = np.array([[0.3, 0.1]])
    np.testing.assert_allclose(layer.forward(x), softmax(x - layer.state["level"]))


def test_a_full_batch_is_prepared_once_and_gives_the_same_as_a_shuffled_one() -> None:
    layers = ("flatten", "scale 2", "ones", "dense 10")
    config = TrainingConfig(layers, optimizer="sgd", batch_size=0, epochs=3, validation=0, dtype="float64")
    whole, parts = Trainer(config, eight_images()), Trainer(dataclasses.replace(config, batch_size=8), eight_images())
    parts.batches.whole = None  # the ordinary way
    for a, b in zip(whole.run(), parts.run(), strict=True):
        assert a.loss == pytest.approx(b.loss, rel=1e-12) and (a.step, a.images) == (b.step, b.images)
    assert whole.counters.steps_per_epoch == 1


def test_dropout_at_the_front_of_a_full_batch_still_drops() -> None:
    layers = ("flatten", "dropout 0.5", "dense 10")
    config = TrainingConfig(layers, optimizer="sgd", learning_rate=1e-9, batch_size=0, epochs=4, validation=0)
    assert len({report.loss for report in Trainer(config, eight_images()).run()}) == 4


@pytest.mark.slow
def test_epochs_asked_for_replace_a_number_of_steps(tmp_path: Path) -> None:
    card = train_and_save(get("sigmoid-128-squared-error"), load_mnist(), tmp_path, epochs=1)
    assert card.config["steps"] == 0 and card.epochs == 1 and card.seed == 42


def test_file_order_and_replacement_take_the_images_they_should() -> None:
    def labels(sampling: str, steps: int) -> list[list[int]]:
        config = TrainingConfig(("flatten", "dense 10"), batch_size=3, validation=0, sampling=sampling, steps=steps)
        trainer = Trainer(config, eight_images())
        batches = []
        next_batch = trainer.sampler.next_batch

        def noted(shown_in_epoch: int, batch_size: int, always_whole: bool) -> np.ndarray:
            batches.append(next_batch(shown_in_epoch, batch_size, always_whole))
            return batches[-1]

        trainer.sampler.next_batch = noted  # type: ignore[method-assign]
        list(trainer.run())
        return [trainer.training_class_ids[indices].tolist() for indices in batches]

    assert labels("file_order", 4) == [[0, 1, 2], [3, 4, 5], [6, 7], [0, 1, 2]]
    drawn = labels("replacement", 400)
    assert all(len(batch) == 3 for batch in drawn)
    assert any(len(set(batch)) < 3 for batch in drawn) and {label for batch in drawn for label in batch} == set(
        range(8)
    )


def test_it_stops_at_a_loss_and_at_a_step_and_validates_when_asked() -> None:
    config = TrainingConfig(("flatten", "dense 10"), learning_rate=0.01, batch_size=0, epochs=500, validation=2)
    reports = list(Trainer(dataclasses.replace(config, stop_at_loss=0.5), eight_images()).run())
    assert reports[-1].loss <= 0.5 < reports[-2].loss and len(reports) < 500
    reports = list(
        Trainer(dataclasses.replace(config, steps=7, validate_every=3), eight_images()).run(report_every=100)
    )
    assert [report.step for report in reports if not np.isnan(report.validation_loss)] == [3, 6, 7]
    assert SIGMOID_128_SQUARED_ERROR.seed == 42
