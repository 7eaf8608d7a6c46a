"""What a run begins with that teaches a network somebody's drawings: files that are written once, with the run.

start.npz, start.json   the network as it is before, and its model card
drawings.npz            images and class ids of the lesson (`mnist_core.teaching.lesson`)
"""

import dataclasses
import io

import numpy as np

from mnist_core.errors import InputError
from mnist_core.files.atomic import write_file
from mnist_core.files.bounded import read_bounded
from mnist_core.files.npz import read_npz
from mnist_core.reading import weights
from mnist_core.runs.folder import Run
from mnist_core.runs.run_records import Teaching
from mnist_core.teaching.lesson import MAX_DRAWINGS, Lesson

START, DRAWINGS = "start", "drawings.npz"
MAX_DRAWINGS_BYTES = 1000 * MAX_DRAWINGS


def teaching_of(lesson: Lesson | None) -> Teaching:
    """How a run's settings call it."""
    if lesson is None:
        return ""
    return "with MNIST" if lesson.with_mnist else "without MNIST"


def write_lesson(run: Run, lesson: Lesson) -> None:
    """Keep the lesson in the run's folder. Raises InputError or OSError."""
    start = lesson.recognizer()
    weights.save(start.network, dataclasses.replace(lesson.card, name=START), run.folder)
    buffer = io.BytesIO()
    np.savez_compressed(buffer, allow_pickle=False, images=lesson.images, class_ids=lesson.class_ids)
    write_file(run.file(DRAWINGS), buffer.getvalue())


def lesson_images(run: Run) -> np.ndarray:
    """The images that a run teaches, uint8 [N, 28, 28]. Raises InputError if they are damaged, or if there are none."""
    return _arrays(run)[0]


def read_lesson(run: Run) -> Lesson | None:
    """The lesson of a run, None if it is a training on the dataset. Raises InputError if it is damaged."""
    teaching = run.info.teaching
    if not teaching:
        return None
    network, card = weights.load(START, run.folder)
    images, class_ids = _arrays(run)
    if class_ids.max() >= network.classes:
        raise InputError(f"run {run.id}, its {DRAWINGS}: is damaged.")
    return Lesson(card, dict(network.arrays()), images, class_ids, teaching == "with MNIST")


def _arrays(run: Run) -> tuple[np.ndarray, np.ndarray]:
    """Images uint8 [N, 28, 28] and class ids uint8 [N] of a lesson."""
    name = f"run {run.id}, its {DRAWINGS}"
    arrays = read_npz(io.BytesIO(read_bounded(run.file(DRAWINGS), MAX_DRAWINGS_BYTES, name)), name, MAX_DRAWINGS_BYTES)
    images, class_ids = arrays.get("images"), arrays.get("class_ids")
    if (
        images is None
        or class_ids is None
        or images.dtype != np.uint8
        or class_ids.dtype != np.uint8
        or not 0 < len(images) <= MAX_DRAWINGS
        or images.shape != (len(class_ids), 28, 28)
    ):
        raise InputError(f"{name}: is damaged.")
    return images, class_ids
