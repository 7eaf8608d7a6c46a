"""The UNIPEN reader, on small files written here."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mnist_core.errors import InputError
from mnist_core.ink.pen import load_pen
from mnist_core.ink.unipen import Collected, read_unipen, write_pen
from tests.commands.test_cli import run

STROKES = """.VERSION 1.0
.COMMENT a tablet with a time column; y grows upward
.COORD T X Y
.X_POINTS_PER_INCH 100
.Y_POINTS_PER_INCH 200
.PEN_DOWN
0 10 400
1 10 0
.PEN_UP
.DT 100
.PEN_DOWN
2 60 400
3 110 400
4 110 0
.PEN_UP
5 90 100
6 70 200
.PEN_DOWN
7 60 200
8 160 200
"""
SEGMENTS = """.INCLUDE smith/session1.dat
.SEGMENT WORD 0-3 ? "17"
.SEGMENT CHARACTER 0 OK "1"
.SEGMENT CHARACTER 1-3 ?
 "7"
.SEGMENT CHARACTER 1:1-1:2 GOOD "\\""
.SEGMENT CHARACTER 0 BAD "1"
.SEGMENT CHARACTER 0 ? "10"
.SEGMENT CHARACTER 2 ? "3"
.SEGMENT CHARACTER 9 ? "3"
.SEGMENT CHARACTER x ? "3"
"""
HOSTILE = [
    f'.SEGMENT CHARACTER {"1" * 5000} ? "3"',
    f'.SEGMENT CHARACTER 0-{"9" * 5000} ? "3"',
    ".X_POINTS_PER_INCH inf",
    ".Y_POINTS_PER_INCH 1e-300",
    ".X_POINTS_PER_MM 1e300",
    ".Y_POINTS_PER_INCH nan",
]


def collection(folder: Path, segments: str = SEGMENTS, strokes: str = STROKES) -> Path:
    """A folder laid out as the public collection is: labels below "data", strokes below "include"."""
    for place, text in (("data/1a/smith/a.dat", segments), ("include/smith/session1.dat", strokes)):
        path = folder / place
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return folder


def test_characters_are_cut_out_turned_upright_and_scaled(tmp_path: Path) -> None:
    found = read_unipen(collection(tmp_path))
    assert found.labels == ["1", "7", '"']
    assert found.writers == ["smith/session1"] * 3 and found.keys == [f"smith/session1#{n}" for n in range(3)]
    one, seven, part = found.drawings
    assert [stroke.tolist() for stroke in one] == [[[0, 0], [0, 1000]]]
    # 100 wide, and 400 high at twice the resolution: 200. The pen's way in the air, component 2, is not drawn.
    assert [stroke.tolist() for stroke in seven] == [[[0, 0], [250, 0], [250, 1000]], [[0, 500], [500, 500]]]
    assert [stroke.tolist() for stroke in part] == [[[0, 0], [0, 1000]]]
    assert found.skipped == {
        "characters of bad quality": 1,
        "labels that are not one character": 1,
        "characters without ink": 1,
        "characters whose strokes are not there": 1,
        "characters with an unreadable delineation": 1,
    }


def test_what_is_written_is_a_pen_file(tmp_path: Path) -> None:
    found = read_unipen(collection(tmp_path))
    write_pen(found, tmp_path / "pen.npz")
    drawings = load_pen(tmp_path / "pen.npz")
    assert drawings.labels.tolist() == found.labels and drawings.writers.tolist() == found.writers
    for j, strokes in enumerate(found.drawings):
        assert [a.tolist() for a in drawings.drawing(j)] == [b.tolist() for b in strokes]
    with pytest.raises(InputError, match="cannot be written"):
        write_pen(found, tmp_path / "nowhere" / "pen.npz")


def test_strokes_may_stand_in_the_same_file(tmp_path: Path) -> None:
    (tmp_path / "jones").mkdir()
    (tmp_path / "jones" / "b.DAT").write_text(STROKES + '.SEGMENT DIGIT 0 ? "1"\n')
    assert read_unipen(tmp_path).writers == ["jones/b"]


@pytest.mark.parametrize(
    ("segments", "strokes", "why"),
    [
        (".INCLUDE ../../../../etc/passwd\n" + SEGMENTS, STROKES, "files whose .INCLUDE is not there"),
        (SEGMENTS, ".INCLUDE smith/session1.dat\n", "files that include each other"),
        (SEGMENTS, STROKES.replace("60 400", "sixty 400"), "files with samples that are not numbers"),
        (SEGMENTS, STROKES.replace("60 400", "nan 400"), "files with samples that are not numbers"),
        (SEGMENTS, STROKES.replace(".COORD T X Y", ".COORD T P"), "files without X and Y coordinates"),
    ],
)
def test_a_file_that_cannot_be_used_is_passed_over_by_reason(
    tmp_path: Path, segments: str, strokes: str, why: str
) -> None:
    collection(tmp_path, segments, strokes)
    good = tmp_path / "good.dat"
    good.write_text(STROKES + '.SEGMENT CHARACTER 0 ? "1"\n')
    found = read_unipen(tmp_path)
    assert found.labels == ["1"] and why in found.skipped


def test_inches_and_millimeters_are_told_apart(tmp_path: Path) -> None:
    shapes = []
    for number, (x, y) in enumerate(((100, 200), (200, 200))):
        by_inch, by_mm = STROKES.replace("INCH 100", f"INCH {x}"), STROKES.replace("INCH 100", f"INCH {x}")
        by_mm = by_mm.replace("Y_POINTS_PER_INCH 200", f"Y_POINTS_PER_MM {y / 25.4}")
        for text in (by_inch, by_mm):
            path = tmp_path / str(number) / "a.dat"
            path.parent.mkdir(exist_ok=True)
            path.write_text(text + '.SEGMENT CHARACTER 1-3 ? "7"\n')
            shapes.append(np.concatenate(read_unipen(path.parent).drawings[0]).tolist())
    assert shapes[0] == shapes[1] != shapes[2] == shapes[3]


def test_a_folder_without_characters_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="expected a folder with UNIPEN files"):
        read_unipen(tmp_path / "none")
    with pytest.raises(InputError, match="no characters found in 0 UNIPEN files"):
        read_unipen(tmp_path)


@pytest.mark.slow
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(
        st.sampled_from(STROKES.splitlines() + SEGMENTS.splitlines()[1:] + HOSTILE)
        | st.text('\n. -:0123456789\\"aX', max_size=12),
        max_size=25,
    )
)
def test_no_file_breaks_the_reader(tmp_path: Path, lines: list[str]) -> None:
    path = tmp_path / "any.dat"
    path.write_text("\n".join(lines))
    try:
        found = read_unipen(tmp_path)
    except InputError:
        return
    assert isinstance(found, Collected)
    for strokes in found.drawings:
        points = np.concatenate(strokes)
        assert points.dtype == np.int16 and points.min() >= 0 and points.max() <= 1000


@pytest.mark.slow
def test_the_command_collects_and_says_what_it_passed_over(tmp_path: Path) -> None:
    folder, out = collection(tmp_path / "unipen"), tmp_path / "pen.npz"
    result = run("unipen", folder, out)
    assert result.returncode == 0 and result.stdout.splitlines()[0] == "3 characters, 2 of them digits, by 1 writers"
    assert "passed over: 1 characters of bad quality" in result.stdout and len(load_pen(out)) == 3
    for arguments, words in (
        (("unipen", tmp_path / "none", out), "expected a folder with UNIPEN files"),
        (("unipen", folder, tmp_path / "pen.txt"), "expected a name that ends in .npz"),
        (("unipen", tmp_path / "none", tmp_path / "no" / "pen.npz"), "there is no folder"),
    ):
        refused = run(*arguments)
        assert refused.returncode == 2 and words in refused.stderr and refused.stderr.count("\n") == 1, refused
