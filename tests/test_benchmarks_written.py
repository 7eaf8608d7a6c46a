"""What benchmarks write into the documentation, and what their contenders are started with."""

from pathlib import Path
from unittest.mock import Mock

import click
import pytest

from benchmarks.contender_process import OWN_CHOICE, environment
from benchmarks.speed_page import PAGE, markdown, write_table
from benchmarks.training import compare


def test_a_table_takes_the_place_of_the_one_before(tmp_path: Path) -> None:
    page = tmp_path / "speed.md"
    page.write_text("Before.\n\n<!-- reading -->\n\nold\n\n<!-- /reading -->\n\nAfter.\n", encoding="utf-8")
    write_table("reading", markdown(["a", "b"], [["1", "2"]]), page)
    written = page.read_text(encoding="utf-8")
    assert written == (
        "Before.\n\n<!-- reading -->\n\n| a | b |\n| --- | --- |\n| 1 | 2 |\n\n<!-- /reading -->\n\nAfter.\n"
    )
    with pytest.raises(click.ClickException, match="expected one <!-- training adam -->"):
        write_table("training adam", "", page)


@pytest.mark.parametrize("name", ["training adam", "training sgd", "reading", "full batch", "taking turns"])
def test_the_page_has_a_place_for_each_table(name: str) -> None:
    text = PAGE.read_text(encoding="utf-8")
    assert text.count(f"<!-- {name} -->") == text.count(f"<!-- /{name} -->") == 1


def test_contenders_get_openblas_as_it_comes(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in OWN_CHOICE:
        monkeypatch.setenv(name, "Haswell")
    found = environment()
    assert not set(OWN_CHOICE) & set(found)
    assert found["OPENBLAS_NUM_THREADS"] == "2"


def losses(factor: float = 1.0, first: float = 1.0) -> Mock:
    """A contender whose losses are ours, times a factor; the very first one times another."""
    found = [2.5 * first, *[factor] * 199]
    return Mock(ask=Mock(return_value=found))


@pytest.mark.parametrize("rival", [losses(1.02), losses(first=1.002), losses(float("nan"))])
def test_a_rival_that_computes_something_else_ends_the_benchmark(rival: Mock) -> None:
    compare({"ours": losses(), "pytorch": losses(1.0005)}, "cnn")
    with pytest.raises(click.ClickException, match=r"cnn: the losses of jax differ from ours\."):
        compare({"ours": losses(), "pytorch": losses(), "jax": rival}, "cnn")
