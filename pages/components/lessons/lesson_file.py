"""A lesson's file: TOML, read and checked. Whoever writes one is told what is wrong, and where.

`docs/lessons/README.md` tells how such a file is written.
"""

import functools
import math
import re
import tomllib
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

from mnist_core import InputError
from pages.components.lessons.claim import MEASURES, Claim
from pages.components.lessons.lesson import KINDS, PAGES, Lesson, Link, Part, Saying, Sheet, Step

FOLDER = Path(__file__).parents[3] / "docs" / "lessons"
NAME = re.compile(r"\d{2}-[a-z0-9-]{1,60}")
MAX_BYTES = 100_000
MOST_CHOICES = 6
LONGEST_SLIDE = 240


def all_lessons(folder: Path = FOLDER) -> tuple[tuple[Lesson, ...], tuple[str, ...]]:
    """The lessons in order, and what is wrong with files that were left out. Changed files are read again."""
    found, problems = [], []
    for path in sorted(folder.glob("[0-9][0-9]-*.toml")):
        try:
            found.append(_read_at(path, path.stat().st_mtime_ns))
        except (InputError, OSError) as error:
            problems.append(str(error))
    return tuple(found), tuple(problems)


@functools.lru_cache(maxsize=100)
def _read_at(path: Path, mark: int) -> Lesson:
    return read_lesson(path)


def read_lesson(path: Path) -> Lesson:
    """The lesson in a file. Raises InputError, naming the file and the place in it."""
    if not NAME.fullmatch(path.stem):
        raise InputError(f"{path.name}: expected a name such as 11-my-lesson.toml.")
    try:
        data = path.read_bytes()
        values = tomllib.loads(data.decode()) if len(data) <= MAX_BYTES else None
    except OSError as error:
        raise InputError(f"{path.name}: cannot be read ({error.strerror}).") from None
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise InputError(f"{path.name}: {error}.") from None
    if values is None:
        raise InputError(f"{path.name}: expected at most {MAX_BYTES:,} bytes.")
    return lesson_from(path.stem, values)


def lesson_from(identity: str, values: dict[str, Any]) -> Lesson:
    """The lesson that the values of a file describe. Raises InputError."""
    top = _Table(identity, values)
    steps: list[Step] = []
    for number, table in enumerate(top.tables("step"), 1):
        steps.append(_step(_Table(f"{identity}, step {number}", table), steps))
    if not any(step.kind == "predict" for step in steps):
        raise InputError(f"{identity}: expected at least one step of the kind predict.")
    lesson = Lesson(
        id=identity,
        title=top.text("title"),
        question=top.text("question"),
        minutes=top.whole("minutes", 1, 120),
        steps=tuple(steps),
        sheet=_sheet(_Table(f"{identity}, sheet", top.table("sheet"))),
        claims=tuple(
            _claim(_Table(f"{identity}, claim {number}", table)) for number, table in enumerate(top.tables("claim"), 1)
        ),
    )
    top.nothing_else()
    return lesson


def _step(table: "_Table", before: list[Step]) -> Step:
    kind = table.text("kind")
    if kind not in KINDS:
        raise InputError(f"{table.where}: kind {kind!r}: expected one of {', '.join(KINDS)}.")
    predictions = [step.name for step in before if step.name]
    choices: tuple[str, ...] = ()
    right = None
    if kind == "predict":
        choices = table.texts("choices")
        if not 2 <= len(choices) <= MOST_CHOICES or len(set(choices)) < len(choices):
            raise InputError(f"{table.where}: expected 2 to {MOST_CHOICES} different choices.")
        if table.has("right"):
            right = table.whole("right", 1, len(choices)) - 1
    about = ""
    if kind == "compare":
        if not predictions:
            raise InputError(f"{table.where}: there is no prediction before it to compare with.")
        about = predictions[-1]
    slide = table.text("slide")
    if len(slide) > LONGEST_SLIDE:
        raise InputError(f"{table.where}: slide: expected at most {LONGEST_SLIDE} characters, found {len(slide)}.")
    links = tuple(
        _link(_Table(f"{table.where}, link {number}", link)) for number, link in enumerate(table.tables("link", 0), 1)
    )
    # Predictions are kept under their number, so that a text can be mended in the middle of an hour.
    name = f"p{len(predictions) + 1}" if kind == "predict" else ""
    step = Step(kind, table.text("title"), table.text("text"), slide, links, choices, right, name, about)
    table.nothing_else()
    return step


