"""What a lesson is: steps for the class, a sheet for the teacher, and claims that a test checks."""

from dataclasses import dataclass

from pages.components.language import gettext_noop
from pages.components.lessons.claim import Claim

PAGES = {
    "draw": "app.py",
    "teach": "pages/teach.py",
    "train": "pages/train.py",
    "inside": "pages/inside.py",
    "data": "pages/data.py",
    "networks": "pages/networks.py",
}
"""The pages that a step can lead to, by the names that lesson files use."""
KINDS = {
    "predict": gettext_noop("Predict"),
    "try": gettext_noop("Try"),
    "compare": gettext_noop("Compare"),
    "explain": gettext_noop("Explain"),
    "harder": gettext_noop("For the quick"),
}
"""The kinds of steps, in the order in which they usually come, with their titles."""


@dataclass(frozen=True)
class Link:
    """A button to a page, which sets everything up. page: a name of `PAGES`. query: the parameters of the address."""

    label: str
    page: str
    query: dict[str, str]


@dataclass(frozen=True)
class Step:
    """One step. kind: a name of `KINDS`. text: Markdown. slide: the same in a few words, for the projector.

    choices: what can be predicted; right: the number of the choice that happens, counted from 0, None where nobody
    knows. name: under which predictions are kept, "" for all kinds but "predict". about: for "compare", the name of the
    prediction that it looks back to.
    """

    kind: str
    title: str
    text: str
    slide: str
    links: tuple[Link, ...] = ()
    choices: tuple[str, ...] = ()
    right: int | None = None
    name: str = ""
    about: str = ""


@dataclass(frozen=True)
class Saying:
    """What students usually say, and why."""

    say: str
    why: str


@dataclass(frozen=True)
class Part:
    """A part of the hour."""

    minutes: int
    what: str


@dataclass(frozen=True)
class Sheet:
    """The teacher's page. differs: what to do if the network behaves in another way than the lesson says."""

    goals: tuple[str, ...]
    plan: tuple[Part, ...]
    usual: tuple[Saying, ...]
    answers: tuple[str, ...]
    differs: tuple[str, ...]


@dataclass(frozen=True)
class Lesson:
    """id: the file's name without its ending, such as "03-learning-is-going-downhill". number: the one it begins with.

    question: one sentence for the list of lessons.
    """

    id: str
    title: str
    question: str
    minutes: int
    steps: tuple[Step, ...]
    sheet: Sheet
    claims: tuple[Claim, ...]

    @property
    def number(self) -> int:
        return int(self.id.partition("-")[0])

    def prediction(self, name: str) -> Step:
        """The step of that name."""
        return next(step for step in self.steps if step.name == name)
