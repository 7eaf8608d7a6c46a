"""Names of folders and files below the folder of all runs: made here, and checked before one is followed."""

import hashlib
import os
import re
from pathlib import Path

RUN_NAME = re.compile(r"[0-9]{20}-[0-9a-f]{8}")


def digest(text: str) -> str:
    """32 letters that stand for a text, from which nobody gets the text back."""
    return hashlib.sha256(text.encode(errors="replace")).hexdigest()[:32]


def is_digest(text: str) -> bool:
    """Whether a text could be such 32 letters."""
    return len(text) == 32 and all(letter in "0123456789abcdef" for letter in text)


def names_in(folder: Path) -> list[str]:
    """What is in a folder, sorted; nothing if there is no such folder."""
    try:
        return sorted(os.listdir(folder))
    except OSError:
        return []
