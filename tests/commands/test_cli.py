"""The command line as a user runs it: real processes, real files, exit codes."""

import json
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from mnist_core.commands.options import percent
from mnist_core.commands.predict import sentence
from mnist_core.reading.recognizer import Reading, ReadingStatus
from mnist_core.recipes.catalog import RECIPES
from tests.data.idx_folders import made_up, make_idx
from tests.ink.test_images import huge_png
from tests.strokes import drawn, pen_file

ROOT = Path(__file__).parents[2]


def run(*arguments: str | Path, cwd: Path = ROOT) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "mnist_core", *map(str, arguments)]
    return subprocess.run(command, cwd=cwd, capture_output=True, text=True, timeout=300, check=False)


@pytest.fixture
def seven(tmp_path: Path) -> Path:
    Image.fromarray(drawn(7)).save(tmp_path / "seven.png")
    return tmp_path / "seven.png"


@pytest.mark.slow
def test_help_for_everything() -> None:
    assert all(command in run("--help").stdout for command in ("train", "evaluate", "predict"))
    for command in ("train", "evaluate", "predict"):
        result = run(command, "--help")
        assert result.returncode == 0 and "--json" in result.stdout


def test_predict_reads_pictures(seven: Path, tmp_path: Path) -> None:
    Image.new("RGB", (50, 60), "white").save(tmp_path / "white.jpg")
    result = run("predict", seven, tmp_path / "white.jpg")
    assert (result.returncode, result.stderr) == (0, "")
    first, second = result.stdout.splitlines()
    assert first.startswith(f"{seven}: 7 (") and second == f"{tmp_path / 'white.jpg'}: blank"


@pytest.mark.slow
def test_predict_as_json_with_another_network(seven: Path) -> None:
    (found,) = json.loads(run("predict", seven, "--network", "mlp", "--json").stdout)
    assert (found["digit"], found["status"], len(found["probabilities"])) == (7, "digit", 10)
    assert found["confidence"] == max(found["probabilities"])


@pytest.mark.slow
def test_a_bad_picture_among_good_ones_loses_nothing(seven: Path, tmp_path: Path) -> None:
    (tmp_path / "notes.png").write_text("not a picture")
    result = run("predict", tmp_path / "notes.png", seven)
    assert result.returncode == 2 and result.stdout.startswith(f"{seven}: 7 (")
    expected = "expected a picture (PNG, JPEG, GIF, BMP, WEBP, TIFF, HEIC), found something else."
    assert result.stderr == f"Error: {tmp_path / 'notes.png'}: {expected}\n"


@pytest.mark.slow
def test_bad_input_is_one_line_and_code_2(seven: Path, tmp_path: Path) -> None:
    (tmp_path / "huge.png").write_bytes(huge_png(10_000))
    (tmp_path / "bad.npz").write_bytes(b"PK nonsense")
    pen = pen_file(tmp_path / "pen.npz")
    for arguments, words in (
        (("predict", tmp_path / "none.png"), "cannot be read (No such file or directory)"),
        (
            ("predict", tmp_path / "huge.png"),
            "at most 25 megapixels and 20,000 pixels a side, found 10000 x 10000",
        ),
        (("predict", tmp_path), "cannot be read"),
        (
            ("predict", seven, "--network", "gpt"),
            "network 'gpt': expected one of default, cnn-mnist, logistic-regression",
        ),
        (("predict", seven, "--folder", tmp_path / "empty"), "cannot be read"),
        (("predict", "/dev/zero"), "at most 50 MB"),
        (("train", "--recipe", "mlp", "--epochs", "0"), "Invalid value for '--epochs'"),
        (("train", "--recipe", "mlp", "--threads", "65"), "Invalid value for '--threads'"),
        (("train", "--run", "folder", "--threads", "1"), "--threads and --dataset go with --recipe"),
        (("train", "--run", "folder", "--credit", "me"), "--threads and --dataset go with --recipe"),
        (("predict", seven, "--speed"), "No such option"),
        (("dance",), "No such command"),
        (("evaluate", "mlp", "--others", tmp_path / "none.npz"), "--others and --writers go with --pen"),
        (("evaluate", "mlp", "--writers", "a"), "--others and --writers go with --pen"),
        (("evaluate", "mlp", "--pen", pen, "--writers", "x"), "writers x: the pen file has none whose names begin so"),
        (("evaluate", "mlp", "--figure", tmp_path), "Invalid value for '--figure'"),
        (("evaluate", "mlp", "--figure", tmp_path / "none" / "a.png"), "a.png: cannot be written"),
        (("train", "--recipe", "mlp", "--pen", pen), "recipe 'mlp': it does not learn from pen strokes"),
        (("train", "--recipe", "default", "--pen", tmp_path / "bad.npz"), "not a sound .npz file"),
        (("train", "--recipe", "default", "--without", "val"), "--without and --credit go with --pen"),
        (("train", "--recipe", "default", "--pen", pen, "--without", "w"), "expected digits by writers who are not"),
        (("evaluate", "gpt"), "network 'gpt': expected one of default, cnn-mnist, logistic-regression"),
        (("evaluate", "mlp", "--pen", tmp_path / "none.npz"), "cannot be read"),
        (("evaluate", "mlp", "--pen", tmp_path / "bad.npz"), "not a sound .npz file"),
        (("train", "--recipe", "gpt"), "recipe 'gpt': expected one of default, mlp"),
    ):
        result = run(*arguments)
        assert result.returncode == 2, arguments
        assert words in result.stderr and result.stderr.count("\n") == 1 and result.stdout == "", result
    assert run("predict").returncode == 2


