"""Small gray arrays as pictures on a page, each pixel visible, sent along with the page itself."""

import base64
import io

import numpy as np
from PIL import Image, ImageDraw

INK = (255, 255, 255)
MARK = (142, 142, 245)
SIDE = 160


def picture(image: np.ndarray, mark: tuple[float, float, float, float] | None = None, cross: bool = False) -> str:
    """A data URL of float [H, W] in 0..1, 0 black, its longer side brought to 160 pixels in a black square.

    mark: top, bottom, left, right of a frame in pixels of `image`; cross: mark the middle pixel of 28x28.
    """
    height, width = image.shape
    scale = SIDE / max(height, width)
    size = max(1, round(width * scale)), max(1, round(height * scale))
    gray = Image.fromarray((image * 255 + 0.5).astype(np.uint8))
    left, top = (SIDE - size[0]) // 2, (SIDE - size[1]) // 2
    square = Image.new("L", (SIDE, SIDE))
    square.paste(gray.resize(size, Image.Resampling.NEAREST if scale > 1 else Image.Resampling.BOX), (left, top))
    if mark or cross:
        square = square.convert("RGB")
        draw = ImageDraw.Draw(square)
        if mark:
            y0, y1, x0, x1 = (round(value * scale) for value in mark)
            draw.rectangle((left + x0, top + y0, left + x1 - 1, top + y1 - 1), outline=MARK, width=2)
        if cross:
            middle = round(14.5 * scale)
            draw.line((middle, middle - 9, middle, middle + 9), fill=MARK, width=2)
            draw.line((middle - 9, middle, middle + 9, middle), fill=MARK, width=2)
    buffer = io.BytesIO()
    square.save(buffer, "PNG", compress_level=1)
    return "data:image/png;base64," + base64.b64encode(buffer.getvalue()).decode()


def mosaic(images: np.ndarray, columns: int, *, signed: bool = False, scale: int = 3) -> str:
    """A data URL of float images [N, H, W] side by side, `columns` in a row, each pixel `scale` pixels large.

    Values are 0 (black) to 1 (white); with `signed` they are of any size, and each image is brought to its own
    largest: blue for positive, red for negative, black for 0.
    """
    count, height, width = images.shape
    rows, gap = -(-count // columns), 2
    sheet = np.full((rows * (height * scale + gap), columns * (width * scale + gap), 3), 60, np.uint8)
    for number, image in enumerate(images):
        values = np.nan_to_num(image.astype(np.float64))
        if signed:
            values /= max(float(np.abs(values).max()), 1e-12)
            positive, negative = np.clip(values, 0, 1)[..., None], np.clip(-values, 0, 1)[..., None]
            colors = positive * np.array([120, 170, 255]) + negative * np.array([255, 110, 90])
        else:
            colors = np.repeat(np.clip(values, 0, 1)[..., None] * 255, 3, axis=2)
        pixels = (colors + 0.5).astype(np.uint8).repeat(scale, axis=0).repeat(scale, axis=1)
        top, left = (number // columns) * (height * scale + gap), (number % columns) * (width * scale + gap)
        sheet[top : top + height * scale, left : left + width * scale] = pixels
    buffer = io.BytesIO()
    Image.fromarray(sheet).save(buffer, "PNG", compress_level=1)
    return "data:image/png;base64," + base64.b64encode(buffer.getvalue()).decode()
