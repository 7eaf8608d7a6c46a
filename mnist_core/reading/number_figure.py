"""A picture with the numbers that were found in it: a frame around each digit, and the number above it."""

import io
from collections.abc import Sequence

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from mnist_core.reading.answers import NumberReading

LONGEST = 1600
"""Pixels of the longer side at most."""
SMALLEST = 480
"""Pixels of the longer side at least, so that frames can be told apart."""
FRAME, DOUBT, PAPER = "#0969da", "#cf222e", "#ffffff"
SURE = 0.9
"""The confidence of a digit below which its frame is red."""


def draw_numbers(rgba: np.ndarray, numbers: Sequence[NumberReading]) -> bytes:
    """A PNG file: uint8 [H, W, 4] on white paper, a frame around each digit, red where it is not sure."""
    image = Image.fromarray(rgba)
    longer = max(image.size)
    scale = LONGEST / longer if longer > LONGEST else max(1.0, SMALLEST / longer)
    image = image.resize((max(1, round(image.width * scale)), max(1, round(image.height * scale))))
    above = 30
    page = Image.new("RGB", (image.width, image.height + above), PAPER)
    page.paste(image.convert("RGB"), (0, above), image.getchannel("A"))
    draw = ImageDraw.Draw(page)
    font = ImageFont.load_default(18)
    for number in numbers:
        for digit in number.digits:
            left, top, right, bottom = (side * scale for side in digit.box)
            color = FRAME if digit.reading.confidence >= SURE else DOUBT
            draw.rectangle((left, top + above, right, bottom + above), outline=color, width=2)
        if number.box is not None:
            left, top = number.box[0] * scale, number.box[1] * scale + above
            words = f"{number.text} ({100 * number.confidence:.0f} %)"
            place = (max(0.0, min(left, page.width - draw.textlength(words, font) - 4)), max(0.0, top - 26))
            draw.rectangle(draw.textbbox(place, words, font), fill=PAPER)
            draw.text(place, words, FRAME, font)
    buffer = io.BytesIO()
    page.save(buffer, "PNG")
    return buffer.getvalue()
