"""Training data besides MNIST: styles drawn on to digits, strokes in other hands, and what is not a digit."""

import dataclasses
from pathlib import Path

import numpy as np
import pytest

from mnist_core.data.class_names import FASHION
from mnist_core.data.dataset import Dataset, load_mnist, to_unit
from mnist_core.errors import InputError
from mnist_core.ink.canvas import find_box, normalize
from mnist_core.ink.pen import ANY_HAND, NUMERALS, PenDrawings, load_pen, render, replay
from mnist_core.ink.restyle import STYLED, draw_line, restyle, stroke_width
from mnist_core.ink.vary_strokes import scribble, side_by_side, vary
from mnist_core.ink.writing_styles import style_of
from mnist_core.nn.network import DIGITS
from mnist_core.recipes.training_data import CLASS_IDS, NOTHING, ExtraData, gather
from tests.strokes import STROKES, pen_file

POST = [np.array([[500.0, 0.0], [500.0, 1000.0]])]


def few_images(count: int = 300) -> Dataset:
    mnist = load_mnist()
    return dataclasses.replace(mnist, train_images=mnist.train_images[:count], train_labels=mnist.train_labels[:count])


def pen(tmp_path: Path) -> PenDrawings:
    """Digits, and the letters E and O, by seven writers."""
    labels = np.array([*"123470E"] * 3 + [*"123470O"])
    writers = np.array([f"{'left' if number % 7 == 6 else 'here'}/{number % 7}" for number in range(28)])
    return load_pen(pen_file(tmp_path / "pen.npz", labels=labels, writers=writers))


@pytest.mark.parametrize("width", [1.5, 2.0, 3.5])
def test_the_width_of_a_stroke_is_seen(width: float) -> None:
    line = draw_line(np.zeros((28, 28), np.float32), np.array([5, 6]), np.array([22, 19]), width)
    assert stroke_width(line) == pytest.approx(width, rel=0.3)


@pytest.mark.parametrize("digit", STYLED)
def test_styles_add_ink_and_the_result_is_normalized(digit: int) -> None:
    mnist, rng = load_mnist(), np.random.default_rng(1)
    images = to_unit(mnist.train_images[mnist.train_labels == digit][:200])
    styled = [restyle(image, digit, rng) for image in images]
    done = [(image, found) for image, found in zip(images, styled, strict=True) if found is not None]
    assert len(done) > 100
    more = 0
    for image, found in done:
        box = find_box(found)
        assert box is not None and max(box[1] - box[0], box[3] - box[2]) <= 20
        assert found.shape == (28, 28) and found.dtype == np.float32 and 0 <= found.min() <= found.max() <= 1
        more += found.sum() > image.sum()
    # A long slash makes the digit smaller, since both must fit.
    assert more > (0.5 if digit == 0 else 0.8) * len(done)


def test_a_digit_that_has_its_flag_or_bar_gets_no_second_one() -> None:
    def image(*strokes: list[tuple[int, int]]) -> np.ndarray:
        found = normalize(render([np.array(stroke, float) for stroke in strokes], 18))
        assert found is not None
        return found

    rng = np.random.default_rng(0)
    flagged = image([(80, 120), (150, 40), (150, 240)])
    crossed = image(STROKES[7][0], [(110, 150), (210, 150)])
    assert all(restyle(flagged, 1, rng) is None and restyle(crossed, 7, rng) is None for _ in range(20))
    assert restyle(image([(150, 40), (150, 240)]), 1, rng) is not None
    assert restyle(image(STROKES[7][0]), 7, rng) is not None
    slim = image([(140, 40), (125, 140), (140, 240), (155, 140), (140, 40)])
    assert restyle(slim, 0, rng) is None


def test_ways_of_writing_are_told_apart() -> None:
    def style(digit: int, *strokes: list[tuple[int, int]]) -> str | None:
        return style_of([np.array(stroke, np.int16) for stroke in strokes], digit)

    assert style(1, [(500, 0), (500, 1000)]) == "plain 1"
    assert style(1, [(200, 400), (500, 0), (500, 1000)]) == "1 with a flag"
    assert style(1, [(200, 950), (500, 0), (500, 1000)]) == "1 with a flag"
    assert style(1, [(300, 300), (500, 0), (500, 1000)], [(200, 1000), (800, 990)]) == "1 with a foot"
    assert style(7, [(200, 0), (800, 0), (400, 1000)]) is None
    assert style(7, [(200, 0), (800, 0), (400, 1000)], [(300, 500), (700, 480)]) == "7 with a bar"
    assert style(7, [(800, 10), (400, 1000)], [(200, 0), (800, 10)]) is None
    assert style(0, [(500, 0), (0, 500), (500, 1000), (900, 500), (500, 0)]) is None
    assert style(0, [(500, 0), (0, 500), (500, 1000), (900, 500), (500, 0)], [(900, 0), (0, 900)]) == "0 with a slash"
    assert style(0, [(500, 0), (0, 500), (500, 1000)], [(500, 0), (900, 250), (900, 750), (500, 1000)]) is None
    assert style(5, [(200, 0), (200, 500), (200, 1000)], [(200, 0), (700, 0)]) == "5 in two strokes"
    assert style(5, [(200, 0), (200, 500), (200, 1000)]) is None and style(3, [(0, 0), (9, 9)]) is None


