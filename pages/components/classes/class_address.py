"""The address of a class, as a link, and as a code that a phone scans."""

import time
from urllib.parse import urlencode, urlsplit, urlunsplit

import segno
import streamlit as st

from mnist_core.runs import is_local, own_address

USUAL = "http://localhost:8501/train"
KNOWN_SECONDS = 60.0


def page_address() -> str:
    """The address of this page as the browser has it, without parameters."""
    parts = urlsplit(st.context.url or USUAL)
    return urlunsplit((parts.scheme, parts.netloc, parts.path, "", ""))


def class_address(identity: str, **more: str) -> str:
    """What the others open: with this computer's address in its network, if the browser calls it localhost."""
    parts = urlsplit(page_address())
    netloc = parts.netloc
    if is_local(parts.hostname or "") and (known := network_address()):
        netloc = f"{known}:{parts.port}" if parts.port else known
    return urlunsplit((parts.scheme, netloc, parts.path, urlencode({"class": identity, **more}), ""))


def teacher_address(identity: str, secret: str) -> str:
    """What the teacher opens, with the address that the browser uses now."""
    return f"{page_address()}?{urlencode({'class': identity, 'teacher': secret})}"


def network_address() -> str:
    """This computer's address in its network, "" if it has none or the server does not listen there."""
    listens = str(st.get_option("server.address") or "")
    return "" if listens and is_local(listens) else _network_address(int(time.time() // KNOWN_SECONDS))


@st.cache_resource(show_spinner=False, max_entries=1)
def _network_address(_minute: int) -> str:
    return own_address()


@st.cache_data(show_spinner=False, max_entries=200)
def card(address: str, code: str) -> str:
    """A white card with a QR code of an address and a class's code in large type, as an SVG.

    Dark on light on every page: not all phones read another.
    """
    made = segno.make(address, error="m", micro=False)
    drawn = made.svg_inline(scale=1, border=3, omitsize=True, dark="#111118", light="#ffffff")
    qr = drawn.replace("<svg ", '<svg x="0" y="0" width="180" height="180" ', 1)
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" width="600" height="180" viewBox="0 0 600 180">'
        f'<rect width="600" height="180" rx="12" fill="#ffffff"/>{qr}'
        '<text x="190" y="122" font-family="Source Sans, Source Sans Pro, Arial, sans-serif" font-size="92" '
        f'font-weight="700" fill="#111118" textLength="386" lengthAdjust="spacingAndGlyphs">{code}</text>'
        "</svg>"
    )
