"""The whole circle in a real browser: draw, say what it is, teach, and it reads right; and a class of two browsers."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.pages.test_browser import PATIENCE, canvas, clear, digit, draw, listened_to
from tests.pages.test_browser_rules import follows_the_rules
from tests.pages.test_browser_screen import narrow
from tests.pages.test_browser_train import button
from tests.strokes import STROKES


def boxed_8(shift: int) -> list[list[tuple[float, float]]]:
    """An 8 as on a display: two boxes, one on the other. The network that comes with the app takes it for a 0."""
    left, right, top, bottom = 80 + shift, 190 + shift // 2, 50 - shift, 230 + shift // 2
    around: list[tuple[float, float]] = [(left, top), (right, top), (right, bottom), (left, bottom), (left, top)]
    return [around, [(left, 140 + shift // 2), (right, 140)]]


@pytest.fixture
def page(chromium: Browser, app_url: str) -> Iterator[Page]:
    context = chromium.new_context(viewport={"width": 1280, "height": 900}, accept_downloads=True)
    page, mistakes = listened_to(context, app_url)
    page.goto(app_url)
    canvas(page).wait_for(timeout=PATIENCE)
    page.wait_for_function("document.querySelector('.st-key-canvas').tabIndex === 0")
    yield page
    context.close()
    assert mistakes == []


def say(page: Page, label: str) -> None:
    """Press a key below the answer."""
    page.locator(".st-key-said button").get_by_text(label, exact=True).click()


def test_who_says_what_it_is_finds_the_drawings_again(page: Page) -> None:
    for number, shift in enumerate((0, 10, 20), 1):
        draw(page, boxed_8(shift))
        expect(digit(page)).not_to_have_text("–", timeout=PATIENCE)
        say(page, "8")
        expect(page.locator(".st-key-say")).to_contain_text(f"Kept as an 8: {number} drawing", timeout=PATIENCE)
        clear(page)
        expect(page.locator(".st-key-say")).not_to_contain_text("Kept as", timeout=PATIENCE)
    # Another page of the same browser, and a reload, find them by the cookie.
    page.get_by_role("link", name="Teach", exact=True).click()
    grid = page.locator(".st-key-my_drawings")
    expect(grid.get_by_role("button")).to_have_count(3, timeout=PATIENCE)
    page.reload()
    expect(grid.get_by_role("button")).to_have_count(3, timeout=PATIENCE)
    grid.get_by_role("button").first.click()
    expect(button(page, "delete_drawing")).to_be_visible(timeout=PATIENCE)
    page.get_by_role("button", name="Download").click()
    with page.expect_download(timeout=PATIENCE) as waiting:
        button(page, "as_pen").click()
    assert waiting.value.suggested_filename == "my-drawings.npz"
    page.keyboard.press("Escape")
    button(page, "delete_drawing").click()
    expect(grid.get_by_role("button")).to_have_count(2, timeout=PATIENCE)


def test_draw_correct_teach_and_it_reads_right(page: Page) -> None:
    draw(page, boxed_8(5))
    expect(digit(page)).not_to_have_text("–", timeout=PATIENCE)
    expect(digit(page)).not_to_have_text("8")
    for shift in (0, 10, 20, 15):
        clear(page)
        draw(page, boxed_8(shift))
        expect(digit(page)).not_to_have_text("–", timeout=PATIENCE)
        say(page, "8")
        expect(page.locator(".st-key-say")).to_contain_text("Kept as an 8", timeout=PATIENCE)
    page.get_by_role("link", name="Teach it your hand").click()
    button(page, "teach").click(timeout=PATIENCE)
    # The table comes with the first network, long before the training has ended.
    # The table of before the lesson may stand above it for a moment; only the new one has this answer.
    mine = page.locator(".cost tr", has_text="held out").filter(has_text="100.0 %")
    expect(mine).to_be_visible(timeout=3 * PATIENCE)
    button(page, "use_taught").click(timeout=3 * PATIENCE)
    expect(button(page, "undo_taught")).to_be_visible(timeout=PATIENCE)
    follows_the_rules(page, "a network that was taught")
    page.locator(".st-key-my_drawings").get_by_role("button").first.click()
    expect(page.get_by_text("Before: read as")).to_be_visible(timeout=PATIENCE)
    expect(page.get_by_text("After: read as 8")).to_be_visible(timeout=PATIENCE)
    page.set_viewport_size({"width": 390, "height": 844})
    narrow(page, "a network that was taught")
    page.set_viewport_size({"width": 1280, "height": 900})
    page.get_by_role("link", name="Draw again").click()
    expect(page.locator(".st-key-network input")).to_have_value(re.compile("^Yours: "), timeout=PATIENCE)
    clear(page)
    draw(page, boxed_8(5))
    expect(digit(page)).to_have_text("8", timeout=PATIENCE)
    page.get_by_role("link", name="Teach", exact=True).click()
    button(page, "undo_taught").click(timeout=PATIENCE)
    expect(page.locator(".st-key-network input")).to_have_value(re.compile("CNN, five convolutions"), timeout=PATIENCE)
    expect(button(page, "use_taught")).to_be_visible(timeout=PATIENCE)
    page.get_by_role("link", name="Draw", exact=True).click()
    expect(page.locator(".st-key-network input")).to_have_value(re.compile("CNN, five convolutions"), timeout=PATIENCE)


def test_two_browsers_give_a_class_their_drawings(chromium: Browser, app_url: str) -> None:
    windows: list[Page] = []
    mistakes: list[list[str]] = []
    for _ in range(2):
        one, found = listened_to(chromium.new_context(viewport={"width": 1280, "height": 900}), app_url)
        windows.append(one)
        mistakes.append(found)
    teacher, student = windows
    teacher.goto(f"{app_url}/teach?view=class")
    teacher.get_by_role("button", name="Open a class").click(timeout=PATIENCE)
    teacher.locator(".st-key-class_name input").fill("5b")
    button(teacher, "open_class").click()
    expect(teacher.get_by_text("Nobody has given the class a drawing yet.")).to_be_visible(timeout=PATIENCE)
    link = teacher.url.partition("&teacher=")[0]
    assert "teacher=" in teacher.url

    student.goto(app_url)
    canvas(student).wait_for(timeout=PATIENCE)
    student.wait_for_function("document.querySelector('.st-key-canvas').tabIndex === 0")
    for label in ("7", "3"):
        # The second label is wrong.
        draw(student, STROKES[7])
        expect(digit(student)).to_have_text("7", timeout=PATIENCE)
        say(student, label)
        expect(student.locator(".st-key-say")).to_contain_text(f"Kept as a {label}", timeout=PATIENCE)
        clear(student)
    student.goto(link)
    give = student.locator(".st-key-give_to_class label").first
    expect(give).to_be_visible(timeout=PATIENCE)
    teacher.reload()
    expect(teacher.get_by_text("Nobody has given the class a drawing yet.")).to_be_visible(timeout=PATIENCE)
    give.click()
    expect(student.get_by_text("2 drawings by 1 member")).to_be_visible(timeout=PATIENCE)
    teacher.reload()
    expect(teacher.get_by_text("2 drawings by 1 member")).to_be_visible(timeout=PATIENCE)
    expect(teacher.get_by_text("Member 2: 3, not 7?")).to_be_visible(timeout=PATIENCE)
    follows_the_rules(teacher, "the drawings of a class")
    teacher.set_viewport_size({"width": 390, "height": 844})
    narrow(teacher, "the drawings of a class")
    give.click()
    expect(student.get_by_text("Nobody has given the class a drawing yet.")).to_be_visible(timeout=PATIENCE)
    teacher.reload()
    expect(teacher.get_by_text("Nobody has given the class a drawing yet.")).to_be_visible(timeout=PATIENCE)
    for one in windows:
        one.context.close()
    assert mistakes == [[], []]
