"""Every claim of every lesson, measured with the lesson's own settings. A lesson that is no longer true fails here."""

import pytest

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
