"""Pictures of numbers: a frame around each digit, and around all that was considered on the way to it."""

import io
from collections.abc import Sequence

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from mnist_core.reading.answers import Box, Cuts, NumberReading

LONGEST = 1200
"""Pixels of the longer side at most; a picture that has much fewer is enlarged to half as many."""
SURE, DOUBT, PIECE = (142, 142, 245), (250, 160, 60), (250, 200, 60)
CERTAIN = 0.9
"""A digit that is less likely has a frame in another color."""
SMALLEST = 8
"""Pixels of letters at least, however narrow the picture is."""
ROW = 26
MOST_COLORS = 1000
PAPER = (255, 255, 255)


class NumberFigure:
    """A picture on white paper, in the size in which it is shown; it needs not hold the whole photo."""

    def __init__(self, rgba: np.ndarray) -> None:
        """rgba: uint8 [H, W, 4]."""
        image = Image.fromarray(rgba)
        paper = Image.new("RGB", image.size, PAPER)
        paper.paste(image, (0, 0), image.getchannel("A"))
        longer = max(paper.size)
        self._scale = min(LONGEST / longer, max(1.0, LONGEST / 2 / longer))
        size = max(1, round(paper.width * self._scale)), max(1, round(paper.height * self._scale))
        self._picture = paper.resize(size, Image.Resampling.BILINEAR, reducing_gap=2.0)

    def framed(self, numbers: Sequence[NumberReading], png: bool = False) -> bytes:
        """An image file: a frame around each digit, and above it what it is read as, and how surely.

        png: whether it must be PNG; otherwise photos are JPEG, which is smaller.
        """
        image = self._picture.copy()
        draw = ImageDraw.Draw(image)
        thick = max(2, image.width // 400)
        for number in numbers:
            for digit in number.digits:
                left, top, right, bottom = self._place(digit.box)
                color = SURE if digit.confidence >= CERTAIN else DOUBT
                draw.rectangle((left - thick, top - thick, right + thick, bottom + thick), outline=color, width=thick)
                size = max(SMALLEST, min(image.width / 30, max(image.width / 60, (right - left) / 3)))
                words = f"{digit.digit} · {_share(digit.confidence)}"
                _label(draw, words, (left + right) / 2, top - thick, color, size, image.width)
        return _file(image, png)

    def pieces(self, cuts: Cuts) -> bytes:
        """An image file: a frame around each piece of ink."""
        image = self._picture.copy()
        draw = ImageDraw.Draw(image)
        for box in cuts.pieces:
            draw.rectangle(self._place(box), outline=PIECE, width=2)
        return _file(image)

    def considered(self, cuts: Cuts) -> bytes:
        """An image file: a bar for each group of pieces that was read, below the place where it stands.

        The more likely its digit, the brighter; what was chosen in the end has the color of the frames.
        """
        rows: list[float] = []
        places = []
        for group in sorted(cuts.groupings, key=lambda group: (len(group.pieces), group.box[0])):
            left, _, right, _ = self._place(group.box)
            row = next((row for row, end in enumerate(rows) if end + 4 <= left), len(rows))
            rows[row : row + 1] = [right]
            places.append((group, row, left, right))
        height = self._picture.height
        sheet = Image.new("RGB", (self._picture.width, height + (len(rows) + 1) * ROW))
        sheet.paste(self._picture, (0, 0))
        draw = ImageDraw.Draw(sheet)
        font = ImageFont.load_default(16)
        for group, row, left, right in places:
            top = height + row * ROW + ROW // 2
            shade = round(50 + 150 * group.probability)
            color = SURE if group.chosen else (shade, shade, shade)
            draw.rounded_rectangle((left, top, max(right, left + 4), top + ROW - 5), 5, outline=color, width=2)
            words = "–" if group.other > group.probability else str(group.digit)
            draw.text(((left + right) / 2, top + (ROW - 5) / 2), words, color, font, anchor="mm")
        return _file(sheet)

    def _place(self, box: Box) -> tuple[float, float, float, float]:
        left, top, right, bottom = (side * self._scale for side in box)
        return left, top, right, bottom


def _share(confidence: float) -> str:
    """A network is never wholly sure."""
    return "> 99 %" if confidence > 0.99 else f"{int(100 * confidence)} %"


def _label(
    draw: ImageDraw.ImageDraw, words: str, middle: float, bottom: float, color: tuple[int, ...], size: float, wide: int
) -> None:
    font = ImageFont.load_default(size)
    long = draw.textlength(words, font)
    left = min(max(0.0, middle - long / 2), max(0.0, wide - long))
    top = max(0.0, bottom - size - 5)
    draw.rectangle((left - 2, top, left + long + 2, top + size + 4), fill=color)
    draw.text((left, top + 1), words, (20, 20, 30), font)


def _file(image: Image.Image, png: bool = False) -> bytes:
    buffer = io.BytesIO()
    # Photos take a tenth of the bytes as JPEG; the few colors of a drawing, none more as PNG.
    image.save(buffer, "PNG" if png or image.getcolors(MOST_COLORS) is not None else "JPEG", quality=88)
    return buffer.getvalue()
