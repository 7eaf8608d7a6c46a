"""Every claim of every lesson, measured with the lesson's own settings. A lesson that is no longer true fails here."""

import numpy as np
import pytest
from PIL import Image

from pages.components.lessons.claim import MEASURES, Claim
from pages.components.lessons.lesson_file import all_lessons
from tests.lessons import measures

CLAIMS = [
    pytest.param(claim, id=f"{lesson.number:02}-{number}")
    for lesson in all_lessons()[0]
    for number, claim in enumerate(lesson.claims, 1)
]


def test_every_measure_that_a_lesson_may_name_can_be_measured() -> None:
    assert set(measures.MEASURES) == set(MEASURES)


@pytest.mark.slow
@pytest.mark.parametrize("claim", CLAIMS)
def test_what_a_lesson_claims_is_true(claim: Claim) -> None:
    found = measures.measured(claim)
    assert claim.at_least <= found <= claim.at_most, f"{claim.says} Measured: {claim.measure} {found:.4g}."


def test_in_a_corner_the_place_decides_what_the_network_of_lesson_1_reads() -> None:
    network = measures.subject("network=mlp").network
    pictures, labels = measures.pictures_of_test(images=1000)
    # A digit is then about seven of 28 pixels high.
    reduced = (Image.fromarray(picture).resize((10, 10), Image.Resampling.BOX) for picture in pictures)
    small = np.stack([np.asarray(picture) for picture in reduced])
    said = {}
    for down, right in ((0, 0), (0, 18), (18, 0), (18, 18)):
        moved = np.zeros_like(pictures)
        moved[:, down : down + 10, right : right + 10] = np.clip(1.6 * small, 0, 1)
        read = measures.scores(network, moved)[:, :10].argmax(axis=1)
        counts = np.bincount(read, minlength=10)
        said[down, right] = int(counts.argmax())
        assert counts.max() > 0.5 * len(read)
        assert (down, right) == (18, 18) or (read[labels == 2] == 2).mean() < 0.05
    assert said[18, 18] == 2
