"""Where a class is in a lesson, what it predicts, and how far a visitor is: on disk, checked, and nobody else's."""

import json

import pytest

from mnist_core import InputError
from mnist_core.runs import LessonProgress, Pace, Progress, RunStore
from mnist_core.runs.names import digest

TEACHER, ADA, BOB = "T" * 22, "A" * 22, "B" * 22


def opened(store: RunStore) -> tuple[str, str]:
    info, secret = store.classes.open("5b", TEACHER)
    for visitor in (ADA, BOB):
        store.classes.members.join(info.id, visitor)
    return info.id, secret


def test_the_teacher_leads_and_nobody_else(store: RunStore) -> None:
    identity, secret = opened(store)
    lesson = store.classes.lesson
    assert lesson.pace(identity) == Pace() and lesson.pace("nothing") == Pace()
    lesson.lead(identity, secret, "03-downhill", 2, together=True)
    lesson.reveal(identity, secret, "03-downhill/p1")
    assert lesson.pace(identity) == Pace("03-downhill", 2, True, ("03-downhill/p1",))
    for wrong in ("", "wrong"):
        with pytest.raises(InputError, match="Only the teacher"):
            lesson.lead(identity, wrong, "03-downhill", 3, together=True)
        with pytest.raises(InputError, match="Only the teacher"):
            lesson.reveal(identity, wrong, "03-downhill/p1")
    for name, step in (("../x", 0), ("x", -1), ("x", 10_000)):
        with pytest.raises(InputError, match="no such step"):
            lesson.lead(identity, secret, name, step, together=True)


def test_each_member_has_one_vote(store: RunStore) -> None:
    identity, _ = opened(store)
    lesson = store.classes.lesson
    for visitor, choice in ((ADA, 0), (BOB, 2), (ADA, 2)):
        lesson.vote(identity, visitor, "01-see/p1", choice)
    lesson.vote(identity, ADA, "01-see/p2", 1)
    assert lesson.counts(identity, "01-see/p1", 3) == [0, 0, 2] and lesson.counts(identity, "01-see/p2", 2) == [0, 1]
    with pytest.raises(InputError, match="not in this class"):
        lesson.vote(identity, "C" * 22, "01-see/p1", 0)
    for question, choice in (("../x", 0), ("01-see/p1", 6), ("01-see/p1", -1)):
        with pytest.raises(InputError, match="no such question"):
            lesson.vote(identity, ADA, question, choice)


@pytest.mark.parametrize("content", ["{", "[]", '{"votes": 1}', '{"votes": {"x": {"a": 1}}}', '{"lesson": 3}'])
def test_damaged_files_count_for_nothing(store: RunStore, content: str) -> None:
    identity, _ = opened(store)
    for name in ("lesson.json", "votes.json"):
        (store.classes.folder / identity / name).write_text(content)
    assert store.classes.lesson.pace(identity) == Pace()
    assert store.classes.lesson.counts(identity, "01-see/p1", 2) == [0, 0]
    progress = LessonProgress(store.root)
    progress.keep(ADA, "01-see", Progress(1))
    (progress.folder / f"{digest(ADA)}.json").write_text(content)
    assert progress.of(ADA) == {}


def test_progress_is_kept_under_the_secret_alone(store: RunStore) -> None:
    progress = LessonProgress(store.root)
    progress.keep(ADA, "01-see", Progress(3, {"p1": 2}))
    progress.keep(ADA, "02-simplest", Progress(1))
    assert progress.of(ADA) == {"01-see": Progress(3, {"p1": 2}), "02-simplest": Progress(1)}
    assert progress.of(BOB) == {}
    (file,) = progress.folder.iterdir()
    assert ADA not in file.name and ADA not in json.dumps(json.loads(file.read_text()))
    for lesson, wrong in (("../x", Progress()), ("x", Progress(-1)), ("x", Progress(0, {"p1": 1000}))):
        with pytest.raises(InputError):
            progress.keep(ADA, lesson, wrong)
