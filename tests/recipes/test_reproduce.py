"""A recipe from data to card: what the card tells, and a training that is killed and asked for again."""

import dataclasses
import itertools
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from mnist_core.data.dataset import Dataset, load_mnist
from mnist_core.errors import InputError
from mnist_core.ink.pen import load_pen
from mnist_core.nn.layers import softmax
from mnist_core.nn.network import DIGITS, Network
from mnist_core.reading import weights
from mnist_core.reading.recognizer import Recognizer
from mnist_core.recipes import publish, reproduce
from mnist_core.recipes.publish import offsets_for, with_offsets
from mnist_core.recipes.recipe import Recipe
from mnist_core.recipes.reproduce import PenFiles, train_and_save
from mnist_core.recipes.training_data import NOTHING, ExtraData
from mnist_core.training.config import TrainingConfig
from mnist_core.training.report import Report
from tests.strokes import pen_file

SMALL = TrainingConfig(
    ("flatten", "dense 16", "relu", "dense 10"), batch_size=100, epochs=3, validation=200, averaging=0.9
)
TINY = Recipe(
    "tiny",
    "Tiny",
    "For tests.",
    SMALL,
    report_every=3,
    extra_data=ExtraData(replays=2, nothings=100, held_out=0.3),
    with_pen=dataclasses.replace(SMALL, layers=("flatten", "dense 16", "relu", f"dense {NOTHING + 1}")),
)


@pytest.fixture
def few() -> Dataset:
    mnist = load_mnist()
    return dataclasses.replace(
        mnist,
        train_images=mnist.train_images[:1200],
        train_labels=mnist.train_labels[:1200],
        test_images=mnist.test_images[:500],
        test_labels=mnist.test_labels[:500],
    )


@pytest.fixture
def pen(tmp_path: Path) -> PenFiles:
    labels = np.array([*"123470E"] * 4)
    writers = np.array([f"{number % 7}" for number in range(28)])
    file = pen_file(tmp_path / "pen.npz", labels=labels, writers=writers)
    return PenFiles(("pen.npz",), (load_pen(file),), credit="Six friends, CC0")


@pytest.mark.slow
def test_with_pen_strokes_it_learns_what_is_not_a_digit_and_the_card_says_all(
    few: Dataset, pen: PenFiles, tmp_path: Path
) -> None:
    card = train_and_save(TINY, few, tmp_path, seed=3, epochs=2, pen=pen)
    assert card == weights.load_card("tiny", tmp_path)
    assert card.layers[-1] == f"dense {NOTHING + 1}" and card.temperature != 1 and 0.5 <= card.unsure_below < 1
    command = "python -m mnist_core train --recipe tiny --seed 3 --epochs 2 --pen pen.npz --credit 'Six friends, CC0'"
    assert card.command == command
    assert set(card.accuracies) == {"validation", "test", "held-out writers"}
    assert [len(values) for values in card.curves.values()] == [2] * 5 and card.curves["epoch"] == [1, 2]
    assert (
        len(card.by_digit["test"]) == 10
        and "pairs; held out: 200 images" in card.data
        and "Pen strokes: Six friends, CC0. For use" in card.data
    )
    reader = Recognizer.load("tiny", tmp_path)
    assert reader.network.classes == NOTHING + 1

    alone = train_and_save(TINY, few, tmp_path, epochs=1)
    assert alone.layers[-1] == "dense 10" and "pen" not in alone.data + alone.command
    assert set(alone.accuracies) == {"validation", "test"}


def test_where_fewer_pictures_are_no_digits_the_odds_of_none_are_lower_and_nothing_else_changes() -> None:
    network = Network(["flatten", "dense 12"], np.random.default_rng(0), dtype=np.float64)
    images = np.random.default_rng(1).random((20, 28, 28))
    expected = with_offsets(network, 2 * offsets_for(12, learned=0.4, wanted=0.1))
    before, after = (softmax(either.logits(images) / 2) for either in (network, expected))
    odds = [found[:, DIGITS:].sum(axis=1) / found[:, :DIGITS].sum(axis=1) for found in (before, after)]
    np.testing.assert_allclose(odds[1], odds[0] * (0.1 / 0.9) / (0.4 / 0.6))
    for part in (slice(DIGITS), slice(DIGITS, None)):
        old, new = (found[:, part] / found[:, part].sum(axis=1, keepdims=True) for found in (before, after))
        np.testing.assert_allclose(new, old)
    assert not network.layers[1].parameters["biases"].any() and expected.parameters[-12:].any()
    assert with_offsets(network, offsets_for(12, learned=0.0, wanted=0.1)) is network
    with pytest.raises(InputError, match="the last layer: expected one with biases"):
        with_offsets(Network(["flatten", "dense 12 biases=none"], np.random.default_rng(0)), np.ones(12))


