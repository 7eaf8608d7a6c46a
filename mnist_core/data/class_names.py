"""What the classes of a dataset are called: a small file beside the images says it, or the labels are digits."""

import string
from pathlib import Path

import numpy as np

from mnist_core.errors import InputError

TEN_DIGITS = tuple(string.digits)
MAX_CLASSES = 62
"""Digits, capital and small letters."""
MAX_LETTERS = 40
MAX_BYTES = 10_000
CLASSES_FILE = "classes.txt"
_CAPITALS, _SMALL = tuple(string.ascii_uppercase), tuple(string.ascii_lowercase)
# EMNIST's own names for its six sets. Two of them have one class for both forms where these look alike.
EMNIST = {
    "digits": TEN_DIGITS,
    "mnist": TEN_DIGITS,
    "balanced": (*TEN_DIGITS, *_CAPITALS, *"abdefghnqrt"),
    "bymerge": (*TEN_DIGITS, *_CAPITALS, *"abdefghnqrt"),
    "byclass": (*TEN_DIGITS, *_CAPITALS, *_SMALL),
    "letters": _CAPITALS,
}
FASHION = (
    *("T-shirt/top", "Trouser", "Pullover", "Dress", "Coat"),
    *("Sandal", "Shirt", "Sneaker", "Bag", "Ankle boot"),
)
FASHION_IMAGES, FASHION_BEGINS = 60_000, (9, 0, 0, 3, 0, 2, 7, 2, 5, 5)
"""How Fashion-MNIST's training labels are known: its files have MNIST's names, and none of them names the classes."""


def names_file(folder: Path, split: str) -> Path | None:
    """The file in a dataset's folder that names its classes, None if there is none. split: EMNIST's, "" for others."""
    for name in (CLASSES_FILE, *([f"emnist-{split}-mapping.txt"] if split else [])):
        if (folder / name).is_file():
            return folder / name
    return None


def class_names(file: Path | None, split: str, train_labels: np.ndarray) -> tuple[tuple[str, ...], int]:
    """The names of the classes, and the label of the first one. file: what `names_file` found.

    Raises InputError for a file that does not name classes.
    """
    first = 1 if split == "letters" else 0
    if file is None:
        begins = tuple(train_labels[: len(FASHION_BEGINS)].tolist())
        if not split and len(train_labels) == FASHION_IMAGES and begins == FASHION_BEGINS:
            return FASHION, 0
        return EMNIST.get(split, TEN_DIGITS), first
    try:
        with open(file, "rb") as opened:
            data = opened.read(MAX_BYTES + 1)
        text = data.decode("utf-8-sig")
    except OSError as error:
        raise InputError(f"{file.name}: cannot be read ({error.strerror or error}).") from None
    except UnicodeDecodeError:
        raise InputError(f"{file.name}: expected text in UTF-8.") from None
    if len(data) > MAX_BYTES:
        raise InputError(f"{file.name}: expected at most {MAX_BYTES:,} bytes.")
    if file.name == CLASSES_FILE:
        return check_names(text.rstrip().splitlines(), file.name), first
    return _mapping(text, file.name)


def _mapping(text: str, filename: str) -> tuple[tuple[str, ...], int]:
    """EMNIST's mapping: on each line a label and the codes of its characters, of which the first is the name."""
    try:
        rows = [[int(word) for word in line.split()] for line in text.splitlines() if line.strip()]
        rows.sort(key=lambda row: row[0])
        names = [chr(row[1]) for row in rows]
    except (ValueError, IndexError, OverflowError):
        raise InputError(f"{filename}: expected a label and the code of a character on each line.") from None
    first = rows[0][0] if rows else 0
    if first not in (0, 1) or [row[0] for row in rows] != list(range(first, first + len(rows))):
        raise InputError(f"{filename}: expected labels that count on from 0 or 1.")
    return check_names(names, filename), first


def check_names(names: list[str], source: str) -> tuple[str, ...]:
    """Names of classes, without spaces around them. Raises InputError, beginning with `source`, for impossible ones."""
    stripped = tuple(name.strip() for name in names)
    if not 2 <= len(stripped) <= MAX_CLASSES:
        raise InputError(f"{source}: expected the names of 2 to {MAX_CLASSES} classes, found {len(stripped)}.")
    for name in stripped:
        if not name or len(name) > MAX_LETTERS or not name.isprintable():
            raise InputError(f"{source}: {name[:MAX_LETTERS]!r} is not a name of 1 to {MAX_LETTERS} letters.")
    if len(set(stripped)) < len(stripped):
        raise InputError(f"{source}: expected a name of its own for each class, found one twice.")
    return stripped
