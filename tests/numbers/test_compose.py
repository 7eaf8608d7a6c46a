"""Numbers composed of pen digits."""

from pathlib import Path

import numpy as np

from mnist_core.ink.pen import load_pen
from mnist_core.numbers.compose import Composer
from mnist_core.numbers.photograph import composed_picture
from tests.strokes import pen_file


def test_amounts_have_more_zeros(tmp_path: Path) -> None:
    drawings = load_pen(pen_file(tmp_path / "pen.npz"))
    shares = []
    for zeros in (0.0, 1.0):
        composer = Composer(drawings, zeros=zeros)
        text = "".join(composer.compose(np.random.default_rng(number), 20.0).text for number in range(60))
        shares.append(text.count("0") / len(text))
    assert shares[0] < 0.35 < 0.5 < shares[1]


def test_another_hand_draws_the_same_number(tmp_path: Path) -> None:
    drawings = load_pen(pen_file(tmp_path / "pen.npz"))
    plain, varied = (Composer(drawings, varied=share) for share in (0.0, 1.0))
    numbers = [composer.compose(np.random.default_rng(3), 40.0) for composer in (plain, plain, varied)]
    assert (numbers[0].ink == numbers[1].ink).all()
    assert numbers[2].ink.shape != numbers[0].ink.shape


def test_a_picture_is_drawn_or_photographed(tmp_path: Path) -> None:
    composer = Composer(load_pen(pen_file(tmp_path / "pen.npz")))
    _, drawn = composed_picture(composer, np.random.default_rng(0), 1.0, (50.0, 50.0))
    _, photo = composed_picture(composer, np.random.default_rng(0), 0.0)
    assert {tuple(pixel) for pixel in drawn[0]} == {(0, 0, 0, 255)}
    assert photo.shape[2] == 4 and len(np.unique(photo[0], axis=0)) > 5
