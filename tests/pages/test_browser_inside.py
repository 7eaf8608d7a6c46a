"""The Inside and the Data page in a real browser: a drawing carried over, units and cells clicked, addresses kept."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, FloatRect, Page, expect

from tests.pages.test_browser import PATIENCE, canvas, draw, listened_to
from tests.reading.test_recognizer import STROKES


@pytest.fixture
def page(chromium: Browser, app_url: str) -> Iterator[Page]:
    context = chromium.new_context(viewport={"width": 1280, "height": 1400})
    page, mistakes = listened_to(context, app_url)
    yield page
    context.close()
    assert mistakes == []


def chart(page: Page, number: int) -> FloatRect:
    """Where a chart lies, once it is drawn."""
    place = page.locator("[data-testid=stVegaLiteChart]").nth(number)
    place.locator("canvas, svg").first.wait_for(timeout=PATIENCE)
    place.scroll_into_view_if_needed()
    page.wait_for_timeout(500)
    box = place.bounding_box()
    assert box is not None
    return box


def test_a_drawing_is_carried_over_and_explained(page: Page, app_url: str) -> None:
    page.goto(app_url)
    canvas(page).wait_for(timeout=PATIENCE)
    draw(page, STROKES[7])
    expect(page.locator(".st-key-prediction")).to_contain_text("7", timeout=PATIENCE)
    page.get_by_role("link", name="Inside").click()
    expect(page.get_by_text("Your drawing", exact=True).last).to_be_visible(timeout=PATIENCE)
    expect(page.get_by_text("One unit")).to_be_visible(timeout=PATIENCE)
    page.get_by_text("Why this digit").click()
    expect(page.get_by_text(re.compile(r"^The network reads 7 \("))).to_be_visible(timeout=PATIENCE)
    expect(page.get_by_alt_text(re.compile("Integrated gradients for 7")).first).to_be_visible(timeout=PATIENCE)
    assert "view=why" in page.url and "image=drawing" in page.url
    page.get_by_text("Where digits live").click()
    expect(page.get_by_text("The plane shows")).to_be_visible(timeout=PATIENCE)


def test_a_unit_is_clicked(page: Page, app_url: str) -> None:
    page.goto(f"{app_url}/inside?network=relu-10&view=layers&image=test-0")
    expect(page.get_by_text("As a diagram")).to_be_visible(timeout=PATIENCE)
    box = chart(page, 1)
    before = page.locator("p", has_text=re.compile(r"^Unit \d+ of layer")).inner_text()
    clicked = set()
    for step in range(12):
        page.mouse.click(box["x"] + box["width"] * (0.08 + 0.075 * step), box["y"] + box["height"] * 0.45)
        page.wait_for_timeout(600)
        clicked.add(page.locator("p", has_text=re.compile(r"^Unit \d+ of layer")).inner_text())
    assert len(clicked | {before}) > 2


def test_a_mistake_is_opened(page: Page, app_url: str) -> None:
    page.goto(f"{app_url}/inside?network=relu-10&view=mistakes&image=test-0")
    expect(page.get_by_text("25 of them, the surest first")).to_be_visible(timeout=PATIENCE)
    box, chosen = chart(page, 1), page.get_by_role("combobox", name="Test image", exact=True)
    first = chosen.input_value()
    page.mouse.click(box["x"] + 90, box["y"] + 100)
    expect(chosen).not_to_have_value(first, timeout=PATIENCE)
    # A click on a cell of the matrix chooses its images.
    matrix = chart(page, 0)
    page.mouse.click(matrix["x"] + 0.45 * matrix["width"], matrix["y"] + 0.3 * matrix["height"])
    expect(page.get_by_role("combobox", name="Show", exact=True)).to_have_value(re.compile("read"), timeout=PATIENCE)
    page.locator(".st-key-open_mistake button").click(timeout=PATIENCE)
    expect(page.get_by_text("One unit")).to_be_visible(timeout=PATIENCE)
    assert "view=layers" in page.url and re.search(r"image=test-[1-9]", page.url)
    address = page.url
    page.reload()
    expect(page.get_by_text("One unit")).to_be_visible(timeout=PATIENCE)
    assert page.url == address


def test_the_data_page_leads_to_the_inside_page(page: Page, app_url: str) -> None:
    page.goto(f"{app_url}/data?view=doubts")
    page.get_by_role("link", name="No. 947").click()
    expect(page.get_by_text("Test image 947, an 8")).to_be_visible(timeout=PATIENCE)
