"""A network is taught somebody's own drawings: it goes on from where it is, and keeps what it knew.

Read `lesson.py` first, then `teach` in `taught.py`. This wing uses `training`, `reading`, `ink` and what these use.

lesson.py is what a network is taught, mix.py the images that it then learns from, settings.py how it learns them,
taught.py the whole of it; curve.py tells how many drawings help how much. no_digit.py gives a network an answer for
what is no digit, contradictions.py finds labels that are likely wrong.
"""

from mnist_core.teaching.contradictions import Contradiction, contradictions
from mnist_core.teaching.curve import COUNTS, is_right, learning_curve, of_each, share_right
from mnist_core.teaching.lesson import MAX_DRAWINGS, NO_DIGIT, Lesson, lesson_of_images, prepare_lesson
from mnist_core.teaching.settings import lesson_config
from mnist_core.teaching.taught import save_taught, teach, trainer_for

__all__ = [
    "COUNTS",
    "MAX_DRAWINGS",
    "NO_DIGIT",
    "Contradiction",
    "Lesson",
    "contradictions",
    "is_right",
    "learning_curve",
    "lesson_config",
    "lesson_of_images",
    "of_each",
    "prepare_lesson",
    "save_taught",
    "share_right",
    "teach",
    "trainer_for",
]
