"""The order in which a training sees its images."""

import json

import numpy as np
import pytest

from mnist_core.training.config import SAMPLING
from mnist_core.training.sampler import Sampler

COUNT, BATCH_SIZE = 50, 8


def sampler(sampling: str, seed: int = 2) -> Sampler:
    return Sampler(COUNT, sampling, np.random.default_rng(seed))


def epoch(found: Sampler, shown: int = 0, always_whole: bool = False, batch_size: int = BATCH_SIZE) -> list[np.ndarray]:
    """The batches of an epoch from `shown` images on."""
    batches = []
    while shown < COUNT:
        batches.append(found.next_batch(shown, batch_size, always_whole))
        shown += len(batches[-1])
    found.end_epoch()
    return batches


@pytest.mark.parametrize("sampling", ["shuffled", "file_order"])
def test_an_epoch_shows_each_image_once_and_ends_with_the_rest(sampling: str) -> None:
    found = sampler(sampling)
    for _ in range(3):
        batches = epoch(found)
        assert [len(batch) for batch in batches] == [8, 8, 8, 8, 8, 8, 2]
        assert np.array_equal(np.sort(np.concatenate(batches)), np.arange(COUNT))


def test_file_order_is_the_same_in_every_epoch_and_a_shuffled_one_is_not() -> None:
    found = sampler("file_order")
    assert np.array_equal(np.concatenate(epoch(found)), np.arange(COUNT))
    assert np.array_equal(np.concatenate(epoch(found)), np.arange(COUNT))
    found = sampler("shuffled")
    first, second = np.concatenate(epoch(found)), np.concatenate(epoch(found))
    assert not np.array_equal(first, np.arange(COUNT)) and not np.array_equal(first, second)


def test_replacement_draws_full_batches_of_any_images_and_has_no_order() -> None:
    found = sampler("replacement")
    drawn = np.concatenate([found.next_batch(0, BATCH_SIZE, False) for _ in range(500)])
    assert len(drawn) == 4000 and found.order is None
    # Each image about 80 times: by far not exactly 80, as an order would give.
    counts = np.bincount(drawn, minlength=COUNT)
    assert len(counts) == COUNT and counts.min() > 40 and counts.max() < 125 and counts.std() > 5


@pytest.mark.parametrize("sampling", SAMPLING)
def test_one_seed_gives_one_order(sampling: str) -> None:
    def order(seed: int) -> list[int]:
        found = sampler(sampling, seed)
        return [int(index) for _ in range(2) for batch in epoch(found) for index in batch]

    assert order(5) == order(5)
    assert (order(5) == order(6)) == (sampling == "file_order")


def test_a_whole_batch_is_all_images_in_file_order_and_draws_no_random_numbers() -> None:
    found = sampler("shuffled")
    before = found.state
    (batch,) = epoch(found, always_whole=True, batch_size=COUNT)
    assert np.array_equal(batch, np.arange(COUNT)) and found.state == before


def test_a_batch_that_became_whole_in_the_middle_of_an_epoch_is_the_rest_of_the_shuffled_one() -> None:
    found = sampler("shuffled")
    begun = np.concatenate([found.next_batch(shown, BATCH_SIZE, False) for shown in (0, 8)])
    (rest,) = epoch(found, shown=16, always_whole=True, batch_size=COUNT)
    assert np.array_equal(np.sort(np.concatenate([begun, rest])), np.arange(COUNT))
    assert not np.array_equal(rest, np.sort(rest))


@pytest.mark.parametrize("sampling", SAMPLING)
@pytest.mark.parametrize("steps", [0, 1, 3, 7, 10])
def test_it_goes_on_from_its_state_bit_for_bit(sampling: str, steps: int) -> None:
    def take(found: Sampler, shown: int, steps: int) -> tuple[list[list[int]], int]:
        batches = []
        for _ in range(steps):
            batch = found.next_batch(shown, BATCH_SIZE, False)
            batches.append(batch.tolist())
            shown += len(batch)
            if shown >= COUNT:
                found.end_epoch()
                shown = 0
        return batches, shown

    whole = sampler(sampling)
    _, shown = take(whole, 0, steps)
    state = json.loads(json.dumps(whole.state))
    resumed = sampler(sampling, seed=99)
    resumed.restore(state)
    assert take(resumed, shown, 20) == take(whole, shown, 20)


def test_a_state_that_is_none_is_refused() -> None:
    for state in ({}, {"bit_generator": "MT19937"}, {"bit_generator": "PCG64", "state": 1}):
        with pytest.raises((TypeError, ValueError, KeyError)):
            sampler("shuffled").restore(state)
