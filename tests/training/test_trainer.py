"""Losses, optimizers, schedules and the training loop: steps worked by hand, then real learning on real images."""

import dataclasses
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mnist_core.data.augment import Warp, sample_bilinear
from mnist_core.data.dataset import Dataset, load_mnist, to_unit
from mnist_core.errors import InputError
from mnist_core.nn import optimizers
from mnist_core.nn.losses import BinaryCrossEntropy, GeneralizedCrossEntropy, SoftmaxCrossEntropy, SquaredError
from mnist_core.nn.metrics import (
    accuracy,
    auroc,
    calibration_error,
    confusion_matrix,
    fitting_temperature,
    refusing_threshold,
    sure_threshold,
    wilson_interval,
)
from mnist_core.nn.network import Network
from mnist_core.nn.optimizers import SGD, Adam, Momentum, Optimizer
from mnist_core.nn.schedules import SCHEDULES, Constant, Cosine, OneCycle, Step
from mnist_core.training.averaging import MovingAverage
from mnist_core.training.config import TrainingConfig
from mnist_core.training.trainer import Trainer

SMALL = ("flatten", "dense 16", "relu", "dense 10")


def eight_images() -> Dataset:
    rng = np.random.default_rng(0)
    images, labels = rng.integers(0, 256, (8, 28, 28), np.uint8), np.arange(8, dtype=np.uint8)
    return Dataset("eight", images, labels, images, labels)


def test_losses_by_hand() -> None:
    scores = np.log(np.array([[1.0, 2, 1], [1, 1, 2]]))
    value, gradient = SoftmaxCrossEntropy()(scores, np.array([1, 0]))
    assert value == pytest.approx((math.log(2) + math.log(4)) / 2)
    np.testing.assert_allclose(gradient, [[0.125, -0.25, 0.125], [-0.375, 0.125, 0.25]])
    assert BinaryCrossEntropy()(np.zeros((3, 10)), np.array([1, 2, 3]))[0] == pytest.approx(math.log(2))
    value, gradient = SquaredError()(np.array([[0.5, 0.0]]), np.array([0]))
    assert value == 0.25 and gradient.tolist() == [[-1, 0]]


def test_a_generalized_cross_entropy_doubts_labels_that_look_unlikely() -> None:
    scores, labels = np.log(np.array([[1.0, 2, 1], [8, 1, 1]])), np.array([1, 1])
    value, gradient = GeneralizedCrossEntropy(0.5)(scores, labels)
    assert value == pytest.approx(((1 - 0.5**0.5) + (1 - 0.1**0.5)) / 0.5 / 2)
    _, plain = SoftmaxCrossEntropy()(scores, labels)
    np.testing.assert_allclose(gradient, plain * [[0.5**0.5], [0.1**0.5]])
    np.testing.assert_allclose(GeneralizedCrossEntropy(1e-9)(scores, labels)[1], plain, rtol=1e-6)
    with pytest.raises(InputError, match="q above 0 and up to 1"):
        GeneralizedCrossEntropy(0)


def test_a_warp_may_leave_a_share_of_the_images_as_they_are() -> None:
    images = np.random.default_rng(0).random((400, 28, 28), np.float32)
    changed = Warp(elastic=0.5, share=0.25)(images, np.random.default_rng(1))
    same = np.array([np.array_equal(new, old) for new, old in zip(changed, images, strict=True)])
    assert 0.68 < same.mean() < 0.82
    with pytest.raises(InputError, match="share from 0 to 1"):
        Warp(share=1.5)


@pytest.mark.slow
def test_the_temperature_that_a_network_needs_is_found() -> None:
    rng = np.random.default_rng(0)
    scores = rng.normal(0, 2, (20_000, 4))
    odds = np.exp(scores)
    labels = (rng.random((20_000, 1)) > np.cumsum(odds / odds.sum(axis=1, keepdims=True), axis=1)).sum(axis=1)
    # Scores that are three times too large sound too sure.
    assert fitting_temperature(3 * scores, labels) == pytest.approx(3, rel=0.03)
    assert fitting_temperature(scores / 2, labels) == pytest.approx(0.5, rel=0.03)
    assert fitting_temperature(np.eye(3), np.arange(3)) == pytest.approx(0.2, abs=1e-3)
    # Few labels that are wrong, where the network is sure, must not make it humble everywhere.
    clear = np.where(np.arange(4) == labels[:, None], 6.0, 0.0) + rng.normal(0, 1, (20_000, 4))
    spoiled = labels.copy()
    spoiled[::100] = (spoiled[::100] + 1) % 4
    honest = fitting_temperature(clear, labels)
    assert fitting_temperature(clear, spoiled) > 1.4 * honest
    assert fitting_temperature(clear, spoiled, wrong_labels=0.01) == pytest.approx(honest, rel=0.15)
    # Where some classes are rarer than they were for the network, that is not for the temperature to mend.
    offsets = np.array([0.0, 1.0, -2.0, 0.5])
    assert fitting_temperature(3 * (scores - offsets), labels, offsets) == pytest.approx(3, rel=0.03)
    assert fitting_temperature(3 * (scores - offsets), labels) > 3.3


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


