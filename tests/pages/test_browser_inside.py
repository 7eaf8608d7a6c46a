"""The Inside and the Data page in a real browser: a drawing carried over, units and cells clicked, addresses kept."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.pages.test_browser import PATIENCE, canvas, draw, listened_to
from tests.strokes import STROKES


@pytest.fixture
def page(chromium: Browser, app_url: str) -> Iterator[Page]:
    context = chromium.new_context(viewport={"width": 1280, "height": 1400})
    page, mistakes = listened_to(context, app_url)
    yield page
    context.close()
    assert mistakes == []


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


def test_units_are_chosen_by_mouse_and_by_keyboard(page: Page, app_url: str) -> None:
    page.goto(f"{app_url}/inside?network=small-cnn&view=layers&image=test-0")
    strip = page.get_by_role("group", name=re.compile("^The units of layer 8 ")).first
    strip.get_by_role("button").nth(4).click(timeout=PATIENCE)
    chosen = page.locator("p", has_text=re.compile(r"^Unit \d+ of layer"))
    expect(chosen).to_have_text(re.compile("^Unit 5 of layer 8 "), timeout=PATIENCE)
    # What is shown of the unit has come into sight.
    expect(page.get_by_text("One unit", exact=True)).to_be_in_viewport(timeout=PATIENCE)
    expect(strip.get_by_role("button", pressed=True)).to_have_accessible_name(re.compile("^Unit 5:"), timeout=PATIENCE)
    # One stop of Tab for all units; arrow keys go on from there, also to the next row.
    assert strip.locator("button[tabindex='0']").count() == 1
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Enter")
    expect(chosen).to_have_text(re.compile("^Unit 7 of layer 8 "), timeout=PATIENCE)
    expect(strip.get_by_role("button").nth(6)).to_be_focused()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Space")
    expect(chosen).not_to_have_text(re.compile("^Unit 7 of layer 8 "), timeout=PATIENCE)
    last = page.get_by_role("group", name=re.compile("^The units of layer 14 ")).first
    last.get_by_role("button", name=re.compile("^Unit 10, 9:")).click()
    expect(chosen).to_have_text(re.compile("^Unit 10 of layer 14 .* stands for 9"), timeout=PATIENCE)
    # The images that excite it are buttons, too.
    page.get_by_role("group", name=re.compile("^The images that excite unit 10")).get_by_role("button").first.click()
    expect(page.get_by_text(re.compile(r"^Test image [\d,]+, a 9$"))).to_be_visible(timeout=PATIENCE)
    # A number beyond the last one is put right, and nothing stays red after "Any".
    number = page.get_by_role("spinbutton", name="Number")
    number.fill("99999")
    number.press("Enter")
    expect(number).to_have_value("9999", timeout=PATIENCE)
    page.get_by_role("button", name="Any").click()
    expect(number).not_to_have_value("9999", timeout=PATIENCE)
    assert number.evaluate("field => field.validity.valid")


def test_a_mistake_is_opened(page: Page, app_url: str) -> None:
    page.goto(f"{app_url}/inside?network=relu-10&view=mistakes&image=test-0")
    expect(page.get_by_text("25 of them, the surest first")).to_be_visible(timeout=PATIENCE)
    chosen = page.get_by_role("combobox", name="Test image", exact=True)
    first = chosen.input_value()
    page.get_by_role("group", name="Test images to choose from").get_by_role("button").nth(6).click()
    expect(chosen).not_to_have_value(first, timeout=PATIENCE)
    # A cell of the matrix chooses its images, here by the keyboard.
    matrix = page.get_by_role("group", name=re.compile("^Confusion matrix"))
    matrix.locator("button[tabindex='0']").focus()
    page.keyboard.press("Home")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Enter")
    expect(page.get_by_role("combobox", name="Show", exact=True)).to_have_value(
        re.compile("^0, read as "), timeout=PATIENCE
    )
    page.locator(".st-key-open_mistake button").click(timeout=PATIENCE)
    expect(page.get_by_text("One unit")).to_be_visible(timeout=PATIENCE)
    assert "view=layers" in page.url and re.search(r"image=test-[1-9]", page.url)
    address = page.url
    page.reload()
    expect(page.get_by_text("One unit")).to_be_visible(timeout=PATIENCE)
    assert page.url == address


def test_networks_are_compared_and_units_and_images_chosen_in_charts(page: Page, app_url: str) -> None:
    # A unit in the diagram of a dense network: the dots of the second column lie in its middle.
    page.goto(f"{app_url}/inside?network=mlp&view=layers&image=test-0")
    chart = page.locator(".st-key-diagram .marks")
    chart.scroll_into_view_if_needed(timeout=PATIENCE)
    page.wait_for_timeout(1000)
    box = chart.bounding_box()
    assert box is not None
    for place in range(40):
        page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] * (0.3 + place * 0.01))
        if page.get_by_text("of layer 5 · relu").count():
            break
        page.wait_for_timeout(500)
    expect(page.get_by_text(re.compile(r"^Unit \d+ of layer 5 · relu"))).to_be_visible(timeout=PATIENCE)
    # Without a mouse, the images of the map are buttons.
    page.get_by_text("Where digits live").click()
    page.locator(".st-key-map_digit").get_by_text("4", exact=True).click(timeout=PATIENCE)
    images = page.get_by_role("group", name=re.compile("images of a 4 on the map"))
    images.locator("button[tabindex='0']").focus(timeout=PATIENCE)
    page.keyboard.press("End")
    page.keyboard.press("Enter")
    expect(page.get_by_text(re.compile("^Test image [1-9][\\d,]*, a 4$"))).to_be_visible(timeout=PATIENCE)
    # A click on a network's row chooses that network.
    page.goto(f"{app_url}/inside?view=networks&image=test-0")
    rows = page.get_by_role("group", name=re.compile("^What each network reads"))
    rows.get_by_role("button", name=re.compile("^7 · A hundred hidden ReLUs: 7, ")).click(timeout=3 * PATIENCE)
    expect(page).to_have_url(re.compile("network=relu-100-l2"), timeout=PATIENCE)
    matrix = page.get_by_role("group", name=re.compile("^Matrix of the networks"))
    cell = matrix.get_by_role("button").nth(2)
    cell.click(timeout=3 * PATIENCE)
    expect(page.get_by_text(cell.get_attribute("aria-label") or "?").first).to_be_visible(timeout=PATIENCE)
    images = page.get_by_role("group", name="Images that differ.").get_by_role("button")
    number = re.search(r"Test image [\d,]*\d", images.first.get_attribute("aria-label") or "")
    assert number is not None
    images.first.click()
    expect(page.get_by_text(re.compile(f"^{number[0]}, an? "))).to_be_visible(timeout=PATIENCE)


def test_the_data_page_leads_to_the_inside_page(page: Page, app_url: str) -> None:
    page.goto(f"{app_url}/data?view=doubts")
    page.get_by_role("link", name="No. 947").click()
    expect(page.get_by_text("Test image 947, an 8")).to_be_visible(timeout=PATIENCE)
    page.goto(f"{app_url}/data?view=gallery")
    digits = page.get_by_role("group", name=re.compile("^Images 0 to 119")).get_by_role("button")
    digits.nth(30).focus()
    page.keyboard.press("End")
    page.keyboard.press("Enter")
    expect(page.get_by_text(re.compile("^Training image 119, "))).to_be_in_viewport(timeout=PATIENCE)
    page.get_by_role("link", name="Open it on the Inside page").click()
    expect(page).to_have_url(re.compile("image=train-119"), timeout=PATIENCE)
