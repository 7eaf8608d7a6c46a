"""Reads the message with a picture that comes while somebody draws. It comes from a browser, so it is not trusted."""

from collections.abc import Mapping
from dataclasses import dataclass

from pages.components.draw.canvas_message import decode_data_url

MAX_PICTURE = 100_000
"""Pictures of more characters are refused. A canvas takes some five thousand."""


@dataclass(frozen=True)
class LivePicture:
    """A drawing as it looked at one moment. drawn: milliseconds of drawing before it; last: the pen was lifted."""

    number: int
    drawn: int
    last: bool
    png: bytes


def parse_picture(sent: object) -> LivePicture | None:
    """A picture from a browser, which is not trusted; None for any other message."""
    if not isinstance(sent, Mapping):
        return None
    number, drawn = sent.get("number"), sent.get("drawn")
    if type(number) is not int or type(drawn) is not int or not 0 <= drawn <= 10**9 or not 0 <= number <= 10**9:
        return None
    png = decode_data_url(sent.get("image"), MAX_PICTURE)
    return None if png is None else LivePicture(number, drawn, sent.get("last") is True, png)
