"""The command that teaches: pictures in folders named by what they show."""

import json
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner
from PIL import Image

from mnist_core.__main__ import main
from mnist_core.commands.teach import _files
from mnist_core.reading.recognizer import Recognizer
from tests.strokes import drawn
from tests.teaching.test_teach import bolts, share


@pytest.fixture(scope="module")
def pictures(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("pictures")
    (folder / "4").mkdir()
    (folder / "7").mkdir()
    (folder / "9").mkdir()
    Image.fromarray(drawn(3)).save(folder / "9" / "in-fact-a-three.png")
    for number, bolt in enumerate(bolts(5, seed=1)):
        Image.fromarray(bolt).save(folder / "4" / f"{number}.png")
    Image.fromarray(drawn(7)).save(folder / "7" / "seven.PNG")
    Image.fromarray(np.zeros((50, 60, 4), np.uint8)).save(folder / "7" / "empty.png")
    (folder / "7" / "notes.txt").write_text("no picture")
    (folder / "7" / ".hidden.png").write_bytes(b"no picture")
    return folder


def teach(*words: str | Path) -> tuple[int, str, str]:
    result = CliRunner().invoke(main, ["teach", *map(str, words), "--threads", "1"])
    return result.exit_code, result.stdout, result.stderr


def test_a_network_is_taught_pictures(pictures: Path, tmp_path: Path) -> None:
    code, out, errors = teach("mlp", pictures, "--out", tmp_path)
    assert code == 0, errors
    found = Recognizer.load("mlp-taught", tmp_path)
    assert found.card.title == "Multi-layer perceptron, taught"
    assert found.card.description == "Taught with 7 drawings, mixed with MNIST."
    assert share(found, bolts(20, seed=2), "4") > 0.8
    lines = out.splitlines()
    assert lines[0].startswith("pictures: ") and " of 7 right before, " in lines[0]
    assert lines[1].startswith("test 98.") or lines[1].startswith("test 99.")
    assert "(before 99.02 %)" in lines[1] and lines[1].endswith("mlp-taught.npz and .json")
    # What contradicts the network is told, and what is empty.
    assert f"{pictures / '9' / 'in-fact-a-three.png'}: it is said to be 9, but the network is" in errors
    assert f"{pictures / '7' / 'empty.png'}: nothing is drawn in it; it is passed over" in errors


def test_folders_may_be_named_one_by_one_and_the_result_is_json(pictures: Path, tmp_path: Path) -> None:
    code, out, _ = teach("mlp", pictures / "4", pictures / "9", "--out", tmp_path, "--json", "--without-mnist")
    shown = json.loads(out)
    assert code == 0 and (shown["name"], shown["drawings"]) == ("mlp-taught", 6) and shown["right_after"] >= 5
    (wrong,) = shown["contradictions"]
    assert (wrong["label"], wrong["answer"], Path(wrong["picture"]).name) == ("9", "3", "in-fact-a-three.png")
    assert shown["description"] == "Taught with 6 drawings, without MNIST."


def test_what_cannot_be_taught_is_one_line(pictures: Path, tmp_path: Path) -> None:
    (tmp_path / "empty" / "4").mkdir(parents=True)
    Image.fromarray(np.zeros((9, 9, 4), np.uint8)).save(tmp_path / "empty" / "4" / "a.png")
    (tmp_path / "bad" / "4").mkdir(parents=True)
    (tmp_path / "bad" / "4" / "a.png").write_text("no picture")
    for words, expected in (
        (("gpt", pictures), "network 'gpt': expected one of default"),
        (("mlp", tmp_path), "expected pictures in folders named 0, 1, 2"),
        (("mlp", tmp_path / "none"), "expected pictures in folders named 0, 1, 2"),
        (("mlp", tmp_path / "empty"), "expected at least one with something drawn, found none"),
        (("mlp", tmp_path / "bad"), "a.png: expected a picture (PNG"),
        (("mlp",), "Missing argument 'PICTURES...'"),
    ):
        code, out, errors = teach(*words, "--out", tmp_path / "out")
        assert code == 2 and out == "" and expected in errors.splitlines()[-1], errors


def test_a_folder_that_is_a_link_and_photos_of_phones_are_found(tmp_path: Path) -> None:
    (tmp_path / "fours").mkdir()
    (tmp_path / "mine").mkdir()
    for name in ("a.png", "photo.HEIC"):
        (tmp_path / "fours" / name).write_bytes(b"")
    link = tmp_path / "mine" / "4"
    link.symlink_to(tmp_path / "fours", target_is_directory=True)
    expected = [(link / "a.png", "4"), (link / "photo.HEIC", "4")]
    classes = tuple("0123456789")
    assert _files((tmp_path / "mine",), classes) == expected and _files((link,), classes) == expected