@pytest.mark.slow
def test_train_then_evaluate_then_predict(tmp_path: Path, seven: Path) -> None:
    trained = run("train", "--recipe", "mlp", "--epochs", "1", "--seed", "4", "--out", tmp_path / "nets", "--json")
    assert trained.returncode == 0, trained.stderr
    card = json.loads(trained.stdout)
    (point,) = card.pop("trace")
    assert point["epoch"] == 1 and point["validation_accuracy"] > 0.9
    assert card == json.loads((tmp_path / "nets" / "mlp.json").read_text())
    assert card["command"] == "python -m mnist_core train --recipe mlp --seed 4 --epochs 1"
    assert card["accuracies"]["test"] > 0.9

    pen = pen_file(tmp_path / "pen.npz")
    evaluated = run("evaluate", "mlp", "--folder", tmp_path / "nets", "--pen", pen, "--others", pen, "--json")
    results = json.loads(evaluated.stdout)
    assert results["test"]["accuracy"] == pytest.approx(card["accuracies"]["test"], abs=1e-4)
    assert results["pen"]["images"] == 24 and np.sum(results["pen"]["confusion"]) == 24
    assert results["any hand"]["images"] == 24 and results["others"]["others"] == 4
    shown = run("evaluate", "mlp", "--folder", tmp_path / "nets", "--pen", pen, "--others", pen).stdout
    assert f"AUROC of confidence (95 % interval {results['others']['auroc_interval'][0]:.4f} to" in shown
    assert f"right                {percent(results['test']['accuracy']):>9}" in shown and "95 % interval" in shown
    # In the strokes of the test, every 1 is a plain one.
    assert results["styles"]["plain 1"]["drawings"] == 4 and "  plain 1  " in shown
    assert f"{card['bytes'] / 1000:,.0f} kB; " in shown and "right of the 7s" in shown
    assert not results["learned_from_pen_strokes"] and 0 < results["milliseconds"] < 1000
    card["command"] += " --pen pen.npz"
    (tmp_path / "nets" / "mlp.json").write_text(json.dumps(card))
    warned = run("evaluate", "mlp", "--folder", tmp_path / "nets", "--pen", pen)
    assert warned.returncode == 0 and "it has learned from pen strokes" in warned.stderr
    figure = tmp_path / "confusions.png"
    drawn_too = run("evaluate", "mlp", "--folder", tmp_path / "nets", "--figure", figure)
    assert drawn_too.returncode == 0, drawn_too.stderr
    with Image.open(figure) as image:
        assert image.format == "PNG" and image.width > 800 and image.height > 800

    assert run("predict", seven, "--network", "mlp", "--folder", tmp_path / "nets").stdout.startswith(f"{seven}: ")


@pytest.mark.parametrize(
    ("probabilities", "other", "words"),
    [
        ({3: 0.9, 8: 0.1}, 0.0, "3 (90.0 %)"),
        ({3: 0.6, 8: 0.4}, 0.0, "unsure: 3 (60.0 %) or 8 (40.0 %)"),
        ({3: 0.9, 8: 0.1}, 0.4, "unsure: 3 (54.0 %) or no digit (40.0 %)"),
        ({3: 0.9, 8: 0.1}, 0.49, "unsure: no digit (49.0 %) or 3 (45.9 %)"),
        ({3: 0.9, 8: 0.1}, 0.6, "not a digit (60.0 %); the likeliest would be 3"),
    ],
)
def test_a_reading_in_words(probabilities: dict[int, float], other: float, words: str) -> None:
    shares = np.array([probabilities.get(digit, 0.0) for digit in range(10)], np.float32)
    confidence = probabilities[3] * (1 - other)
    status: ReadingStatus = "other" if other >= 0.5 else "digit" if confidence >= 0.8 else "unsure"
    assert sentence(Reading(status, 3, confidence, shares, np.zeros((28, 28), np.float32), other)) == words