def test_a_drawing_varies_and_keeps_its_strokes() -> None:
    rng = np.random.default_rng(0)
    four = [np.stack([np.linspace(0, 600, 40), np.linspace(0, 900, 40)], 1), np.array([[700.0, 0.0], [650.0, 1000.0]])]
    varied = [vary(four, rng, "4") for _ in range(30)]
    assert all(len(strokes) == 2 and len(strokes[1]) == 2 for strokes in varied)
    ends = np.array([strokes[1][1] - strokes[0][0] for strokes in varied])
    assert 30 < ends[:, 0].std() < 400 and 30 < ends[:, 1].std() < 400
    assert [np.array_equal(a, b) for a, b in zip(four, varied[0], strict=True)] == [False, False]


def test_a_five_in_one_stroke_sometimes_comes_in_two() -> None:
    five = np.array(
        [(800, 0), (600, 0), (400, 0), (200, 10), (180, 400), (500, 380), (800, 700), (500, 1000), (150, 900)]
    )
    rng = np.random.default_rng(0)
    counts = [len(vary([five], rng, "5")) for _ in range(60)]
    assert set(counts) == {1, 2} and all(len(vary([five], rng, "3")) == 1 for _ in range(30))
    straight = np.stack([np.full(30, 5.0), np.linspace(0, 1000, 30)], 1)
    assert all(len(vary([straight], rng, "5")) == 1 for _ in range(30))


def test_nothings_are_drawn_on_the_canvas() -> None:
    rng = np.random.default_rng(0)
    assert all(np.isfinite(np.concatenate(scribble(rng))).all() for _ in range(20))
    for number in range(8):
        image = normalize(replay(scribble(rng) if number % 2 else side_by_side(POST, POST, rng), rng, ANY_HAND))
        assert image is not None and image.shape == (28, 28) and image.max() > 0.5
    pair = side_by_side(POST, POST, rng)
    assert len(pair) == 2 and pair[1][:, 0].min() - pair[0][:, 0].max() >= 60


@pytest.mark.slow
def test_what_is_gathered_is_mnist_then_styles_then_strokes_then_what_is_held_out(tmp_path: Path) -> None:
    few, drawings = few_images(), pen(tmp_path)
    extra = ExtraData(styled=1, replays=3, nothings=10, held_out=0.3, mnist=1)
    found, words = gather(few, extra, [drawings], seed=4, validation=50)
    assert found.held_out is not None and found.train_images.dtype == found.train_labels.dtype == np.uint8
    np.testing.assert_array_equal(found.train_images[:300], few.train_images)
    assert (found.held_out < 300).sum() == 50
    # Two of the six writers with digits are held out, once each as they wrote; O could be a 0, so it is passed over.
    strokes_held_out = found.held_out[found.held_out >= 300]
    kept = np.random.default_rng([4, 1]).spawn(2)[0]
    kept.permutation(300)
    writers = kept.permutation(np.unique(drawings.writers[np.isin(drawings.labels, NUMERALS)]))[:2]
    usable = drawings.labels != "O"
    out = np.isin(drawings.writers, writers)
    end = len(found.train_labels)
    assert strokes_held_out.tolist() == list(range(end - (out & usable).sum(), end))
    letters = int((drawings.labels[~out & usable] == "E").sum())
    assert f"{(~out & usable).sum()} pen drawings replayed 3 times each" in words and "10 scribbles and pairs" in words
    learned = np.delete(found.train_labels, found.held_out)
    assert (learned == CLASS_IDS["E"]).sum() == 3 * letters and (learned == NOTHING).sum() == 10
    assert (learned >= DIGITS).sum() == 3 * letters + 10
    styled = len(found.train_labels) - 300 - 3 * (~out & usable).sum() - 10 - (out & usable).sum()
    free = np.delete(few.train_labels, found.held_out[:50])
    assert 0.6 * np.isin(free, STYLED).sum() < styled <= np.isin(free, STYLED).sum()


@pytest.mark.slow
def test_the_same_seed_gathers_the_same_in_any_number_of_processes(tmp_path: Path) -> None:
    few, drawings = few_images(), pen(tmp_path)
    extra = ExtraData(replays=2, nothings=300)
    one, two, other = (
        gather(few, extra, [drawings], seed=seed, validation=50, processes=processes)[0]
        for seed, processes in ((4, 1), (4, 2), (5, 1))
    )
    np.testing.assert_array_equal(one.train_images, two.train_images)
    np.testing.assert_array_equal(one.train_labels, two.train_labels)
    assert one.train_images.shape != other.train_images.shape or (one.train_images != other.train_images).any()


