"""Pictures of a number with frames: around each digit, and around all that was considered on the way to it."""

import base64
import io
from collections.abc import Sequence

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from mnist_core.reading import Cuts, NumberReading
from pages.components.words import percent

WIDE = 1200
"""Pixels of the longer side; a picture that has more is shrunk, one that has much fewer is enlarged."""
SURE, DOUBT, PIECE = (142, 142, 245), (250, 160, 60), (250, 200, 60)
CERTAIN = 0.9
"""A digit that is less likely has a frame in another color."""
ROW = 26
MOST_COLORS = 1000
INK = (255, 255, 255)


def framed_digits(rgba: np.ndarray, numbers: Sequence[NumberReading]) -> str:
    """A data URL: uint8 [H, W, 4] with a frame around each digit, and above it what it is read as, and how surely."""
    image, scale = _scaled(rgba)
    draw = ImageDraw.Draw(image)
    thick = max(2, image.width // 400)
    for number in numbers:
        for character, digit in zip(number.text, number.digits, strict=True):
            left, top, right, bottom = (side * scale for side in digit.box)
            color = SURE if digit.reading.confidence >= CERTAIN else DOUBT
            draw.rectangle((left - thick, top - thick, right + thick, bottom + thick), outline=color, width=thick)
            size = min(image.width / 30, max(image.width / 60, (right - left) / 3))
            words = f"{character} · {percent(digit.reading.confidence, 0, never_certain=True)}"
            _label(draw, words, (left + right) / 2, top - thick, color, size, image.width)
    return _data_url(image)


def framed_pieces(rgba: np.ndarray, cuts: Cuts) -> str:
    """A data URL: the drawing with a frame around each piece of ink."""
    image, scale = _scaled(rgba)
    draw = ImageDraw.Draw(image)
    for box in cuts.pieces:
        draw.rectangle(tuple(side * scale for side in box), outline=PIECE, width=2)
    return _data_url(image)


def considered(rgba: np.ndarray, cuts: Cuts) -> str:
    """A data URL: a bar for each group of pieces that was read, below the place where it stands on the drawing.

    The more likely its digit, the brighter; what was chosen in the end has the color of the frames.
    """
    image, scale = _scaled(rgba)
    rows: list[float] = []
    places = []
    for group in sorted(cuts.groupings, key=lambda group: (len(group.pieces), group.box[0])):
        left, right = group.box[0] * scale, group.box[2] * scale
        row = next((row for row, end in enumerate(rows) if end + 4 <= left), len(rows))
        rows[row : row + 1] = [right]
        places.append((group, row, left, right))
    sheet = Image.new("RGB", (image.width, image.height + (len(rows) + 1) * ROW))
    sheet.paste(image, (0, 0))
    draw = ImageDraw.Draw(sheet)
    font = ImageFont.load_default(16)
    for group, row, left, right in places:
        top = image.height + row * ROW + ROW // 2
        shade = round(50 + 150 * group.probability)
        color = SURE if group.chosen else (shade, shade, shade)
        draw.rounded_rectangle((left, top, max(right, left + 4), top + ROW - 5), 5, outline=color, width=2)
        words = "–" if group.other > group.probability else str(group.digit)
        draw.text(((left + right) / 2, top + (ROW - 5) / 2), words, color, font, anchor="mm")
    return _data_url(sheet)


def _scaled(rgba: np.ndarray) -> tuple[Image.Image, float]:
    image = Image.fromarray(rgba)
    paper = Image.new("RGB", image.size, INK)
    paper.paste(image, (0, 0), image.getchannel("A"))
    longer = max(paper.size)
    scale = min(WIDE / longer, max(1.0, WIDE / 2 / longer))
    size = max(1, round(paper.width * scale)), max(1, round(paper.height * scale))
    return paper.resize(size, Image.Resampling.BILINEAR, reducing_gap=2.0), scale


def _label(
    draw: ImageDraw.ImageDraw, words: str, middle: float, bottom: float, color: tuple[int, ...], size: float, wide: int
) -> None:
    font = ImageFont.load_default(size)
    long = draw.textlength(words, font)
    left = min(max(0.0, middle - long / 2), max(0.0, wide - long))
    top = max(0.0, bottom - size - 5)
    draw.rectangle((left - 2, top, left + long + 2, top + size + 4), fill=color)
    draw.text((left, top + 1), words, (20, 20, 30), font)


def _data_url(image: Image.Image) -> str:
    buffer = io.BytesIO()
    # Photos take a tenth of the bytes as JPEG; the few colors of a drawing, none more as PNG.
    kind = "JPEG" if image.getcolors(MOST_COLORS) is None else "PNG"
    image.save(buffer, kind, quality=88)
    return f"data:image/{kind.lower()};base64," + base64.b64encode(buffer.getvalue()).decode()
