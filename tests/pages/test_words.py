"""Numbers in words."""

import math

import pytest

from pages.components.words import (
    accuracy,
    confidence,
    counted,
    duration,
    file_size,
    number_or_dash,
    percent,
    published,
    read_as,
)


@pytest.mark.parametrize(
    ("share", "decimals", "text"),
    [
        (0.99999, 2, "99.99 %"),
        (1.0, 2, "100.00 %"),
        (0.29, 0, "29 %"),
        (0.29, 2, "29.00 %"),
        (0.9969, 2, "99.69 %"),
        (0.9979, 1, "99.7 %"),
        (0.0, 1, "0.0 %"),
        (None, 1, "–"),
        (math.nan, 2, "–"),
    ],
)
def test_a_share_is_cut_off_and_never_too_good(share: float | None, decimals: int, text: str) -> None:
    assert percent(share, decimals) == text


def test_every_share_of_ten_thousand_images_is_exact() -> None:
    assert all(accuracy(right / 10_000) == f"{right // 100}.{right % 100:02} %" for right in range(10_001))


def test_a_network_is_never_certain() -> None:
    assert [confidence(share) for share in (0, 0.0005, 0.5, 0.9995, 1)] == [
        "< 0.1 %",
        "< 0.1 %",
        "50.0 %",
        "> 99.9 %",
        "> 99.9 %",
    ]
    assert percent(1, 0, never_certain=True) == "> 99 %" and percent(0, 0, never_certain=True) == "< 1 %"


def test_other_numbers() -> None:
    assert published(0.9799, "test") == "published: 97.99 % on the test images"
    assert (counted(1, "{count} image", "{count} images"), counted(2000, "{count} image", "{count} images")) == (
        "1 image",
        "2,000 images",
    )
    assert (duration(59), duration(125), duration(math.nan)) == ("59 s", "2 min 5 s", "–")
    assert (number_or_dash(math.nan), number_or_dash(1234.5), number_or_dash(0.5, ".2f")) == ("–", "1,234", "0.50")
    assert file_size(327_400) == "327 kB" and read_as("8", "3") == "an 8, read as 3"