@pytest.mark.slow
def test_what_is_held_out_or_left_out_is_in_no_picture_that_is_learned_from(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    labels = np.array([*"1234701"] * 4)
    writers = np.array([f"{'left' if number % 7 == 6 else 'here'}/{number % 7}" for number in range(28)])
    drawings = load_pen(pen_file(tmp_path / "pen.npz", labels=labels, writers=writers))
    drawn: list[str] = []
    look = PenDrawings.drawing

    def noted(pen: PenDrawings, place: int) -> list[np.ndarray]:
        drawn.append(str(pen.writers[place]))
        return look(pen, place)

    monkeypatch.setattr(PenDrawings, "drawing", noted)
    extra = ExtraData(styled=0, replays=1, nothings=200, held_out=0.35, mnist=2)
    found, _ = gather(few_images(), extra, [drawings], seed=1, validation=100, without=("left",))
    assert found.held_out is not None and "left/6" not in drawn
    strangers = {writer for writer in set(drawn) if drawn.count(writer) == 4}
    # Each of the four drawings once, and in no pair; two of six writers.
    assert len(strangers) == 2 and (found.held_out >= 300).sum() == 8
    # The second copy of MNIST has none of the images that are held out either.
    aside = {few_images().train_images[place].tobytes() for place in found.held_out[:100]}
    learned = np.delete(np.arange(len(found.train_labels)), found.held_out)
    assert not any(found.train_images[place].tobytes() in aside for place in learned)


@pytest.mark.slow
def test_held_out_writers_may_have_written_letters_only(tmp_path: Path) -> None:
    writers = np.array([["a", "b", "c"][("123470E".index(label)) % 3] for label in [*"123470E"] * 4])
    writers[6::7] = "letters"
    drawings = load_pen(pen_file(tmp_path / "pen.npz", labels=np.array([*"123470E"] * 4), writers=writers))
    for share in (0.5, 1.0):
        extra = ExtraData(held_out=share, styled=0, nothings=50, mnist=1)
        found, _ = gather(few_images(), extra, [drawings], seed=0, validation=10)
        assert found.held_out is not None
        # MNIST's images come first.
        learned = np.delete(found.train_labels, found.held_out)[290:]
        assert (learned < DIGITS).any()


def test_images_without_ink_or_with_gaps_are_left_as_they_are() -> None:
    rng, gap = np.random.default_rng(0), np.zeros((28, 28), np.float32)
    gap[4:13, 10:18], gap[20:24, 10:13] = 1, 1
    for digit in STYLED:
        assert restyle(np.zeros((28, 28), np.float32), digit, rng) is None
        assert restyle(np.full((28, 28), 0.05, np.float32), digit, rng) is None
        for _ in range(20):
            restyle(gap, digit, rng)


@pytest.mark.slow
def test_writers_can_be_left_out_but_not_all(tmp_path: Path) -> None:
    few, drawings = few_images(), pen(tmp_path)
    extra = ExtraData(styled=0, replays=1, nothings=0, held_out=0, mnist=1)
    everybody, some = (
        gather(few, extra, [drawings], seed=0, validation=10, without=without)[0] for without in ((), ("left/",))
    )
    assert len(everybody.train_labels) == 300 + 27 and len(some.train_labels) == 300 + 24
    with pytest.raises(InputError, match="expected digits by writers who are not left out"):
        gather(few, extra, [drawings], seed=0, validation=10, without=("left", "here"))
    with pytest.raises(InputError, match="validation 300: expected fewer"):
        gather(few, extra, [], seed=0, validation=300)


def test_only_digits_get_flags_and_bars_and_pen_strokes() -> None:
    few = few_images()
    count = len(gather(few, ExtraData(styled=1), (), seed=0, validation=30)[0].train_labels)
    assert count > 300
    clothes = dataclasses.replace(few, classes=FASHION)
    assert len(gather(clothes, ExtraData(styled=1), (), seed=0, validation=30)[0].train_labels) == 300
    # Where the digits are not in their order, the names count.
    turned = dataclasses.replace(
        few, classes=tuple("9876543210"), train_labels=9 - few.train_labels, test_labels=9 - few.test_labels
    )
    found, _ = gather(turned, ExtraData(styled=1), (), seed=0, validation=30)
    assert len(found.train_labels) == count and {turned.classes[label] for label in found.train_labels[300:]} == {
        *"017"
    }


def test_pen_strokes_are_added_to_digits_alone(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="expected the ten digits, since pen strokes are added to them"):
        gather(dataclasses.replace(few_images(), classes=FASHION), ExtraData(), [pen(tmp_path)], seed=0, validation=30)
