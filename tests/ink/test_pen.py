"""Pen files: what is refused, and how a drawing is replayed in a hand."""

from pathlib import Path

import numpy as np
import pytest

from mnist_core.errors import InputError
from mnist_core.ink.pen import ANY_HAND, load_pen, replay
from tests.strokes import pen_file


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
