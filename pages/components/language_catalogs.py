"""Bring the catalogs up to date: every text that a visitor reads, out of the code, the lessons, the cards and recipes.

New texts come in without a translation, and texts that are gone go. Nothing is guessed. `CONTRIBUTING.md` tells how to
translate them.
"""

import io
import json
import tomllib
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import click
from babel.messages.catalog import Catalog
from babel.messages.catalog import Message as MessageOfCatalog
from babel.messages.extract import extract
from babel.messages.pofile import read_po, write_po

from mnist_core.recipes import RECIPES
from pages.components.catalogs import ENGLISH, LANGUAGES, catalog_file

ROOT = Path(__file__).parents[2]
KEYWORDS: dict[str, Any] = {
    "_": None,
    "gettext_noop": None,
    "ngettext": (1, 2),
    "counted": (2, 3),
    "pgettext": ((1, "c"), 2),
}
OF_LESSONS = ("title", "question", "text", "slide", "choices", "label")
OF_SHEETS = ("goals", "what", "say", "why", "answers", "differs", "intro")
OF_WORDS = ("name", "plain", "exact")
READ = frozenset((*OF_LESSONS, *OF_SHEETS, *OF_WORDS))
"""The names of a lesson's file, of the glossary and of the room's page under which a visitor finds a text."""
PLURALS = {
    "de": "nplurals=2; plural=(n != 1);",
    "es": "nplurals=2; plural=(n != 1);",
    "fr": "nplurals=2; plural=(n > 1);",
}
Message = tuple[str | tuple[str, str], str, str | None]
"""A text or its two forms, the file that it stands in, and its context."""


def messages() -> Iterator[Message]:
    """Every text, in the order of the files."""
    yield from _of_code()
    for path in sorted((ROOT / "docs" / "lessons").glob("*.toml")):
        for text in texts_of(tomllib.loads(path.read_text(encoding="utf-8"))):
            yield text, _name(path), None
    for path in sorted((ROOT / "weights").glob("*.json")):
        card = json.loads(path.read_text(encoding="utf-8"))
        yield from ((card[field], _name(path), None) for field in ("title", "description", "data"))
    for recipe in RECIPES.values():
        yield from (
            (text, "mnist_core/recipes", None) for text in (recipe.title, recipe.description, recipe.lesson) if text
        )


def _of_code() -> Iterator[Message]:
    for path in [ROOT / "app.py", *sorted((ROOT / "pages").rglob("*.py"))]:
        with path.open("rb") as file:
            for _line, found, _comments, context in extract("python", file, KEYWORDS):
                yield (found if isinstance(found, str) else (found[0], found[1])), _name(path), context


def texts_of(values: Any, name: str = "") -> Iterator[str]:
    """The texts of a lesson's file that somebody reads, as `lesson_file.py` reads them: without spaces around."""
    if isinstance(values, dict):
        for inner, value in values.items():
            yield from texts_of(value, inner) if inner != "claim" else ()
    elif isinstance(values, list):
        for value in values:
            yield from texts_of(value, name)
    elif isinstance(values, str) and name in READ:
        yield values.strip()


def _name(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def updated(language: str, before: bytes, found: Iterable[Message]) -> bytes:
    """A catalog with exactly these texts, and with the translations that it had. before: the file, or nothing."""
    old = read_po(io.BytesIO(before), locale=language)
    new = Catalog(language, project="Digit Lab", charset="utf-8", fuzzy=False)
    new.mime_headers = [("Plural-Forms", PLURALS[language])]
    for text, place, context in found:
        message = new.add(text, locations=[(place, 0)], context=context)
        known = old.get(text if isinstance(text, str) else text[0], context)
        if known is not None and isinstance(known.id, str) == isinstance(message.id, str):
            message.string = known.string
            message.flags |= known.flags & {"fuzzy"}
            message.user_comments = known.user_comments
    body = io.BytesIO()
    write_po(body, new, width=120, omit_header=True, sort_by_file=True, include_lineno=False)
    return _head(language).encode() + body.getvalue()


def _head(language: str) -> str:
    """Without dates, which would change with every update."""
    return (
        f'# {LANGUAGES[language]}: the words of the Digit Lab.\nmsgid ""\nmsgstr ""\n"Language: {language}\\n"\n'
        f'"Plural-Forms: {PLURALS[language]}\\n"\n"MIME-Version: 1.0\\n"\n'
        '"Content-Type: text/plain; charset=utf-8\\n"\n"Content-Transfer-Encoding: 8bit\\n"\n\n'
    )


def is_translated(message: MessageOfCatalog) -> bool:
    """Whether all its forms are there, and nobody has marked it as fuzzy."""
    forms = [message.string] if isinstance(message.string, str) else list(message.string or ())
    return not message.fuzzy and bool(forms) and all(forms)


@click.command()
def main() -> None:
    """Bring the catalogs of all languages up to date: new texts come in empty, texts that are gone go."""
    found = list(messages())
    for language in LANGUAGES:
        if language != ENGLISH:
            path = catalog_file(language)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(updated(language, path.read_bytes() if path.exists() else b"", found))
            texts = [message for message in read_po(io.BytesIO(path.read_bytes())) if message.id]
            missing = sum(not is_translated(message) for message in texts)
            click.echo(f"{path.relative_to(ROOT)}: {len(texts)} texts, {missing} of them not translated.")


if __name__ == "__main__":
    main()
