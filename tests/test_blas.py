"""How many threads BLAS uses."""

import numpy as np
import pytest
from threadpoolctl import ThreadpoolController, threadpool_limits

from mnist_core import Recognizer
from mnist_core.blas import blas_threads
from mnist_core.numbers import Ink, find_inks
from mnist_core.reading import numbers
from tests.numbers.test_read_number import drawn_number


def counts() -> set[int]:
    return {library.num_threads for library in ThreadpoolController().select(user_api="blas").lib_controllers}


def test_inside_the_block_there_are_so_many_and_afterwards_as_many_as_before() -> None:
    with threadpool_limits(2, user_api="blas"):
        with blas_threads(1):
            assert counts() == {1}
            with blas_threads(1):
                assert counts() == {1}
            assert counts() == {1}
        assert counts() == {2}


def test_numbers_are_read_with_one(monkeypatch: pytest.MonkeyPatch) -> None:
    found: list[set[int]] = []

    def spied(rgba: np.ndarray) -> list[Ink]:
        found.append(counts())
        return find_inks(rgba)

    monkeypatch.setattr(numbers, "find_inks", spied)
    recognizer, rgba = Recognizer.load(), drawn_number("42")
    with threadpool_limits(2, user_api="blas"):
        recognizer.read_number(rgba)
        recognizer.read_page(rgba)
        assert counts() == {2}
    assert found == [{1}, {1}]