def test_losses_survive_enormous_scores() -> None:
    scores = np.array([[1e5, -1e5]])
    for loss in (SoftmaxCrossEntropy(), GeneralizedCrossEntropy(), BinaryCrossEntropy()):
        value, gradient = loss(scores, np.array([1]))
        assert math.isfinite(value) and np.isfinite(gradient).all()


@pytest.mark.parametrize(
    ("optimizer", "expected"),
    [
        # Two steps from w = 1 with gradients 1 and 2 at rate 0.1.
        (SGD(), 1 - 0.1 - 0.2),
        (Momentum(0.9), 1 - 0.1 - 0.1 * (0.9 + 2)),
        (Momentum(0.9, nesterov=1), 1 - 0.1 * (1 + 0.9) - 0.1 * (2 + 0.9 * 2.9)),
        # m = 0.1, v = 0.001, both corrected to 1; then m = 0.29 / 0.19, v = 0.004999 / 0.001999.
        (Adam(), 1 - 0.1 - 0.1 * (0.29 / 0.19) / math.sqrt(0.004999 / 0.001999)),
    ],
)
def test_two_steps_by_hand(optimizer: Optimizer, expected: float) -> None:
    w = np.ones(1)
    for gradient in (1.0, 2.0):
        optimizer.step([(w, np.array([gradient]))], 0.1)
    assert w[0] == pytest.approx(expected, rel=1e-6)


def test_memory_belongs_to_the_parameter() -> None:
    optimizer, a, b = Momentum(0.5), np.zeros(1), np.zeros(1)
    optimizer.step([(a, np.ones(1)), (b, -np.ones(1))], 1)
    optimizer.step([(b, np.zeros(1)), (a, np.zeros(1))], 1)
    assert (a[0], b[0]) == (-1.5, 1.5)


@pytest.mark.parametrize("make", [Momentum, Adam])
def test_what_fades_becomes_zero_and_is_never_subnormal(make: type[Optimizer]) -> None:
    optimizer, w = make(), np.ones(2, np.float32)
    (slot,) = optimizer.fading
    optimizer.step([(w, np.array([1, 0], np.float32))], 0.1)
    kept = optimizer.memory(w)[slot]
    assert kept[0] == 1
    for _ in range(1000):
        optimizer.step([(w, np.zeros(2, np.float32))], 0.1)
        assert not ((np.abs(kept) > 0) & (np.abs(kept) < np.finfo(np.float32).smallest_normal)).any()
    assert not kept.any()


@pytest.mark.parametrize("make", [SGD, Momentum, Adam])
def test_blocks_compute_the_same_to_the_last_bit(make: type[Optimizer], monkeypatch: pytest.MonkeyPatch) -> None:
    def trained() -> np.ndarray:
        rng, optimizer, w = np.random.default_rng(0), make(), np.ones((3, 7), np.float32)
        for _ in range(5):
            optimizer.step([(w, rng.standard_normal(w.shape, np.float32))], 0.1)
        return w

    whole = trained()
    monkeypatch.setattr(optimizers, "BLOCK", 5)
    np.testing.assert_array_equal(trained(), whole)
    assert (whole != 1).all()


def test_schedules_at_their_corners() -> None:
    assert Constant().factor(0.7, 3) == 1
    assert [Step(2, 0.5).factor(0, epoch) for epoch in (0, 1.9, 2, 4)] == [1, 1, 0.5, 0.25]
    assert [round(Cosine().factor(p, 0), 6) for p in (0, 0.5, 1)] == [1, 0.5, 0]
    assert Cosine(warmup=2).factor(0, 1) == pytest.approx(0.5, abs=1e-3)
    assert [round(OneCycle(0.25).factor(p, 0), 6) for p in (0, 0.25, 1)] == [0.04, 1, 0]


