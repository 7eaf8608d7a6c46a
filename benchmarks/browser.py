"""One person with a real browser: how long after the pen is lifted does the answer stand on the page?"""

import math

import numpy as np
from playwright.sync_api import Page, sync_playwright

from tests.chromium import FLAGS

Points = list[tuple[float, float]]
# Digits that are one stroke, in shares of the canvas's side.
SHAPES: tuple[Points, ...] = (
    [(0.5, 0.2), (0.48, 0.8)],
    [(0.3, 0.25), (0.7, 0.25), (0.45, 0.8)],
    [(0.5 + 0.19 * math.sin(turn), 0.5 - 0.28 * math.cos(turn)) for turn in np.linspace(0, math.tau, 13)],
    [(0.32, 0.35), (0.4, 0.22), (0.58, 0.22), (0.65, 0.36), (0.5, 0.58), (0.32, 0.78), (0.7, 0.78)],
)

# All times are taken inside the page, by its own clock, so that none contains a round trip to this program.
# `shown` is the time just after the frame in which the answer was painted.
WATCH = """
window.stroke = null;
window.addEventListener("mouseup", (event) => {
  if (event.composedPath()[0] instanceof HTMLCanvasElement)
    window.stroke = {up: event.timeStamp, sent: null, answer: null, shown: null};
}, true);

const send = WebSocket.prototype.send;
WebSocket.prototype.send = function (data) {
  const stroke = window.stroke;
  // A drawing takes some thousand bytes; what else is sent by itself, such as a sign of life, takes a few.
  if (stroke && stroke.sent === null && data.byteLength > 1000) stroke.sent = performance.now();
  return send.call(this, data);
};

window.answerOnPage = () => {
  const box = document.querySelector(".st-key-prediction");
  const metric = box?.querySelector("[data-testid=stMetricValue]")?.textContent.trim() ?? "";
  return /^[0-9]?[?]?$/.test(metric) && metric && /sure/.test(box.textContent) ? metric : null;
};

new MutationObserver(() => {
  const stroke = window.stroke;
  if (!stroke || stroke.sent === null || stroke.answer !== null) return;
  stroke.answer = window.answerOnPage();
  if (stroke.answer === null) return;
  const painted = new MessageChannel();
  painted.port1.onmessage = () => { stroke.shown = performance.now(); };
  requestAnimationFrame(() => painted.port2.postMessage(null));
}).observe(document, {childList: true, subtree: true, characterData: true});
"""


def measure_in_browser(executable: str, port: int, network: str, count: int) -> list[tuple[float, float]]:
    """Draw `count` digits of one stroke each.

    Returns for each the milliseconds from pointer up, and from frame sent, to the answer.
    """
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=executable, args=list(FLAGS))
        page = browser.new_page(viewport={"width": 1200, "height": 1000})
        page.add_init_script(WATCH)
        page.goto(f"http://localhost:{port}/?network={network}")
        page.locator("canvas").last.wait_for()
        _draw(page, SHAPES[0])
        times = [_draw(page, _varied(SHAPES[number % len(SHAPES)], number)) for number in range(count)]
        browser.close()
    return times


def _draw(page: Page, points: Points) -> tuple[float, float]:
    """Empty the canvas and draw one stroke on it."""
    _clear(page)
    box = page.locator("canvas").last.bounding_box()
    assert box is not None
    places = [(box["x"] + x * box["width"], box["y"] + y * box["height"]) for x, y in points]
    page.mouse.move(*places[0])
    page.mouse.down()
    for place in places[1:]:
        page.mouse.move(*place, steps=max(2, 24 // len(places)))
    page.mouse.up()
    page.wait_for_function("window.stroke?.shown", polling=50)
    stroke = page.evaluate("window.stroke")
    return stroke["shown"] - stroke["up"], stroke["shown"] - stroke["sent"]


def _clear(page: Page) -> None:
    page.evaluate("window.stroke = null")
    page.get_by_role("button", name="Clear", exact=True).click()
    page.locator(".st-key-prediction").get_by_text("Draw a digit").wait_for()
    # The canvas answers a clearing with the picture of nothing, which is read as well: let that pass.
    page.wait_for_timeout(700)
    page.wait_for_function("window.answerOnPage() === null", polling=50)


def _varied(points: Points, number: int) -> Points:
    """The same digit at another place, so that no drawing comes twice."""
    right, down = (number % 7 - 3) * 0.02, (number % 5 - 2) * 0.02
    return [(x + right, y + down) for x, y in points]
