"""What a student does in a lesson in a real browser: choose it, predict, go on, follow a link and come back."""

import re

from playwright.sync_api import Page, expect

from pages.components.lessons.lesson import Lesson
from pages.components.lessons.place import DOUBLE_CLICK_SECONDS
from tests.pages.test_browser import PATIENCE, canvas
from tests.pages.test_browser_train import button


def open_lesson(page: Page, app_url: str, lesson: Lesson) -> None:
    """Choose a lesson from the list."""
    page.goto(f"{app_url}/lessons")
    button(page, f"open_lesson_{lesson.id}").click(timeout=PATIENCE)
    at_step(page, lesson, 1)


def at_step(page: Page, lesson: Lesson, number: int) -> None:
    """Wait until a step of the lesson is shown, counted from 1."""
    step = lesson.steps[number - 1]
    expect(page.get_by_text(f"Lesson {lesson.number}: ")).to_be_visible(timeout=PATIENCE)
    expect(page.get_by_text(f"· Step {number} of {len(lesson.steps)}")).to_be_visible(timeout=PATIENCE)
    expect(page.get_by_role("heading", name=step.title)).to_be_visible(timeout=PATIENCE)
    # The head of the list is not above a step, however one has come here.
    expect(page.get_by_role("heading", level=1)).to_have_count(0)


def go_on(page: Page, lesson: Lesson, number: int) -> None:
    """Press Next, to a step."""
    # At once, it would be taken for the second click of a double click.
    expect(page.get_by_test_id("stApp")).to_have_attribute("data-test-script-state", "notRunning", timeout=PATIENCE)
    page.wait_for_timeout(2000 * DOUBLE_CLICK_SECONDS)
    button(page, "step_on").click(timeout=PATIENCE)
    at_step(page, lesson, number)


def predict(page: Page, choice: str) -> None:
    """Choose what will happen."""
    page.locator("[role=radiogroup] label", has_text=choice).click(timeout=PATIENCE)
    expect(page.get_by_text("Noted.")).to_be_visible(timeout=PATIENCE)


def follow(page: Page, lesson: Lesson, number: int, link: int = 0) -> None:
    """Press a link of a step, and wait for the page that it leads to."""
    found = lesson.steps[number - 1].links[link]
    page.locator(".st-key-lesson_step").get_by_role("link", name=found.label, exact=True).click(timeout=PATIENCE)
    where = "" if found.page == "draw" else found.page
    # What is usual does not stay in the address.
    stays = next((name for name in ("network", "preset", *found.query) if name in found.query), None)
    asked = rf"\?(.*&)?{stays}={re.escape(found.query[stays])}" if stays else ""
    expect(page).to_have_url(re.compile(f"/{where}{asked}"), timeout=PATIENCE)


def back_to(page: Page, lesson: Lesson, number: int) -> None:
    """Find back to the lesson."""
    link = page.get_by_role("link", name=f"Back to lesson {lesson.number}")
    # Away from the answer, which stays in sight on a phone and may cover it.
    link.evaluate("link => link.scrollIntoView({block: 'center'})")
    link.click(timeout=PATIENCE)
    at_step(page, lesson, number)


def ready(page: Page) -> None:
    """Wait until the canvas takes a pen."""
    canvas(page).wait_for(timeout=PATIENCE)
    page.wait_for_function("document.querySelector('.st-key-canvas').tabIndex === 0")
