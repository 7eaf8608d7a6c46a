"""A training can be written down after any step, go on elsewhere to the last bit, and change while it runs."""

import dataclasses
import itertools
import json
import math

import numpy as np
import pytest

from mnist_core.data.dataset import Dataset
from mnist_core.errors import InputError
from mnist_core.nn.network import plan_network
from mnist_core.training import batches
from mnist_core.training.config import TrainingConfig
from mnist_core.training.trainer import Trainer
from tests.training.test_trainer import eight_images

LAYERS = ("flatten", "dense 8", "batchnorm", "relu", "dropout 0.5", "dense 10")
CONFIG = TrainingConfig(LAYERS, batch_size=2, epochs=3, validation=3, augmentation="warp", schedule="cosine warmup=1")


def fifty_images() -> Dataset:
    rng = np.random.default_rng(5)
    images = rng.integers(0, 256, (50, 28, 28)).astype(np.uint8)
    labels = (np.arange(50) % 10).astype(np.uint8)
    return Dataset("made up", images, labels, images, labels)


def weights(trainer: Trainer) -> list[bytes]:
    return [array.tobytes() for network in (trainer.network, trainer.trained) for _, array in network.arrays()]


@pytest.mark.parametrize("step", [1, 2, 3, 5, 8])
@pytest.mark.parametrize(
    "change",
    [
        {},
        {"optimizer": "momentum"},
        {"sampling": "replacement", "steps": 9},
        {"sampling": "file_order", "optimizer": "sgd"},
        {"batch_size": 0, "augmentation": "none", "epochs": 9},
        {"averaging": 0.9},
    ],
)
def test_it_goes_on_bit_for_bit_after_any_step(change: dict[str, object], step: int) -> None:
    config = dataclasses.replace(CONFIG, **change)  # type: ignore[arg-type]
    whole = Trainer(config, eight_images())
    expected = list(whole.run(report_every=2))

    first = Trainer(config, eight_images())
    for report in first.run(report_every=1):
        if report.step == step:
            break
    arrays, facts = first.state()
    second = Trainer(config, eight_images())
    second.restore({name: array.copy() for name, array in arrays.items()}, json.loads(json.dumps(facts)))
    reports = list(second.run(report_every=2))
    assert weights(second) == weights(whole) != weights(first)
    last, same = reports[-1], expected[-1]
    assert (last.step, last.epoch, last.images) == (same.step, same.epoch, same.images)
    assert last.validation_loss == same.validation_loss


def test_a_state_that_is_none_is_refused_by_name() -> None:
    first = Trainer(CONFIG, eight_images())
    next(first.run(report_every=1))
    arrays, facts = first.state()
    other = Trainer(CONFIG, eight_images())
    with pytest.raises(InputError, match="the checkpoint: expected '2 dense weights'"):
        other.restore({}, facts)
    with pytest.raises(InputError, match="the checkpoint: expected the state of a training"):
        other.restore(arrays, {"config": facts["config"]})
    with pytest.raises(InputError, match="the checkpoint"):
        other.restore(arrays, facts | {"order": {"bit_generator": "PCG64", "state": 1}})


@pytest.mark.parametrize("schedule", ["cosine", "one_cycle"])
def test_a_changed_batch_size_does_not_move_the_schedule(schedule: str) -> None:
    config = TrainingConfig(LAYERS, batch_size=2, epochs=10, validation=10, schedule=schedule, learning_rate=0.1)
    trainer = Trainer(config, fifty_images())
    *_, before = itertools.islice(trainer.run(report_every=1), 100)  # five epochs of twenty steps
    trainer.change(batch_size=40)
    assert trainer.counters.progress == 0.5
    after = next(trainer.run(report_every=1))
    assert after.learning_rate == pytest.approx(before.learning_rate, rel=0.05)


def test_a_number_of_steps_is_what_progress_counts_where_it_was_asked_for() -> None:
    trainer = Trainer(TrainingConfig(LAYERS, batch_size=10, steps=8, validation=10), fifty_images())
    list(itertools.islice(trainer.run(report_every=1), 6))
    assert trainer.counters.progress == 0.75


