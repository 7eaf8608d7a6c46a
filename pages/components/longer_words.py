"""No language: every text a third longer, to see whether a page has room. `?lang=longer` shows it."""

import gettext
import re

KEPT = re.compile(r"\{\w+\}|:material/\w+:|\]\([^)]*\)|\[\[[^\]|]+|https?://\S+|`[^`]*`|<[^>]*>")
"""What stays as it is: values, icons, addresses, code."""
VOWEL = re.compile(r"[aeiouAEIOU]")


def longer(text: str) -> str:
    """The text with most vowels doubled: "Traain aa neetwoork"."""
    parts, end = [], 0
    for kept in KEPT.finditer(text):
        parts += [VOWEL.sub(r"\g<0>\g<0>", text[end : kept.start()]), kept[0]]
        end = kept.end()
    return "".join([*parts, VOWEL.sub(r"\g<0>\g<0>", text[end:])])


class LongerWords(gettext.NullTranslations):
    """Takes the place of a catalog."""

    def gettext(self, message: str) -> str:
        return longer(message)

    def ngettext(self, msgid1: str, msgid2: str, n: int) -> str:
        return longer(msgid1 if n == 1 else msgid2)

    def pgettext(self, context: str, message: str) -> str:
        return longer(message)
