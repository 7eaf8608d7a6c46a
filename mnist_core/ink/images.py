"""Image files from outside, opened with care: only common formats, never more pixels than a limit."""

import io
import os
import re
import warnings
from pathlib import Path

import numpy as np
from PIL import Image, ImageOps, UnidentifiedImageError

from mnist_core.errors import InputError
from mnist_core.files.bounded import read_bounded

FORMATS = ("PNG", "JPEG", "GIF", "BMP", "WEBP", "TIFF")
MAX_PIXELS = 25_000_000
MAX_SIDE = 20_000
MAX_IMAGE_BYTES = 50_000_000
MAX_SCANS = 100
"""Times that a JPEG picture is gone over; usual ones take ten or so. Each takes the time of a whole picture."""
MAX_SEGMENTS = 10_000
"""Parts of a JPEG file; usual ones have some dozens."""
MARKER = re.compile(rb"\xff[\x02-\xcf\xd8-\xfe]")
"""What begins a segment of a JPEG file: not what stands for itself, as within the data of a scan."""
START_OF_SCAN, END_OF_IMAGE = b"\xff\xda", b"\xff\xd9"
ROWS_AT_ONCE = 256


def read_image(path: str | os.PathLike[str]) -> np.ndarray:
    """The picture in a file, as uint8 RGBA [H, W, 4].

    Raises InputError if the file is missing, is not a PNG, JPEG, GIF, BMP, WEBP, TIFF or HEIF (.heic) picture, is
    damaged, has over 25 megapixels, or is a JPEG picture of over 100 scans.
    """
    data = read_bounded(Path(path), MAX_IMAGE_BYTES, str(path), "an image file")
    return decode_image(data, str(path))


def decode_image(data: bytes, name: str = "the image", max_pixels: int = MAX_PIXELS) -> np.ndarray:
    """As `read_image`, from the bytes of a file; `name` is what messages call it."""
    limit = f"{name}: expected at most {max_pixels / 1e6:g} megapixels and {MAX_SIDE:,} pixels a side, found"
    if data.startswith(b"\xff\xd8") and _scans(data) > MAX_SCANS:
        raise InputError(f"{name}: expected a JPEG picture of at most {MAX_SCANS} scans, found more.")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)
            with Image.open(io.BytesIO(data), formats=_formats(data)) as image:
                width, height = image.size
                if width * height > max_pixels or max(width, height) > MAX_SIDE:
                    raise InputError(f"{limit} {width} x {height}.")
                image.load()
                return _to_rgba(image)
    except InputError:
        raise
    except Image.DecompressionBombError:
        raise InputError(f"{limit} many more.") from None
    except UnidentifiedImageError:
        raise InputError(f"{name}: expected a picture ({', '.join(FORMATS)}, HEIC), found something else.") from None
    except Exception as error:  # Pillow's decoders raise many types on damaged files; all mean the same here.
        raise InputError(f"{name}: the picture is damaged ({error}).") from None


def _formats(data: bytes) -> tuple[str, ...]:
    """What these bytes may be: HEIF, in which phones save photos, or what Pillow reads by itself."""
    if data[4:8] != b"ftyp":
        return FORMATS
    # Loaded only when such a file comes: it takes a moment.
    import pi_heif

    pi_heif.register_heif_opener(thumbnails=False)
    return ("HEIF",)


def encode_png(image: np.ndarray) -> bytes:
    """float [H, W] in 0..1 as the bytes of a grayscale PNG file, 0 black and 1 white."""
    buffer = io.BytesIO()
    Image.fromarray((image * 255 + 0.5).astype(np.uint8)).save(buffer, "PNG", compress_level=1)
    return buffer.getvalue()


def _scans(data: bytes) -> int:
    """How many scans a JPEG file has, counted no further than one too many.

    Its markers are followed up to the end of the picture: phones put other things behind it, such as a short film.
    """
    count, place = 0, 2
    for _ in range(MAX_SEGMENTS):
        found = MARKER.search(data, place)
        if found is None or found[0] == END_OF_IMAGE or count > MAX_SCANS:
            return count
        count += found[0] == START_OF_SCAN
        # A segment says its own length.
        place = found.end() + int.from_bytes(data[found.end() : found.end() + 2], "big")
    return MAX_SCANS + 1


def _to_rgba(image: Image.Image) -> np.ndarray:
    """uint8 [H, W, 4] of a loaded picture, which is closed: there is memory for one of the two."""
    ImageOps.exif_transpose(image, in_place=True)
    if image.mode.startswith(("I", "F")):
        whole, values = image.mode.startswith("I"), np.asarray(image)
        image.close()
        return _deep_to_rgba(values, whole)
    if image.mode != "RGBA":
        converted = image.convert("RGBA")
        image.close()
        image = converted
    pixels = np.asarray(image)
    image.close()
    return pixels.copy()


def _deep_to_rgba(values: np.ndarray, whole: bool) -> np.ndarray:
    """uint8 [H, W, 4] of grays [H, W] with more than 8 bits, some rows at a time.

    Pillow would cut these off at 255 instead of scaling them down: whole numbers go to 65,535, fractions to 1 or, in
    some files, to 255.
    """
    parts = [values[first : first + ROWS_AT_ONCE] for first in range(0, len(values), ROWS_AT_ONCE)]
    white = 65535 if whole else 1 if max(float(_finite(part).max()) for part in parts) <= 1 else 255
    rgba = np.full((*values.shape, 4), 255, np.uint8)
    for number, part in enumerate(parts):
        gray = (np.clip(_finite(part) / white, 0, 1) * 255).astype(np.uint8)
        rgba[number * ROWS_AT_ONCE :][: len(part), :, :3] = gray[..., None]
    return rgba


def _finite(values: np.ndarray) -> np.ndarray:
    return np.nan_to_num(values.astype(np.float64), posinf=0, neginf=0)
