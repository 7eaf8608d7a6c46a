"""Reading drawings: the answer, the doubt, the blank; many at once; many threads at once; pen strokes."""

import dataclasses
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from mnist_core import Reading, Recognizer
from mnist_core.data.dataset import load_mnist, to_unit
from mnist_core.errors import InputError
from mnist_core.ink.pen import ANY_HAND, load_pen, render, replay
from mnist_core.nn.metrics import wilson_interval
from mnist_core.nn.network import Network
from mnist_core.reading.evaluation import count, evaluate_test, may_know, read_pen, separate
from mnist_core.reading.looks import ANGLE, views
from mnist_core.reading.weights import ModelCard

STROKES = {
    0: [[(140, 40), (80, 90), (75, 180), (130, 240), (190, 190), (200, 100), (140, 40)]],
    1: [[(140, 40), (138, 240)]],
    2: [[(80, 90), (130, 45), (190, 80), (160, 150), (80, 230), (210, 230)]],
    3: [[(80, 60), (150, 45), (185, 85), (130, 130), (190, 175), (150, 230), (75, 215)]],
    4: [[(90, 50), (75, 140), (200, 140)], [(185, 60), (175, 240)]],
    7: [[(70, 60), (200, 60), (120, 235)]],
}


def drawn(digit: int, width: float = 20) -> np.ndarray:
    return render([np.array(stroke, float) for stroke in STROKES[digit]], width)


@pytest.fixture(scope="module")
def recognizer() -> Recognizer:
    return Recognizer.load()


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


def test_five_views_are_the_picture_and_its_turns_and_slants() -> None:
    image = np.zeros((28, 28), np.float32)
    image[4:24, 13:15] = 1
    found = views(np.stack([image, image.T]))
    assert found.shape == (10, 28, 28)
    np.testing.assert_array_equal(found[[0, 5]], [image, image.T])
    # A post leans to one side, then to the other, by four degrees over its height; so it does when slanted.
    tops = [float((view[5] * np.arange(28)).sum() / view[5].sum()) for view in found[1:5]]
    lean = np.tan(np.radians(ANGLE)) * 8.5
    assert sorted(tops) == pytest.approx([13.5 - lean, 13.5 - lean, 13.5 + lean, 13.5 + lean], abs=0.05)
    # A bar is turned too, but slanting leaves its rows where they are.
    heights = [float((view[:, 5] * np.arange(28)).sum() / view[:, 5].sum()) for view in found[6:10]]
    assert sorted(heights) == pytest.approx([13.5 - lean, 13.5, 13.5, 13.5 + lean], abs=0.05)


def test_a_reading_with_five_views_is_their_mean() -> None:
    network = Network(["flatten", "dense 10"], np.random.default_rng(0))
    image = to_unit(load_mnist().test_images[:3])
    one, five = (Recognizer(network, ModelCard("n", "", "", [], views=count)) for count in (1, 5))
    assert five.scores(image[:0]).shape == one.scores(image[:0]).shape == (0, 10)
    np.testing.assert_allclose(
        five.scores(image), [one.scores(views(picture[None])).mean(axis=0) for picture in image], rtol=1e-4, atol=1e-5
    )
    many = np.concatenate([image] * 50)
    np.testing.assert_allclose(five.scores(many), np.tile(five.scores(image), (50, 1)), rtol=1e-4, atol=1e-5)


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


def pen_file(path: Path, **change: object) -> Path:
    """A pen file with the digits of STROKES, and one letter, each drawn four times."""
    points, strokes, drawings, labels = [], [0], [0], []
    for _ in range(4):
        for label, lines in [(str(digit), lines) for digit, lines in STROKES.items()] + [("E", STROKES[3])]:
            for line in lines:
                steps = np.linspace(0, len(line) - 1, 60)
                points += [np.stack([np.interp(steps, range(len(line)), np.array(line)[:, k]) for k in (0, 1)], 1) * 5]
                strokes.append(strokes[-1] + 60)
            drawings.append(len(strokes) - 1)
            labels.append(label)
    arrays = {
        "points": np.concatenate(points).astype(np.int16),
        "strokes": np.array(strokes, np.int32),
        "drawings": np.array(drawings, np.int32),
        "labels": np.array(labels),
        "writers": np.array(["w"] * len(labels)),
    } | change
    np.savez(path, **{name: array for name, array in arrays.items() if array is not None})  # type: ignore[arg-type]
    return path


