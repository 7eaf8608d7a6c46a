"""The command that prints the address of a class."""

import json

import pytest
from click.testing import CliRunner, Result

from mnist_core.__main__ import main
from mnist_core.commands import address


def run(*arguments: str) -> Result:
    return CliRunner().invoke(main, ["address", *arguments])


def test_the_address_is_printed_with_a_code_to_scan(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(address, "own_address", lambda: "192.168.1.20")
    result = run("--port", "8600")
    first, _, *code = result.output.splitlines()
    assert result.exit_code == 0 and first == "http://192.168.1.20:8600/train"
    assert len([line for line in code if "█" in line or "▄" in line or "▀" in line]) > 10
    assert json.loads(run("--json").output) == {"address": "http://192.168.1.20:8501/train"}
    assert run("--host", "school-pc.local").output.startswith("http://school-pc.local:8501/train\n")


@pytest.mark.parametrize("arguments", [("--port", "0"), ("--port", "70000"), ("--port", "x"), ("--host", "a b/c")])
def test_bad_input_is_refused_in_one_line(arguments: tuple[str, ...]) -> None:
    result = run(*arguments)
    assert result.exit_code == 2 and result.output.startswith("Error: ") and result.output.count("\n") == 1


def test_a_computer_in_no_network_has_to_be_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(address, "own_address", lambda: "")
    result = run()
    assert result.exit_code == 2 and "--host" in result.output
