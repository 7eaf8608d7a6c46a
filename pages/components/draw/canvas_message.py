"""Reads the message that the canvas component sends after a stroke. It comes from a browser, so it is not trusted."""

import base64
from collections.abc import Mapping
from typing import Any

MAX_ENCODED = 2_000_000
"""Pictures of more characters are refused. A full canvas takes some ten thousand."""
MAX_STROKES = 1000


def parse_message(state: object) -> tuple[dict[str, Any], bytes] | None:
    """The strokes as the component describes them, and the drawing as a PNG file; None for any other message."""
    sent = state.get("drawing") if isinstance(state, Mapping) else None
    if not isinstance(sent, Mapping):
        return None
    strokes, encoded = sent.get("raw"), sent.get("data")
    if not isinstance(strokes, dict) or not isinstance(encoded, str) or len(encoded) > MAX_ENCODED:
        return None
    if len(objects(strokes)) > MAX_STROKES:
        return None
    try:
        return strokes, base64.b64decode(encoded.partition(";base64,")[2], validate=True)
    except ValueError:  # not base64, or not even ASCII
        return None


def objects(strokes: dict[str, Any] | None) -> list[Any]:
    """The list of strokes in the component's description of a drawing; empty if there is none."""
    found = (strokes or {}).get("objects")
    return found if isinstance(found, list) else []
