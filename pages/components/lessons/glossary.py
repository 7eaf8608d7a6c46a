"""The words: a sentence for a 15-year-old, one for a student of computer science, and where it is in the code."""

import functools
import tomllib
from dataclasses import dataclass
from pathlib import Path

from pages.components.lessons.lesson_file import FOLDER


@dataclass(frozen=True)
class Term:
    """code: a file and what is meant in it, such as "mnist_core/nn/losses.py: Loss"."""

    name: str
    plain: str
    exact: str
    code: str


@functools.cache
def glossary(path: Path = FOLDER / "glossary.toml") -> dict[str, Term]:
    """All words by their names, in the order of the alphabet."""
    terms = [Term(**values) for values in tomllib.loads(path.read_text(encoding="utf-8"))["term"]]
    return {term.name: term for term in sorted(terms, key=lambda term: term.name.casefold())}
