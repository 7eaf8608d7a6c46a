"""The catalogs have every text, and what must stay in a text is in its translation, too."""

import ast
import re
from collections import Counter
from pathlib import Path
from string import Formatter

import pytest
from babel.messages.catalog import Message
from babel.messages.pofile import read_po
from babel.numbers import format_decimal

from pages.components.catalogs import ENGLISH, LANGUAGES, catalog_file
from pages.components.language_catalogs import KEYWORDS, is_translated, messages, texts_of, updated

PAGES = Path(__file__).parents[2] / "pages"
OTHERS = [code for code in LANGUAGES if code != ENGLISH]
KEPT = re.compile(
    r":material/\w+:|\*\*|\]\([^)]*\)|https?://[^\s)]+|`[^`]*`|\[\[[^\]|]+(?=[\]|])|<[^>]*>|\{\w*\}|^\s+|\s+$"
)
"""Icons, marks of bold words, links, code, words of the glossary, values, and spaces around the text."""


def entries(language: str) -> list[Message]:
    with catalog_file(language).open("rb") as file:
        return [message for message in read_po(file, locale=language) if message.id]


def first_form(text: str | tuple[str, ...] | list[str]) -> str:
    return text if isinstance(text, str) else text[0]


def key(text: str | tuple[str, ...] | list[str], context: str | None) -> tuple[str, str | None]:
    return first_form(text), context


def values_in(text: str) -> set[str]:
    """The names of the values that come into a text."""
    return {field[1] for field in Formatter().parse(text) if field[1] is not None}


def what_is_lost(message: Message) -> str:
    """What a translation lacks or has too much of; "" if it is right, or not made yet."""
    english = [message.id] if isinstance(message.id, str) else list(message.id)
    forms = [message.string] if isinstance(message.string, str) else list(message.string or ())
    if not any(forms):
        return ""
    if not all(forms):
        return f"{english[-1]!r}: a plural form is missing."
    # The form for one may leave out the number, as the English one does.
    for form, source in zip(forms, english, strict=True):
        found = Counter(KEPT.findall(form))
        wanted = [Counter(KEPT.findall(text)) for text in (source, english[-1])]
        if found not in wanted:
            return f"{source!r}: lacks {list(wanted[0] - found)}, has too much {list(found - wanted[0])}."
        if values_in(form) not in (values_in(source), values_in(english[-1])):
            return f"{source!r}: the values are not the same."
    return ""


@pytest.mark.parametrize("language", OTHERS)
def test_a_catalog_has_every_text_and_no_other(language: str) -> None:
    """If not: `python -m pages.components.language_catalogs`."""
    wanted = {key(text, context) for text, __, context in messages()}
    there = {key(message.id, message.context) for message in entries(language)}
    assert sorted(text for text, __ in wanted - there) == []
    assert sorted(text for text, __ in there - wanted) == []


@pytest.mark.parametrize("language", OTHERS)
def test_a_translation_has_the_values_icons_marks_and_links_of_its_text(language: str) -> None:
    assert [lost for message in entries(language) if (lost := what_is_lost(message))] == []


def test_what_is_lost_in_a_translation_is_found() -> None:
    text = ":material/groups: **{name}** has [[weight|weights]]: [more](lessons?word=weight)"
    good = text.replace("has", "hat").replace("|weights", "|Gewichte").replace("more", "mehr")
    assert what_is_lost(Message(text, good)) == "" == what_is_lost(Message(text, ""))
    for old, new in (
        (":material/groups:", ""),
        ("**", "*"),
        ("{name}", "{Name}"),
        ("weight|", "Gewicht|"),
        ("lessons?", "?"),
    ):
        assert what_is_lost(Message(text, good.replace(old, new))), old
    assert what_is_lost(Message(("{count} image", "{count} images"), ("", "{count} Bilder")))
    assert not what_is_lost(Message(("{count} image", "{count} images"), ("{count} Bild", "{count} Bilder")))