@pytest.mark.slow
def test_pen_strokes_are_replayed_and_read(tmp_path: Path, recognizer: Recognizer) -> None:
    drawings = load_pen(pen_file(tmp_path / "pen.npz"))
    readings, indices = read_pen(recognizer, drawings, seed=3)
    result = count(readings, drawings.labels[indices].astype(int))
    assert result.images == 4 * len(STROKES) and result.accuracy >= 0.9
    assert count(read_pen(recognizer, drawings, seed=3)[0], drawings.labels[indices].astype(int)) == result


def test_a_replay_keeps_to_the_canvas_and_varies(tmp_path: Path) -> None:
    drawing, rng = load_pen(pen_file(tmp_path / "pen.npz")).drawing(0), np.random.default_rng(0)
    sizes, corners = [], []
    for _ in range(50):
        rgba = replay(drawing, rng)
        assert rgba.shape == (280, 280, 4) and (rgba[..., 3] == 255).all()
        rows, columns = np.flatnonzero(rgba[..., 0].any(axis=1)), np.flatnonzero(rgba[..., 0].any(axis=0))
        sizes.append(max(rows[-1] - rows[0], columns[-1] - columns[0]))
        corners.append((rows[0], columns[0]))
    assert 130 <= min(sizes) < 170 and 210 < max(sizes) <= 255
    assert np.std(corners, axis=0).min() > 10


def test_any_hand_is_small_and_large_thin_and_thick_and_tilted() -> None:
    post = [np.array([[0, 0], [0, 1000]], np.int16)]
    rng = np.random.default_rng(0)
    heights, thick, leans = [], [], []
    for _ in range(200):
        ink = replay(post, rng, ANY_HAND)[..., 0] > 127
        rows = np.flatnonzero(ink.any(axis=1))
        heights.append(len(rows))
        thick.append(ink[(rows[0] + rows[-1]) // 2].sum() / len(rows))
        leans.append(np.flatnonzero(ink[rows[0] + 2]).mean() - np.flatnonzero(ink[rows[-1] - 2]).mean())
    assert 90 <= min(heights) < 110 and 220 < max(heights) <= 265
    # A round pen makes the drawing higher by the width of the stroke.
    assert 0.02 < min(thick) < 0.06 and 0.13 < max(thick) < 0.2
    lean = np.array(leans) / heights
    assert -0.18 < lean.min() < -0.1 and 0.1 < lean.max() < 0.18


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


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"points": None}, "expected an array 'points'"),
        ({"points": np.zeros((4, 3), np.int16)}, r"points: expected whole numbers \[P, 2\]"),
        ({"strokes": np.array([0, 10**9], np.int32)}, "strokes: expected whole numbers rising"),
        ({"drawings": np.array([0], np.int32)}, "drawings: expected whole numbers rising"),
        ({"labels": np.array(["1"])}, "labels: expected 28 texts"),
        ({"writers": np.zeros(28)}, "writers: expected 28 texts"),
    ],
)
def test_pen_files_that_do_not_fit_are_refused(tmp_path: Path, change: dict[str, object], words: str) -> None:
    with pytest.raises(InputError, match=words):
        load_pen(pen_file(tmp_path / "pen.npz", **change))


def test_a_pen_file_without_digits_is_refused(tmp_path: Path, recognizer: Recognizer) -> None:
    with pytest.raises(InputError, match="expected drawings labeled 0 to 9"):
        read_pen(recognizer, load_pen(pen_file(tmp_path / "pen.npz", labels=np.array(["E"] * 28))))
