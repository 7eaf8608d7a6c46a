"""What a whole line says, and what it says together with the cuts."""

import numpy as np
import pytest

from benchmarks.number_choice import Sample, by_cuts, count_right, unlikely
from mnist_core.errors import InputError
from mnist_core.nn.layers import softmax
from mnist_core.numbers import cut, groups, line_image
from mnist_core.reading import line_network, weights
from mnist_core.reading.line_network import (
    BLANK,
    FOLDER,
    LETTER,
    NAME,
    best_number,
    column_layers,
    letter_probability,
    line_probabilities,
    text_probabilities,
)
from mnist_core.reading.number_choice import Views, blended
from mnist_core.reading.numbers import _Ways
from tests.strokes import drawn


def columns_of(*digits: int) -> np.ndarray:
    ink = np.concatenate([drawn(digit)[..., 0] for digit in digits], axis=1).astype(np.float32) / 255
    strip = cut(ink, 1.0)
    assert strip is not None
    line = line_image(strip)
    assert line is not None
    return line_probabilities(line)


def sure(*signs: int) -> np.ndarray:
    """Columns [T, 12] that say these classes, surely."""
    columns = np.full((len(signs), 12), 0.001, np.float32)
    columns[np.arange(len(signs)), signs] = 1
    return columns / columns.sum(axis=1, keepdims=True)


def test_the_line_is_read_column_by_column() -> None:
    columns = columns_of(2, 0, 7, 3)
    assert columns.shape[1] == 12 and columns.shape[0] > 10
    np.testing.assert_allclose(columns.sum(axis=1), 1, rtol=1e-5)
    assert best_number(columns) == "2073"
    shares = text_probabilities(columns, ["2073", "273", "2078", ""])
    assert shares[0] > 0.5 and shares.sum() <= 1 and shares[0] > 10 * shares[1:].max()


def test_a_letter_anywhere_makes_it_no_number() -> None:
    columns = sure(1, BLANK, LETTER, BLANK, 2)
    assert letter_probability(columns) > 0.95 and best_number(columns) == ""
    assert letter_probability(sure(1, BLANK, 2)) < 0.05 and best_number(sure(1, BLANK, 2)) == "12"


def test_where_both_agree_it_is_surer() -> None:
    shares, word = Views.of({"12": 0.6, "17": 0.3}, 0.1, [sure(1, BLANK, 2)]).likely()
    assert list(shares) == ["12", "17"] and shares["12"] > 0.9
    assert 0.95 < sum(shares.values()) + word <= 1


def test_the_line_can_turn_a_close_choice() -> None:
    shares, _ = Views.of({"17": 0.5, "12": 0.45}, 0.05, [sure(1, BLANK, 2)]).likely()
    assert next(iter(shares)) == "12"


def test_without_a_line_the_cuts_stay_as_they_are() -> None:
    assert Views.of({"3": 0.2, "5": 0.7}, 0.1, []).likely() == ({"5": 0.7, "3": 0.2}, 0.1)


def test_neither_alone_rules_anything_out_and_none_counts_for_more() -> None:
    shares = blended(np.array([1.0, 0.0]), np.array([0.0, 1.0]))
    np.testing.assert_allclose(shares, 0.5)


def test_what_is_not_among_the_likely_numbers_takes_its_share() -> None:
    shares, word = Views.of({"12": 0.3, "17": 0.1}, 0.0, [sure(1, BLANK, 9)]).likely()
    assert sum(shares.values()) + word < 0.5


def test_a_number_that_only_the_line_finds_is_considered() -> None:
    ink = np.concatenate([drawn(digit)[..., 0] for digit in (2, 0, 7)], axis=1)
    strip = cut(ink.astype(np.float32) / 255, 1.0)
    assert strip is not None
    found = groups(strip)
    # The cuts see nothing but letters: a number is there, but among the least likely.
    shares = np.full((len(found), 12), 1e-4, np.float32)
    shares[:, LETTER] = 1
    ways = _Ways.through(strip, found, shares)
    assert "207" not in ways.likely
    ways.consider("207")
    path, share = ways.likely["207"]
    assert path.digits == (2, 0, 7) and 0 <= share < 0.01
    ways.consider("2" * 99)
    assert "2" * 99 not in ways.likely


def test_the_fast_way_computes_the_same_as_the_plain_one() -> None:
    line = np.random.default_rng(0).random((28, 90)).astype(np.float32)
    network, _ = weights.load(NAME, FOLDER)
    columns = line_probabilities(line)
    for start in (0, 2):
        x = np.zeros((1, 28, 90, 1), np.float32)
        x[0, :, : 90 - start, 0] = line[:, start:]
        for layer in column_layers(network):
            x = layer.forward(x)
        np.testing.assert_allclose(columns[start // 2 :: 2], softmax(x[0, 0]), atol=1e-5)


def test_another_network_in_its_place_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(line_network, "FOLDER", weights.FOLDER)
    monkeypatch.setattr(line_network, "NAME", "mlp")
    with pytest.raises(InputError, match="expected a network of 12 classes"):
        line_network._network.__wrapped__()


def test_powers_are_measured_by_what_is_right() -> None:
    line = np.array([0.9, 0.05, 0.0, 0.05])
    samples = [
        Sample(np.array([0.3, 0.6, 0.0, 0.1]), line, 0),
        Sample(line, line, 0),
        Sample(line[::-1], line[::-1], 2),
    ]
    assert by_cuts(samples) == 1 and count_right(samples, 1, 0.001) == 2
    assert by_cuts([Sample(line[[2, 1, 0, 3]], line, 2)]) == 1
    assert unlikely(samples[:2], 1, 0.001) < unlikely(samples[:2], 0.5, 0.001)
