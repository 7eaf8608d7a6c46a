"""Reading drawings: the answer, the doubt, the blank; many at once; many threads at once."""

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from mnist_core import Reading, Recognizer
from mnist_core.data.dataset import load_mnist, to_unit
from mnist_core.ink.pen import render
from mnist_core.nn.network import Network
from mnist_core.reading.weights import ModelCard
from tests.strokes import STROKES, drawn


@pytest.mark.parametrize("digit", STROKES)
@pytest.mark.parametrize("network", ["default", "mlp"])
def test_drawn_digits_are_read(digit: int, network: str) -> None:
    reading = Recognizer.load(network).read(drawn(digit))
    assert (reading.digit, reading.status) == (digit, "digit")
    assert reading.probabilities.shape == (10,) and reading.probabilities.dtype == np.float32
    assert reading.probabilities.sum() == pytest.approx(1, abs=1e-5)
    assert reading.confidence == pytest.approx(reading.probabilities.max() * (1 - reading.other), rel=1e-4)
    assert reading.likeliest(1) == [digit]
    assert reading.image is not None and reading.image.shape == (28, 28) and reading.image.dtype == np.float32


def test_nothing_drawn_is_blank_with_no_confidence(recognizer: Recognizer) -> None:
    for canvas in (np.zeros((280, 280, 4), np.uint8), np.full((7, 9, 4), 200, np.uint8), np.zeros((0, 0, 4), np.uint8)):
        reading = recognizer.read(canvas)
        assert (reading.status, reading.digit, reading.confidence, reading.image) == ("blank", None, 0.0, None)
        assert reading.probabilities.sum() == pytest.approx(1)


def test_dots_and_filled_shapes_are_not_read_as_anything(recognizer: Recognizer) -> None:
    two_taps = np.maximum(*(render([np.array([(place, place)])], 20) for place in (20.0, 260.0)))
    tap = render([np.array([(140.0, 140.0)])], 20)
    square = np.zeros((280, 280, 4), np.uint8)
    square[60:220, 80:200] = 255
    for drawing in (tap, two_taps, square):
        reading = recognizer.read(drawing)
        assert (reading.status, reading.digit, reading.confidence) == ("unsure", None, 0.0)
        assert reading.probabilities.tolist() == pytest.approx([0.1] * 10)
    assert recognizer.read(drawn(1, 40)).digit == 1


@pytest.mark.slow
def test_under_the_threshold_of_the_card_it_is_unsure(recognizer: Recognizer) -> None:
    images = list(to_unit(load_mnist().test_images[:3000]))
    readings = recognizer.read_images(images)
    threshold = recognizer.card.unsure_below
    assert all((reading.confidence >= threshold) == (reading.status == "digit") for reading in readings)
    assert all((reading.other >= 0.5) == (reading.status == "other") for reading in readings)
    assert any(reading.status == "unsure" for reading in readings)


def eleven(digit: float, second: float, other: float, temperature: float = 1.0) -> Recognizer:
    """A network that always gives the digits 3 and 8, and no digit, these scores, and the other digits -9."""
    network = Network(["flatten", "dense 11 weights=zeros"], np.random.default_rng(0))
    network.layers[1].parameters["biases"][:] = -9
    network.layers[1].parameters["biases"][[3, 8, 10]] = digit, second, other
    return Recognizer(network, ModelCard("eleven", "", "", [], unsure_below=0.8, temperature=temperature))


def test_letters_are_not_digits_to_the_bundled_network(recognizer: Recognizer) -> None:
    letters = {
        "E": [[(200, 50), (80, 50), (80, 240), (200, 240)], [(80, 140), (170, 140)]],
        "A": [[(60, 240), (140, 40), (220, 240)], [(95, 160), (185, 160)]],
        "K": [[(80, 40), (80, 240)], [(200, 40), (85, 150), (210, 240)]],
        "W": [[(40, 50), (90, 230), (140, 110), (190, 230), (240, 50)]],
    }
    for letter, strokes in letters.items():
        reading = recognizer.read(render([np.array(stroke, float) for stroke in strokes], 18))
        assert reading.status == "other", (letter, reading)
    assert Recognizer.load("mlp").read(drawn(3)).other == 0