def _link(table: "_Table") -> Link:
    page = table.text("page")
    if page not in PAGES:
        raise InputError(f"{table.where}: page {page!r}: expected one of {', '.join(PAGES)}.")
    query = dict(parse_qsl(table.text("with", ""), keep_blank_values=True))
    link = Link(table.text("label"), page, query)
    table.nothing_else()
    return link


def _sheet(table: "_Table") -> Sheet:
    plan = []
    for number, row in enumerate(table.tables("plan"), 1):
        part = _Table(f"{table.where}, plan {number}", row)
        plan.append(Part(part.whole("minutes", 1, 90), part.text("what")))
    usual = []
    for number, row in enumerate(table.tables("usual"), 1):
        saying = _Table(f"{table.where}, usual {number}", row)
        usual.append(Saying(saying.text("say"), saying.text("why")))
    sheet = Sheet(table.texts("goals"), tuple(plan), tuple(usual), table.texts("answers"), table.texts("differs"))
    table.nothing_else()
    return sheet


def _claim(table: "_Table") -> Claim:
    measure = table.text("measure")
    if measure not in MEASURES:
        raise InputError(f"{table.where}: measure {measure!r}: expected one of {', '.join(MEASURES)}.")
    claim = Claim(
        table.text("says"),
        measure,
        table.text("of"),
        table.text("minus", ""),
        table.number("at_least", -math.inf),
        table.number("at_most", math.inf),
        table.whole("shift", 0, 14, 0),
        table.yes_or_no("mixed"),
    )
    if not math.isfinite(claim.at_least) and not math.isfinite(claim.at_most):
        raise InputError(f"{table.where}: expected at_least, at_most, or both.")
    table.nothing_else()
    return claim


class _Table:
    """A table of the file, whose values are taken one by one. where: what error messages call it."""

    def __init__(self, where: str, values: object) -> None:
        if not isinstance(values, dict):
            raise InputError(f"{where}: expected a table.")
        self.where, self._values, self._taken = where, values, set[str]()

    def has(self, name: str) -> bool:
        return name in self._values

    def _take(self, name: str, kind: type | tuple[type, ...], words: str, default: Any = None) -> Any:
        self._taken.add(name)
        if name not in self._values and default is not None:
            return default
        value = self._values.get(name)
        if not isinstance(value, kind) or (isinstance(value, bool) and kind is not bool):
            raise InputError(f"{self.where}: {name}: expected {words}.")
        return value

    def text(self, name: str, default: str | None = None) -> str:
        found = str(self._take(name, str, "a text", default)).strip()
        if not found and default is None:
            raise InputError(f"{self.where}: {name}: expected a text.")
        return found

    def texts(self, name: str) -> tuple[str, ...]:
        found = self._take(name, list, "a list of texts")
        if not found or not all(isinstance(text, str) and text.strip() for text in found):
            raise InputError(f"{self.where}: {name}: expected a list of texts.")
        return tuple(text.strip() for text in found)

    def whole(self, name: str, low: int, high: int, default: int | None = None) -> int:
        found = int(self._take(name, int, "a whole number", default))
        if not low <= found <= high:
            raise InputError(f"{self.where}: {name}: expected {low} to {high}, found {found}.")
        return found

    def number(self, name: str, default: float) -> float:
        return float(self._take(name, (int, float), "a number", default))

    def yes_or_no(self, name: str) -> bool:
        return bool(self._take(name, bool, "true or false", False))

    def table(self, name: str) -> object:
        return self._take(name, dict, "a table")

    def tables(self, name: str, least: int = 1) -> list[object]:
        found = self._take(name, list, "tables", [])
        if len(found) < least:
            raise InputError(f"{self.where}: expected at least one [[{name}]].")
        return list(found)

    def nothing_else(self) -> None:
        """Raise InputError for a value that nobody has asked for: most likely a slip of the pen."""
        if unknown := sorted(self._values.keys() - self._taken):
            raise InputError(f"{self.where}: {unknown[0]}: nothing of this name is expected here.")
