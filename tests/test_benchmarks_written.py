"""What benchmarks write into the documentation, and what their contenders are started with."""

from pathlib import Path

import click
import pytest

from benchmarks.contender_process import OWN_CHOICE, environment
from benchmarks.speed_page import PAGE, markdown, write_table


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