def test_ways_of_writing_that_mnist_hardly_has_are_read(recognizer: Recognizer) -> None:
    ring = [(140, 40), (80, 90), (75, 180), (130, 240), (190, 190), (200, 100), (140, 40)]
    bar = [(95, 45), (190, 40)]
    ways = {
        "flagged 1": (1, [[(80, 130), (150, 40), (150, 240)]]),
        "1 with flag and foot": (1, [[(90, 120), (150, 40), (150, 240)], [(90, 240), (210, 240)]]),
        "slashed 0": (0, [ring, [(60, 230), (215, 50)]]),
        "crossed 7": (7, [[(70, 60), (200, 60), (120, 235)], [(100, 150), (200, 150)]]),
        "5 in two strokes": (5, [[(90, 60), (85, 130), (150, 120), (190, 170), (150, 235), (80, 220)], bar]),
    }
    for name, (digit, strokes) in ways.items():
        reading = recognizer.read(render([np.array(stroke, float) for stroke in strokes], 18))
        assert (reading.digit, reading.status) == (digit, "digit"), (name, reading)


def test_what_is_not_a_digit_is_said_to_be_none() -> None:
    def read(*scores: float) -> Reading:
        return eleven(*scores).read(drawn(3))

    sure, unsure, other = read(5, 0, 0), read(1, 1, 0), read(1, 0, 5)
    assert [reading.status for reading in (sure, unsure, other)] == ["digit", "unsure", "other"]
    assert [reading.digit for reading in (sure, unsure, other)] == [3, 3, 3]
    for reading, scores in ((sure, (5, 0, 0)), (unsure, (1, 1, 0)), (other, (1, 0, 5))):
        odds = np.exp(np.array(scores))
        assert reading.confidence == pytest.approx(odds[0] / odds.sum(), abs=1e-3)
        assert reading.other == pytest.approx(odds[2] / odds.sum(), abs=1e-3)
        assert reading.probabilities.shape == (10,) and reading.probabilities.sum() == pytest.approx(1)
        assert reading.confidence == pytest.approx(reading.probabilities[3] * (1 - reading.other), rel=1e-4)
    assert eleven(1, 0, 5).read(np.zeros((280, 280, 4), np.uint8)).status == "blank"


def test_the_temperature_of_the_card_changes_no_answer_but_how_sure_it_sounds() -> None:
    plain, humble = (eleven(4, 2, 0, temperature).read(drawn(3)) for temperature in (1.0, 2.0))
    assert plain.digit == humble.digit == 3
    odds = np.exp(np.array([2.0, 1, 0, *[-4.5] * 8]))
    assert humble.confidence == pytest.approx(odds[0] / odds.sum(), abs=1e-5) and humble.confidence < plain.confidence


def test_without_normalizing_a_small_digit_in_a_corner_is_not_read_well(recognizer: Recognizer) -> None:
    corner = np.zeros((280, 280, 4), np.uint8)
    corner[..., 3] = 255
    corner[:70, :70] = drawn(2)[::4, ::4]
    assert recognizer.read(corner).digit == 2
    plain = recognizer.read(corner, normalized=False)
    assert (plain.digit, plain.status) != (2, "digit")


def test_many_at_once_are_the_same_as_one_by_one(recognizer: Recognizer) -> None:
    drawings = [drawn(7), np.zeros((280, 280, 4), np.uint8), drawn(3, 12), drawn(1)]
    for one, of_many in zip(map(recognizer.read, drawings), recognizer.read_many(drawings), strict=True):
        assert (one.status, one.digit) == (of_many.status, of_many.digit)
        np.testing.assert_allclose(one.probabilities, of_many.probabilities, atol=1e-5)
    assert recognizer.read_many([]) == []


@pytest.mark.slow
def test_sixteen_threads_read_different_drawings_at_once(recognizer: Recognizer) -> None:
    dataset = load_mnist()
    images = list(to_unit(dataset.test_images[:160]))
    alone = [recognizer.read_images([image])[0].probabilities for image in images]
    before = {name: array.copy() for name, array in recognizer.network.arrays()}

    def read(thread: int) -> list[tuple[int, np.ndarray]]:
        mine = range(thread, 160, 16)
        return [(i, recognizer.read_images([images[i]])[0].probabilities) for _ in range(3) for i in mine]

    with ThreadPoolExecutor(16) as pool:
        for found in pool.map(read, range(16)):
            for i, probabilities in found:
                np.testing.assert_array_equal(probabilities, alone[i])
    for name, array in recognizer.network.arrays():
        np.testing.assert_array_equal(array, before[name])


@pytest.mark.slow
@settings(deadline=None)
@given(hnp.arrays(np.uint8, st.tuples(st.integers(1, 40), st.integers(1, 40), st.just(4))), st.booleans())
def test_any_drawing_gives_a_sound_reading(rgba: np.ndarray, normalized: bool) -> None:
    reading = Recognizer.load("mlp").read(rgba, normalized=normalized)
    assert reading.status in ("digit", "unsure", "other", "blank")
    assert (reading.status == "blank") == (reading.image is None)
    assert (reading.status == "digit") <= (reading.digit is not None) == (reading.confidence > 0)
    assert 0 <= reading.confidence <= 1 and np.isfinite(reading.probabilities).all()
