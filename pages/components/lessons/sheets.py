"""The teacher's pages: for each lesson goals, a time plan, what students say, answers; and how to prepare the room."""

import functools
import tomllib
from collections.abc import Iterable
from html import escape
from typing import Any

from pages.components.language import _, language
from pages.components.lessons.lesson import KINDS, Lesson
from pages.components.lessons.lesson_file import FOLDER

STYLE = """
body { font: 11pt/1.45 "Source Sans 3", Arial, sans-serif; color: #14141e; }
body { max-width: 46rem; margin: 1.5rem auto; padding: 0 1rem; }
h1 { font-size: 1.6rem; margin: 0 0 0.3rem; } h2 { font-size: 1.1rem; margin: 1.1rem 0 0.3rem; }
p, li { margin: 0.2rem 0; } td { padding: 0.15rem 0.8rem 0.15rem 0; vertical-align: top; }
section { break-after: page; } section:last-child { break-after: auto; }
@page { size: A4; margin: 16mm; }
"""


def sheet_body(lesson: Lesson) -> str:
    """The page of a lesson, as plain HTML that a browser and the printer's program (`sheet_pdf.py`) understand."""
    sheet = lesson.sheet
    asked = [step for step in lesson.steps if step.kind == "predict"]
    predictions = "".join(
        f"<p><b>{_escaped(step.title)}</b> {_escaped(step.slide)}</p>"
        + _list(
            f"<b>{_escaped(choice)}</b>" if number == step.right else _escaped(choice)
            for number, choice in enumerate(step.choices)
        )
        for step in asked
    )
    steps = ", ".join(_(KINDS[step.kind]) for step in lesson.steps)
    title = _("Lesson {number}: {title}").format(number=lesson.number, title=_(lesson.title))
    minutes = _("About {minutes} minutes.").format(minutes=lesson.minutes)
    order = _("The steps of the page, in order: {steps}.").format(steps=steps)
    return (
        f"<h1>{escape(title)}</h1><p>{_escaped(lesson.question)} {escape(minutes)}</p>"
        + _heading(_("Goals"))
        + _texts(sheet.goals)
        + _heading(_("Time plan"))
        + _plan((part.minutes, part.what) for part in sheet.plan)
        + f"<p>{escape(order)}</p>"
        + _heading(_("The predictions"))
        + "<p>"
        + escape(_("What happens is in bold letters."))
        + f"</p>{predictions}"
        + _heading(_("What students usually say, and why"))
        + _sayings((saying.say, saying.why) for saying in sheet.usual)
        + _heading(_("Answers"))
        + _texts(sheet.answers)
        + _heading(_("If the network differs"))
        + _texts(sheet.differs)
    )


@functools.cache
def _room() -> dict[str, Any]:
    return tomllib.loads((FOLDER / "room.toml").read_text(encoding="utf-8"))


def room_body() -> str:
    """The page that says how to prepare the room."""
    room = _room()
    return (
        f"<h1>{_escaped(room['title'])}</h1><p>{_escaped(room['intro'])}</p>"
        + _heading(_("Before the class comes in"))
        + _plan((part["minutes"], part["what"]) for part in room["part"])
        + _heading(_("If something does not work"))
        + _sayings((trouble["say"], trouble["why"]) for trouble in room["trouble"])
    )


def html_page(title: str, bodies: Iterable[str]) -> str:
    """A file for the browser, each body on a page of its own when it is printed."""
    sections = "".join(f"<section>{body}</section>" for body in bodies)
    return (
        f'<!doctype html><html lang="{language()}"><head><meta charset="utf-8"><title>{escape(title)}</title>'
        f'<meta name="viewport" content="width=device-width"><style>{STYLE}</style></head>'
        f"<body>{sections}</body></html>"
    )


def html_of_all(lessons: Iterable[Lesson]) -> str:
    """All pages in one file, the room first."""
    return html_page(_("Lessons of the Digit Lab"), [room_body(), *(sheet_body(lesson) for lesson in lessons)])


def _escaped(text: str) -> str:
    """A text of a lesson's file, in the language that is spoken."""
    return escape(_(text))


def _heading(words: str) -> str:
    return f"<h2>{escape(words)}</h2>"


def _texts(texts: Iterable[str]) -> str:
    return _list(_escaped(text) for text in texts)


def _plan(parts: Iterable[tuple[int, str]]) -> str:
    words = escape(_("{minutes} min: {what}"))
    return _list(words.format(minutes=minutes, what=_escaped(what)) for minutes, what in parts)


def _sayings(sayings: Iterable[tuple[str, str]]) -> str:
    return _list(f"<b>{_escaped(say)}</b> {_escaped(why)}" for say, why in sayings)


def _list(items: Iterable[str]) -> str:
    return "<ul>" + "".join(f"<li>{item}</li>" for item in items) + "</ul>"
