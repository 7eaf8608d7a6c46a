"""README and docs/networks.md tell what is so: figures are the model cards', commands exist, the Python runs."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

import mnist_core
from benchmarks import readers
from mnist_core import Reading
from mnist_core.reading import weights
from mnist_core.recipes.catalog import RECIPES
from pages.components.network_choice import accuracy_on_test as accuracy_of

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")
NETWORKS = (ROOT / "docs" / "networks.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", weights.names())
def test_the_table_of_networks_has_the_figures_of_the_cards(name: str) -> None:
    card = weights.load_card(name)
    row = f"| `{name}` | {card.title} | {accuracy_of(card)} | {card.parameters:,} | {card.bytes / 1000:,.0f} kB |"
    assert row in NETWORKS
    assert card.command + " --out weights" in NETWORKS


def test_every_recipe_trains_a_bundled_network() -> None:
    assert set(RECIPES) == set(weights.names())


def test_the_tables_of_readers_are_those_that_were_measured() -> None:
    found = json.loads(readers.FILE.read_text(encoding="utf-8"))
    assert f"{readers.BEGIN}\n{readers.tables(found)}\n{readers.END}" in NETWORKS
    assert [row["network"] for row in found["rows"]] == weights.names()
    for row in found["rows"]:
        measured = row["test"]["accuracy"]
        assert measured == pytest.approx(weights.load_card(row["network"]).accuracies["test"], abs=1e-5)
    # A network is never measured with writers that it has learned from.
    for name in weights.names():
        command = found["twins"].get(name, weights.load_card(name).command)
        assert "--pen" not in command or all(f"--without {writer}" in command for writer in found["writers"])


@pytest.mark.slow
def test_the_python_trains_a_network_and_reads_a_picture(capsys: pytest.CaptureFixture[str]) -> None:
    (block,) = re.findall(r"```python\n(.*?)```", README, re.DOTALL)
    found: dict[str, Any] = {}
    exec(compile(block, "README.md", "exec"), found)
    assert isinstance(found["reading"], Reading)
    assert found["reading"].digit == found["data"].test_labels[0]
    assert capsys.readouterr().out.startswith("step ")


def test_what_a_notebook_needs_comes_from_the_library_itself() -> None:
    for name in mnist_core.__all__:
        assert getattr(mnist_core, name)
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        mnist_core.nothing  # noqa: B018


def test_continuous_integration_runs_the_test_command() -> None:
    assert "python -m pytest" in README
    script = (ROOT / ".ci" / "run").read_text()
    assert "-m pytest" in script and "-r requirements.txt -r tests/requirements.txt" in script
