"""The Train page in a real browser: curves that grow, controls, a reload, two runs, the way to the Draw page."""

import contextlib
import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.pages.test_browser import PATIENCE, digit, draw, listened_to
from tests.strokes import STROKES

SMALL = "preset=mlp&layers=flatten;dense+64;relu;dense+10&train_images=10000&validation=1000&epochs=1000"


@pytest.fixture
def page(chromium: Browser, app_url: str) -> Iterator[Page]:
    """The Train page in a window of its own; fails on script errors and on requests elsewhere."""
    context = chromium.new_context(viewport={"width": 1400, "height": 1000}, accept_downloads=True)
    page, mistakes = listened_to(context, app_url)
    page.goto(f"{app_url}/train?{SMALL}")
    button(page, "start").wait_for(timeout=PATIENCE)
    yield page
    context.close()
    assert mistakes == []


def button(page: Page, key: str) -> Locator:
    return page.locator(f".st-key-{key} button").first


def steps(page: Page) -> int:
    found = re.search(r"Step ([\d,]+) of", page.locator("body").inner_text())
    return int(found.group(1).replace(",", "")) if found else 0


def until(page: Page, least: int) -> None:
    for _ in range(300):
        if steps(page) >= least:
            return
        page.wait_for_timeout(100)
    raise AssertionError(f"no step {least}, but {steps(page)}")


def test_a_class_hour(page: Page, app_url: str) -> None:
    charts = page.get_by_test_id("stVegaLiteChart")
    button(page, "start").click()
    until(page, 1)
    expect(charts.first).to_be_visible()
    seen = steps(page)
    until(page, seen + 50)

    button(page, "pause").click()
    expect(button(page, "resume")).to_be_visible(timeout=PATIENCE)
    # If both are there for a moment, the buttons move under the pointer when one goes.
    assert not button(page, "pause").is_visible()
    page.wait_for_timeout(500)
    resting = steps(page)
    page.wait_for_timeout(1000)
    assert steps(page) == resting
    button(page, "one_step").click()
    until(page, resting + 1)
    assert steps(page) == resting + 1

    button(page, "change").click()
    rate = page.locator("[class*='st-key-change_rate'] input")
    rate.fill("0.05")
    rate.press("Enter")
    page.wait_for_timeout(700)
    page.keyboard.press("Escape")

    page.reload()
    expect(button(page, "resume")).to_be_visible(timeout=PATIENCE)
    assert steps(page) == resting + 1
    button(page, "resume").click()
    until(page, resting + 50)
    mistakes, sign = page.get_by_text("Mistakes", exact=True), page.get_by_text("What is taken for what")
    # A sentence above may come or go just then, and move the choice under the pointer.
    for _ in range(3):
        mistakes.click()
        with contextlib.suppress(AssertionError):
            expect(sign).to_be_visible(timeout=PATIENCE / 3)
            break
    expect(sign).to_be_visible()

    button(page, "stop").click()
    expect(button(page, "use")).to_be_visible(timeout=PATIENCE)
    seed = page.locator(".st-key-set_seed input")
    page.locator("summary", has_text="Learning").click()
    seed.fill("7")
    seed.press("Enter")
    expect(page).to_have_url(re.compile("seed=7"), timeout=PATIENCE)
    button(page, "start").click()
    expect(page.get_by_role("heading", name="Multi-layer perceptron 2")).to_be_visible(timeout=PATIENCE)
    until(page, 20)
    # The run before stays on the axes, with its name at its end.
    shown = page.locator("[class*='st-key-shown_choice']")
    expect(shown).to_contain_text(re.compile(r"perceptron[\s\S]*perceptron 2"), timeout=PATIENCE)
    expect(charts.first).to_be_visible()
    button(page, "stop").click()
    expect(button(page, "use")).to_be_visible(timeout=PATIENCE)

    button(page, "use").click()
    page.locator(".st-key-canvas canvas").last.wait_for(timeout=PATIENCE)
    draw(page, STROKES[3])
    expect(digit(page)).to_have_text(re.compile(r"\d"), timeout=PATIENCE)
    expect(page.locator(".st-key-network input")).to_have_value(re.compile("Yours: Multi-layer perceptron 2"))
    page.get_by_role("link", name="Train").click()
    page.get_by_text("Your drawing", exact=True).click(timeout=PATIENCE)
    expect(page.get_by_text("It reads", exact=False)).to_be_visible(timeout=PATIENCE)
    # Of a run that goes on, the strip grows: a step for each look.
    button(page, "start").click()
    expect(page.locator(".st-key-course")).to_contain_text("step", timeout=2 * PATIENCE)


def test_what_was_trained_can_be_taken_away_and_brought_back(page: Page, app_url: str) -> None:
    page.goto(f"{app_url}/train?{SMALL}".replace("epochs=1000", "epochs=2"))
    button(page, "start").click()
    expect(button(page, "use")).to_be_visible(timeout=PATIENCE)
    files = []
    for key, ending in (("weights", "npz"), ("card", "json")):
        with page.expect_download(timeout=PATIENCE) as download:
            button(page, key).click()
        path = download.value.path().with_name(f"network-{ending}.{ending}")
        download.value.save_as(path)
        files.append(path)
    page.locator("summary", has_text="Use a network from a file").click()
    page.locator(".st-key-upload input[type=file]").set_input_files(files)
    page.get_by_role("link", name="Draw with it").click(timeout=PATIENCE)
    page.locator(".st-key-canvas canvas").last.wait_for(timeout=PATIENCE)
    expect(page.locator(".st-key-network input")).to_have_value(re.compile("Yours"), timeout=PATIENCE)
    page.go_back()
    page.get_by_role("button", name="Keep the curves").click(timeout=PATIENCE)
    for key, head in (("csv", b"run,step"), ("figure_pdf", b"%PDF"), ("figure_svg", b"<?xml")):
        with page.expect_download(timeout=PATIENCE) as download:
            button(page, key).click()
        assert download.value.path().read_bytes().startswith(head)
