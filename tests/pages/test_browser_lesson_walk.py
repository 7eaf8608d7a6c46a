"""A student walks through lessons 8 to 10 in a real browser, on a phone or a desktop, and does what they ask."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from pages.components.lessons.lesson import Lesson
from pages.components.lessons.lesson_file import all_lessons
from tests.pages import lesson_walks
from tests.pages.lesson_walks import follow, predict, ready
from tests.pages.test_browser import PATIENCE, clear, digit, draw, listened_to
from tests.pages.test_browser_rules import follows_the_rules
from tests.pages.test_browser_screen import PHONE, narrow
from tests.pages.test_browser_train import button
from tests.strokes import STROKES

MINE, WHY, SURE = all_lessons()[0][7:10]
SIZES = {
    "desktop": {"viewport": {"width": 1280, "height": 900}},
    "phone": {
        "viewport": {"width": 390, "height": 844},
        "color_scheme": "dark",
        "has_touch": True,
        "is_mobile": True,
        "user_agent": PHONE,
    },
}


@pytest.fixture
def page(request: pytest.FixtureRequest, chromium: Browser, app_url: str) -> Iterator[Page]:
    """A new student's page; fails on script errors and on requests elsewhere."""
    context = chromium.new_context(**SIZES[request.param])  # type: ignore[arg-type]
    page, mistakes = listened_to(context, app_url)
    yield page
    context.close()
    assert mistakes == []


