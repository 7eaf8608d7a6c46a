"""Whole numbers in a real browser: drawn, uploaded, pasted, explained."""

import base64
import io
from collections.abc import Iterator

import pytest
from PIL import Image
from playwright.sync_api import Browser, Locator, Page, expect

from tests.pages.test_browser import PATIENCE, draw, listened_to
from tests.pages.test_browser_rules import follows_the_rules
from tests.pages.test_numbers_page import side_by_side
from tests.strokes import STROKES

PASTE = """(data) => {
  const bytes = Uint8Array.from(atob(data), (character) => character.charCodeAt(0));
  const clipboardData = new DataTransfer();
  clipboardData.items.add(new File([bytes], "pasted.png", { type: "image/png" }));
  document.dispatchEvent(new ClipboardEvent("paste", { clipboardData, bubbles: true }));
}"""


@pytest.fixture
def page(chromium: Browser, app_url: str) -> Iterator[Page]:
    context = chromium.new_context(viewport={"width": 1280, "height": 900}, reduced_motion="reduce")
    page, mistakes = listened_to(context, app_url)
    yield page
    context.close()
    assert mistakes == []


def number(page: Page) -> Locator:
    return page.locator(".st-key-number").get_by_test_id("stMetricValue")


def picture(*digits: int) -> bytes:
    buffer = io.BytesIO()
    Image.fromarray(side_by_side(*digits)).save(buffer, "PNG")
    return buffer.getvalue()


def test_numbers_are_drawn_brought_and_explained(page: Page, app_url: str) -> None:
    page.goto(f"{app_url}/?mode=number")
    canvas = page.locator(".st-key-number_canvas canvas").last
    canvas.wait_for(timeout=PATIENCE)
    page.wait_for_function("document.querySelector('.st-key-number_canvas').tabIndex === 0")
    box = canvas.bounding_box()
    assert box is not None and box["width"] > 2 * box["height"]
    for place, digit in enumerate((7, 1)):
        for stroke in STROKES[digit]:
            places = [
                (box["x"] + box["height"] * (x / 280 + place), box["y"] + box["height"] * y / 280) for x, y in stroke
            ]
            page.mouse.move(*places[0])
            page.mouse.down()
            for corner in places[1:]:
                page.mouse.move(*corner, steps=8)
            page.mouse.up()
    expect(number(page)).to_have_text("71", timeout=PATIENCE)
    follows_the_rules(page, "a drawn number")
    page.keyboard.press("Control+z")
    expect(number(page)).to_have_text("7", timeout=PATIENCE)

    page.get_by_text("A picture", exact=True).click()
    chooser = page.locator(".st-key-number_picture input[type=file]")
    chooser.set_input_files(
        {"name": "amount.png", "mimeType": "image/png", "buffer": picture(2, 0, 7)}, timeout=PATIENCE
    )
    expect(number(page)).to_have_text("207", timeout=PATIENCE)
    page.evaluate(PASTE, base64.b64encode(picture(3, 1)).decode())
    expect(number(page)).to_have_text("31", timeout=PATIENCE)
    follows_the_rules(page, "a picture that was brought")
    chooser.set_input_files({"name": "wrong.png", "mimeType": "image/png", "buffer": b"nonsense"})
    expect(page.get_by_text("wrong.png: expected a picture")).to_be_visible(timeout=PATIENCE)
    page.evaluate(PASTE, base64.b64encode(picture(3, 1)).decode())
    expect(number(page)).to_have_text("31", timeout=PATIENCE)
    page.locator(".st-key-look_at_0_0 button").first.click()
    expect(page.get_by_text("Digit 1 of 31").first).to_be_visible(timeout=PATIENCE)
    # Back on the Draw page one digit is read as ever.
    page.get_by_role("link", name="Draw", exact=True).click()
    page.get_by_text("One digit", exact=True).click(timeout=PATIENCE)
    page.locator(".st-key-canvas canvas").last.wait_for(timeout=PATIENCE)
    page.wait_for_function("document.querySelector('.st-key-canvas')?.tabIndex === 0")
    draw(page, STROKES[3])
    expect(page.locator(".st-key-prediction").get_by_test_id("stMetricValue")).to_have_text("3", timeout=PATIENCE)
