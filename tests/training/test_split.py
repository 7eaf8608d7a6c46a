"""Which images a training learns from, and which are held out."""

import dataclasses

import numpy as np
import pytest

from mnist_core.data.dataset import Dataset
from mnist_core.errors import InputError
from mnist_core.training.config import TrainingConfig
from mnist_core.training.split import Split, count_training_images, split_images

CONFIG = TrainingConfig(("flatten", "dense 10"), validation=200)


def thousand_images() -> Dataset:
    images, labels = np.zeros((1000, 28, 28), np.uint8), (np.arange(1000) // 100).astype(np.uint8)
    return Dataset("a thousand", images, labels, images[:1], labels[:1])


def split(seed: int = 3, dataset: Dataset | None = None, **settings: int) -> Split:
    config = dataclasses.replace(CONFIG, **settings)  # type: ignore[arg-type]
    return split_images(config, dataset or thousand_images(), np.random.default_rng(seed))


def test_every_image_is_in_one_part_alone_and_in_rising_order() -> None:
    found = split()
    assert (len(found.training), len(found.validation)) == (800, 200)
    assert np.array_equal(np.sort(np.concatenate([found.training, found.validation])), np.arange(1000))
    assert (np.diff(found.training) > 0).all() and (np.diff(found.validation) > 0).all()


def test_the_images_held_out_are_drawn_from_all_classes() -> None:
    # The images lie in the file digit by digit, a hundred each: a part that was cut off would hold two digits alone.
    counts = np.bincount(thousand_images().train_labels[split().validation], minlength=10)
    assert counts.sum() == 200 and counts.min() >= 8 and counts.max() <= 32


def test_one_seed_gives_one_split() -> None:
    first, same, other = split(3), split(3), split(4)
    assert np.array_equal(first.training, same.training) and np.array_equal(first.validation, same.validation)
    assert not np.array_equal(first.validation, other.validation)


def test_fewer_training_images_do_not_change_which_are_held_out() -> None:
    few, all_of_them = split(train_images=50), split()
    assert len(few.training) == 50 and set(few.training) < set(all_of_them.training)
    assert np.array_equal(few.validation, all_of_them.validation)


def test_none_need_be_held_out() -> None:
    found = split(validation=0)
    assert np.array_equal(found.training, np.arange(1000)) and len(found.validation) == 0


def test_a_dataset_that_says_what_is_held_out_is_believed() -> None:
    dataset = dataclasses.replace(thousand_images(), held_out=np.array([7, 3, 999]))
    found = split(dataset=dataset)
    assert found.validation.tolist() == [3, 7, 999]
    assert np.array_equal(found.training, np.delete(np.arange(1000), [3, 7, 999]))
    few = split(dataset=dataset, train_images=10)
    assert len(few.training) == 10 and not set(few.training) & {3, 7, 999}
    assert few.validation.tolist() == [3, 7, 999]


@pytest.mark.parametrize(("validation", "train_images"), [(1000, 0), (1001, 0), (200, 801), (0, 1001)])
def test_more_images_than_there_are_are_refused(validation: int, train_images: int) -> None:
    with pytest.raises(InputError, match=f"validation {validation}, train_images {train_images}: together more"):
        split(validation=validation, train_images=train_images)


def test_as_many_images_as_there_are_are_not_refused() -> None:
    assert len(split(train_images=800).training) == 800
    assert len(split(validation=999).training) == 1


def test_the_number_of_training_images_is_the_one_asked_for_or_the_rest() -> None:
    assert count_training_images(CONFIG, 1000, 200) == 800
    assert count_training_images(dataclasses.replace(CONFIG, train_images=5), 1000, 200) == 5
