"""Where a class is in a lesson, and what its members have predicted: one vote each, counted without names.

lesson.json  the lesson and the step that the class is at, as the teacher has set them
votes.json   by the member's id and the name of a question: the number of the choice
"""

import dataclasses
import re
from collections import Counter
from dataclasses import dataclass
from typing import Any

from mnist_core.errors import InputError
from mnist_core.files.atomic import write_json
from mnist_core.runs.class_files import ID, ClassFiles
from mnist_core.runs.class_records import read_record
from mnist_core.runs.names import digest, is_digest

QUESTION = re.compile(r"[a-z0-9-]{1,64}/[a-z0-9-]{1,16}")
"""A lesson, and a question in it."""
LESSON = re.compile(r"[a-z0-9-]{1,64}")
MOST_CHOICES = 6
MOST_STEPS = 100
MOST_VOTES = 200
"""Questions that one member can answer."""


@dataclass(frozen=True)
class Pace:
    """Where the class is. together: all pages show this step; otherwise everybody goes at their own pace.

    lesson: its id, "" before the teacher has chosen one. step: counted from 0. revealed: the questions of which all see
    what the class has predicted.
    """

    lesson: str = ""
    step: int = 0
    together: bool = False
    revealed: tuple[str, ...] = ()


class ClassLesson:
    """The lessons of all classes."""

    def __init__(self, files: ClassFiles) -> None:
        self._files = files

    def pace(self, identity: str) -> Pace:
        """Where the class is."""
        if not ID.fullmatch(identity):
            return Pace()
        return read_record(self._files.of(identity, "lesson.json"), _pace_from, Pace())

    def lead(self, identity: str, teacher: str, lesson: str, step: int, *, together: bool) -> None:
        """Bring the class to a step. Raises InputError unless `teacher` is the secret of its teacher."""
        self._files.check_teacher(identity, teacher)
        if not LESSON.fullmatch(lesson) or not 0 <= step < MOST_STEPS:
            raise InputError("There is no such step.")
        with self._files.locked(identity):
            self._write(identity, dataclasses.replace(self.pace(identity), lesson=lesson, step=step, together=together))

    def reveal(self, identity: str, teacher: str, question: str) -> None:
        """Let all see what the class has predicted. Raises InputError unless `teacher` is the secret of its teacher."""
        self._files.check_teacher(identity, teacher)
        if not QUESTION.fullmatch(question):
            raise InputError("There is no such question.")
        with self._files.locked(identity):
            now = self.pace(identity)
            revealed = (*(known for known in now.revealed if known != question), question)[-MOST_VOTES:]
            self._write(identity, dataclasses.replace(now, revealed=revealed))

    def _write(self, identity: str, pace: Pace) -> None:
        write_json(self._files.of(identity, "lesson.json"), dataclasses.asdict(pace))

    def vote(self, identity: str, visitor: str, question: str, choice: int) -> None:
        """Note what a member predicts; a second time changes it. Raises InputError for one who is not in the class."""
        if not QUESTION.fullmatch(question) or not 0 <= choice < MOST_CHOICES:
            raise InputError("There is no such question.")
        self._files.open_class(identity)
        who = digest(visitor)
        with self._files.locked(identity):
            members = self._files.members(identity)
            if who not in members:
                raise InputError("You are not in this class.")
            # Who has left the class, since somebody else took the place, has no vote any more.
            votes = {voter: dict(given) for voter, given in self._votes(identity).items() if voter in members}
            given = votes.setdefault(who, {})
            if question not in given and len(given) >= MOST_VOTES:
                raise InputError("You have answered all questions that can be kept.")
            given[question] = choice
            write_json(self._files.of(identity, "votes.json"), {"votes": votes})

    def counts(self, identity: str, question: str, choices: int) -> list[int]:
        """How many members have predicted each of so many choices."""
        found = Counter(given[question] for given in self._votes(identity).values() if question in given)
        return [found[choice] for choice in range(choices)]

    def _votes(self, identity: str) -> dict[str, dict[str, int]]:
        if not ID.fullmatch(identity):
            return {}
        nobody: dict[str, dict[str, int]] = {}
        return read_record(self._files.of(identity, "votes.json"), _votes_from, nobody)


def _pace_from(values: dict[str, Any]) -> Pace:
    """What lesson.json says. Raises KeyError, TypeError or ValueError if it is damaged."""
    pace = Pace(**values)
    if not (LESSON.fullmatch(pace.lesson) and type(pace.step) is int and 0 <= pace.step < MOST_STEPS):
        raise ValueError("lesson or step")
    if not isinstance(pace.together, bool):
        raise TypeError("together")
    return dataclasses.replace(pace, revealed=tuple(str(question) for question in pace.revealed))


def _votes_from(values: dict[str, Any]) -> dict[str, dict[str, int]]:
    """What votes.json says. Raises KeyError, TypeError or ValueError if it is damaged."""
    votes: dict[str, dict[str, int]] = values["votes"]
    for who, given in votes.items():
        if not is_digest(who) or not all(type(choice) is int and choice >= 0 for choice in given.values()):
            raise ValueError("votes")
    return votes
