"""How far a training is: steps, epochs, images, and the means of what is reported."""

import dataclasses
import json
import math

import pytest

from mnist_core.training.config import TrainingConfig
from mnist_core.training.counters import Counters

CONFIG = TrainingConfig(("flatten", "dense 10"), batch_size=10, epochs=4)
NOTHING_VALIDATED = math.nan, math.nan


def counters(config: TrainingConfig = CONFIG, images: int = 45) -> Counters:
    found = Counters(images)
    found.arrange(config)
    return found


def take(found: Counters, steps: int, loss: float = 1.0, images: int = 45) -> list[bool]:
    """Count steps of the batch size as it is; whether each was the last of an epoch."""
    return [found.count(min(found.batch_size, images - found.shown_in_epoch), loss, accuracy=0.5) for _ in range(steps)]


def test_an_epoch_ends_with_the_batch_that_holds_the_last_image() -> None:
    found = counters()
    assert (found.steps, found.steps_per_epoch, found.progress, found.epoch) == (20, 5, 0, 0)
    assert take(found, 10) == [False] * 4 + [True] + [False] * 4 + [True]
    assert (found.step, found.shown, found.shown_in_epoch, found.epoch, found.progress) == (10, 90, 0, 2, 0.5)
    take(found, 9)
    assert not found.finished
    take(found, 1)
    assert found.finished and (found.epoch, found.progress) == (4, 1)


def test_batch_size_0_is_all_images_in_one_step() -> None:
    found = counters(dataclasses.replace(CONFIG, batch_size=0))
    assert (found.batch_size, found.steps_per_epoch, found.steps) == (45, 1, 4)
    assert take(found, 2) == [True, True] and found.progress == 0.5


def test_a_new_batch_size_changes_the_steps_but_not_the_progress() -> None:
    found = counters()
    take(found, 10)
    found.arrange(dataclasses.replace(CONFIG, batch_size=5))
    # Two epochs of five steps are done, and two of nine steps are left.
    assert (found.step, found.steps, found.steps_per_epoch) == (10, 28, 9)
    assert (found.epoch, found.progress) == (2, 0.5)
    assert take(found, 9)[-1] and found.progress == 0.75
    take(found, 9)
    assert found.finished and found.shown == 4 * 45


def test_a_new_batch_size_in_the_middle_of_an_epoch_leaves_the_rest_of_it() -> None:
    found = counters()
    take(found, 7)  # one epoch, and 20 images of the next
    found.arrange(dataclasses.replace(CONFIG, batch_size=25))
    # The other 25 images are one step; two epochs of two steps follow.
    assert (found.step, found.steps, found.steps_per_epoch, found.epoch) == (7, 12, 2, 1.5)
    assert take(found, 1) == [True] and (found.epoch, found.progress) == (2, 0.5)
    take(found, 4)
    assert found.finished and found.progress == 1


def test_a_number_of_steps_counts_instead_of_epochs() -> None:
    found = counters(dataclasses.replace(CONFIG, steps=8))
    take(found, 6)
    assert (found.steps, found.progress, found.epoch) == (8, 0.75, 1.2)
    found.arrange(dataclasses.replace(CONFIG, steps=8, batch_size=45))
    assert (found.steps, found.progress) == (8, 0.75)
    take(found, 2)
    assert found.finished


def test_it_is_finished_when_the_mean_loss_of_an_epoch_is_low_enough() -> None:
    found = counters(dataclasses.replace(CONFIG, stop_at_loss=0.5))
    take(found, 4, loss=0.1)
    assert not found.finished  # the epoch is not over
    take(found, 1, loss=4.0)
    assert not found.finished  # its mean is 0.88
    take(found, 4, loss=0.6)
    take(found, 1, loss=0.1)
    assert found.finished and found.step == 10  # the mean is 0.5


def test_a_report_holds_means_since_the_last_one() -> None:
    found = counters()
    found.count(10, 3.0, 0.2)
    found.count(10, 1.0, 0.6)
    report = found.report(0.01, 7.5, False, NOTHING_VALIDATED)
    assert report.loss == 2 and report.accuracy == pytest.approx(0.4)
    assert (report.step, report.steps, report.epoch, report.images) == (2, 20, 0.4, 20)
    assert (report.learning_rate, report.seconds, report.end_of_epoch) == (0.01, 7.5, False)
    assert math.isnan(report.validation_loss) and math.isnan(report.validation_accuracy)
    found.count(10, 5.0, 1.0)
    report = found.report(0.01, 8.0, True, (0.25, 0.75))
    assert (report.loss, report.accuracy, report.end_of_epoch) == (5, 1, True)
    assert (report.validation_loss, report.validation_accuracy) == (0.25, 0.75)


@pytest.mark.parametrize("steps", [0, 1, 5, 7, 19])
def test_it_goes_on_from_its_facts_to_the_last_bit(steps: int) -> None:
    config = dataclasses.replace(CONFIG, stop_at_loss=0.2)
    whole = counters(config)
    take(whole, steps, loss=1 / 3)
    resumed = counters(config)
    resumed.restore(json.loads(json.dumps(whole.facts())))
    for loss in (0.1, 0.7):
        for found in (whole, resumed):
            take(found, 1, loss)
        assert resumed.facts() == whole.facts()
        assert (resumed.epoch, resumed.progress, resumed.finished) == (whole.epoch, whole.progress, whole.finished)
    reports = [found.report(0.1, 1.0, False, (0.5, 0.5)) for found in (whole, resumed)]
    assert reports[0] == reports[1]


def test_facts_that_are_none_are_refused() -> None:
    facts = counters().facts()
    with pytest.raises(KeyError):
        counters().restore({})
    with pytest.raises(TypeError):
        counters().restore(facts | {"step": None})
    with pytest.raises(ValueError, match="many"):
        counters().restore(facts | {"step": "many"})


@pytest.mark.parametrize(("batch_size", "steps", "expected"), [(10, 0, 20), (45, 0, 4), (0, 0, 4), (10, 7, 7)])
def test_the_settings_tell_the_steps_of_a_run_before_it_starts(batch_size: int, steps: int, expected: int) -> None:
    config = dataclasses.replace(CONFIG, batch_size=batch_size, steps=steps)
    assert config.total_steps(45) == counters(config).steps == expected
