"""Whole numbers on the command line."""

import json
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner, Result
from PIL import Image

from mnist_core.__main__ import main
from tests.ink.test_images import huge_png
from tests.numbers.test_read_number import drawn_number, on_paper
from tests.strokes import pen_file


def run(*arguments: str | Path) -> Result:
    return CliRunner().invoke(main, [str(argument) for argument in arguments])


@pytest.fixture
def picture(tmp_path: Path) -> Path:
    Image.fromarray(drawn_number("4207")).save(tmp_path / "number.png")
    return tmp_path / "number.png"


def test_predict_number_prints_it_and_draws_the_frames(picture: Path, tmp_path: Path) -> None:
    result = run("predict", "--number", picture, "--figure", tmp_path / "frames.png")
    assert result.exit_code == 0 and result.output.startswith(f"{picture}: 4207 (")
    with Image.open(tmp_path / "frames.png") as frames, Image.open(picture) as drawing:
        assert frames.width >= drawing.width and frames.height > drawing.height


def test_frames_on_a_photo_are_a_png_file_as_well(tmp_path: Path) -> None:
    photo = on_paper(drawn_number("73"))[..., :3]
    photo[:50] = np.random.default_rng(0).integers(0, 256, photo[:50].shape)
    Image.fromarray(photo).save(tmp_path / "photo.jpg")
    assert run("predict", "--number", tmp_path / "photo.jpg", "--figure", tmp_path / "frames.png").exit_code == 0
    with Image.open(tmp_path / "frames.png") as frames:
        assert frames.format == "PNG"


def test_predict_number_as_json(picture: Path) -> None:
    (found,) = json.loads(run("predict", "--number", picture, "--json").output)
    (number,) = found["numbers"]
    assert number["text"] == "4207" and 0.5 < number["confidence"] <= 1 and len(number["box"]) == 4
    assert [digit["digit"] for digit in number["digits"]] == [4, 2, 0, 7]


def test_predict_page_reads_all_numbers(tmp_path: Path) -> None:
    page = np.concatenate([drawn_number("42", gap=0), np.zeros((200, 300, 4), np.uint8)], axis=1)
    page[..., 3] = 255
    page = np.concatenate([page, page], axis=0)
    Image.fromarray(page).save(tmp_path / "page.png")
    assert run("predict", "--page", tmp_path / "page.png").output.count(": 42 (") == 2


def test_pictures_without_a_number_and_impossible_ones(tmp_path: Path) -> None:
    Image.new("RGB", (60, 50), "black").save(tmp_path / "black.png")
    (tmp_path / "notes.png").write_text("no picture")
    (tmp_path / "huge.png").write_bytes(huge_png(10_000))
    assert run("predict", "--number", tmp_path / "black.png").output.endswith("no number\n")
    for name in ("notes.png", "huge.png"):
        result = run("predict", "--number", tmp_path / name)
        assert result.exit_code == 2 and len(result.output.strip().splitlines()) == 1


@pytest.mark.parametrize(
    ("name", "mode"), [("cmyk.jpg", "CMYK"), ("turned.jpg", "RGB"), ("deep.png", "I;16"), ("moving.gif", "P")]
)
def test_any_kind_of_picture_is_read(name: str, mode: str, tmp_path: Path) -> None:
    drawing = Image.fromarray(255 - drawn_number("4207")[..., 0])
    if mode == "I;16":
        Image.fromarray(np.asarray(drawing, np.uint16) * 257).save(tmp_path / name)
    elif name == "turned.jpg":
        exif = Image.Exif()
        exif[0x0112] = 6
        drawing.convert(mode).transpose(Image.Transpose.ROTATE_90).save(tmp_path / name, exif=exif)
    elif name == "moving.gif":
        drawing.save(tmp_path / name, save_all=True, append_images=[Image.new("L", drawing.size)])
    else:
        drawing.convert("RGB").convert(mode).save(tmp_path / name)
    assert f"{name}: 4207 (" in run("predict", "--number", tmp_path / name).output


@pytest.mark.parametrize("options", [("--plain",), ("--figure", "x.png")])
def test_options_that_do_not_go_together(options: tuple[str, ...], picture: Path) -> None:
    number = ["--number"] if options == ("--plain",) else []
    result = run("predict", picture, *number, *options)
    assert result.exit_code == 2 and "--number" in result.output


def test_evaluate_numbers_is_the_same_for_the_same_seed(tmp_path: Path) -> None:
    pen_file(tmp_path / "pen.npz")
    command = ("evaluate", "--numbers", "--pen", tmp_path / "pen.npz", "--count", "3", "--json")
    first, second = run(*command), run(*command)
    assert first.exit_code == 0 and first.output == second.output
    found = json.loads(first.output[first.output.index("{") :])
    assert found["canvas"]["numbers"] == found["paper"]["numbers"] == 3
    assert run("evaluate", "--numbers").exit_code == 2
