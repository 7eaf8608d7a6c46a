"""The teacher's pages: for each lesson goals, a time plan, what students say, answers; and how to prepare the room."""

import functools
import tomllib
from collections.abc import Iterable
from html import escape

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
        f"<p><b>{escape(step.title)}</b> {escape(step.slide)}</p>"
        + _list(
            f"<b>{escape(choice)}</b>" if number == step.right else escape(choice)
            for number, choice in enumerate(step.choices)
        )
        for step in asked
    )
    steps = ", ".join(KINDS[step.kind] for step in lesson.steps)
    return (
        f"<h1>Lesson {lesson.number}: {escape(lesson.title)}</h1>"
        f"<p>{escape(lesson.question)} About {lesson.minutes} minutes.</p>"
        f"<h2>Goals</h2>{_texts(sheet.goals)}"
        f"<h2>Time plan</h2>{_list(f'{part.minutes} min: {escape(part.what)}' for part in sheet.plan)}"
        f"<p>The steps of the page, in order: {steps}.</p>"
        f"<h2>The predictions</h2><p>What happens is in bold letters.</p>{predictions}"
        f"<h2>What students usually say, and why</h2>"
        + _list(f"<b>{escape(saying.say)}</b> {escape(saying.why)}" for saying in sheet.usual)
        + f"<h2>Answers</h2>{_texts(sheet.answers)}"
        f"<h2>If the network differs</h2>{_texts(sheet.differs)}"
    )


@functools.cache
def room_body() -> str:
    """The page that says how to prepare the room."""
    room = tomllib.loads((FOLDER / "room.toml").read_text(encoding="utf-8"))
    return (
        f"<h1>{escape(room['title'])}</h1><p>{escape(room['intro'])}</p><h2>Before the class comes in</h2>"
        + _list(f"{part['minutes']} min: {escape(part['what'])}" for part in room["part"])
        + "<h2>If something does not work</h2>"
        + _list(f"<b>{escape(trouble['say'])}</b> {escape(trouble['why'])}" for trouble in room["trouble"])
    )


def html_page(title: str, bodies: Iterable[str]) -> str:
    """A file for the browser, each body on a page of its own when it is printed."""
    sections = "".join(f"<section>{body}</section>" for body in bodies)
    return (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{escape(title)}</title>'
        f'<meta name="viewport" content="width=device-width"><style>{STYLE}</style></head>'
        f"<body>{sections}</body></html>"
    )


def html_of_all(lessons: Iterable[Lesson]) -> str:
    """All pages in one file, the room first."""
    return html_page("Lessons of the Digit Lab", [room_body(), *(sheet_body(lesson) for lesson in lessons)])


def _texts(texts: Iterable[str]) -> str:
    return _list(escape(text) for text in texts)


def _list(items: Iterable[str]) -> str:
    return "<ul>" + "".join(f"<li>{item}</li>" for item in items) + "</ul>"
