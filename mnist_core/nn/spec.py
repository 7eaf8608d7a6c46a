"""One line of text for one setting: "dense 128 weights=he_normal" names a class and its fields.

The same line stands in the code, in a model card, on the command line and in a link, and a person can read it.
"""

import dataclasses
import functools
import math
import typing
from collections.abc import Mapping
from typing import Any, TypeVar

from mnist_core.errors import InputError

T = TypeVar("T")


def parse(text: str, choices: Mapping[str, type[T]], what: str) -> T:
    """Make the object that `text` describes.

    The first word picks a dataclass from `choices`; the other words are its fields, in order or as name=value.
    `what` is what error messages call such an object, for example "layer".
    Raises InputError for an unknown name or field, a value of the wrong type, or one the class refuses.
    """
    words = text.split()
    if not words or words[0] not in choices:
        raise InputError(f"{what} {text!r}: expected one of {', '.join(choices)}.")
    cls = choices[words[0]]
    fields = {field.name: field for field in dataclasses.fields(cls) if field.init}  # type: ignore[arg-type]
    names, kinds = list(fields), _kinds(cls)  # type: ignore[arg-type]
    values: dict[str, Any] = {}
    for position, word in enumerate(words[1:]):
        name, equals, value = word.partition("=")
        if not equals:
            name, value = (names[position] if position < len(names) else ""), word
        if name not in fields or name in values:
            known = ", ".join(names) or "nothing"
            raise InputError(f"{what} {text!r}: {word!r} is not understood; {words[0]} takes {known}.")
        values[name] = _convert(value, kinds[name], f"{what} {text!r}: {name}")
    missing = [n for n, f in fields.items() if n not in values and f.default is dataclasses.MISSING]
    if missing:
        raise InputError(f"{what} {text!r}: {missing[0]} is missing.")
    return cls(**values)


@functools.cache
def _kinds(cls: type) -> dict[str, Any]:
    """The types of a class's fields, also where its module writes annotations as text."""
    return typing.get_type_hints(cls)


def _convert(value: str, kind: Any, name: str) -> Any:
    try:
        if kind is int:
            return int(value)
        if kind is float:
            number = float(value)
            if not math.isfinite(number):
                raise ValueError
            return number
    except ValueError:
        wanted = "a whole number" if kind is int else "a number"
        raise InputError(f"{name} expected {wanted}, found {value!r}.") from None
    return value


def describe(name: str, thing: Any) -> str:
    """The line of text that `parse` turns back into `thing`.

    Fields at their defaults are left out; numbers that come first stand without their names.
    """
    words, bare = [name], True
    for field in dataclasses.fields(thing):
        value = getattr(thing, field.name)
        if value == field.default:
            bare = False
            continue
        bare = bare and not isinstance(value, str)
        words.append(str(value) if bare else f"{field.name}={value}")
    return " ".join(words)