def test_an_update_keeps_translations_takes_away_what_is_gone_and_guesses_nothing() -> None:
    first = updated(
        "fr", b"", [("Train", "a.py", None), ("left", "a.py", "time"), (("{count} run", "{count} runs"), "b.py", None)]
    )
    done = first.replace(b'msgid "Train"\nmsgstr ""', 'msgid "Train"\nmsgstr "Entraîner"'.encode())
    done = done.replace(b'msgid "left"\nmsgstr ""', b'msgid "left"\nmsgstr "restant"')
    again = updated("fr", done, [("Train", "a.py", None), ("Trains", "a.py", None), ("left", "a.py", "time")])
    text = again.decode()
    assert 'msgstr "Entraîner"' in text and 'msgstr "restant"' in text and "{count}" not in text
    assert 'msgid "Trains"\nmsgstr ""' in text and "fuzzy" not in text and "plural=(n > 1)" in text
    assert updated("fr", again, [("Train", "a.py", None), ("Trains", "a.py", None), ("left", "a.py", "time")]) == again


def test_the_texts_of_a_lesson_are_those_that_somebody_reads() -> None:
    lesson = {
        "title": " A title ",
        "minutes": 20,
        "step": [{"kind": "predict", "choices": ["a", "b"], "link": [{"label": "Go", "page": "draw", "with": "x=1"}]}],
        "claim": [{"says": "No", "label": "no"}],
        "sheet": {"goals": ["One"], "usual": [{"say": "S", "why": "W"}]},
    }
    assert list(texts_of(lesson)) == ["A title", "a", "b", "Go", "One", "S", "W"]


@pytest.mark.parametrize("language", OTHERS)
def test_every_text_is_translated(language: str) -> None:
    assert [message.id for message in entries(language) if not is_translated(message)] == []


@pytest.mark.parametrize("path", sorted(PAGES.rglob("*.py")), ids=lambda path: path.relative_to(PAGES).as_posix())
def test_no_text_hides_in_another(path: Path) -> None:
    """What extracts the texts does not look into f-strings."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.JoinedStr):
            for call in (each for each in ast.walk(node) if isinstance(each, ast.Call)):
                if isinstance(call.func, ast.Name) and call.func.id in KEYWORDS:
                    texts = [
                        each for each in call.args if isinstance(each, ast.Constant) and isinstance(each.value, str)
                    ]
                    assert not texts, f"line {call.lineno}: {ast.unparse(call)}"


@pytest.mark.parametrize("language", OTHERS)
def test_names_of_rows_stay_apart(language: str) -> None:
    """Tables of the Inside page have rows by these names: two that are the same would be one row."""
    names = ("score", "share", "now", "change")
    found = {message.id: message.string for message in entries(language)}
    assert len({found[name] for name in names}) == len(names)


def test_french_has_no_line_break_before_its_signs() -> None:
    """French puts a space before `?`, `!`, `:` and `;`, which must not break (U+00A0). Formulas are not French."""
    breaking = re.compile(r" (?=[?!;»]|:(?!material/))|« ")
    texts = [message.string or "" for message in entries("fr")]
    forms = [form for text in texts for form in ([text] if isinstance(text, str) else text)]
    assert len(forms) > 1000
    assert [form for form in forms if breaking.search(re.sub(r"\$[^$]*\$", "", form))] == []


@pytest.mark.parametrize("language", [name for name in LANGUAGES if name != ENGLISH])
def test_large_numbers_in_a_text_are_written_as_the_pages_write_theirs(language: str) -> None:
    large = re.compile(r"(?<![\d.,])\d{1,3}(?:,\d{3})+(?!\d)")
    seen = 0
    for message in entries(language):
        english, translated = (
            " ".join([text] if isinstance(text, str) else text) for text in (message.id, message.string or "")
        )
        for number in large.findall(english):
            seen += 1
            expected = format_decimal(int(number.replace(",", "")), locale=language)
            assert re.search(rf"(?<!\d){re.escape(expected)}(?!\d)", translated), (number, translated)
    assert seen >= 30