@given(st.sampled_from(list(SCHEDULES)), st.floats(0, 1), st.floats(0, 100))
def test_factors_stay_between_0_and_1(name: str, progress: float, epoch: float) -> None:
    assert 0 <= SCHEDULES[name]().factor(progress, epoch) <= 1


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


def test_no_warp_is_no_change_and_a_shift_moves_whole_pixels() -> None:
    images = np.random.default_rng(0).random((2, 28, 28), np.float32)
    still = Warp(rotation=0, scale=0, shift=0, shear=0)(images, np.random.default_rng(0))
    np.testing.assert_allclose(still, images, atol=1e-5)
    rows, columns = np.meshgrid(np.arange(28.0), np.arange(28.0), indexing="ij")
    moved = sample_bilinear(images, np.stack([rows + 3] * 2), np.stack([columns - 2] * 2))
    np.testing.assert_allclose(moved[:, :25, 2:], images[:, 3:, :26], atol=1e-6)
    assert (moved[:, 25:] == 0).all() and (moved[:, :, :2] == 0).all()


def test_half_a_pixel_is_the_mean_of_two() -> None:
    image = np.zeros((1, 1, 2), np.float32)
    image[0, 0] = [1, 3]
    assert sample_bilinear(image, np.zeros((1, 1, 1)), np.full((1, 1, 1), 0.5))[0, 0, 0] == 2


def test_a_quarter_turn_by_the_warp_is_numpy_s() -> None:
    images = np.random.default_rng(0).random((400, 28, 28), np.float32)
    warp = Warp(rotation=180, scale=0, shift=0, shear=0)
    turned = warp(images, np.random.default_rng(3))
    angles = np.degrees(np.random.default_rng(3).uniform(-np.pi, np.pi, 400))
    for turn, quarters in ((90, 1), (-90, -1)):
        nearest = int(np.abs(angles - turn).argmin())
        assert abs(angles[nearest] - turn) < 2
        assert np.abs(turned[nearest] - np.rot90(images[nearest], quarters)).mean() < 0.12


def test_warped_digits_stay_digits() -> None:
    images = to_unit(load_mnist().test_images[:200])
    warped = Warp(elastic=1.0)(images, np.random.default_rng(0))
    assert warped.dtype == np.float32 and warped.shape == images.shape
    assert warped.min() >= 0 and warped.max() <= 1
    assert warped.sum() == pytest.approx(images.sum(), rel=0.1)
    assert np.abs(warped - images).mean() > 0.02


def test_telling_two_groups_apart() -> None:
    high, low = np.array([0.9, 0.6, 0.5]), np.array([0.5, 0.4])
    assert auroc(high, low) == pytest.approx(5.5 / 6)  # of six pairs five are in order, one is a tie
    assert auroc(low, low) == 0.5 and auroc(low - 1, high) == 0
    with pytest.raises(ValueError, match="at least one value"):
        auroc(high, low[:0])
    values = np.arange(100) / 100
    threshold = refusing_threshold(values, 0.95)
    assert 0.94 < threshold < 0.95 and (values < threshold).sum() == 95
    assert (np.array([0.3, 0.3]) < refusing_threshold(np.array([0.3, 0.3]), 0.5)).all()


def test_calibration_by_hand() -> None:
    confidence = np.array([0.9, 0.9, 0.9, 0.9, 0.2, 0.2])
    right = np.array([True, True, True, False, False, False])
    # Four answers at 0.9 of which three are right, two at 0.2 that are wrong.
    assert calibration_error(confidence, right) == pytest.approx((4 * 0.15 + 2 * 0.2) / 6)
    assert calibration_error(np.array([0.0, 1.0]), np.array([False, True])) == 0


def test_counting() -> None:
    assert accuracy(np.eye(10)[[1, 2, 3]], np.array([1, 2, 4])) == pytest.approx(2 / 3)
    matrix = confusion_matrix(np.array([1, 1, 0]), np.array([1, 0, 0]))
    assert matrix[0, 1] == matrix[1, 1] == matrix[0, 0] == 1 and matrix.sum() == 3
    # Wilson's interval for 9 of 10, as tabulated.
    assert wilson_interval(9, 10) == pytest.approx((0.5958, 0.9821), abs=1e-4)
    confidence = np.array([0.99, 0.9, 0.8, 0.7])
    assert sure_threshold(confidence, np.array([True, True, False, True]), 0.9) == 0.9
    assert sure_threshold(confidence, np.array([False] * 4)) == 0.99
    assert sure_threshold(np.array([0.9, 0.9]), np.array([True, False]), 0.9) == 0.99
