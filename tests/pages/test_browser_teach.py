"""The whole circle in a real browser: draw, say what it is, teach, and it reads right; and a class of two browsers."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.pages.test_browser import PATIENCE, canvas, clear, digit, draw, listened_to
from tests.pages.test_browser_train import button


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
