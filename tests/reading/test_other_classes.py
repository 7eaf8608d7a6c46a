"""Networks that read something else than ten digits: their cards, their readings, how they are measured."""

import dataclasses
import json
from pathlib import Path

import numpy as np
import pytest

from mnist_core import InputError, Recognizer
from mnist_core.commands.predict_numbers import to_dict
from mnist_core.data.class_names import EMNIST, FASHION
from mnist_core.data.dataset import Dataset
from mnist_core.nn.network import Network
from mnist_core.reading import weights
from mnist_core.reading.evaluation import evaluate_test
from mnist_core.reading.weights import ModelCard
from mnist_core.recipes.publish import save_trained
from mnist_core.training.config import TrainingConfig
from mnist_core.training.trainer import Trainer
from tests.data.idx_folders import made_up
from tests.numbers.test_read_number import drawn_number
from tests.strokes import drawn

LETTERS = EMNIST["balanced"]


def certain(names: tuple[str, ...], answer: str, others: int = 0) -> Recognizer:
    """A network that always gives one answer, with so many outputs for what is none of the classes."""
    network = Network(["flatten", f"dense {len(names) + others} weights=zeros"], np.random.default_rng(0))
    network.layers[1].parameters["biases"][names.index(answer)] = 9
    return Recognizer(network, ModelCard("certain", "Certain", "", [], classes=list(names)))


def test_digits_of_a_number_are_those_of_its_text_whatever_else_a_network_reads() -> None:
    number = certain(LETTERS, "q").read_number(drawn_number("42"))
    assert len(number.text) == 2 and [digit.reading.answer for digit in number.digits] == ["q", "q"]
    assert [str(digit.digit) for digit in number.digits] == list(number.text)
    assert all(0 < digit.confidence < 0.01 < digit.reading.confidence for digit in number.digits)
    shown = to_dict(number)["digits"]
    assert [(each["digit"], each["confidence"]) for each in shown] == [(d.digit, d.confidence) for d in number.digits]
    usual = Recognizer.load().read_number(drawn_number("42"))
    for digit in usual.digits:
        assert digit.confidence == pytest.approx(digit.reading.confidence)


def of_made_up(names: tuple[str, ...], each: int = 12) -> Dataset:
    images, labels = made_up(len(names), each)
    tests = len(names)
    return Dataset("made up", images[:-tests], labels[:-tests], images[-tests:], labels[-tests:], classes=names)


def test_an_answer_is_the_name_of_its_class() -> None:
    reading = certain(LETTERS, "q").read(drawn(3))
    assert (reading.answer, reading.status, reading.classes) == ("q", "digit", LETTERS)
    assert reading.probabilities.shape == (47,) and reading.probabilities.sum() == pytest.approx(1, abs=1e-5)
    nothing = certain(LETTERS, "q").read(np.zeros((9, 9, 4), np.uint8))
    assert (nothing.answer, nothing.digit) == ("", None) and nothing.probabilities == pytest.approx(1 / 47)
    assert Recognizer.load("mlp").read(drawn(3)).answer == "3"


def test_outputs_beyond_the_classes_are_none_of_them() -> None:
    recognizer = certain(("left", "right"), "right", others=3)
    recognizer.network.layers[1].parameters["biases"][:] = (0, 0, 9, 9, 9)
    reading = Recognizer(recognizer.network, recognizer.card).read(drawn(3))
    assert reading.status == "other" and reading.other > 0.99 and len(reading.probabilities) == 2
    assert recognizer.knows_others and not certain(LETTERS, "q").knows_others and not recognizer.reads_digits


def test_a_filled_shape_is_something_to_read_among_clothes_alone() -> None:
    square = np.zeros((280, 280, 4), np.uint8)
    square[60:220, 80:200] = 255
    assert certain(FASHION, "Bag").read(square).answer == "Bag"
    assert certain(LETTERS, "q").read(square).digit is None


def test_numbers_are_read_by_whoever_knows_the_digits_wherever_they_stand() -> None:
    names = ("a", *"9876543210")
    shares = certain(names, "3").group_probabilities(np.zeros((2, 28, 28), np.float32))
    assert shares.shape == (2, 10) and shares.argmax(axis=1).tolist() == [3, 3]
    assert shares.sum(axis=1) == pytest.approx(1, abs=1e-5)
    with pytest.raises(InputError, match="does not know the ten digits, so it reads no numbers"):
        certain(FASHION, "Bag").read_number(drawn(3))


def test_a_network_of_62_classes_is_trained_measured_and_comes_back(tmp_path: Path) -> None:
    dataset = of_made_up(EMNIST["byclass"])
    config = TrainingConfig(("flatten", "dense 62"), learning_rate=0.01, epochs=6, validation=62, batch_size=32)
    trainer = Trainer(config, dataset)
    list(trainer.run())
    card = save_trained(trainer, dataset, tmp_path, ModelCard("letters", "Letters", "", [], dataset="emnist byclass"))
    assert card.accuracies["test"] > 0.9 and tuple(card.classes) == dataset.classes
    assert set(card.by_digit["test"]) == {dataset.classes[label] for label in dataset.test_labels}
    recognizer = Recognizer.load("letters", tmp_path)
    assert recognizer.classes == dataset.classes and recognizer.card.dataset == "emnist byclass"
    result = evaluate_test(recognizer, dataset)
    assert result.accuracy == pytest.approx(card.accuracies["test"], abs=1e-4) and len(result.confusion) == 62
    # Its digits alone are a dataset that it reads, too; clothes are not.
    digits = dataset.test_labels < 10
    part = dataclasses.replace(
        dataset,
        classes=tuple("0123456789"),
        test_images=dataset.test_images[digits],
        test_labels=dataset.test_labels[digits],
    )
    assert evaluate_test(recognizer, part).images == digits.sum()
    with pytest.raises(InputError, match="found T-shirt/top"):
        evaluate_test(recognizer, dataclasses.replace(part, classes=FASHION))


def test_more_classes_than_outputs_are_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="expected 47 outputs, one for each class of made up, found 10"):
        Trainer(TrainingConfig(("flatten", "dense 10"), validation=10), of_made_up(LETTERS))
    with pytest.raises(InputError, match="an output for each of its 10 classes, found 3"):
        Recognizer(Network(["flatten", "dense 3"], np.random.default_rng(0)), ModelCard("x", "", "", []))
    few = Network(["flatten", "dense 3"], np.random.default_rng(0))
    weights.save(few, ModelCard("few", "Few", "", [], classes=["a", "b", "c"]), tmp_path)
    assert Recognizer.load("few", tmp_path).classes == ("a", "b", "c")
    text = json.loads((tmp_path / "few.json").read_text())
    for classes, words in (
        (["a", "b", "c", "d"], r"few\.npz: expected an output for each of its 4 classes, found 3"),
        (["a", "a"], "a name of its own for each class"),
        ([1, 2, 3], "classes are expected to be names"),
        (["a", "\u0007"], "is not a name"),
        ("abc", "classes is a str"),
    ):
        (tmp_path / "few.json").write_text(json.dumps(text | {"classes": classes}))
        with pytest.raises(InputError, match=words):
            Recognizer.load("few", tmp_path)


def test_the_card_of_a_network_for_digits_is_as_it_was(tmp_path: Path) -> None:
    weights.save(Network(["flatten", "dense 10"], np.random.default_rng(0)), ModelCard("ten", "", "", []), tmp_path)
    assert {"classes", "dataset"}.isdisjoint(json.loads((tmp_path / "ten.json").read_text()))
    assert Recognizer.load("ten", tmp_path).reads_digits
