"""The app in a real browser: drawing by mouse and by touch, answers, networks, undo, clear, reload, no internet."""

import io
import re
from collections.abc import Iterator, Sequence

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Browser, BrowserContext, Locator, Page, expect

from tests.strokes import STROKES

Points = Sequence[tuple[float, float]]
PATIENCE = 60_000
"""Milliseconds. Only a test that fails waits so long; a slow machine with other work may take half a minute."""


def listened_to(context: BrowserContext, app_url: str) -> tuple[Page, list[str]]:
    """A new page, and a list that fills with its script errors and its requests to other servers."""
    page = context.new_page()
    mistakes: list[str] = []
    page.on(
        "request", lambda sent: None if sent.url.startswith((app_url, "data:", "blob:")) else mistakes.append(sent.url)
    )
    # The canvas component may still be drawing when its page is left or reloaded, and then finds its canvas gone: its
    # own mistake, without a consequence, and only sometimes.
    page.on("pageerror", lambda error: None if "clearRect" in str(error) else mistakes.append(str(error)))
    return page, mistakes


@pytest.fixture(params=["mouse", "touch"])
def page(request: pytest.FixtureRequest, chromium: Browser, app_url: str) -> Iterator[Page]:
    """The Draw page in a window (mouse) or on a phone (touch); fails on script errors and on requests elsewhere."""
    touch = request.param == "touch"
    size = {"width": 390, "height": 844} if touch else {"width": 1280, "height": 900}
    context = chromium.new_context(viewport=size, has_touch=touch, is_mobile=touch, accept_downloads=True)  # type: ignore[arg-type]
    page, mistakes = listened_to(context, app_url)
    page.goto(app_url)
    canvas(page).wait_for(timeout=PATIENCE)
    # From then on it is as large as its place.
    page.wait_for_function("document.querySelector('.st-key-canvas').tabIndex === 0")
    yield page
    context.close()
    assert mistakes == []


def canvas(page: Page) -> Locator:
    return page.locator(".st-key-canvas canvas").last


def draw(page: Page, strokes: Sequence[Points]) -> None:
    """Draw on the canvas with the pointer that this page has."""
    touch = page.evaluate("'ontouchstart' in window")
    canvas(page).scroll_into_view_if_needed()
    box = canvas(page).bounding_box()
    assert box is not None
    # Strokes are given in the canvas's own pixels, 280 a side; on the page it is as large as its place.
    scale = box["width"] / 280
    fingers = page.context.new_cdp_session(page) if touch else None
    for stroke in strokes:
        dense = np.array(stroke, float)
        steps = np.linspace(0, len(dense) - 1, 8 * (len(dense) - 1) + 1)
        xs, ys = (np.interp(steps, range(len(dense)), dense[:, axis]) for axis in (0, 1))
        places = [(box["x"] + scale * x, box["y"] + scale * y) for x, y in zip(xs, ys, strict=True)]
        if fingers:
            for number, (x, y) in enumerate(places):
                kind = "touchMove" if number else "touchStart"
                fingers.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": [{"x": x, "y": y}]})
            fingers.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
        else:
            page.mouse.move(*places[0])
            page.mouse.down()
            for place in places[1:]:
                page.mouse.move(*place)
            page.mouse.up()
    # The answer may be there before the strokes are sent.
    page.wait_for_function("document.documentElement.dataset.unsent === undefined")


def prediction(page: Page) -> Locator:
    return page.locator(".st-key-prediction")


def digit(page: Page) -> Locator:
    return prediction(page).get_by_test_id("stMetricValue")


def press(page: Page, place: Locator) -> None:
    """Click or tap, whichever this page has."""
    place.tap() if page.evaluate("'ontouchstart' in window") else place.click()


def clear(page: Page) -> None:
    page.locator(".st-key-clear button").click()
    expect(prediction(page)).to_contain_text("Draw a digit", timeout=PATIENCE)
    expect(digit(page)).to_have_text("–")


