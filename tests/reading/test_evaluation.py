"""How well a network reads: the card, counts, pen strokes, and digits among other things."""

import dataclasses
from pathlib import Path

import numpy as np
import pytest

from mnist_core import Reading, Recognizer
from mnist_core.data.dataset import load_mnist
from mnist_core.errors import InputError
from mnist_core.ink.pen import load_pen
from mnist_core.nn.metrics import wilson_interval
from mnist_core.reading.evaluation import count, evaluate_test, may_know, read_pen, separate
from mnist_core.reading.weights import ModelCard
from tests.strokes import STROKES, pen_file


@pytest.mark.slow
def test_a_card_tells_the_accuracy_that_is_measured() -> None:
    recognizer = Recognizer.load("mlp")
    result = evaluate_test(recognizer, load_mnist())
    assert result.images == 10000 and result.accuracy >= 0.983
    assert result.accuracy == pytest.approx(recognizer.card.accuracies["test"], abs=2e-4)
    assert result.interval[0] < result.accuracy < result.interval[1]


@pytest.mark.slow
def test_the_default_reads_as_well_as_its_card_says() -> None:
    # It takes five looks at each image: all 10,000 take minutes here. By its card, it makes about five errors in these
    # 1,500; by chance alone, more than twelve come once in a thousand times.
    mnist = load_mnist()
    chosen = np.random.default_rng(0).permutation(10_000)[:1500]
    some = dataclasses.replace(mnist, test_images=mnist.test_images[chosen], test_labels=mnist.test_labels[chosen])
    recognizer = Recognizer.load()
    errors = 1500 - evaluate_test(recognizer, some).right
    assert errors <= 12 and recognizer.card.accuracies["test"] >= 0.996


def test_counting_readings() -> None:
    def reading(status: str, digit: int | None) -> Reading:
        return Reading(status, digit, 0.5, np.full(10, 0.1, np.float32), None)  # type: ignore[arg-type]

    result = count(
        [reading("digit", 3), reading("unsure", 4), reading("blank", None), reading("digit", 1)], np.array([3, 4, 0, 2])
    )
    assert (result.right, result.accuracy, result.unsure, result.accuracy_when_sure) == (2, 0.5, 0.5, 0.5)
    assert result.by_digit == {0: 0, 2: 0, 3: 1, 4: 1}
    assert result.digit_intervals[3] == wilson_interval(1, 1)


@pytest.mark.slow
def test_pen_strokes_are_replayed_and_read(tmp_path: Path, recognizer: Recognizer) -> None:
    drawings = load_pen(pen_file(tmp_path / "pen.npz"))
    readings, indices = read_pen(recognizer, drawings, seed=3)
    result = count(readings, drawings.labels[indices].astype(int))
    assert result.images == 4 * len(STROKES) and result.accuracy >= 0.9
    assert count(read_pen(recognizer, drawings, seed=3)[0], drawings.labels[indices].astype(int)) == result


@pytest.mark.parametrize(
    ("command", "writers", "known"),
    [
        ("train --recipe mlp", ("val",), False),
        ("train --pen a.npz", ("val",), True),
        ("train --pen a.npz", (), True),
        ("train --pen a.npz --without val", ("val",), False),
        ("train --pen a.npz --without val", ("val", "art"), True),
        ("train --pen a.npz --without val", (), True),
    ],
)
def test_a_network_may_know_the_writers_that_it_was_not_kept_from(
    command: str, writers: tuple[str], known: bool
) -> None:
    assert may_know(ModelCard("n", "", "", [], command=command), writers) == known


@pytest.mark.slow
def test_digits_are_told_from_other_things_by_confidence(tmp_path: Path, recognizer: Recognizer) -> None:
    drawings = load_pen(pen_file(tmp_path / "pen.npz"))
    digits, indices = read_pen(recognizer, drawings, seed=1)
    others, elsewhere = read_pen(recognizer, drawings, seed=1, digits=False)
    assert set(drawings.labels[elsewhere]) == {"E"} and len(others) == 4 and len(digits) == len(indices) == 24
    found = separate(digits, others)
    below = sum(digit.confidence < found.threshold for digit in digits)
    assert found.refused_digits == below / 24 and all(other.confidence < found.threshold for other in others)
    assert found.auroc_interval[0] <= found.auroc <= found.auroc_interval[1]
    assert separate(others, others).auroc == 0.5
    with pytest.raises(InputError, match="of other things than digits"):
        read_pen(recognizer, load_pen(pen_file(tmp_path / "all.npz", labels=np.array(["1"] * 28))), digits=False)


def test_a_pen_file_without_digits_is_refused(tmp_path: Path, recognizer: Recognizer) -> None:
    with pytest.raises(InputError, match="expected drawings labeled 0 to 9"):
        read_pen(recognizer, load_pen(pen_file(tmp_path / "pen.npz", labels=np.array(["E"] * 28))))