@pytest.mark.slow
def test_the_network_that_is_saved_expects_as_few_that_are_no_digits_as_is_said(
    few: Dataset, pen: PenFiles, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    last, cards = [], []
    for share in (0.05, 0.2):
        monkeypatch.setattr(publish, "NO_DIGIT_SHARE", share)
        cards.append(train_and_save(TINY, few, tmp_path, epochs=1, pen=pen))
        last.append(weights.load("tiny", tmp_path)[0].layers[-1].parameters["biases"])
    assert cards[0].temperature == cards[1].temperature
    moved = cards[0].temperature * np.log((0.05 / 0.95) / (0.2 / 0.8))
    np.testing.assert_allclose(last[0] - last[1], [0] * DIGITS + [moved] * (len(last[0]) - DIGITS), atol=1e-5)
    assert cards[1].data.endswith("For use, 20 % of the drawings are taken to be no digits")


@pytest.mark.slow
def test_the_curves_are_means_over_whole_epochs_however_often_it_reports(few: Dataset, tmp_path: Path) -> None:
    often, seldom = (
        train_and_save(dataclasses.replace(TINY, report_every=every), few, tmp_path).curves for every in (1, 7)
    )
    for name, values in often.items():
        assert seldom[name] == pytest.approx(values, abs=2e-5), name
    rarely = dataclasses.replace(TINY, config=dataclasses.replace(SMALL, validate_every=1000))
    curves = train_and_save(rarely, few, tmp_path).curves
    assert [value is None for value in curves["validation_loss"]] == [True, True, False]


def test_a_recipe_without_use_for_pen_strokes_says_so(few: Dataset, pen: PenFiles, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="recipe 'tiny': it does not learn from pen strokes"):
        train_and_save(dataclasses.replace(TINY, with_pen=None), few, tmp_path, pen=pen)


@pytest.mark.slow
@pytest.mark.parametrize("after", [1, 4, 9])
def test_a_killed_training_goes_on_to_the_same_network(
    few: Dataset, pen: PenFiles, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, after: int
) -> None:
    monkeypatch.setattr(reproduce, "CHECKPOINT_SECONDS", 0.0)
    whole, broken = tmp_path / "whole", tmp_path / "broken"
    expected = train_and_save(TINY, few, whole, pen=pen)
    count = itertools.count(1)

    def killed(report: Report) -> None:
        if next(count) > after:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        train_and_save(TINY, few, broken, pen=pen, on_report=killed)
    assert list(broken.glob(".tiny-*.checkpoint.npz")) and not list(broken.glob("tiny.npz"))
    steps: list[int] = []
    again = train_and_save(TINY, few, broken, pen=pen, on_report=lambda report: steps.append(report.step))
    assert steps[0] > 1
    assert (again.sha256, again.curves) == (expected.sha256, expected.curves)
    assert {path.name for path in broken.iterdir()} == {"tiny.npz", "tiny.json"}


def test_a_training_that_is_killed_while_it_is_measured_is_not_lost(
    few: Dataset, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    save = publish.save_trained

    def killed(*arguments: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(reproduce, "save_trained", killed)
    with pytest.raises(KeyboardInterrupt):
        train_and_save(TINY, few, tmp_path)
    monkeypatch.setattr(reproduce, "save_trained", save)
    steps: list[int] = []
    card = train_and_save(TINY, few, tmp_path, on_report=lambda report: steps.append(report.step))
    assert steps == [] and card.curves["epoch"] == [1, 2, 3]
    assert {path.name for path in tmp_path.iterdir()} == {"tiny.npz", "tiny.json"}


@pytest.mark.slow
def test_a_checkpoint_is_not_taken_for_that_of_other_strokes(
    few: Dataset, pen: PenFiles, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def killed(report: Report) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(reproduce, "CHECKPOINT_SECONDS", 0.0)
    moved = dataclasses.replace(pen.drawings[0], points=pen.drawings[0].points[::-1].copy())
    for drawings in (pen.drawings, (moved,)):
        with pytest.raises(KeyboardInterrupt):
            train_and_save(
                TINY, few, tmp_path, pen=dataclasses.replace(pen, drawings=drawings), on_report=_third(killed)
            )
    assert len(list(tmp_path.glob(".tiny-*.checkpoint.npz"))) == 2


def _third(action: Callable[[Report], None]) -> Callable[[Report], None]:
    count = itertools.count(1)
    return lambda report: action(report) if next(count) == 3 else None


def test_a_corrected_twin_does_not_learn_from_pen_strokes(few: Dataset, pen: PenFiles, tmp_path: Path) -> None:
    recipe = dataclasses.replace(TINY, with_pen=None, corrected=SMALL)
    with pytest.raises(InputError, match="it does not learn from pen strokes"):
        train_and_save(recipe, few, tmp_path, corrected=True, pen=pen)


def test_another_seed_does_not_go_on_from_the_checkpoint_of_one(
    few: Dataset, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reproduce, "CHECKPOINT_SECONDS", 0.0)

    def killed(report: Report) -> None:
        if report.step > 3:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        train_and_save(TINY, few, tmp_path, seed=1, on_report=killed)
    steps: list[int] = []
    train_and_save(TINY, few, tmp_path, seed=2, on_report=lambda report: steps.append(report.step))
    assert steps[0] == 3 and len(list(tmp_path.glob(".tiny-*.checkpoint.npz"))) == 1
