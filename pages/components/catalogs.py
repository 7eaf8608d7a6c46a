"""The catalogs: what every text is called in another language. They are gettext files, in `pages/locale`."""

import gettext
import io
import threading
from pathlib import Path

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

from pages.components.longer_words import LongerWords

ENGLISH, LONGER = "en", "longer"
LANGUAGES = {ENGLISH: "English", "de": "Deutsch", "es": "Español", "fr": "Français"}
"""By code, as those who speak it call it. A new one needs a catalog, too."""
FOLDER = Path(__file__).parent.parent / "locale"
DOMAIN = "digit_lab"
_catalogs: dict[str, gettext.NullTranslations] = {}
_reading = threading.Lock()


def catalog_file(language: str) -> Path:
    """The catalog of a language."""
    return FOLDER / language / "LC_MESSAGES" / f"{DOMAIN}.po"


def catalog(language: str) -> gettext.NullTranslations:
    """The catalog, read once. What is not translated, or marked as fuzzy, stays English."""
    if language not in _catalogs:
        # Visitors who come at the same time wait for one reading.
        with _reading:
            if language not in _catalogs:
                _catalogs[language] = _read(language)
    return _catalogs[language]


def _read(language: str) -> gettext.NullTranslations:
    if language == LONGER:
        return LongerWords()
    path = catalog_file(language)
    if not path.exists():
        return gettext.NullTranslations()
    with path.open("rb") as file:
        messages = read_po(file, locale=language)
    binary = io.BytesIO()
    write_mo(binary, messages)
    binary.seek(0)
    return gettext.GNUTranslations(binary)
