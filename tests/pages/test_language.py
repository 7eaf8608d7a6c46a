"""The visitor's language: how it is found and kept, and numbers in it."""

import threading
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from pages.components import catalogs
from pages.components.catalogs import LANGUAGES, LONGER
from pages.components.language import _, language, language_of_browser, ngettext, pgettext, spoken
from pages.components.longer_words import longer
from pages.components.words import (
    a_class,
    counted,
    decimal,
    duration,
    file_size,
    in_short,
    number_locale,
    number_or_dash,
    percent,
    whole,
)

ROOT = Path(__file__).parents[2]
GERMAN = r"""msgid ""
msgstr ""
"Content-Type: text/plain; charset=utf-8\n"
"Plural-Forms: nplurals=2; plural=(n != 1);\n"

msgid "Lessons"
msgstr "Lektionen"

msgid "Networks"
msgstr "Netze"

#, fuzzy
msgid "Draw"
msgstr "Ziehen"

msgid "Train"
msgstr ""

msgctxt "time"
msgid "left"
msgstr "noch"

msgid "{count} image"
msgid_plural "{count} images"
msgstr[0] "{count} Bild"
msgstr[1] "{count} Bilder"

msgid "a {name}"
msgstr "eine {name}"
"""


@pytest.fixture
def german(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A catalog of few words."""
    monkeypatch.setattr(catalogs, "FOLDER", tmp_path)
    monkeypatch.setattr(catalogs, "_catalogs", {})
    path = catalogs.catalog_file("de")
    path.parent.mkdir(parents=True)
    path.write_text(GERMAN, encoding="utf-8")
    yield
    st.cache_data.clear()


def test_a_text_is_translated_and_stays_english_where_no_translation_is_sure(german: None) -> None:
    assert (_("Lessons"), language(), ngettext("{count} image", "{count} images", 2)) == (
        "Lessons",
        "en",
        "{count} images",
    )
    with spoken("de"):
        assert (_("Lessons"), _("Draw"), _("Train"), _("Nothing known"), _("")) == (
            "Lektionen",
            "Draw",
            "Train",
            "Nothing known",
            "",
        )
        assert (pgettext("time", "left"), pgettext("place", "left")) == ("noch", "left")
        assert counted(1, "{count} image", "{count} images") == "1 Bild"
        assert counted(2000, "{count} image", "{count} images") == "2.000 Bilder"
        assert a_class("7") == "eine 7"
        said: list[str] = []
        thread = threading.Thread(target=lambda: said.append(_("Lessons")))
        thread.start()
        thread.join()
    with spoken("fr"):
        said.append(_("Lessons"))
    assert said == ["Lessons", "Lessons"]


def test_numbers_are_written_as_in_the_language() -> None:
    numbers = {}
    for code in LANGUAGES:
        with spoken(code):
            numbers[code] = (percent(0.974), whole(2000), decimal(1234.5, 2), number_or_dash(0.5, ".2f"))
    assert numbers == {
        "en": ("97.4 %", "2,000", "1,234.50", "0.50"),
        "de": ("97,4\xa0%", "2.000", "1.234,50", "0,50"),
        "es": ("97,4\xa0%", "2.000", "1.234,50", "0,50"),
        "fr": ("97,4\xa0%", "2\u202f000", "1\u202f234,50", "0,50"),
    }
    with spoken("de"):
        assert percent(1, never_certain=True) == "> 99,9\xa0%"
        assert (file_size(1_327_400), duration(125), in_short("0123")[0]) == ("1.327 kB", "2 min 5 s", "0")
        assert number_locale() | {"percent": ""} == {
            "decimal": ",",
            "thousands": ".",
            "grouping": [3],
            "currency": ["$", ""],
            "percent": "",
        }


@pytest.mark.parametrize(
    ("locale", "accepted", "expected"),
    [
        ("de-AT", None, "de"),
        ("it", "it,es-ES;q=0.8,en;q=0.5", "es"),
        (None, "fr", "fr"),
        (None, None, "en"),
        ("tlh", "x;;,-", "en"),
    ],
)
def test_the_first_language_of_the_browser_that_is_known_is_taken(
    locale: str | None, accepted: str | None, expected: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    headers = {} if accepted is None else {"Accept-Language": accepted}
    monkeypatch.setattr(st, "context", SimpleNamespace(locale=locale, headers=headers))
    assert language_of_browser() == expected


def labels(page: AppTest) -> list[str]:
    """The links of the menu."""
    return [link.proto.label for link in page.get("page_link")]


@pytest.mark.slow
def test_the_language_of_the_address_is_spoken_and_follows_to_other_pages(german: None) -> None:
    page = AppTest.from_file(ROOT / "app.py", default_timeout=60)
    page.query_params["lang"] = "de"
    page.switch_page("pages/lessons.py").run()
    assert not page.exception
    assert page.title[0].value == "Lektionen" and {"Lektionen", "Netze", "Draw"} <= set(labels(page))
    del page.query_params["lang"]
    page.switch_page("pages/networks.py").run()
    assert page.title[0].value == "Netze" and page.query_params["lang"] == "de"
    page.menu_button(key="language").click("en").run()
    assert page.title[0].value == "Networks" and page.query_params["lang"] == "en"
    page.query_params["lang"] = "xx"
    page.run()
    assert page.title[0].value == "Networks"


def test_an_unknown_language_in_the_address_changes_nothing() -> None:
    page = AppTest.from_file(ROOT / "app.py", default_timeout=60)
    page.query_params["lang"] = "xx"
    page.switch_page("pages/networks.py").run()
    assert page.title[0].value == "Networks"
    assert page.menu_button(key="language").label == "EN"


def test_links_to_the_glossary_which_open_in_a_tab_of_their_own_carry_the_language(german: None) -> None:
    page = AppTest.from_file(ROOT / "app.py", default_timeout=60)
    page.query_params["lang"], page.query_params["lesson"] = "de", "1"
    page.switch_page("pages/lessons.py").run()
    assert any("(lessons?word=network&lang=de)" in text.value for text in page.markdown)


def test_longer_words_show_whether_there_is_room() -> None:
    text = "Open [the page](https://a.example/image) :material/draw: with {count} **units**, [[weight|weights]] `code`."
    found = longer(text)
    assert "](https://a.example/image) :material/draw:" in found and "{count}" in found and "`code`" in found
    assert "[[weight|" in found and 1.2 < len(longer("Choose a network and a picture")) / 30 < 1.5
    with spoken(LONGER):
        assert _("Lessons") == "Leessoons" and percent(0.974) == "97.4 %"
        assert ngettext("{count} image", "{count} images", 2) == "{count} iimaagees"
