"""Pictures, units or numbers in rows, each of which is a button: for mouse, finger and keyboard.

Used for all that can be chosen by looking at it: feature maps, units, images, cells of a matrix.
"""

from collections.abc import Callable, Collection, Sequence
from typing import Any

import numpy as np
import streamlit as st

from pages.components.inside.picture_grid_script import CSS, HTML, SCRIPT
from pages.components.pictures import mosaic
from pages.components.session import Widget

ACROSS = 32
"""Pictures in a row of the sheet that is sent; how many stand in a row on the page is the browser's choice."""
LETTER = 8
"""About how wide a letter of a caption is."""

_component = st.components.v2.component("digit_lab_picture_grid", html=HTML, css=CSS, js=SCRIPT)


def picture_grid(
    images: np.ndarray,
    labels: Sequence[str],
    *,
    alt: str,
    key: str,
    choose: Callable[[int], None],
    captions: Sequence[str] = (),
    chosen: int | None = None,
    marked: Collection[int] = (),
    scale: int = 2,
    signed: bool = False,
    largest: float | None = None,
    lead_to: str = "",
) -> None:
    """Show float images [N, H, W], each pixel `scale` pixels large; `choose` is called with the index of one chosen.

    labels: what each button is called, for the tip and for screen readers. captions: what stands under each. chosen,
    marked: the one, and those, with a frame. signed, largest: as in `mosaic`. lead_to: the key of a container that is
    scrolled to after a choice, if it is out of sight.
    """
    count, height, width = images.shape
    across = min(count, ACROSS)
    cells = [
        {"label": label, "caption": captions[number] if captions else "", "marked": number in marked}
        for number, label in enumerate(labels)
    ]
    sheet = {
        "url": mosaic(images, across, signed=signed, scale=1, largest=largest, gap=0),
        "across": across,
        "count": count,
        "width": width * scale,
        "height": height * scale,
    }
    longest = max(map(len, captions), default=0)
    data = {"sheet": sheet, "pitch": max(width * scale, LETTER * longest) + 2, "leadTo": lead_to}
    _mount(data | {"label": alt, "cells": cells, "chosen": chosen}, key, choose)


def number_grid(
    numbers: np.ndarray,
    shades: np.ndarray,
    labels: Sequence[str],
    *,
    rows: Sequence[str],
    columns: Sequence[str],
    alt: str,
    key: str,
    choose: Callable[[int], None],
    chosen: int | None = None,
) -> None:
    """A matrix of integers [rows, columns], as in `text_grid`. A cell of 0 cannot be chosen."""
    texts = [str(number) if number else "" for number in numbers.ravel().tolist()]
    text_grid(texts, shades, labels, rows=rows, columns=columns, alt=alt, key=key, choose=choose, chosen=chosen)


def text_grid(
    texts: Sequence[str],
    shades: np.ndarray,
    labels: Sequence[str],
    *,
    rows: Sequence[str],
    columns: Sequence[str],
    alt: str,
    key: str,
    choose: Callable[[int], None],
    chosen: int | None = None,
) -> None:
    """A matrix of short texts, row by row, each the deeper in color the larger its shade, 0 to 1, is.

    shades: float [rows, columns]. labels: what each cell is called; `choose` is called with its index. An empty cell
    cannot be chosen.
    """
    cells = [
        {"label": label, "text": text, "shade": shade if text else 0, "empty": not text}
        for label, text, shade in zip(labels, texts, shades.ravel().tolist(), strict=True)
    ]
    heads = {"rows": list(rows), "columns": list(columns)}
    _mount({"heads": heads, "label": alt, "cells": cells, "chosen": chosen}, key, choose)


def _mount(data: dict[str, Any], key: str, choose: Callable[[int], None]) -> None:
    count = len(data["cells"])

    def chosen() -> None:
        # What comes from a browser may be anything.
        number = getattr(Widget[Any](key).value_or(None), "chosen", None)
        if isinstance(number, int) and 0 <= number < count:
            choose(number)

    _component(data=data, key=key, on_chosen_change=chosen, width="stretch", height="content")
