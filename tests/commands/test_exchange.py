"""Networks and curves out and in on the command line."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from mnist_core.__main__ import main
from mnist_core.reading import weights
from mnist_core.runs.curves_file import MetricsWriter
from mnist_core.runs.store import RunStore
from mnist_core.training.report import Report
from tests.exchange.test_importing import FILES
from tests.run_helpers import SECRET, SMALL


def run(*arguments: str | Path) -> Result:
    return CliRunner().invoke(main, [str(argument) for argument in arguments])


@pytest.mark.parametrize(
    ("file_format", "names"),
    [
        ("onnx", ["mlp.onnx"]),
        ("safetensors", ["mlp.safetensors"]),
        ("torch", ["mlp_torch.py", "mlp_torch.safetensors"]),
    ],
)
def test_a_network_goes_out_and_comes_back(file_format: str, names: list[str], tmp_path: Path) -> None:
    result = run("export", "mlp", "--format", file_format, "--out", tmp_path, "--json")
    assert result.exit_code == 0, result.output
    assert sorted(path.name for path in tmp_path.iterdir()) == names
    assert sorted(Path(file).name for file in json.loads(result.output)["files"]) == names
    back = run("import", tmp_path / names[-1], "--out", tmp_path / "back", "--name", "again")
    assert back.exit_code == 0 and "again: 99.02 % of the test images right" in back.output, back.output
    network, card = weights.load("again", tmp_path / "back")
    assert card.accuracies["test"] == weights.load_card("mlp").accuracies["test"]
    assert network.parameters.tobytes() == weights.load("mlp")[0].parameters.tobytes()


def test_a_network_of_pytorch_comes_in(tmp_path: Path) -> None:
    result = run("import", FILES / "torch_dense.onnx", "--out", tmp_path)
    assert result.exit_code == 0, result.output
    assert result.output.startswith("pixels: -1..1, which read ")
    assert "  1. standardize 0.5 0.5" in result.output
    network, card = weights.load("torch-dense", tmp_path)
    assert network.description[0] == "standardize 0.5 0.5" and 0.8 < card.accuracies["test"] < 1
    told = run("import", FILES / "torch_dense.onnx", "--out", tmp_path, "--scale", "0.5,0.5", "--json")
    assert json.loads(told.output)["test"] == card.accuracies["test"]
    lines = "conv 4 3; relu; conv 8 3; relu; maxpool 2; dropout 0.25; flatten; dense 12; relu; dense 10"
    state = run("import", FILES / "torch_state.safetensors", "--out", tmp_path, "--layers", lines, "--json")
    assert json.loads(state.output)["scale"] == "0.1307,0.3081", state.output


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("import", FILES / "none.onnx"), "cannot be read (No such file or directory)"),
        (("import", FILES / "torch_state.safetensors"), "it holds arrays only; name the layers"),
        (("import", FILES / "torch_dense.onnx", "--layers", "dense 10"), "leave --layers out"),
        (("import", FILES / "torch_dense.onnx", "--scale", "bright"), "scale 'bright': expected one of 0..1"),
        (
            ("import", FILES / "torch_dense.onnx", "--name", "../x", "--scale", "0..1"),
            "expected a name of small letters",
        ),
        (("export", "gpt", "--format", "onnx"), "network 'gpt': expected one of default"),
        (("export", "mlp", "--format", "pickle"), "'pickle' is not one of"),
        (("export", "mlp"), "Missing option '--format'"),
        (("curves", FILES, "--format", "csv"), "run.json is missing or damaged"),
    ],
)
def test_bad_input_is_one_line(arguments: tuple[str, ...], words: str, tmp_path: Path) -> None:
    result = run(*arguments, *(("--out", tmp_path / "out") if arguments[0] != "curves" else ()))
    assert result.exit_code == 2 and words in result.output and result.output.count("\n") == 1, result.output


def test_the_curves_of_a_run_are_written(tmp_path: Path) -> None:
    made = RunStore(tmp_path).create(SECRET, SMALL, "a run")
    empty = run("curves", made.folder, "--format", "csv", "--out", tmp_path / "a.csv")
    assert empty.exit_code == 2 and "the run has no points yet" in empty.output
    writer = MetricsWriter(made.file("metrics.jsonl"))
    writer.append(*(Report(step, 10, step / 5, 1 / step, 0.5, 0.1, step, 1.0) for step in range(1, 6)))
    writer.close()
    table = run("curves", made.folder, "--format", "csv", "--out", tmp_path / "a.csv")
    assert table.output == f"a run: 5 points, saved in {tmp_path / 'a.csv'}\n"
    assert len((tmp_path / "a.csv").read_text().splitlines()) == 6
    assert run("curves", made.folder, "--format", "tensorboard", "--out", tmp_path / "tb").exit_code == 0
    (file,) = (tmp_path / "tb" / made.id).iterdir()
    assert "tfevents" in file.name
