"""Pictures from outside: common formats are read, everything else is refused in one sentence."""

import io
import struct
import tracemalloc
import zlib
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from mnist_core.errors import InputError
from mnist_core.ink.images import decode_image, encode_png, read_image


def saved(array: np.ndarray, kind: str, **options: object) -> bytes:
    buffer = io.BytesIO()
    Image.fromarray(array).save(buffer, kind, **options)
    return buffer.getvalue()


@pytest.mark.parametrize("kind", ["PNG", "GIF", "BMP", "TIFF"])
def test_lossless_formats_come_back(kind: str) -> None:
    gray = np.arange(256, dtype=np.uint8).reshape(16, 16)
    rgba = decode_image(saved(gray, kind))
    assert rgba.shape == (16, 16, 4) and rgba.dtype == np.uint8
    np.testing.assert_array_equal(rgba[..., 0], gray)
    assert (rgba[..., 3] == 255).all()


def test_sixteen_bit_grays_are_scaled_not_cut_off() -> None:
    deep = np.array([[0, 30000, 60000]], np.uint16)
    assert decode_image(saved(deep, "PNG"))[0, :, 0].tolist() == [0, 116, 233]


def test_a_photograph_is_turned_upright() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6  # turned a quarter
    data = saved(np.zeros((10, 20), np.uint8), "JPEG", exif=exif)
    assert decode_image(data).shape == (20, 10, 4)


def test_a_phone_s_photo_is_read_and_a_damaged_one_refused() -> None:
    """42.heic was made with pillow-heif, which also writes this format: dark digits on light paper."""
    data = (Path(__file__).parent / "42.heic").read_bytes()
    rgba = decode_image(data)
    assert rgba.shape == (140, 360, 4) and np.median(rgba[..., 0]) > 200 and rgba[..., 0].min() < 80
    with pytest.raises(InputError, match="found 360 x 140"):
        decode_image(data, "the photo", max_pixels=1000)
    for damaged in (data[:40], data[:700], data[:60] + bytes(200) + data[260:]):
        with pytest.raises(InputError, match=r"the photo: (expected a picture|the picture is damaged)"):
            decode_image(damaged, "the photo")


def test_the_picture_that_was_seen_can_be_saved() -> None:
    image = np.linspace(0, 1, 784, dtype=np.float32).reshape(28, 28)
    back = decode_image(encode_png(image))
    np.testing.assert_array_equal(back[..., 0], np.round(image * 255))


def huge_png(side: int) -> bytes:
    """A few bytes whose header announces side x side pixels."""

    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    header = chunk(b"IHDR", struct.pack(">IIBBBBB", side, side, 8, 0, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + header + chunk(b"IDAT", zlib.compress(b"\0" * 100)) + chunk(b"IEND", b"")


@pytest.mark.parametrize(("side", "found"), [(10_000, "10000 x 10000"), (14_000, "many more"), (40_000, "many more")])
def test_a_hundred_megapixels_are_refused_unread(side: int, found: str) -> None:
    with pytest.raises(InputError) as refusal:
        decode_image(huge_png(side))
    limit = "the image: expected at most 25 megapixels and 20,000 pixels a side"
    assert str(refusal.value) == f"{limit}, found {found}."


def test_a_picture_that_is_gone_over_again_and_again_is_refused_unread() -> None:
    data = saved(np.arange(256, dtype=np.uint8).reshape(16, 16), "JPEG", progressive=True)
    start = data.rindex(b"\xff\xda")
    assert decode_image(data).shape == (16, 16, 4)
    with pytest.raises(InputError, match="the image: expected a JPEG picture of at most 100 scans, found "):
        decode_image(data[:start] + 5000 * data[start:-2] + data[-2:])
    with pytest.raises(InputError, match="at most 100 scans"):
        decode_image(data[:2] + 20_000 * b"\xff\xee\x00\x02" + data[2:])
    # What a phone puts behind the picture, such as a film, is none of its scans; nor is what stands in a comment.
    comment = b"\xff\xfe" + (2 + 600).to_bytes(2, "big") + 300 * b"\xff\xda"
    film = 5000 * b"\xff\xda"
    assert decode_image(data[:2] + comment + data[2:] + film).shape == (16, 16, 4)


@pytest.mark.parametrize(("kind", "array"), [("PNG", np.uint16), ("TIFF", np.uint16), ("TIFF", np.float32)])
def test_grays_of_many_bits_take_little_memory(kind: str, array: type) -> None:
    """Five megapixels; the answer has 20 MB."""
    data = saved(np.ones((2000, 2500), array), kind)
    tracemalloc.start()
    rgba = decode_image(data)
    most = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert rgba.shape == (2000, 2500, 4) and most < 75e6


@given(st.binary(max_size=300))
def test_noise_is_refused(data: bytes) -> None:
    with pytest.raises(InputError, match="noise: "):
        decode_image(data, "noise")


@given(st.data())
def test_a_damaged_picture_is_a_picture_or_a_refusal(data: st.DataObject) -> None:
    whole = saved(
        np.arange(256, dtype=np.uint8).reshape(16, 16), data.draw(st.sampled_from(["PNG", "JPEG", "GIF", "BMP"]))
    )
    place = data.draw(st.integers(0, len(whole) - 1))
    changed = whole[:place] + bytes([whole[place] ^ data.draw(st.integers(1, 255))]) + whole[place + 1 :]
    try:
        assert decode_image(changed[: data.draw(st.integers(1, len(whole)))]).ndim == 3
    except InputError:
        pass


def test_missing_files_and_folders_are_refused(tmp_path: Path) -> None:
    for path in (tmp_path / "none.png", tmp_path):
        with pytest.raises(InputError, match="cannot be read"):
            read_image(path)
