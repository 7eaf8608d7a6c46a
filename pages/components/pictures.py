"""Small gray arrays as pictures on a page, each pixel visible, sent along with the page itself."""

import base64
import functools
import io
from collections.abc import Collection

import numpy as np
from PIL import Image, ImageDraw

INK = (255, 255, 255)
MARK = (142, 142, 245)
SIDE = 160
BLUE, RED = np.array([120, 170, 255]), np.array([255, 110, 90])
FRAME = (250, 200, 60)
SHADES, BETWEEN, FRAMED = 253, 253, 254
"""Of a mosaic: how many shades its values have, an odd number with 0 in the middle; then the colors around them."""


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
    return _data_url(square)


def mosaic(
    images: np.ndarray,
    columns: int,
    *,
    signed: bool = False,
    scale: int = 3,
    largest: float | None = None,
    marked: Collection[int] = (),
    gap: int = 2,
) -> str:
    """A data URL of float images [N, H, W] side by side, `columns` in a row, each pixel `scale` pixels large.

    Values are 0 (black) to 1 (white); with `signed` they are of any size, and each image is brought to its own
    largest (or to `largest`, the same for all): blue for positive, red for negative, black for 0. marked: images with a
    light frame. gap: pixels between them.
    """
    count, height, width = images.shape
    rows = -(-count // columns)
    shape = rows * (height * scale + gap) + gap, columns * (width * scale + gap) + gap
    # Indices into a palette of colors: a third of the bytes of a colored picture.
    sheet = np.full(shape, BETWEEN, np.uint8)
    values = np.nan_to_num(images.astype(np.float32))
    if signed:
        most = np.abs(values).max(axis=(1, 2), keepdims=True) if largest is None else largest
        values = values / np.maximum(most, 1e-12) / 2 + 0.5
    pixels = (np.clip(values, 0, 1) * (SHADES - 1) + 0.5).astype(np.uint8)
    pixels = pixels.repeat(scale, axis=1).repeat(scale, axis=2)
    for number, image in enumerate(pixels):
        top = (number // columns) * (height * scale + gap) + gap
        left = (number % columns) * (width * scale + gap) + gap
        if number in marked:
            sheet[top - gap : top + height * scale + gap, left - gap : left + width * scale + gap] = FRAMED
        sheet[top : top + height * scale, left : left + width * scale] = image
    picture = Image.fromarray(sheet)
    picture.putpalette(_palette(signed))
    return _data_url(picture)


@functools.cache
def _palette(signed: bool) -> bytes:
    """Red, green and blue of 256 colors: the shades from the lowest value to the highest, the gap, and the frame."""
    shares = np.linspace(-1, 1, SHADES) if signed else np.linspace(0, 1, SHADES)
    shades = signed_colors(shares) if signed else np.repeat(shares[:, None] * 255, 3, axis=1)
    return bytes((np.concatenate([shades, [[60, 60, 60], FRAME]]) + 0.5).astype(np.uint8).tobytes())


def overlay(image: np.ndarray, values: np.ndarray, scale: int = 10) -> str:
    """A data URL of float [H, W] in gray, with values [H, W] of any size on it: blue for positive, red for negative."""
    values = np.nan_to_num(values.astype(np.float64))
    values /= max(float(np.abs(values).max()), 1e-12)
    strength = np.abs(values)[..., None]
    gray = np.clip(image, 0, 1)[..., None] * 150
    colors = (1 - strength) * gray + strength * (0.25 * gray + signed_colors(np.sign(values)))
    pixels = np.clip(colors + 0.5, 0, 255).astype(np.uint8).repeat(scale, axis=0).repeat(scale, axis=1)
    return _data_url(Image.fromarray(pixels))


def signed_colors(values: np.ndarray) -> np.ndarray:
    """float [..., 3], 0 to 255, for values from -1 (red) over 0 (black) to 1 (blue)."""
    positive, negative = np.clip(values, 0, 1)[..., None], np.clip(-values, 0, 1)[..., None]
    return np.asarray(positive * BLUE + negative * RED)


def thumbnail(image: np.ndarray) -> str:
    """A data URL of uint8 [28, 28] as it is, the smallest there can be: for charts that hold thousands."""
    return _data_url(Image.fromarray(image), compress_level=9)


def _data_url(picture: Image.Image, compress_level: int = 1) -> str:
    buffer = io.BytesIO()
    picture.save(buffer, "PNG", compress_level=compress_level)
    return data_url(buffer.getvalue())


def data_url(file: bytes) -> str:
    """A PNG or JPEG file as an address that holds the whole file: no second request is needed."""
    kind = "jpeg" if file.startswith(b"\xff\xd8") else "png"
    return f"data:image/{kind};base64," + base64.b64encode(file).decode()
