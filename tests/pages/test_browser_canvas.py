"""The canvas in a real browser: readings while the pen moves, strokes over its edge, undo and redo, keys, sizes."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.pages.test_browser import PATIENCE, canvas, digit, draw, listened_to, prediction
from tests.strokes import STROKES

Place = tuple[float, float]


@pytest.fixture
def page(chromium: Browser, app_url: str) -> Iterator[Page]:
    context = chromium.new_context(viewport={"width": 1280, "height": 800}, accept_downloads=True)
    page, mistakes = listened_to(context, app_url)
    page.goto(app_url)
    canvas(page).wait_for(timeout=PATIENCE)
    expect(prediction(page)).to_contain_text("Draw a digit", timeout=PATIENCE)
    page.wait_for_function("document.querySelector('.st-key-canvas').tabIndex === 0")
    yield page
    context.close()
    assert mistakes == []


def at(page: Page, place: Place) -> Place:
    """A place of the canvas, given in its own pixels, on the page."""
    box = canvas(page).bounding_box()
    assert box is not None
    return box["x"] + place[0] * box["width"] / 280, box["y"] + place[1] * box["height"] / 280


def pictures_sent(page: Page) -> int:
    return int(page.evaluate("window.picturesSent ?? 0"))


COUNT_PICTURES = """() => {
const ask = window.fetch;
window.picturesSent = 0;
window.fetch = function (address, ...others) {
  if (String(address).endsWith("/api/read-drawing")) window.picturesSent += 1;
  return ask.call(this, address, ...others);
};
}"""


def test_the_answer_comes_while_the_pen_is_down_and_its_course_is_shown(page: Page) -> None:
    page.evaluate(COUNT_PICTURES)
    corners = [(80, 70), (200, 70), (130, 230)]
    page.mouse.move(*at(page, corners[0]))
    page.mouse.down()
    for corner in corners[1:]:
        page.mouse.move(*at(page, corner), steps=15)
    expect(digit(page)).to_have_text("7", timeout=PATIENCE)
    assert pictures_sent(page) > 0
    # Read out is only what stands in the end.
    spoken = page.locator(".st-key-announced [role=status]")
    expect(spoken).not_to_contain_text("reads 7")
    # While nothing moves, nothing is sent.
    expect(page.locator(".bars .best .name")).to_have_text("7")
    page.wait_for_timeout(500)
    before = pictures_sent(page)
    page.wait_for_timeout(700)
    assert pictures_sent(page) == before
    page.mouse.up()
    expect(spoken).to_contain_text("The network reads 7", timeout=PATIENCE)
    strip = page.locator(".st-key-course")
    expect(strip).to_contain_text(re.compile("ead as 7"), timeout=PATIENCE)
    strip.get_by_role("button", name="Replay").click()
    expect(strip.locator("canvas")).to_have_attribute("aria-label", re.compile("ead as 7"))
    with page.expect_download(timeout=PATIENCE) as download:
        page.locator(".st-key-course_figure button").click()
    assert download.value.suggested_filename == "reading.png"
    # Switched off, the answer waits for the end of the stroke.
    page.locator(".st-key-live label").first.click()
    page.wait_for_timeout(1500)
    page.locator(".st-key-clear button").click()
    expect(digit(page)).to_have_text("–", timeout=PATIENCE)
    sent = pictures_sent(page)
    draw(page, STROKES[1])
    expect(digit(page)).to_have_text("1", timeout=PATIENCE)
    assert pictures_sent(page) == sent


def test_a_stroke_may_begin_beside_the_canvas_and_end_over_a_greyed_button(page: Page) -> None:
    redo = page.locator(".st-key-redo button")
    expect(redo).to_be_disabled()
    box = redo.bounding_box()
    assert box is not None
    page.mouse.move(*at(page, (140, 40)))
    page.mouse.down()
    page.mouse.move(*at(page, (140, 230)), steps=12)
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2, steps=4)
    page.mouse.up()
    expect(digit(page)).to_have_text("1", timeout=PATIENCE)
    expect(page.locator(".st-key-undo button")).to_be_enabled(timeout=PATIENCE)
    # The pen is up: a movement across the canvas draws nothing.
    page.mouse.move(*at(page, (30, 60)), steps=3)
    page.mouse.move(*at(page, (260, 200)), steps=6)
    page.locator(".st-key-undo button").click()
    expect(digit(page)).to_have_text("–", timeout=PATIENCE)
    # From beside the canvas, where no control is, into it.
    page.mouse.move(*at(page, (140, -8)))
    page.mouse.down()
    page.mouse.move(*at(page, (140, 30)), steps=4)
    page.mouse.move(*at(page, (140, 240)), steps=12)
    page.mouse.up()
    expect(digit(page)).to_have_text("1", timeout=PATIENCE)
    expect(page.locator(".st-key-undo button")).to_be_enabled(timeout=PATIENCE)


def test_clear_is_undone_and_keys_undo_and_redo(page: Page) -> None:
    draw(page, STROKES[7])
    expect(digit(page)).to_have_text("7", timeout=PATIENCE)
    draw(page, [[(40, 230), (250, 230)]])
    expect(page.locator(".st-key-undo button")).to_be_enabled(timeout=PATIENCE)
    page.locator(".st-key-undo button").click()
    # At once, while the canvas is still being drawn again.
    with page.expect_download(timeout=PATIENCE) as download:
        page.locator(".st-key-download button").click()
    assert download.value.path().stat().st_size > 100
    expect(digit(page)).to_have_text("7", timeout=PATIENCE)
    page.locator(".st-key-clear button").click()
    expect(digit(page)).to_have_text("–", timeout=PATIENCE)
    page.keyboard.press("Control+z")
    expect(digit(page)).to_have_text("7", timeout=PATIENCE)
    page.keyboard.press("Control+z")
    expect(digit(page)).to_have_text("–", timeout=PATIENCE)
    page.keyboard.press("Control+y")
    expect(digit(page)).to_have_text("7", timeout=PATIENCE)
    page.locator(".st-key-redo button").click()
    expect(digit(page)).to_have_text("–", timeout=PATIENCE)
    expect(page.locator(".st-key-redo button")).to_be_disabled(timeout=PATIENCE)


def test_a_digit_is_drawn_by_keys_alone(page: Page) -> None:
    box = page.locator(".st-key-canvas")
    box.focus()
    for _ in range(16):
        page.keyboard.press("ArrowUp")
    page.keyboard.press("Space")
    for _ in range(32):
        page.keyboard.press("ArrowDown")
    page.keyboard.press("Space")
    expect(digit(page)).to_have_text("1", timeout=PATIENCE)
    expect(page.locator(".st-key-undo button")).to_be_enabled(timeout=PATIENCE)
    page.keyboard.press("z")
    expect(digit(page)).to_have_text("–", timeout=PATIENCE)
    page.keyboard.press("y")
    expect(digit(page)).to_have_text("1", timeout=PATIENCE)
    expect(page.locator(".st-key-undo button")).to_be_enabled(timeout=PATIENCE)
    page.keyboard.press("Escape")
    expect(digit(page)).to_have_text("–", timeout=PATIENCE)
    assert box.get_attribute("role") == "application" and "Space" in (box.get_attribute("aria-label") or "")


@pytest.mark.parametrize(
    ("size", "least"), [((1920, 1080), 600), ((1280, 800), 450), ((390, 844), 300), ((844, 390), 200)]
)
def test_the_canvas_is_as_large_as_its_place_and_the_answer_is_in_view(
    chromium: Browser, app_url: str, size: tuple[int, int], least: int
) -> None:
    width, height = size
    touch = width < 900
    context = chromium.new_context(viewport={"width": width, "height": height}, has_touch=touch, is_mobile=touch)
    page, mistakes = listened_to(context, app_url)
    page.goto(app_url)
    canvas(page).wait_for(timeout=PATIENCE)
    expect(prediction(page)).to_contain_text("Draw a digit", timeout=PATIENCE)
    page.wait_for_function(f"() => document.querySelector('.st-key-canvas').getBoundingClientRect().height >= {least}")
    page.wait_for_timeout(600)
    drawn_on, answer = canvas(page).bounding_box(), digit(page).bounding_box()
    assert drawn_on is not None and answer is not None
    assert least <= drawn_on["width"] <= width and drawn_on["y"] + drawn_on["height"] <= height
    assert answer["y"] >= 0 and answer["y"] + answer["height"] <= height
    context.close()
    assert mistakes == []


COUNT_LAST = """() => {
const ask = window.fetch;
window.lastPictures = 0;
window.fetch = function (address, ...others) {
  if (String(address).endsWith("/api/read-drawing") && others[0].body.includes('"last":true')) window.lastPictures += 1;
  return ask.call(this, address, ...others);
};
}"""


def line_by_keys(page: Page) -> None:
    page.keyboard.press("Space")
    for _ in range(30):
        page.keyboard.press("ArrowDown")


def test_the_same_again_after_clear_a_pen_that_is_down_and_another_button(page: Page) -> None:
    page.locator(".st-key-canvas").focus()
    for _ in range(2):
        for _ in range(15):
            page.keyboard.press("ArrowUp")
        line_by_keys(page)
        page.keyboard.press("Space")
        expect(digit(page)).to_have_text("1", timeout=PATIENCE)
        expect(page.locator(".st-key-undo button")).to_be_enabled(timeout=PATIENCE)
        page.keyboard.press("Escape")
        expect(digit(page)).to_have_text("–", timeout=PATIENCE)
        for _ in range(15):
            page.keyboard.press("ArrowUp")
    # With the pen down, Escape lifts it and clears.
    line_by_keys(page)
    page.keyboard.press("Escape")
    page.wait_for_timeout(1500)
    expect(digit(page)).to_have_text("–", timeout=PATIENCE)
    # The right button draws nothing.
    page.evaluate(COUNT_LAST)
    page.mouse.move(*at(page, (140, 40)))
    page.mouse.down(button="right")
    page.mouse.move(*at(page, (140, 200)), steps=8)
    page.mouse.up(button="right")
    page.wait_for_timeout(500)
    assert page.evaluate("window.lastPictures") == 0
    # After a change of theme there is still one script that sends.
    page.emulate_media(color_scheme="dark")
    page.wait_for_timeout(1500)
    draw(page, STROKES[1])
    expect(digit(page)).to_have_text("1", timeout=PATIENCE)
    page.wait_for_timeout(500)
    assert page.evaluate("window.lastPictures") == 1
