"""A lesson in a class: a teacher and three students in four browsers, on a desktop, a phone and in other languages."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from pages.components.lessons.lesson_file import all_lessons
from tests.pages.test_browser import PATIENCE, listened_to
from tests.pages.test_browser_train import button

FIRST, SECOND, *_ = all_lessons()[0]
STUDENTS = (
    {"viewport": {"width": 1280, "height": 900}},
    {"viewport": {"width": 390, "height": 844}, "locale": "fr-FR"},
    {"viewport": {"width": 1024, "height": 768}, "locale": "de-DE", "color_scheme": "dark"},
)


@pytest.fixture
def pages(chromium: Browser, app_url: str) -> Iterator[list[Page]]:
    """The teacher's page and three students'; fails on script errors and on requests elsewhere."""
    contexts: list[BrowserContext] = []
    opened: list[tuple[Page, list[str]]] = []
    for options in ({"viewport": {"width": 1280, "height": 900}}, *STUDENTS):
        contexts.append(chromium.new_context(**options))
        opened.append(listened_to(contexts[-1], app_url))
    yield [page for page, _ in opened]
    for context in contexts:
        context.close()
    assert [mistakes for _, mistakes in opened] == [[]] * len(opened)


def at_step(page: Page, number: int) -> None:
    """Wait until the page shows this step of its lesson, in whatever language."""
    expect(page.get_by_text(re.compile(rf"(Step|Étape|Schritt) {number} "))).to_be_visible(timeout=PATIENCE)


def test_a_class_goes_through_a_lesson_with_its_teacher(pages: list[Page], app_url: str) -> None:
    teacher, *students = pages
    teacher.goto(f"{app_url}/lessons")
    teacher.get_by_role("button", name="Open a class").click(timeout=PATIENCE)
    teacher.locator(".st-key-class_name input").fill("7a")
    button(teacher, "open_class").click()
    expect(teacher).to_have_url(re.compile("teacher="), timeout=PATIENCE)
    found = re.search("class=([0-9a-f]+)", teacher.url)
    assert found
    for student in students:
        student.goto(f"{app_url}/lessons?class={found[1]}")
    button(teacher, f"open_lesson_{FIRST.id}").click(timeout=PATIENCE)
    button(teacher, "lead_class").click(timeout=PATIENCE)
    for choice, student in enumerate(students):
        at_step(student, 1)
        assert student.locator(".st-key-step_on").count() == 0
        student.locator(".st-key-lesson_step [role=radiogroup] label").nth(choice).click(timeout=PATIENCE)
    expect(teacher.get_by_text("3 predictions so far.")).to_be_visible(timeout=PATIENCE)
    assert all(student.get_by_role("progressbar").count() == 1 for student in students)
    button(teacher, "reveal_predictions").click()
    for page in pages:
        # One for each choice, beside the one that says how far the lesson is.
        bars = page.get_by_role("progressbar")
        expect(bars).to_have_count(1 + len(FIRST.steps[0].choices), timeout=PATIENCE)
    button(teacher, "step_on").click()
    for page in pages:
        at_step(page, 2)
    # A student tries it on the Draw page, and finds back to where the class is by now.
    student = students[0]
    student.get_by_role("link", name=FIRST.steps[1].links[0].label).click(timeout=PATIENCE)
    expect(student).to_have_url(re.compile("network=mlp"), timeout=PATIENCE)
    button(teacher, "step_on").click()
    student.get_by_role("link", name="Lessons").first.click(timeout=PATIENCE)
    for page in pages:
        at_step(page, 3)
    students[1].reload()
    at_step(students[1], 3)

    button(teacher, "all_lessons").click()
    button(teacher, f"open_lesson_{SECOND.id}").click(timeout=PATIENCE)
    button(teacher, "lead_class").click(timeout=PATIENCE)
    for page in pages:
        at_step(page, 1)
        expect(page.get_by_text(re.compile(r"(Lesson|Leçon|Lektion) 2")).first).to_be_visible(timeout=PATIENCE)
    button(teacher, "own_pace").click()
    for student in students:
        expect(button(student, "step_on")).to_be_visible(timeout=PATIENCE)