def test_rate_batch_size_and_augmentation_change_while_it_runs() -> None:
    trainer = Trainer(TrainingConfig(LAYERS, batch_size=10, epochs=4, validation=10), fifty_images())
    reports = trainer.run(report_every=1)
    *_, report = itertools.islice(reports, 6)  # an epoch and half of the next
    assert (report.step, report.steps, report.epoch) == (6, 16, 1.5)
    trainer.change(batch_size=40, learning_rate=0.5)
    report = next(reports)
    # The rest of the epoch is one smaller batch; two epochs of one batch each follow.
    assert (report.step, report.steps, report.epoch, report.images) == (7, 9, 2, 80)
    assert report.learning_rate == 0.5
    trainer.change(augmentation="warp")
    *_, report = reports
    assert (report.step, report.epoch, report.images) == (9, 4, 160)

    with pytest.raises(InputError, match="learning_rate: expected"):
        trainer.change(learning_rate=1e9)
    with pytest.raises(InputError, match="layers: only learning_rate, batch_size, augmentation can change"):
        trainer.change(layers=("dense 10",))
    assert trainer.config.learning_rate == 0.5


@pytest.mark.parametrize("batch_size", [0, 40, 15])
def test_a_batch_size_changed_in_the_middle_of_an_epoch_is_resumed_bit_for_bit(batch_size: int) -> None:
    def half_way() -> Trainer:
        trainer = Trainer(TrainingConfig(LAYERS, batch_size=10, epochs=4, validation=10), fifty_images())
        for report in trainer.run(report_every=1):
            if report.step == 6:
                break
        trainer.change(batch_size=batch_size)
        return trainer

    whole, first = half_way(), half_way()
    list(whole.run())
    arrays, facts = first.state()
    second = Trainer(TrainingConfig(LAYERS, batch_size=10, epochs=4, validation=10), fifty_images())
    second.restore(arrays, facts)
    list(second.run())
    assert weights(second) == weights(whole) and second.step == whole.step


def test_a_large_batch_in_parts_is_the_same_as_in_one(monkeypatch: pytest.MonkeyPatch) -> None:
    layers = ("flatten", "dense 6", "tanh", "dense_one_bias_gradient 10")
    for loss in ("softmax_cross_entropy", "binary_cross_entropy", "squared_error", "wrong_divisor 70"):
        config = TrainingConfig(layers, loss=loss, batch_size=0, epochs=3, l2=0.1, validation=7, dtype="float64")

        def train(part: int, config: TrainingConfig = config) -> tuple[Trainer, float]:
            monkeypatch.setattr(batches, "PART", part)
            trainer = Trainer(config, fifty_images())
            *_, report = trainer.run()
            return trainer, report.loss

        whole, loss_of_whole = train(1000)
        parts, loss_of_parts = train(8)
        assert loss_of_parts == pytest.approx(loss_of_whole, rel=1e-12)
        for (name, a), (_, b) in zip(whole.network.arrays(), parts.network.arrays(), strict=True):
            np.testing.assert_allclose(a, b, rtol=1e-9, atol=1e-10, err_msg=name)


def test_a_batch_too_large_for_the_memory_is_refused_where_it_cannot_be_taken_in_parts(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(batches, "MAX_VALUES_AT_ONCE", 4000)
    with pytest.raises(InputError, match="batch_size 50: expected at most 2 for this network"):
        Trainer(TrainingConfig(LAYERS, batch_size=50, validation=0), fifty_images())
    trainer = Trainer(TrainingConfig(("flatten", "dense 10"), batch_size=50, validation=0), fifty_images())
    assert trainer.batches.part == 2
    assert batches.largest_batch(plan_network(LAYERS)) == 2
    assert batches.largest_batch(plan_network(("flatten", "dense 10"))) is None
    assert Trainer(TrainingConfig(LAYERS, batch_size=2, validation=0), fifty_images()).batches.part == 2
    with pytest.raises(InputError, match="batch_size 3: expected at most 2 for this network"):
        Trainer(TrainingConfig(LAYERS, batch_size=3, validation=0), fifty_images())


def test_the_check_is_called_between_parts_and_may_ask_for_a_report() -> None:
    trainer = Trainer(TrainingConfig(LAYERS, batch_size=10, epochs=2, validation=10), fifty_images())
    calls = []

    def check() -> None:
        calls.append(trainer.step)
        trainer.report_now = trainer.step == 1

    trainer.check = check
    reports = list(trainer.run(report_every=100))
    assert [report.step for report in reports] == [2, 4, 8]
    assert sorted(set(calls)) == list(range(9))
    assert trainer.validation.scores is not None and trainer.validation.scores.shape == (10, 10)
    assert not math.isnan(reports[-1].validation_loss)
