"""Image files from outside, opened with care: only common formats, never more pixels than a limit."""

import io
import os
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


def read_image(path: str | os.PathLike[str]) -> np.ndarray:
    """The picture in a file, as uint8 RGBA [H, W, 4].

    Raises InputError if the file is missing, is not a PNG, JPEG, GIF, BMP, WEBP, TIFF or HEIF (.heic) picture, is
    damaged, or has over 25 megapixels.
    """
    data = read_bounded(Path(path), MAX_IMAGE_BYTES, str(path), "an image file")
    return decode_image(data, str(path))


def decode_image(data: bytes, name: str = "the image", max_pixels: int = MAX_PIXELS) -> np.ndarray:
    """As `read_image`, from the bytes of a file; `name` is what messages call it."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)
            with Image.open(io.BytesIO(data), formats=_formats(data)) as image:
                width, height = image.size
                if width * height > max_pixels or max(width, height) > MAX_SIDE:
                    raise InputError(
                        f"{name}: expected at most {max_pixels / 1e6:g} megapixels and {MAX_SIDE:,} pixels a side, "
                        f"found {width} x {height}."
                    )
                image.load()
                return _to_rgba(image)
    except InputError:
        raise
    except (UnidentifiedImageError, Image.DecompressionBombError):
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


def _to_rgba(image: Image.Image) -> np.ndarray:
    upright = ImageOps.exif_transpose(image)
    if upright.mode.startswith(("I", "F")):
        # Pillow would cut these grays off at 255 instead of scaling them down: whole numbers go to 65,535, fractions
        # to 1 or, in some files, to 255.
        values = np.nan_to_num(np.asarray(upright, np.float64), posinf=0, neginf=0)
        white = 65535 if upright.mode.startswith("I") else 1 if values.max() <= 1 else 255
        upright = Image.fromarray((np.clip(values / white, 0, 1) * 255).astype(np.uint8))
    return np.array(upright.convert("RGBA"))
