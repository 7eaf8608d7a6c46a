"""The worst confusions as one picture: which digits were read as which others, and what they look like."""

import io
from collections import defaultdict
from collections.abc import Sequence

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from mnist_core.reading.recognizer import Reading

ROWS, COLUMNS = 12, 12
PICTURE_SIDE, GAP, LEFT, TOP = 56, 6, 190, 46
PAPER, INK, FAINT = "#ffffff", "#1f2328", "#6b7280"


def draw_confusions(title: str, readings: Sequence[Reading], digits: np.ndarray) -> bytes:
    """A PNG file of the twelve most frequent confusions, a row each, with up to twelve drawings, the surest first.

    digits: the right ones, integers [N]. Under each drawing stands how sure the network was.
    """
    rows: dict[tuple[int, int], list[Reading]] = defaultdict(list)
    for reading, digit in zip(readings, digits, strict=True):
        if reading.image is not None and reading.digit is not None and reading.digit != digit:
            rows[int(digit), reading.digit].append(reading)
    worst = sorted(rows.items(), key=lambda row: -len(row[1]))[:ROWS]
    height = PICTURE_SIDE + 22 + GAP
    page = Image.new(
        "RGB", (LEFT + COLUMNS * (PICTURE_SIDE + GAP) + GAP, TOP + max(1, len(worst)) * height + GAP), PAPER
    )
    draw = ImageDraw.Draw(page)
    large, small = ImageFont.load_default(17), ImageFont.load_default(12)
    draw.text((12, 12), title, INK, large)
    if not worst:
        draw.text((12, TOP + 12), "No digit was read as another.", FAINT, large)
    for row, ((digit, answer), found) in enumerate(worst):
        top = TOP + row * height
        names = found[0].classes
        draw.text((12, top + 8), f"{names[digit]} read as {names[answer]}", INK, large)
        draw.text((12, top + 34), "once" if len(found) == 1 else f"{len(found)} times", FAINT, small)
        for column, reading in enumerate(sorted(found, key=lambda reading: -reading.confidence)[:COLUMNS]):
            left = LEFT + column * (PICTURE_SIDE + GAP)
            assert reading.image is not None
            picture = Image.fromarray(np.round(255 - 255 * reading.image).astype(np.uint8))
            page.paste(picture.resize((PICTURE_SIDE, PICTURE_SIDE)), (left, top))
            draw.rectangle((left - 1, top - 1, left + PICTURE_SIDE, top + PICTURE_SIDE), outline="#d0d4da")
            draw.text((left, top + PICTURE_SIDE + 3), f"{reading.confidence:.0%}", FAINT, small)
    buffer = io.BytesIO()
    page.save(buffer, "PNG")
    return buffer.getvalue()