def flagged_1(shift: int) -> list[list[tuple[float, float]]]:
    """A 1 with a flag that reaches half way down, as it is written in many countries."""
    return [[(75 + shift, 165 - shift), (150, 45 + shift), (150 + shift // 3, 240)]]


def looked_over(page: Page, what: str) -> None:
    """Nothing of the page sticks out."""
    narrow(page, what)


def open_lesson(page: Page, app_url: str, lesson: Lesson) -> None:
    """Choose a lesson from the list, and look at its first step."""
    lesson_walks.open_lesson(page, app_url, lesson)
    looked_over(page, f"lesson {lesson.number}, step 1")


def go_on(page: Page, lesson: Lesson, number: int) -> None:
    """Press Next, and look at the step."""
    lesson_walks.go_on(page, lesson, number)
    looked_over(page, f"lesson {lesson.number}, step {number}")


def back_to(page: Page, lesson: Lesson, number: int) -> None:
    """Find back to the lesson, and look at the step."""
    lesson_walks.back_to(page, lesson, number)
    looked_over(page, f"lesson {lesson.number}, step {number}")


def row(page: Page, title: str) -> Locator:
    """A row of the table of what teaching has cost."""
    return page.locator(".cost tr", has_text=title)


def switch_mnist(page: Page) -> None:
    """Teach with MNIST, or without it; the server knows it then."""
    page.locator(".st-key-without_mnist label").click()
    page.wait_for_timeout(200)
    page.wait_for_function("!document.querySelector('[data-stale=true], [data-test-script-state=running]')")


def taught(page: Page) -> float:
    """Teach, wait for the end; the points that it has cost on MNIST's test images."""
    button(page, "teach").click(timeout=PATIENCE)
    # What was taught before goes first.
    expect(button(page, "taught_weights")).to_have_count(0, timeout=PATIENCE)
    expect(page.get_by_text("Learning:").or_(page.get_by_text("Starting"))).to_be_visible(timeout=PATIENCE)
    expect(button(page, "taught_weights")).to_be_visible(timeout=3 * PATIENCE)
    change = row(page, "test images").locator("td").last.inner_text()
    found = re.search(r"([▲▼±]).*?(\d+\.\d+)", change)
    assert found, change
    return float(found[2]) * (-1 if found[1] == "▼" else 1)


@pytest.mark.parametrize("page", ["phone"], indirect=True)
def test_a_student_teaches_a_network_in_lesson_8(page: Page, app_url: str) -> None:
    open_lesson(page, app_url, MINE)
    predict(page, MINE.steps[0].choices[2])
    go_on(page, MINE, 2)
    follow(page, MINE, 2)
    ready(page)
    draw(page, flagged_1(0))
    expect(digit(page)).not_to_have_text("–", timeout=PATIENCE)
    expect(digit(page)).not_to_have_text("1")
    looked_over(page, "a 1 with a flag")
    back_to(page, MINE, 2)
    go_on(page, MINE, 3)
    expect(page.get_by_text(f"You predicted: {MINE.steps[0].choices[2]}")).to_be_visible()
    follow(page, MINE, 3)
    ready(page)
    # The drawing is still there, and the other network reads it.
    expect(digit(page)).to_have_text("1", timeout=PATIENCE)
    looked_over(page, "the same 1")
    back_to(page, MINE, 3)
    go_on(page, MINE, 4)
    go_on(page, MINE, 5)
    predict(page, MINE.steps[4].choices[2])
    go_on(page, MINE, 6)
    follow(page, MINE, 6)
    ready(page)
    for number in range(10):
        clear(page)
        draw(page, flagged_1(2 * number))
        expect(digit(page)).not_to_have_text("–", timeout=PATIENCE)
        page.locator(".st-key-said button").get_by_text("1", exact=True).click()
        kept = "1 drawing" if not number else f"{number + 1} drawings"
        expect(page.locator(".st-key-say")).to_contain_text(f"Kept as a 1: {kept}", timeout=PATIENCE)
    looked_over(page, "a drawing that was kept")
    back_to(page, MINE, 6)
    follow(page, MINE, 6, link=1)
    expect(page.locator(".st-key-my_drawings").get_by_role("button")).to_have_count(10, timeout=PATIENCE)
    looked_over(page, "what was collected")
    back_to(page, MINE, 6)
    go_on(page, MINE, 7)
    follow(page, MINE, 7)
    expect(button(page, "teach")).to_be_visible(timeout=PATIENCE)
    switch_mnist(page)
    alone = taught(page)
    looked_over(page, "taught without MNIST")
    switch_mnist(page)
    mixed = taught(page)
    looked_over(page, "taught with MNIST")
    assert alone < mixed - 2 and mixed > -2
    expect(row(page, "My drawings, learned")).to_contain_text("100.0 %")
    back_to(page, MINE, 7)
    go_on(page, MINE, 8)
    expect(page.get_by_text(f"What happens: {MINE.steps[4].choices[2]}")).to_be_visible()
    for number in (9, 10):
        go_on(page, MINE, number)
    expect(button(page, "next_lesson")).to_be_visible(timeout=PATIENCE)


@pytest.mark.parametrize("page", ["desktop"], indirect=True)
def test_a_student_asks_for_reasons_in_lesson_9(page: Page, app_url: str) -> None:
    open_lesson(page, app_url, WHY)
    predict(page, WHY.steps[0].choices[1])
    go_on(page, WHY, 2)
    follow(page, WHY, 2)
    for name in ("Gradient", "Integrated gradients", "Occlusion"):
        expect(page.get_by_text(name, exact=True).first).to_be_visible(timeout=PATIENCE)
    looked_over(page, "why this is a 7")
    page.locator("[class*=st-key-why_digit] button").get_by_text("1", exact=True).click()
    looked_over(page, "why this is a 1")
    back_to(page, WHY, 2)
    follow(page, WHY, 2, link=1)
    ready(page)
    draw(page, STROKES[3])
    expect(digit(page)).to_have_text("3", timeout=PATIENCE)
    back_to(page, WHY, 2)
    follow(page, WHY, 2, link=2)
    expect(page.get_by_text(re.compile("The network reads 3"))).to_be_visible(timeout=PATIENCE)
    looked_over(page, "why mine is a 3")
    back_to(page, WHY, 2)
    for number in (3, 4, 5):
        go_on(page, WHY, number)
    predict(page, WHY.steps[4].choices[0])
    go_on(page, WHY, 6)
    follow(page, WHY, 6)
    expect(page.get_by_text("What would make it another digit?")).to_be_visible(timeout=PATIENCE)
    looked_over(page, "fooled")
    back_to(page, WHY, 6)
    for number in (7, 8, 9):
        go_on(page, WHY, number)
    follow(page, WHY, 9)
    expect(page.locator(".st-key-network input")).to_have_value(re.compile("small", re.I), timeout=PATIENCE)
    looked_over(page, "another network")
    back_to(page, WHY, 9)


@pytest.mark.parametrize("page", ["phone"], indirect=True)
def test_a_student_finds_sure_mistakes_in_lesson_10(page: Page, app_url: str) -> None:
    open_lesson(page, app_url, SURE)
    predict(page, SURE.steps[0].choices[1])
    go_on(page, SURE, 2)
    follow(page, SURE, 2)
    ready(page)
    draw(page, [[(80, 50), (80, 230)], [(190, 50), (80, 140), (190, 230)]])
    expect(digit(page)).not_to_have_text("–", timeout=PATIENCE)
    looked_over(page, "a K, read as a digit")
    back_to(page, SURE, 2)
    go_on(page, SURE, 3)
    go_on(page, SURE, 4)
    follow(page, SURE, 4)
    ready(page)
    expect(page.locator(".st-key-prediction")).to_contain_text("ot a digit", timeout=PATIENCE)
    looked_over(page, "a K, no digit")
    back_to(page, SURE, 4)
    go_on(page, SURE, 5)
    predict(page, SURE.steps[4].choices[0])
    go_on(page, SURE, 6)
    follow(page, SURE, 6)
    expect(page.locator(".st-key-mistakes, [class*=st-key-mistake]").first).to_be_visible(timeout=PATIENCE)
    looked_over(page, "sure mistakes")
    back_to(page, SURE, 6)
    follow(page, SURE, 6, link=1)
    looked_over(page, "doubtful labels")
    back_to(page, SURE, 6)
    for number in (7, 8, 9):
        go_on(page, SURE, number)


def test_a_step_and_the_way_back_follow_the_rules_and_fit_a_small_phone(chromium: Browser, app_url: str) -> None:
    context = chromium.new_context(viewport={"width": 1280, "height": 900}, reduced_motion="reduce")
    page, mistakes = listened_to(context, app_url)
    open_lesson(page, app_url, MINE)
    follows_the_rules(page, "a prediction")
    predict(page, MINE.steps[0].choices[0])
    go_on(page, MINE, 2)
    follows_the_rules(page, "a step with a link")
    follow(page, MINE, 2)
    ready(page)
    follows_the_rules(page, "the way back to a lesson")
    page.set_viewport_size({"width": 320, "height": 640})
    page.goto(f"{app_url}/lessons?lesson={WHY.number}")
    button(page, "step_on").click(timeout=PATIENCE)
    link = page.locator(".st-key-lesson_step [data-testid=stPageLink] a")
    expect(link).to_have_count(3, timeout=PATIENCE)
    looked_over(page, "links of a step")
    link.first.click()
    expect(page.locator(".st-key-switches a")).to_be_visible(timeout=PATIENCE)
    looked_over(page, "the way back")
    context.close()
    assert mistakes == []