def test_several_digits_are_drawn_and_read(page: Page) -> None:
    expect(prediction(page)).to_contain_text("Draw a digit", timeout=PATIENCE)
    for number in (7, 2, 3, 0):
        draw(page, STROKES[number])
        expect(digit(page)).to_have_text(str(number), timeout=PATIENCE)
        expect(prediction(page)).to_contain_text("% sure")
        expect(page.locator(".st-key-probabilities .bars .best .name")).to_have_text(str(number))
        expect(page.get_by_test_id("stImage").locator("img")).to_have_count(4)
        clear(page)


def test_every_part_of_the_canvas_draws(page: Page) -> None:
    page.wait_for_timeout(1000)
    draw(page, [[(240, 12), (80, 12), (70, 120), (180, 120), (200, 230), (60, 250)]])
    expect(digit(page)).to_have_text(re.compile("^5"), timeout=PATIENCE)
    clear(page)
    draw(page, [[(265, 8), (262, 270)]])
    expect(digit(page)).to_have_text("1", timeout=PATIENCE)


def test_another_stroke_width_keeps_the_drawing(page: Page) -> None:
    draw(page, STROKES[3])
    expect(digit(page)).to_have_text("3", timeout=PATIENCE)
    slider = page.locator(".st-key-stroke_width").get_by_role("slider")
    slider.focus()
    for _ in range(10):
        slider.press("ArrowRight", no_wait_after=True)
    expect(slider).to_have_attribute("value", "30", timeout=PATIENCE)
    page.wait_for_timeout(2000)
    draw(page, [[(20, 20), (21, 21)]])
    expect(digit(page)).not_to_have_text("?", timeout=PATIENCE)
    page.locator(".st-key-undo button").click()
    expect(digit(page)).to_have_text("3", timeout=PATIENCE)


def test_drawing_does_not_scroll_the_page(page: Page) -> None:
    # While the page opens, what stands above the canvas may still change its height.
    expect(prediction(page)).to_contain_text("Draw a digit", timeout=PATIENCE)
    page.evaluate("window.seen = []")
    page.wait_for_function(
        "window.seen.push(document.querySelector('.st-key-canvas').getBoundingClientRect().top)"
        " > 3 && new Set(window.seen.slice(-4)).size === 1",
        polling=500,
    )
    top = canvas(page).bounding_box()
    draw(page, [[(140, 250), (140, 20)]])
    expect(digit(page)).to_have_text("1", timeout=PATIENCE)
    assert canvas(page).bounding_box() == top


def test_undo_takes_back_the_last_stroke(page: Page) -> None:
    undo = page.locator(".st-key-undo button")
    expect(undo).to_be_disabled()
    draw(page, STROKES[1])
    expect(digit(page)).to_have_text("1", timeout=PATIENCE)
    draw(page, [[(140, 60), (225, 60), (225, 230), (140, 230)]])
    expect(digit(page)).not_to_have_text("1", timeout=PATIENCE)
    undo.click()
    expect(digit(page)).to_have_text("1", timeout=PATIENCE)
    undo.click()
    expect(prediction(page)).to_contain_text("Draw a digit", timeout=PATIENCE)
    expect(undo).to_be_disabled()
    draw(page, STROKES[7])
    expect(digit(page)).to_have_text("7", timeout=PATIENCE)


def test_the_network_is_switched_and_stays_in_the_address(page: Page) -> None:
    draw(page, STROKES[3])
    expect(digit(page)).to_have_text("3", timeout=PATIENCE)
    box = page.locator(".st-key-network")
    expect(box.locator("input")).to_have_value(re.compile("CNN, five convolutions"))
    # A list that is open closes when the page moves under it: let the pictures below come to rest first.
    expect(page.get_by_test_id("stImage").locator("img")).to_have_count(4)
    box.scroll_into_view_if_needed()
    page.wait_for_timeout(1000)
    press(page, box.locator("input"))
    press(page, page.get_by_role("option", name=re.compile("Multi-layer perceptron")))
    expect(page).to_have_url(re.compile(r"\?network=mlp$"), timeout=PATIENCE)
    expect(digit(page)).to_have_text("3")
    page.reload()
    canvas(page).wait_for(timeout=PATIENCE)
    expect(box.locator("input")).to_have_value(re.compile("Multi-layer perceptron"), timeout=PATIENCE)
    expect(digit(page)).to_have_text("3", timeout=PATIENCE)


