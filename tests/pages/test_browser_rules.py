"""The rules of axe-core, a program that finds what shuts people out: on every page, light and dark, large and small."""

import re
from collections.abc import Iterator
from typing import Any, cast

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from tests.pages.test_browser import PATIENCE, canvas, digit, draw, listened_to
from tests.pages.test_browser_screen import SMALL
from tests.pages.test_browser_train import button
from tests.strokes import STROKES

EXCEPTED = {
    ("region", 'role="listbox"'): "Streamlit hangs an open list at the end of the document, outside of the main part.",
    (
        "presentation-role-conflict",
        'data-testid="stFileUploaderDropzone"',
    ): "Streamlit's box for files; a key reaches it.",
    ("aria-dialog-name", 'data-testid="stToast"'): "Streamlit's messages that go by themselves name no title.",
}
"""What Streamlit's own widgets do and a page cannot mend: the rule, a part of the element's HTML, and the reason."""
DESKTOP, PHONE = {"width": 1280, "height": 900}, {"width": 390, "height": 844}
LOOKS = (("light", DESKTOP), ("dark", PHONE))
"""All rules are checked in both sizes, and all colors in both themes; a color does not depend on the size."""
AT_REST = """(theme) =>
  getComputedStyle(document.querySelector("[data-testid=stApp]")).colorScheme === theme &&
  !document.querySelector("[data-stale=true], [data-testid=stSkeleton], [data-test-script-state=running]") &&
  document.getAnimations().every((animation) => animation.playState !== "running")
"""


@pytest.fixture
def page(chromium: Browser, app_url: str) -> Iterator[Page]:
    context = chromium.new_context(viewport=DESKTOP, reduced_motion="reduce")  # type: ignore[arg-type]
    page, mistakes = listened_to(context, app_url)
    yield page
    context.close()
    assert mistakes == []


def follows_the_rules(page: Page, state: str) -> None:
    """Fail with rule, element and reason if axe-core finds anything. The page is left as it was, but for the mouse."""
    found = []
    # Under the pointer a button has another color.
    page.mouse.move(0, 0)
    for theme, size in LOOKS:
        page.set_viewport_size(size)  # type: ignore[arg-type]
        page.emulate_media(color_scheme=theme)  # type: ignore[arg-type]
        page.wait_for_function(AT_REST, arg=theme, timeout=3 * PATIENCE)
        page.wait_for_timeout(300)
        result = cast(dict[str, Any], Axe().run(page, options={"resultTypes": ["violations"]}).response)
        for rule in result["violations"]:
            for node in rule["nodes"]:
                if not any(rule["id"] == name and part in node["html"] for name, part in EXCEPTED):
                    found.append(f"{theme}: {rule['id']}: {node['html'][:200]} ({node['failureSummary'][:300]})")
    page.set_viewport_size(DESKTOP)  # type: ignore[arg-type]
    page.emulate_media(color_scheme="light")
    # A page that still moves would close a list again that the next click opens.
    page.wait_for_function(AT_REST, arg="light", timeout=3 * PATIENCE)
    page.wait_for_timeout(300)
    assert not found, state + "\n" + "\n".join(found)


def test_drawing(page: Page, app_url: str) -> None:
    page.goto(app_url)
    canvas(page).wait_for(timeout=PATIENCE)
    follows_the_rules(page, "an empty canvas")
    draw(page, STROKES[3])
    expect(digit(page)).to_have_text("3", timeout=PATIENCE)
    follows_the_rules(page, "a drawing")
    # A list that is open closes when the page moves under it.
    page.locator(".st-key-network input").scroll_into_view_if_needed()
    page.wait_for_timeout(1000)
    page.locator(".st-key-network input").click()
    expect(page.get_by_role("option").first).to_be_visible(timeout=PATIENCE)
    follows_the_rules(page, "an open list")


def test_looking(page: Page, app_url: str) -> None:
    for address, last in (
        ("inside?view=layers&image=test-3", "[data-testid=stTable]"),
        ("inside?view=layers&image=test-3&network=mlp", "[data-testid=stVegaLiteChart]"),
        ("inside?view=why&image=test-3", "[data-testid=stExpander]"),
        ("inside?view=mistakes&network=relu-10", "[data-testid=stExpander]"),
        ("inside?view=map&image=test-3&network=relu-10", "[data-testid=stVegaLiteChart]"),
        ("inside?view=networks&image=test-3", "[data-testid=stExpander]"),
        ("data?view=numbers", "[data-testid=stVegaLiteChart]"),
        ("data?view=gallery", "[data-testid=stImage]"),
        ("data?view=doubts", "[data-testid=stImage]"),
        ("networks", ".st-key-card-mlp"),
        ("teach", ".st-key-no_drawings"),
    ):
        page.goto(f"{app_url}/{address}")
        expect(page.locator(last).last, address).to_be_visible(timeout=3 * PATIENCE)
        follows_the_rules(page, address)


def test_training_alone_and_in_a_class(page: Page, app_url: str) -> None:
    page.goto(f"{app_url}/train?{SMALL}")
    button(page, "start").wait_for(timeout=PATIENCE)
    follows_the_rules(page, "no run")
    button(page, "start").click()
    expect(button(page, "use")).to_be_visible(timeout=PATIENCE)
    follows_the_rules(page, "a run")
    page.get_by_role("button", name="Open a class").click()
    follows_the_rules(page, "a form")
    page.locator(".st-key-class_name input").fill("5b")
    button(page, "open_class").click()
    expect(button(page, "class_is_noted")).to_be_visible(timeout=PATIENCE)
    follows_the_rules(page, "a class that has just been opened")
    button(page, "class_is_noted").click()
    expect(button(page, "class_is_noted")).to_have_count(0, timeout=PATIENCE)
    button(page, "start").click()
    expect(page.get_by_role("heading", name="Multi-layer perceptron 2")).to_be_visible(timeout=PATIENCE)
    expect(button(page, "use")).to_be_visible(timeout=PATIENCE)
    follows_the_rules(page, "two runs")
    button(page, "show_board").click()
    expect(page.get_by_test_id("stVegaLiteChart")).to_have_count(2, timeout=PATIENCE)
    follows_the_rules(page, "the board")
    page.goto(f"{page.url}&projector=1")
    expect(page.get_by_test_id("stVegaLiteChart")).to_have_count(2, timeout=PATIENCE)
    expect(page).to_have_url(re.compile("projector=1"))
    follows_the_rules(page, "the board on a projector")
