"""A class in two browsers: a student joins by code, the teacher starts all, and the curve joins the board by itself."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.pages.test_browser import PATIENCE, listened_to
from tests.pages.test_browser_train import SMALL, button

LETTERS = "getComputedStyle(document.documentElement).fontSize"
# A message is on the page for four seconds: on a busy machine, a test that looks now and then may miss it.
REMEMBER_MESSAGES = """() => {
    window.messages = '';
    new MutationObserver(() => {
        for (const message of document.querySelectorAll('[data-testid="stToast"]')) {
            window.messages += message.textContent;
        }
    }).observe(document.body, {childList: true, subtree: true, characterData: true});
}"""


@pytest.fixture
def windows(chromium: Browser, app_url: str) -> Iterator[list[Page]]:
    """Two browsers of two visitors; fails on script errors and on requests elsewhere."""
    contexts: list[BrowserContext] = []
    pages: list[Page] = []
    mistakes: list[list[str]] = []
    for _ in range(2):
        context = chromium.new_context(viewport={"width": 1400, "height": 1000})
        page, found = listened_to(context, app_url)
        contexts.append(context)
        pages.append(page)
        mistakes.append(found)
    yield pages
    for context in contexts:
        context.close()
    assert mistakes == [[], []]


def test_a_student_joins_by_code_and_the_curve_joins_the_board_by_itself(windows: list[Page], app_url: str) -> None:
    teacher, student = windows
    teacher.goto(f"{app_url}/train?{SMALL}")
    teacher.get_by_role("button", name="Open a class").click(timeout=PATIENCE)
    teacher.locator(".st-key-class_name input").fill("5b")
    button(teacher, "open_class").click()
    expect(teacher.get_by_text("Your class is open")).to_be_visible(timeout=PATIENCE)
    expect(teacher).to_have_url(re.compile("teacher="), timeout=PATIENCE)
    alt = teacher.locator("img[alt^='The code']").first.get_attribute("alt") or ""
    code = alt.removeprefix("The code ").partition(",")[0]

    student.goto(f"{app_url}/train?projector=1")
    student.get_by_role("button", name="Join a class").click(timeout=PATIENCE)
    student.locator(".st-key-class_code input").fill(code.lower())
    button(student, "join_class").click()
    nickname = student.locator(".st-key-nickname input")
    nickname.fill("Ada", timeout=PATIENCE)
    nickname.press("Enter")
    expect(student.get_by_text("You are Ada.")).to_be_visible(timeout=PATIENCE)
    expect(student.locator(".st-key-who_is_there")).to_contain_text("Teacher", timeout=PATIENCE)
    assert "teacher=" not in student.url and student.locator(".st-key-start_all").count() == 0

    teacher.locator(".st-key-projector label").first.click()
    expect(teacher).to_have_url(re.compile("projector=1"), timeout=PATIENCE)
    button(teacher, "show_board").click()
    expect(teacher.get_by_text("No curve yet")).to_be_visible(timeout=PATIENCE)
    # For a moment, what was there before is still in the page.
    expect(teacher.locator(".st-key-who_is_there")).to_have_count(1, timeout=PATIENCE)
    expect(teacher.locator(".st-key-who_is_there")).to_contain_text("Ada", timeout=PATIENCE)
    student.evaluate(REMEMBER_MESSAGES)
    button(teacher, "start_all").click()
    # Nobody touches either page from here on.
    expect(button(student, "pause")).to_be_visible(timeout=PATIENCE)
    # The word of the teacher's start, which appears for a moment, leaves the styles as they are.
    student.wait_for_function("window.messages.includes('Your teacher has started')", timeout=PATIENCE)
    assert all(float(page.evaluate(LETTERS).removesuffix("px")) > 18 for page in (student, teacher))
    charts = teacher.get_by_test_id("stVegaLiteChart")
    expect(charts).to_have_count(2, timeout=PATIENCE)
    for chart in charts.all():
        expect(chart.locator("svg text", has_text="Ada").first).to_be_attached(timeout=PATIENCE)

    button(teacher, "pause_all").click()
    expect(button(student, "resume")).to_be_visible(timeout=PATIENCE)
    button(teacher, "resume_all").click()
    expect(button(student, "pause")).to_be_visible(timeout=PATIENCE)
    student.reload()
    expect(button(student, "stop")).to_be_visible(timeout=PATIENCE)
    assert student.locator("[class*='st-key-run_choice']").count() == 0
    button(student, "stop").click()
    expect(button(student, "use")).to_be_visible(timeout=PATIENCE)
