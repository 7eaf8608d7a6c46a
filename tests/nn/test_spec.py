"""Lines of text that describe an object, where its module writes annotations as text."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from mnist_core.errors import InputError
from mnist_core.nn.spec import describe, parse


@dataclass(frozen=True)
class Thing:
    units: int
    rate: float = 0.5
    name: str = "plain"


def test_fields_are_numbers_even_if_annotations_are_text() -> None:
    thing = parse("thing 128 rate=0.25 name=x", {"thing": Thing}, "thing")
    assert thing == Thing(128, 0.25, "x") and type(thing.units) is int
    assert describe("thing", thing) == "thing 128 0.25 name=x"
    with pytest.raises(InputError, match="units expected a whole number, found 'many'"):
        parse("thing many", {"thing": Thing}, "thing")
