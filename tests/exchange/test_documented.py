"""docs/exchange.md has the figures that were measured."""

import json
from pathlib import Path

from benchmarks import exchange

DOCS = Path(__file__).parents[2] / "docs" / "exchange.md"


def test_the_table_of_agreement_is_the_measured_one() -> None:
    found = json.loads(exchange.FILE.read_text(encoding="utf-8"))
    text = DOCS.read_text(encoding="utf-8")
    assert f"<!-- exchange: begin -->\n{exchange.table(found)}\n<!-- exchange: end -->" in text
    for program in found.values():
        for name, row in program["networks"].items():
            assert row["difference"] < 1e-5 and row["other answers"] == 0, name