@pytest.mark.slow
def test_recipes_are_listed() -> None:
    lines = run("recipes").stdout.splitlines()
    assert [line.partition(":")[0] for line in lines] == list(RECIPES)
    assert any("Published: 90.32 %" in line for line in lines)
    listed = json.loads(run("recipes", "--json").stdout)
    assert [recipe["name"] for recipe in listed] == list(RECIPES)
    assert sum(recipe["corrected"] is not None for recipe in listed) == 3


@pytest.mark.slow
def test_a_published_recipe_and_its_corrected_twin_are_trained(tmp_path: Path) -> None:
    common = ("train", "--recipe", "relu-100-double-softmax", "--epochs", "1", "--out", tmp_path)
    published, corrected = run(*common), run(*common, "--corrected", "--threads", "1", "--json")
    assert published.returncode == 0 and "step 1875, epoch 1, loss 2." in published.stderr + published.stdout
    card = json.loads(corrected.stdout)
    assert card["name"] == "relu-100-double-softmax-corrected" and "softmax" not in card["layers"]
    assert card["command"].endswith("--epochs 1 --corrected --threads 1")
    assert (
        card["accuracies"]["test"]
        > json.loads((tmp_path / "relu-100-double-softmax.json").read_text())["accuracies"]["test"]
    )
    result = run("train", "--recipe", "relu-100-l2", "--corrected", "--out", tmp_path)
    assert result.returncode == 2 and "there is nothing to correct in it" in result.stderr


@pytest.mark.slow
def test_an_unwritable_folder_is_refused_before_the_work(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    started = time.monotonic()
    result = run("train", "--recipe", "default", "--out", tmp_path / "file" / "below")
    assert result.returncode == 2 and "cannot be written to" in result.stderr and result.stderr.count("\n") == 1
    assert time.monotonic() - started < 60  # the training itself takes minutes


@pytest.mark.slow
def test_another_dataset_by_environment_variable(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MNIST_DIR", str(tmp_path))
    result = run("evaluate", "mlp")
    assert result.returncode == 2 and "no train images found" in result.stderr


@pytest.mark.slow
def test_another_dataset_by_its_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    make_idx(tmp_path / "data" / "clothes", *made_up(3, 60), 30, "Shirt\nShoe\nBag")
    monkeypatch.setenv("DIGIT_DATA_DIR", str(tmp_path / "data"))
    nets = tmp_path / "nets"
    trained = run("train", "--recipe", "mlp", "--epochs", "3", "--dataset", "clothes", "--out", nets, "--json")
    assert trained.returncode == 0, trained.stderr
    card = json.loads(trained.stdout)
    assert (card["dataset"], card["classes"]) == ("clothes", ["Shirt", "Shoe", "Bag"]) and card["layers"][
        -1
    ] == "dense 3"
    assert "--dataset clothes" in card["command"]
    measured = run("evaluate", "mlp", "--folder", nets)
    assert measured.returncode == 0 and "(30 images)" in measured.stdout and "right of Shirt " in measured.stdout
    wrong = run("evaluate", "mlp", "--dataset", "clothes")
    assert wrong.returncode == 2 and "clothes is not what mlp reads: expected classes among 0, 1" in wrong.stderr
    Image.fromarray(drawn(7)).save(tmp_path / "seven.png")
    (read,) = json.loads(run("predict", tmp_path / "seven.png", "--network", "mlp", "--folder", nets, "--json").stdout)
    assert read["answer"] in card["classes"] and len(read["probabilities"]) == 3
    for arguments, words in (
        (("train", "--recipe", "mlp", "--dataset", "../clothes"), "expected one of clothes"),
        (("train", "--run", tmp_path, "--dataset", "clothes"), "go with --recipe"),
        (("evaluate", "mlp", "--folder", nets, "--pen", "x.npz"), "expected a network that reads the ten digits"),
    ):
        refused = run(*arguments)
        assert refused.returncode == 2 and words in refused.stderr and "Traceback" not in refused.stderr
