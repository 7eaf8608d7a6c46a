"""Numbers in words, for all pages: each rule stands here once. They are written as in the visitor's language."""

import functools
import math
import re
from collections.abc import Sequence

from babel import Locale

from pages.components.catalogs import ENGLISH, LONGER
from pages.components.language import _, language, ngettext

UNKNOWN = "–"
MARKDOWN = frozenset("\\`*_{}[]()#+!|$<>:~^=&")
AN = frozenset("8AEFHILMNORSX")
"""Signs whose names begin with a vowel as they are spoken."""
MOST_NAMES = 5


def by_language(number: str) -> str:
    """A number as Python writes it, "1,234.5", as the visitor's language does: "1.234,5"."""
    code = language()
    return number if code in (ENGLISH, LONGER) else number.translate(_signs(code))


@functools.cache
def _signs(code: str) -> dict[int, str]:
    symbols = Locale.parse(code).number_symbols["latn"]
    return str.maketrans({",": symbols["group"], ".": symbols["decimal"]})


def percent_sign() -> str:
    """What stands behind a share: in English, " %"."""
    code = language()
    return " %" if code in (ENGLISH, LONGER) else _percent_sign(code)


@functools.cache
def _percent_sign(code: str) -> str:
    """The sign with the space before it, which no line is broken at."""
    return Locale.parse(code).percent_formats[None].suffix[0]


def number_locale() -> dict[str, object]:
    """The same for the numbers of a chart."""
    return {
        "decimal": by_language("."),
        "thousands": by_language(","),
        "grouping": [3],
        "currency": ["$", ""],
        "percent": percent_sign(),
    }


def whole(number: float) -> str:
    """ "2,000"."""
    return by_language(f"{number:,.0f}")


def decimal(number: float, places: int = 1) -> str:
    """ "1,234.50", with so many places behind the point."""
    return by_language(f"{number:,.{places}f}")


def percent(share: float | None, decimals: int = 1, *, never_certain: bool = False) -> str:
    """A share of 1, such as "97.4 %". It is cut off, not rounded: only what is all right is "100.0 %".

    never_certain: for a network's confidence, which cannot be 0 or 1: "> 99.9 %", "< 0.1 %".
    """
    if share is None or math.isnan(share):
        return UNKNOWN
    smallest = 10.0 ** -(decimals + 2)
    if never_certain and share > 1 - smallest:
        return f"> {_share(100 - 100 * smallest, decimals)}"
    if never_certain and share < smallest:
        return f"< {_share(100 * smallest, decimals)}"
    # A float such as 0.29 lies a little below the decimal number that is meant.
    return _share(math.floor(share / smallest + 1e-4) * smallest * 100, decimals)


def _share(hundredths: float, decimals: int) -> str:
    return f"{decimal(hundredths, decimals)}{percent_sign()}"


def confidence(probability: float) -> str:
    """How sure a network is."""
    return percent(probability, never_certain=True)


def accuracy(share: float | None) -> str:
    """A share of right answers."""
    return percent(share, 2)


def published(share: float, images: str) -> str:
    """The label of a published accuracy in a chart. images: "test" or "validation"."""
    if images == "test":
        return _("published: {accuracy} on the test images").format(accuracy=accuracy(share))
    return _("published: {accuracy} on the validation images").format(accuracy=accuracy(share))


def number_or_dash(value: float, form: str = ",.0f") -> str:
    """A number in a format of Python; a dash for one that is not known."""
    return UNKNOWN if math.isnan(value) else by_language(format(value, form))


def counted(count: int, one: str, many: str) -> str:
    """ "1 image", "2,000 images": `counted(count, "{count} image", "{count} images")`, in the visitor's language."""
    return ngettext(one, many, count).format(count=whole(count))


def file_size(size: int) -> str:
    """Bytes as "327 kB"."""
    return f"{whole(size / 1000)} kB"


def duration(seconds: float) -> str:
    """ "2 min 5 s"."""
    if math.isnan(seconds):
        return UNKNOWN
    minutes, rest = divmod(round(seconds), 60)
    return f"{whole(minutes)} min {rest} s" if minutes else f"{rest} s"


def unbroken_percent(text: str) -> str:
    """The text, in which a percent sign stays on the line of its number."""
    return re.sub(r"(?<=\d) %", "\u00a0%", text)


def escaped(text: str) -> str:
    """A name with all signs of Markdown escaped."""
    return "".join(f"\\{letter}" if letter in MARKDOWN else letter for letter in text)


def a_class(name: str) -> str:
    """ "a 7", "an 8", "an A"; a word stands alone: "Trouser"."""
    if len(name) > 1:
        return name
    return _("an {name}").format(name=name) if name.upper() in AN else _("a {name}").format(name=name)


def read_as(name: str, answer: str) -> str:
    """ "a 7, read as 1"."""
    return _("{a_class}, read as {answer}").format(a_class=a_class(name), answer=answer)


def in_short(names: Sequence[str]) -> str:
    """All classes of a network or a dataset: "0 to 9, A to Z, a and b", "Trouser, Pullover and 8 more"."""
    if any(len(name) > 1 for name in names):
        shown, rest = list(names[:MOST_NAMES]), len(names) - MOST_NAMES
        more = _("{count} more").format(count=whole(rest))
        return joined([*shown, more]) if rest > 0 else joined(shown)
    runs: list[list[str]] = []
    for name in names:
        if runs and ord(name) == ord(runs[-1][-1]) + 1:
            runs[-1].append(name)
        else:
            runs.append([name])
    parts: list[str] = []
    for run in runs:
        parts += [_("{first} to {last}").format(first=run[0], last=run[-1])] if len(run) > 2 else run
    return joined(parts)


def joined(parts: Sequence[str]) -> str:
    """ "a, b and c"."""
    if len(parts) < 2:
        return "".join(parts)
    return _("{parts} and {last}").format(parts=", ".join(parts[:-1]), last=parts[-1])
