"""By keys alone: Tab comes to every control of Draw and Train in the order in which they are read, and they work."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.pages.test_browser import PATIENCE, canvas, digit, draw, listened_to
from tests.pages.test_browser_screen import SMALL
from tests.pages.test_browser_train import button, until
from tests.strokes import STROKES

FOCUSED = """() => {
  let element = document.activeElement;
  while (element?.shadowRoot?.activeElement) element = element.shadowRoot.activeElement;
  const inPage = element.getRootNode().host ?? element;
  const place = inPage.closest("[class*=st-key-]")?.className;
  const key = /st-key-([\\w-]+)/.exec(place ?? "")?.[1] ?? "";
  const { width, height } = element.getBoundingClientRect();
  const name = element.getAttribute("aria-label") || element.innerText || element.closest("label")?.innerText || "";
  return { key, name: name.trim(), seen: width > 0 && height > 0 };
}"""


@pytest.fixture
def page(chromium: Browser, app_url: str) -> Iterator[Page]:
    context = chromium.new_context(viewport={"width": 1280, "height": 1000})
    page, mistakes = listened_to(context, app_url)
    yield page
    context.close()
    assert mistakes == []


def tabbed(page: Page, last: str, most: int = 60) -> list[str]:
    """What Tab comes to, from the top of the page to the part with the key `last`: keys, or else names."""
    page.evaluate("document.activeElement?.blur(); window.getSelection().removeAllRanges(); document.body.focus()")
    found: list[str] = []
    for _ in range(most):
        page.keyboard.press("Tab")
        place = page.evaluate(FOCUSED)
        found.append(place["key"] if place["key"] not in ("", "menu") else place["name"])
        if place["key"] == last:
            return found
    raise AssertionError(f"Tab does not come to {last}: {found}")


def in_order(found: list[str], wanted: list[str]) -> None:
    # The main part of a page comes first, and can be scrolled: its name is all that it says.
    short = ["" if len(name) > 100 else name for name in found]
    places = [next((place for place, name in enumerate(short) if part in name), -1) for part in wanted]
    assert -1 not in places and places == sorted(places), f"{wanted} {places} {found}"


def test_draw_is_used_by_keys(page: Page, app_url: str) -> None:
    page.goto(app_url)
    canvas(page).wait_for(timeout=PATIENCE)
    draw(page, STROKES[7])
    expect(digit(page)).to_have_text("7", timeout=PATIENCE)
    # The drawing stays, and Tab begins at the top.
    page.reload()
    expect(digit(page)).to_have_text("7", timeout=PATIENCE)
    expect(button(page, "undo")).to_be_enabled(timeout=PATIENCE)
    found = tabbed(page, "download")
    in_order(
        found, ["Draw", "Train", "Networks", "projector", "undo", "clear", "network", "stroke_width", "normalized"]
    )
    page.locator(".st-key-network input").focus()
    page.keyboard.press("ArrowDown")
    expect(page.get_by_role("option").first).to_be_visible(timeout=PATIENCE)
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile("network="), timeout=PATIENCE)
    button(page, "clear").focus()
    page.keyboard.press("Enter")
    expect(page.locator(".st-key-prediction")).to_contain_text("Draw a digit", timeout=PATIENCE)


def test_train_is_used_by_keys(page: Page, app_url: str) -> None:
    page.goto(f"{app_url}/train?{SMALL}".replace("epochs=2", "epochs=1000"))
    button(page, "start").wait_for(timeout=PATIENCE)
    found = tabbed(page, "start")
    in_order(
        found,
        ["Draw", "Train", "Networks", "projector", "Join a class", "Open a class", "set_preset", "Images", "start"],
    )
    page.keyboard.press("Enter")
    expect(button(page, "pause")).to_be_visible(timeout=PATIENCE)
    # The button that was pressed still has the focus, and what follows it is what one wants next.
    expect(button(page, "start")).to_be_focused()
    # Without a step there is no network to use.
    until(page, 1)
    for key in ("pause", "stop"):
        while page.evaluate(FOCUSED)["key"] != key:
            page.keyboard.press("Tab")
        page.keyboard.press("Space")
        if key == "pause":
            expect(button(page, "resume")).to_be_visible(timeout=PATIENCE)
    expect(button(page, "use")).to_be_visible(timeout=PATIENCE)
