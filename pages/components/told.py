"""What the library says of a run, in the visitor's language: it says it, and writes it down, in English."""

import functools
import re

from pages.components.catalogs import ENGLISH
from pages.components.language import _, gettext_noop, language
from pages.components.train.settings_choices import augmentation_name
from pages.components.words import by_language

SENTENCES = (
    # What becomes of a run (mnist_core/runs).
    gettext_noop("Starting."),
    gettext_noop("The training process did not start."),
    gettext_noop("The training process was ended; it goes on by itself in a moment."),
    gettext_noop("Paused, because nobody was watching and others waited."),
    gettext_noop("The network is being measured on the test images."),
    gettext_noop("There is not enough memory for this network and batch size."),
    gettext_noop("The training ended by a fault of this program ({fault})."),
    gettext_noop("The run cannot be trained ({fault})."),
    gettext_noop("The run cannot be trained on ({fault})."),
    gettext_noop(
        "The training process ended {count} times while it computed this run; perhaps there is not enough memory for "
        "it."
    ),
    gettext_noop("At step {step} the loss was no longer a usable number. Mostly the learning rate is too high."),
    gettext_noop("The network of step {step}, from before that, is kept."),
    gettext_noop("It is back at the first step."),
    gettext_noop("Not changed. {problem}"),
    # What goes wrong in a training, and what would help (mnist_core/runs/diagnosis.py).
    gettext_noop("After the change of the {made} it exploded."),
    gettext_noop("Go back to before, with {settings}"),
    gettext_noop("Train again with a rate of {rate}"),
    gettext_noop("Train again with smaller first weights"),
    gettext_noop("Train again with augmentation"),
    gettext_noop("Train again with dropout"),
    gettext_noop("Train again with an L2 of {l2}"),
    gettext_noop("After {steps} steps {share} % of the training images are right: no better than guessing."),
    gettext_noop("The loss has risen: the steps are probably too large."),
    gettext_noop("The loss hardly moves: the steps may be too small."),
    gettext_noop(
        "{share} % of the units in layer {number} ({layer}) are dead: none of the images that were tried moves them."
    ),
    gettext_noop(
        "It overfits, as if it learned the training images by heart: its loss on them went from {first} to {last}, "
        "but on the validation images it has risen from {validation_first} to {validation_last}."
    ),
    # What a published mistake cost (mnist_core/recipes/results.py).
    gettext_noop("Mended, it gets {corrected} % instead of {published} %: {change} points."),
    # Packages that are not there (mnist_core/exchange/packages.py).
    gettext_noop("{files} need packages that are not installed ({packages}): {how}."),
    # The last: its beginning is any error.
    gettext_noop("{problem} The run goes on by itself then."),
)
SETTINGS = (
    gettext_noop("rate to {value}"),
    gettext_noop("batch size to {value}"),
    gettext_noop("augmentation to {value}"),
    gettext_noop("rate {value}"),
    gettext_noop("batch size {value}"),
    gettext_noop("augmentation {value}"),
)
"""What stands in a list of settings: what one was changed to, or what it is."""
LISTS = ("made", "settings")
LONG = (*LISTS, "value", "problem", "files", "packages", "how")
"""Values of more than one word; all others are numbers or single words."""
Told = tuple[tuple[str, tuple[tuple[str, str], ...]], ...]
"""Sentences, each with its values by name."""


def told(english: str) -> str:
    """The same in the visitor's language; what is not known here, such as the library's errors, stays in English."""
    if language() == ENGLISH:
        return english
    return " ".join(
        _(sentence).format(**{name: _value(name, value) for name, value in values}) if values else _(sentence)
        for sentence, values in parts(english)
    )


@functools.lru_cache(maxsize=500)
def parts(english: str) -> Told:
    """The sentences of a text; what is not known is one without values."""
    found, rest = [], english
    while rest:
        sentence, values, rest = _first(rest)
        found.append((sentence, values))
    return tuple(found)


def _first(text: str) -> tuple[str, tuple[tuple[str, str], ...], str]:
    """The first sentence of a text, its values, and what comes after it."""
    for sentence in SENTENCES:
        if match := _pattern(sentence).match(text):
            return sentence, tuple(match.groupdict().items()), text[match.end() :].lstrip()
    return text, (), ""


@functools.cache
def _pattern(sentence: str) -> re.Pattern[str]:
    pieces = re.split(r"\{(\w+)\}", sentence)
    for number, name in enumerate(pieces):
        inside = ".+" if name in LONG else r"\S+?"
        pieces[number] = f"(?P<{name}>{inside})" if number % 2 else re.escape(name)
    return re.compile("".join(pieces) + r"(?= |$)", re.DOTALL)


def _value(name: str, value: str) -> str:
    if name in LISTS:
        return ", ".join(map(_setting, value.split(", ")))
    return value if name in LONG else by_language(value)


def _setting(english: str) -> str:
    for setting in SETTINGS:
        if match := _pattern(setting).fullmatch(english):
            value = match["value"]
            shown = augmentation_name(value) if setting.startswith("augmentation") else by_language(value)
            return _(setting).format(value=shown)
    return english
