"""Screens of all sizes in a real browser: nothing is wider than a phone, and a projector is read from afar."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from pages.components.catalogs import LANGUAGES
from tests.pages.test_browser import PATIENCE, canvas, digit, draw, listened_to
from tests.pages.test_browser_train import button
from tests.strokes import STROKES

PHONE = (
    "Mozilla/5.0 (Linux; Android 14; Phone) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0 Mobile Safari/537.36"
)
SMALL = "preset=mlp&layers=flatten;dense+16;relu;dense+10&train_images=2000&validation=200&epochs=2"
STICKING_OUT = """() => {
  const main = document.querySelector("[data-testid=stMain]"), width = innerWidth, found = [];
  for (const scroller of [document.scrollingElement, main])
    if (scroller.scrollWidth > width) found.push(`${scroller.tagName} is ${scroller.scrollWidth} wide`);
  const name = (element) => `${element.tagName} in ${element.closest("[data-testid]").dataset.testid}`;
  const clipped = (element) => {
    for (let up = element.parentElement; up && up !== main; up = up.parentElement)
      if (getComputedStyle(up).overflowX === "hidden") return true;
    return false;
  };
  for (const element of main.querySelectorAll("*")) {
    const { left, right, width: wide, height } = element.getBoundingClientRect();
    const seen = wide && height && getComputedStyle(element).visibility !== "hidden" && !element.closest("svg");
    if (seen && (right > width + 1 || left < -1) && !clipped(element))
      found.push(`${name(element)} from ${left} to ${right}`);
    // What can be scrolled sideways by itself, except the table of runs; a pixel may be lost to rounding.
    const apart = element.closest("[data-testid=stDataFrame]");
    const scrolls = seen && !apart && /auto|scroll/.test(getComputedStyle(element).overflowX);
    if (scrolls && element.scrollWidth > element.clientWidth + 2)
      found.push(`${name(element)} scrolls over ${element.scrollWidth}`);
  }
  return found.slice(0, 5);
}"""
LEAST_LETTERS = """() => {
  const small = [], look = (root) => {
    const walker = document.createTreeWalker(root, NodeFilter.SHOW_TEXT | NodeFilter.SHOW_ELEMENT);
    while (walker.nextNode()) {
      if (walker.currentNode.shadowRoot) look(walker.currentNode.shadowRoot);
      if (walker.currentNode.nodeType !== Node.TEXT_NODE) continue;
      const element = walker.currentNode.parentElement, text = walker.currentNode.textContent;
      if (!element) continue;
      const { width, height } = element.getBoundingClientRect();
      if (!/\\w/.test(text) || !width || !height || element.closest(".katex, style, script")) continue;
      const style = getComputedStyle(element);
      if (style.visibility !== "hidden" && parseFloat(style.fontSize) < 22)
        small.push(`${style.fontSize} ${text.slice(0, 40)}`);
    }
  };
  const main = document.querySelector("[data-testid=stMain]");
  look(main);
  for (const icon of main.querySelectorAll("[data-testid=stTooltipIcon] svg")) {
    const { width } = icon.getBoundingClientRect();
    if (width && width < 22) small.push(`${width} wide: an icon of help`);
  }
  for (const link of main.querySelectorAll("[data-testid=stPageLink] p"))
    if (link.scrollWidth > link.clientWidth + 1) small.push(`cut: ${link.textContent}`);
  return small;
}"""


@pytest.fixture(params=[320, 390])
def phone(request: pytest.FixtureRequest, chromium: Browser, app_url: str) -> Iterator[Page]:
    size = {"width": request.param, "height": 640 if request.param == 320 else 844}
    context = chromium.new_context(viewport=size, has_touch=True, is_mobile=True, user_agent=PHONE)  # type: ignore[arg-type]
    page, mistakes = listened_to(context, app_url)
    yield page
    context.close()
    assert mistakes == []


def narrow(page: Page, address: str) -> None:
    """Fail if anything of the page sticks out of the screen; looked at until all has been drawn."""
    page.wait_for_function("!document.querySelector('[data-stale=true], [data-testid=stSkeleton]')", timeout=PATIENCE)
    page.wait_for_timeout(700)
    assert page.evaluate(STICKING_OUT) == [], address


@pytest.mark.parametrize("phone", [390], indirect=True)
def test_the_menu_is_one_line_on_a_phone_in_every_language(phone: Page, app_url: str) -> None:
    for language in LANGUAGES:
        phone.goto(f"{app_url}/networks?lang={language}")
        expect(phone.locator(".st-key-card-mlp")).to_be_visible(timeout=PATIENCE)
        expect(phone.locator(".st-key-menu a")).to_have_count(7, timeout=PATIENCE)
        narrow(phone, language)
        links = [link.bounding_box() for link in phone.locator(".st-key-menu a").all()]
        assert len({box["y"] for box in links if box}) == 1, language
        wide, room = phone.locator(".st-key-menu").evaluate("menu => [menu.scrollWidth, menu.clientWidth]")
        assert wide <= room, language


def test_no_page_is_wider_than_a_phone(phone: Page, app_url: str) -> None:
    for address, last in (
        ("inside?view=layers&image=test-3", "[data-testid=stTable]"),
        ("inside?view=layers&image=test-3&network=mlp", "[data-testid=stVegaLiteChart]"),
        ("inside?view=why&image=test-3", "[data-testid=stExpander]"),
        ("inside?view=mistakes", "[data-testid=stExpander]"),
        ("inside?view=networks&image=test-3", "[data-testid=stExpander]"),
        ("inside?view=map&image=test-3", "[data-testid=stVegaLiteChart]"),
        ("data?view=numbers", "[data-testid=stVegaLiteChart]"),
        ("data?view=gallery", "[data-testid=stImage]"),
        ("data?view=doubts", "[data-testid=stImage]"),
        ("networks", ".st-key-card-mlp"),
        ("teach", ".st-key-no_drawings"),
        ("lessons", ".st-key-teacher_sheets, [data-testid=stExpander]"),
        ("lessons?lesson=1", ".st-key-step_on"),
    ):
        phone.goto(f"{app_url}/{address}")
        expect(phone.locator(last).first, address).to_be_visible(timeout=3 * PATIENCE)
        narrow(phone, address)
    links = [link.bounding_box() for link in phone.locator(".st-key-menu a").all()]
    assert len(links) == 7 and len({box["y"] for box in links if box}) == 1
    phone.goto(app_url)
    canvas(phone).wait_for(timeout=PATIENCE)
    narrow(phone, "an empty canvas")
    draw(phone, STROKES[3])
    expect(digit(phone)).to_have_text("3", timeout=PATIENCE)
    expect(phone.get_by_test_id("stImage").locator("img")).to_have_count(4)
    narrow(phone, "a drawing")
    # A reload of the tab keeps the drawing.
    phone.reload()
    expect(digit(phone)).to_have_text("3", timeout=PATIENCE)
    # From then on the canvas is as large as its place, and the buttons below it stay where they are.
    phone.wait_for_function("document.querySelector('.st-key-canvas').tabIndex === 0")
    phone.locator(".st-key-undo button").click()
    expect(phone.locator(".st-key-prediction")).to_contain_text("Draw a digit", timeout=PATIENCE)


def test_a_run_comes_into_view_on_a_phone_and_the_board_of_a_class_fits(phone: Page, app_url: str) -> None:
    phone.goto(f"{app_url}/train?{SMALL}")
    button(phone, "start").wait_for(timeout=PATIENCE)
    narrow(phone, "train")
    phone.get_by_role("button", name="Open a class").click()
    phone.locator(".st-key-class_name input").fill("5b")
    button(phone, "open_class").click()
    button(phone, "class_is_noted").click(timeout=PATIENCE)
    expect(button(phone, "class_is_noted")).to_have_count(0, timeout=PATIENCE)
    button(phone, "start").click()
    expect(button(phone, "use")).to_be_visible(timeout=PATIENCE)
    title = phone.locator(".st-key-run_title")
    expect(title).to_be_in_viewport(timeout=PATIENCE)
    phone.wait_for_function(
        "document.querySelector('.st-key-run_title').getBoundingClientRect().top < 100", timeout=PATIENCE
    )
    narrow(phone, "a run")
    button(phone, "show_board").click()
    phone.get_by_test_id("stVegaLiteChart").nth(1).wait_for(timeout=PATIENCE)
    narrow(phone, "the board")
    phone.get_by_text("Small charts").click()
    phone.wait_for_timeout(1500)
    narrow(phone, "small charts")


def test_back_leads_to_the_page_before_and_a_low_phone_shows_the_run(chromium: Browser, app_url: str) -> None:
    context = chromium.new_context(viewport={"width": 844, "height": 390}, has_touch=True, is_mobile=True)
    page, mistakes = listened_to(context, app_url)
    # The first page of a visit may change its address before its script is there, here once in any case.
    page.goto(f"{app_url}/_stcore/health")
    page.add_init_script("if (location.pathname === '/inside') history.pushState(null, '', '/inside?image=test-0')")
    page.goto(f"{app_url}/inside")
    expect(page).to_have_url(re.compile("view=.*image=|image=.*view="), timeout=PATIENCE)
    page.get_by_text("Why this digit").click(timeout=PATIENCE)
    expect(page).to_have_url(re.compile("view=why"), timeout=PATIENCE)
    page.go_back()
    expect(page).to_have_url(f"{app_url}/_stcore/health", timeout=PATIENCE)
    page.goto(app_url)
    canvas(page).wait_for(timeout=PATIENCE)
    for name, address in (("Train", "/train?preset="), ("Inside", "/inside?")):
        page.get_by_role("link", name=name, exact=True).click()
        expect(page).to_have_url(re.compile(re.escape(address)), timeout=PATIENCE)
        if name == "Inside":
            expect(page).to_have_url(re.compile("view=.*image=|image=.*view="), timeout=PATIENCE)
        page.go_back()
        canvas(page).wait_for(timeout=PATIENCE)
    page.goto(f"{app_url}/train?{SMALL}")
    button(page, "start").click(timeout=PATIENCE)
    page.locator(".st-key-run_title").wait_for(timeout=PATIENCE)
    page.wait_for_function(
        "document.querySelector('.st-key-run_title').getBoundingClientRect().top < 100", timeout=PATIENCE
    )
    context.close()
    assert mistakes == []


def test_a_projector_is_read_from_afar_and_stays_on_all_pages(chromium: Browser, app_url: str) -> None:
    context = chromium.new_context(viewport={"width": 1920, "height": 1080})
    page, mistakes = listened_to(context, app_url)
    page.goto(app_url)
    page.locator(".st-key-projector label").first.click(timeout=PATIENCE)
    expect(page).to_have_url(re.compile("projector=1"), timeout=PATIENCE)
    page.wait_for_timeout(1500)
    box = canvas(page).bounding_box()
    assert box is not None and box["width"] > 600 and box["y"] + box["height"] < 1080
    # Strokes are where the pointer is, though the canvas is enlarged.
    scale = box["width"] / 280
    for stroke in STROKES[3]:
        page.mouse.move(box["x"] + stroke[0][0] * scale, box["y"] + stroke[0][1] * scale)
        page.mouse.down()
        for x, y in stroke:
            page.mouse.move(box["x"] + x * scale, box["y"] + y * scale, steps=4)
        page.mouse.up()
    expect(digit(page)).to_have_text("3", timeout=PATIENCE)
    expect(page.get_by_test_id("stImage").locator("img")).to_have_count(4, timeout=PATIENCE)
    assert page.evaluate(LEAST_LETTERS) == []
    answer = page.locator(".st-key-probabilities").bounding_box()
    assert answer is not None and answer["x"] + answer["width"] > 1600 and answer["y"] + answer["height"] < 1080
    for name, view, heading in (
        ("Train", "", "Start"),
        ("Inside", "", "The answer"),
        ("Inside", "What it gets wrong", "1132"),
        ("Inside", "All networks", "1"),
        ("Data", "", "In numbers"),
        ("Data", "Gallery", "Open it on the Inside page"),
        ("Data", "Doubtful labels", "No. 9,729"),
        ("Networks", "", "Small CNN"),
        ("Teach", "", "Bring back"),
    ):
        if view:
            page.get_by_text(view, exact=True).first.click()
        else:
            page.get_by_role("link", name=name, exact=True).click()
        expect(page.get_by_text(heading, exact=True).first).to_be_visible(timeout=3 * PATIENCE)
        expect(page).to_have_url(re.compile("projector=1"), timeout=PATIENCE)
        page.wait_for_timeout(700)
        assert page.evaluate(LEAST_LETTERS) == [], (name, view)
    page.locator(".st-key-projector label").first.click()
    expect(page).not_to_have_url(re.compile("projector"), timeout=PATIENCE)
    context.close()
    assert mistakes == []
