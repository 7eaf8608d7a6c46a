"""The training loop: a step worked by hand, then real learning on real images."""

import dataclasses
import math

import numpy as np
import pytest

from mnist_core.data.dataset import Dataset, load_mnist, to_unit
from mnist_core.errors import InputError
from mnist_core.nn.metrics import (
    accuracy,
)
from mnist_core.nn.network import Network
from mnist_core.training.averaging import MovingAverage
from mnist_core.training.config import TrainingConfig
from mnist_core.training.trainer import Trainer

SMALL = ("flatten", "dense 16", "relu", "dense 10")


def eight_images() -> Dataset:
    rng = np.random.default_rng(0)
    images, labels = rng.integers(0, 256, (8, 28, 28), np.uint8), np.arange(8, dtype=np.uint8)
    return Dataset("eight", images, labels, images, labels)


def test_the_moving_average_of_the_weights_by_hand() -> None:
    config = TrainingConfig(("flatten", "dense 10", "batchnorm"), averaging=0.5)
    network = Network(config.layers, np.random.default_rng(0))
    mean, parameters, variance = MovingAverage(network, config), network.parameters, network.layers[2].state["variance"]
    parameters[:], variance[:] = 0, 2
    start = mean.network.parameters.copy()
    mean.update(network, 1)  # at first the older ones count for 1 / 11 only
    np.testing.assert_allclose(mean.network.parameters, start / 11, rtol=1e-6)
    parameters[:], variance[:] = 1, 4
    before = mean.network.layers[2].state["variance"].copy()
    mean.update(network, 1000)
    np.testing.assert_allclose(mean.network.parameters, start / 22 + 0.5, rtol=1e-6)
    np.testing.assert_allclose(mean.network.layers[2].state["variance"], before / 2 + 2, rtol=1e-6)


def test_what_is_held_out_can_be_said_by_the_dataset() -> None:
    dataset = dataclasses.replace(eight_images(), held_out=np.array([2, 7]))
    trainer = Trainer(TrainingConfig(SMALL, batch_size=2, validation=5, averaging=0.9), dataset)
    assert trainer.validation_indices.tolist() == [2, 7] and trainer.training_indices.tolist() == [0, 1, 3, 4, 5, 6]
    *_, last = trainer.run()
    held_out = to_unit(dataset.train_images[trainer.validation_indices])
    scores = trainer.trained.logits(held_out)
    assert last.validation_accuracy == accuracy(scores, trainer.validation_class_ids)
    assert not np.array_equal(scores, trainer.network.logits(held_out))


def test_one_training_step_by_hand() -> None:
    """A dense layer from zeros: dL/dW = X^T (softmax - Y) / N with softmax 0.1 everywhere; L2 is 0 at W = 0."""
    config = TrainingConfig(
        layers=("flatten", "dense 10 weights=zeros"),
        optimizer="sgd",
        learning_rate=0.5,
        batch_size=8,
        epochs=1,
        l2=0.1,
        validation=0,
        dtype="float64",
    )
    data = eight_images()
    trainer = Trainer(config, data)
    (report,) = trainer.run()
    x = to_unit(data.train_images, np.float64).reshape(8, 784)
    expected = -0.5 * x.T @ (0.1 - np.eye(10)[:8]) / 8
    np.testing.assert_allclose(trainer.network.layers[1].parameters["weights"], expected, atol=1e-12)
    assert report.loss == pytest.approx(math.log(10)) and report.accuracy == 1 / 8
    assert math.isnan(report.validation_accuracy)


def test_l2_is_in_the_loss_and_in_the_gradient() -> None:
    def first_step(l2: float) -> tuple[float, np.ndarray]:
        config = TrainingConfig(SMALL, optimizer="sgd", learning_rate=1, batch_size=8, epochs=1, l2=l2, validation=0)
        trainer = Trainer(dataclasses.replace(config, dtype="float64"), eight_images())
        before = trainer.network.layers[1].parameters["weights"].copy()
        others = trainer.network.layers[3].parameters["weights"].copy()
        loss = next(trainer.run()).loss
        first_step.penalty = ((before**2).sum() + (others**2).sum()) / 2  # type: ignore[attr-defined]
        return loss, trainer.network.layers[1].parameters["weights"] - before

    plain_loss, plain_move = first_step(0)
    loss, move = first_step(0.01)
    assert loss - plain_loss == pytest.approx(0.01 * first_step.penalty)  # type: ignore[attr-defined]
    weights = Trainer(TrainingConfig(SMALL, validation=0, dtype="float64"), eight_images()).network.layers[1].parameters
    np.testing.assert_allclose(move - plain_move, -0.01 * weights["weights"], atol=1e-12)


