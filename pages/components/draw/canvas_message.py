"""Reads the message that the canvas component sends after a stroke. It comes from a browser, so it is not trusted."""

import base64
from collections.abc import Mapping
from typing import Any

MAX_ENCODED = 2_000_000
"""Pictures of more characters are refused. A full canvas takes some ten thousand."""
MAX_STROKES, MAX_POINTS = 1000, 50_000


def parse_message(state: object) -> tuple[list[Any], bytes] | None:
    """The strokes as the component describes each, and the drawing as a PNG file; None for any other message."""
    sent = state.get("drawing") if isinstance(state, Mapping) else None
    if not isinstance(sent, Mapping):
        return None
    described, encoded = sent.get("raw"), sent.get("data")
    strokes = described.get("objects") if isinstance(described, Mapping) else None
    if not isinstance(strokes, list) or len(strokes) > MAX_STROKES or _points(strokes) > MAX_POINTS:
        return None
    png = decode_data_url(encoded, MAX_ENCODED)
    return None if png is None else (strokes, png)


def decode_data_url(text: object, most: int) -> bytes | None:
    """The bytes in a data URL of at most so many characters; None for anything else."""
    if not isinstance(text, str) or len(text) > most:
        return None
    try:
        return base64.b64decode(text.partition(";base64,")[2], validate=True)
    except ValueError:  # not base64, or not even ASCII
        return None


def _points(strokes: list[Any]) -> int:
    """How many places of the pen all strokes have."""
    paths = [stroke.get("path") if isinstance(stroke, dict) else None for stroke in strokes]
    return sum(len(path) if isinstance(path, list) else 0 for path in paths)