def test_the_drawing_is_still_there_after_a_visit_to_another_page(page: Page) -> None:
    draw(page, STROKES[4])
    expect(digit(page)).to_have_text(re.compile("^4"), timeout=PATIENCE)
    page.get_by_role("link", name="Networks").click()
    expect(page.get_by_role("heading", name="Networks")).to_be_visible(timeout=PATIENCE)
    page.get_by_role("link", name="Draw", exact=True).click()
    expect(digit(page)).to_have_text(re.compile("^4"), timeout=PATIENCE)
    for _ in STROKES[4]:
        page.locator(".st-key-undo button").click()
        page.wait_for_timeout(500)
    expect(prediction(page)).to_contain_text("Draw a digit", timeout=PATIENCE)
    draw(page, STROKES[7])
    expect(digit(page)).to_have_text("7", timeout=PATIENCE)


def test_the_picture_that_the_network_saw_can_be_downloaded(page: Page) -> None:
    draw(page, STROKES[7])
    expect(digit(page)).to_have_text("7", timeout=PATIENCE)
    with page.expect_download(timeout=PATIENCE) as waiting:
        page.locator(".st-key-download button").click()
    assert waiting.value.suggested_filename == "digit-7.png"
    image = Image.open(io.BytesIO(waiting.value.path().read_bytes()))
    assert image.size == (28, 28) and image.mode == "L"
    pixels = np.asarray(image, float)
    assert pixels.max() > 200 and pixels[:3].max() == 0
    for axis in (0, 1):
        assert abs((pixels.sum(axis=1 - axis) * np.arange(28)).sum() / pixels.sum() - 14) <= 0.51


def test_without_normalizing_two_pictures_are_shown(page: Page) -> None:
    draw(page, [[(20, 20), (60, 20), (35, 70)]])
    expect(digit(page)).to_have_text("7", timeout=PATIENCE)
    page.locator(".st-key-normalized label").first.click()
    expect(page.get_by_test_id("stImage").locator("img")).to_have_count(2, timeout=PATIENCE)


def test_every_page_opens_by_its_own_link(chromium: Browser, app_url: str) -> None:
    page = chromium.new_page()
    page.goto(f"{app_url}/networks")
    expect(page.get_by_role("heading", name="Networks")).to_be_visible(timeout=PATIENCE)
    expect(page.get_by_text("Train it again with").first).to_be_attached()
    page.locator(".st-key-card-mlp").get_by_role("link", name="Draw with it").click()
    canvas(page).wait_for(timeout=PATIENCE)
    expect(page).to_have_url(re.compile(r"\?network=mlp$"))
    page.close()


def test_a_reload_keeps_the_drawing_and_a_new_tab_starts_empty(page: Page) -> None:
    draw(page, STROKES[7])
    expect(digit(page)).to_have_text("7", timeout=PATIENCE)
    page.reload()
    expect(digit(page)).to_have_text("7", timeout=PATIENCE)
    other = page.context.new_page()
    other.goto(page.url)
    canvas(other).wait_for(timeout=PATIENCE)
    expect(prediction(other)).to_contain_text("Draw a digit", timeout=PATIENCE)
    clear(page)
    page.reload()
    canvas(page).wait_for(timeout=PATIENCE)
    page.wait_for_timeout(1500)
    expect(prediction(page)).to_contain_text("Draw a digit", timeout=PATIENCE)