def test_reports_count_every_image_and_the_last_partial_batch() -> None:
    config = TrainingConfig(SMALL, batch_size=3, epochs=2, validation=1)
    reports = list(Trainer(config, eight_images()).run(report_every=2))
    assert [(r.step, r.images, r.end_of_epoch) for r in reports] == [
        (2, 6, False),
        (3, 7, True),
        (4, 10, False),
        (6, 14, True),
    ]
    assert [math.isnan(r.validation_loss) for r in reports] == [True, False, True, False]
    assert reports[-1].steps == 6 and reports[-1].epoch == 2


def test_one_seed_gives_the_same_weights_and_another_does_not() -> None:
    def weights(seed: int) -> list[bytes]:
        layers = ("flatten", "dense 8", "batchnorm", "relu", "dropout 0.5", "dense 10")
        config = TrainingConfig(layers, batch_size=4, epochs=2, validation=2, seed=seed, augmentation="warp elastic=1")
        trainer = Trainer(config, eight_images())
        list(trainer.run())
        return [array.tobytes() for _, array in trainer.network.arrays()]

    assert weights(1) == weights(1) != weights(2)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_it_learns_eight_images_by_heart_in_the_asked_precision(dtype: str) -> None:
    layers = ("conv 4 5", "batchnorm", "relu", "maxpool 2", "flatten", "dense 10")
    trainer = Trainer(TrainingConfig(layers, epochs=40, learning_rate=0.01, validation=0, dtype=dtype), eight_images())
    reports = list(trainer.run())
    assert reports[-1].accuracy == 1
    assert {array.dtype.name for _, array in trainer.network.arrays()} == {dtype}


def test_a_few_hundred_steps_on_mnist_read_nine_of_ten_test_digits() -> None:
    dataset = load_mnist()
    trainer = Trainer(TrainingConfig(SMALL, epochs=1, train_images=20000, learning_rate=0.003), dataset)
    *_, report = trainer.run()
    assert len(trainer.training_class_ids) == 20000 and len(trainer.validation_class_ids) == 5000
    assert report.validation_accuracy > 0.88
    assert accuracy(trainer.network.logits(to_unit(dataset.test_images)), dataset.test_labels) > 0.88


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"learning_rate": 0.0}, "learning_rate: expected 1e-09 to 1000, found 0.0"),
        ({"learning_rate": 1e9}, "learning_rate"),
        ({"learning_rate": math.nan}, "learning_rate"),
        ({"batch_size": -1}, "batch_size"),
        ({"sampling": "backward"}, "sampling 'backward': expected one of shuffled, file_order, replacement"),
        ({"stop_at_loss": -1.0}, "stop_at_loss"),
        ({"epochs": 0}, "epochs"),
        ({"seed": -1}, "seed"),
        ({"optimizer": "magic"}, "optimizer 'magic': expected one of sgd, momentum, adam"),
        ({"optimizer": "momentum 2"}, "momentum from 0 to below 1"),
        ({"schedule": "step 0"}, "step: expected every of at least 1 epoch"),
        ({"augmentation": "warp shift=99"}, "shift up to 14 pixels"),
        ({"loss": "guess"}, "loss 'guess'"),
        ({"dtype": "int8"}, "expected float32 or float64"),
        ({"layers": ("dense 10",)}, "layer 1, dense 10"),
    ],
)
def test_impossible_settings_are_refused_by_name(change: dict[str, object], words: str) -> None:
    with pytest.raises(InputError) as refusal:
        dataclasses.replace(TrainingConfig(SMALL), **change)  # type: ignore[arg-type]
    assert words in str(refusal.value)


def test_more_validation_than_data_is_refused() -> None:
    with pytest.raises(InputError, match="more than the 8 training images"):
        Trainer(TrainingConfig(SMALL, validation=8), eight_images())
