"""Numbers in words, for all pages: each rule stands here once."""

import math
from collections.abc import Sequence

from pages.components.language import ngettext

UNKNOWN = "–"
MARKDOWN = frozenset("\\`*_{}[]()#+!|$<>:~^=&")
AN = frozenset("8AEFHILMNORSX")
"""Signs whose names begin with a vowel as they are spoken."""
MOST_NAMES = 5


def percent(share: float | None, decimals: int = 1, *, never_certain: bool = False) -> str:
    """A share of 1, such as "97.4 %". It is cut off, not rounded: only what is all right is "100.0 %".

    never_certain: for a network's confidence, which cannot be 0 or 1: "> 99.9 %", "< 0.1 %".
    """
    if share is None or math.isnan(share):
        return UNKNOWN
    smallest = 10.0 ** -(decimals + 2)
    if never_certain and share > 1 - smallest:
        return f"> {100 - 100 * smallest:.{decimals}f} %"
    if never_certain and share < smallest:
        return f"< {100 * smallest:.{decimals}f} %"
    # A float such as 0.29 lies a little below the decimal number that is meant.
    return f"{math.floor(share / smallest + 1e-4) * smallest * 100:.{decimals}f} %"


def confidence(probability: float) -> str:
    """How sure a network is."""
    return percent(probability, never_certain=True)


def accuracy(share: float | None) -> str:
    """A share of right answers."""
    return percent(share, 2)


def published(share: float, images: str) -> str:
    """The label of a published accuracy in a chart. images: "test" or "validation"."""
    return f"published: {accuracy(share)} on the {images} images"


def number_or_dash(value: float, form: str = ",.0f") -> str:
    """A number in a format of Python; a dash for one that is not known."""
    return UNKNOWN if math.isnan(value) else format(value, form)


def counted(count: int, one: str, many: str) -> str:
    """ "1 image", "2,000 images": `counted(count, "{count} image", "{count} images")`, in the visitor's language."""
    return ngettext(one, many, count).format(count=f"{count:,}")


def whole(number: int) -> str:
    """ "2,000", in the visitor's language."""
    return f"{number:,}"


def decimal(number: float, places: int = 1) -> str:
    """ "0.25" with so many places, in the visitor's language."""
    return f"{number:,.{places}f}"


def file_size(size: int) -> str:
    """Bytes as "327 kB"."""
    return f"{size / 1000:,.0f} kB"


def duration(seconds: float) -> str:
    """ "2 min 5 s"."""
    if math.isnan(seconds):
        return UNKNOWN
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes:,} min {rest} s" if minutes else f"{rest} s"


def escaped(text: str) -> str:
    """A name with all signs of Markdown escaped."""
    return "".join(f"\\{letter}" if letter in MARKDOWN else letter for letter in text)


def a_class(name: str) -> str:
    """ "a 7", "an 8", "an A"; a word stands alone: "Trouser"."""
    if len(name) > 1:
        return name
    return f"{'an' if name.upper() in AN else 'a'} {name}"


def read_as(name: str, answer: str) -> str:
    """ "a 7, read as 1"."""
    return f"{a_class(name)}, read as {answer}"


def in_short(names: Sequence[str]) -> str:
    """All classes of a network or a dataset: "0 to 9, A to Z, a and b", "Trouser, Pullover and 8 more"."""
    if any(len(name) > 1 for name in names):
        shown, rest = list(names[:MOST_NAMES]), len(names) - MOST_NAMES
        return joined([*shown, f"{rest} more"]) if rest > 0 else joined(shown)
    runs: list[list[str]] = []
    for name in names:
        if runs and ord(name) == ord(runs[-1][-1]) + 1:
            runs[-1].append(name)
        else:
            runs.append([name])
    parts = [part for run in runs for part in ([f"{run[0]} to {run[-1]}"] if len(run) > 2 else run)]
    return joined(parts)


def joined(parts: Sequence[str]) -> str:
    """ "a, b and c"."""
    return f"{', '.join(parts[:-1])} and {parts[-1]}" if len(parts) > 1 else "".join(parts)
