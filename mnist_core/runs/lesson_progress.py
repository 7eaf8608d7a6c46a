"""How far a visitor is in each lesson, and what the visitor has predicted: kept under the visitor's secret alone.

lessons/OWNER.json  by a lesson's id: the step, and the choices by the question; OWNER is made of the secret
"""

import re
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from mnist_core.errors import InputError
from mnist_core.files.atomic import read_json, reason, write_json
from mnist_core.runs import limits
from mnist_core.runs.names import digest, names_in

LESSON = re.compile(r"[a-z0-9-]{1,64}")
QUESTION = re.compile(r"[a-z0-9-]{1,16}")
MOST_LESSONS = 100
MOST_CHOICES = 100
MOST_STEPS = 100
MOST_VISITORS = 20_000
"""So many files there may be; whoever comes then is not remembered until old ones are gone."""
SWEEP_SECONDS = 3600.0
_swept: dict[Path, float] = {}


@dataclass(frozen=True)
class Progress:
    """In one lesson. step: counted from 0. choices: by the name of a question, the number of the choice."""

    step: int = 0
    choices: dict[str, int] = field(default_factory=dict)


class LessonProgress:
    """The progress of all visitors below the folder of all runs."""

    def __init__(self, root: Path) -> None:
        self.folder = root / "lessons"

    def of(self, secret: str) -> dict[str, Progress]:
        """The visitor's progress by the lesson's id; what is damaged counts for nothing."""
        try:
            found = read_json(self._file(secret), "the progress")
            return {lesson: _progress_from(values) for lesson, values in found.items() if LESSON.fullmatch(lesson)}
        except (InputError, TypeError, KeyError, ValueError, AttributeError):
            return {}

    def keep(self, secret: str, lesson: str, progress: Progress) -> None:
        """Note how far the visitor is in a lesson. Raises InputError if that is impossible."""
        if not LESSON.fullmatch(lesson) or not 0 <= progress.step < MOST_STEPS or not _sound(progress.choices):
            raise InputError("There is no such step.")
        found, path = self.of(secret), self._file(secret)
        found[lesson] = progress
        if len(found) > MOST_LESSONS:
            raise InputError("So many lessons cannot be kept.")
        self._remove_old()
        if not path.exists() and len(names_in(self.folder)) >= MOST_VISITORS:
            raise InputError("The progress of too many visitors is kept already.")
        values = {name: {"step": known.step, "choices": known.choices} for name, known in found.items()}
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            write_json(path, values)
        except OSError as error:
            raise InputError(f"The progress cannot be kept: {reason(error)}.") from None

    def _file(self, secret: str) -> Path:
        return self.folder / f"{digest(secret)}.json"

    def _remove_old(self) -> None:
        """Remove, once an hour, what was not changed for `DIGIT_KEEP_DAYS`."""
        now = time.time()
        if now - _swept.get(self.folder, 0.0) < SWEEP_SECONDS:
            return
        _swept[self.folder] = now
        for name in names_in(self.folder):
            path = self.folder / name
            try:
                if now - path.stat().st_mtime > limits.KEEP_DAYS.value() * 86_400:
                    path.unlink()
            except OSError:
                continue


def _progress_from(values: dict[str, Any]) -> Progress:
    progress = Progress(values["step"], dict(values["choices"]))
    if type(progress.step) is not int or not 0 <= progress.step < MOST_STEPS or not _sound(progress.choices):
        raise ValueError("step or choices")
    return progress


def _sound(choices: dict[str, int]) -> bool:
    return len(choices) <= MOST_CHOICES and all(
        QUESTION.fullmatch(name) and type(choice) is int and 0 <= choice < MOST_CHOICES
        for name, choice in choices.items()
    )
