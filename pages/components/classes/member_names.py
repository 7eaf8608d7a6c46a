"""What the members of a class are called in the visitor's language, also those without a nickname."""

import re
import unicodedata

from mnist_core.runs import SOMEBODY_WHO_LEFT, clean_name
from pages.components.catalogs import LANGUAGES
from pages.components.language import _, spoken

GIVEN = re.compile(r"(Teacher|Member)(?: (\d+))?")
"""Names that the server gives; nobody can choose them for a nickname."""


def member_name(name: str) -> str:
    """A member's name, or that on the board: a nickname as it is, a name that the server gave translated."""
    if name == SOMEBODY_WHO_LEFT:
        return _("Somebody who left")
    found = GIVEN.fullmatch(name)
    if found is None or name == "Member":
        return name
    word, number = found.groups()
    if word == "Member":
        return _("Member {number}").format(number=number)
    teacher = _("Teacher")
    return f"{teacher} {number}" if number else teacher


def is_given(nickname: str) -> bool:
    """Whether it is, in any language, a name that the server gives: nobody may pass for the teacher."""
    wanted = _folded(clean_name(nickname))
    for language in LANGUAGES:
        with spoken(language):
            words = _("Teacher"), _("Member {number}").format(number="").strip(), _(SOMEBODY_WHO_LEFT)
        if any(re.fullmatch(rf"{re.escape(_folded(word))}( \d+)?", wanted) for word in words):
            return True
    return False


def _folded(name: str) -> str:
    """Names that look the same are the same, as for `ClassMembers.rename`."""
    return unicodedata.normalize("NFKC", name).casefold().strip()
