"""One person with a real browser: how old are the answers while the pen moves, and when is the last one there?"""

import math
import time
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from playwright.sync_api import FloatRect, Page, sync_playwright

from tests.chromium import FLAGS

Points = list[tuple[float, float]]
# Digits that are one stroke, in shares of the canvas's side.
SHAPES: tuple[Points, ...] = (
    [(0.5, 0.2), (0.48, 0.8)],
    [(0.3, 0.25), (0.7, 0.25), (0.45, 0.8)],
    [(0.5 + 0.19 * math.sin(turn), 0.5 - 0.28 * math.cos(turn)) for turn in np.linspace(0, math.tau, 13)],
    [(0.32, 0.35), (0.4, 0.22), (0.58, 0.22), (0.65, 0.36), (0.5, 0.58), (0.32, 0.78), (0.7, 0.78)],
)

STROKE_SECONDS = 1.0

# All times are taken inside the page, by its own clock, so that none contains a round trip to this program.
# `shown` is the time just after the frame in which the answer was painted.
WATCH = """
window.stroke = null;
const sentAt = {};
const onCanvas = (event) => event.composedPath()[0] instanceof HTMLCanvasElement;
window.addEventListener("mousedown", (event) => {
  if (onCanvas(event))
    window.stroke = {
      down: performance.now(), up: null, last: null, shown: null, first: null, readings: 0, ages: [], frames: [],
    };
}, true);
window.addEventListener("mouseup", (event) => {
  if (window.stroke && window.stroke.up === null) window.stroke.up = performance.now();
}, true);

const ask = window.fetch;
window.fetch = function (address, options) {
  if (String(address).endsWith("/read-drawing")) {
    const { number, last } = JSON.parse(options.body);
    sentAt[number] = performance.now();
    if (window.stroke) {
      window.stroke.first ??= number;
      if (last) window.stroke.last = number;
    }
  }
  return ask.call(this, address, options);
};

const findBars = () => {
  for (const element of document.querySelectorAll(".st-key-live_reading, .st-key-live_reading *")) {
    const bars = element.shadowRoot?.querySelector(".bars");
    if (bars) return bars;
  }
};
let seen = 0;
const look = (now) => {
  requestAnimationFrame(look);
  const stroke = window.stroke;
  if (!stroke || stroke.shown !== null) return;
  const answered = Number(findBars()?.dataset.answered ?? 0);
  if (stroke.up === null) {
    stroke.frames.push(now);
    if (stroke.first !== null && answered >= stroke.first) {
      stroke.ages.push(performance.now() - sentAt[answered]);
      if (answered !== seen) stroke.readings += 1;
    }
    seen = answered;
  } else if (stroke.last !== null && answered >= stroke.last && !stroke.painting) {
    stroke.painting = true;
    const painted = new MessageChannel();
    painted.port1.onmessage = () => { stroke.shown = performance.now(); };
    painted.port2.postMessage(null);
  }
};
requestAnimationFrame(look);
"""


@dataclass(frozen=True)
class MeasuredStroke:
    """Milliseconds, but for seconds (with the pen down) and readings (answers that came meanwhile)."""

    up_to_answer: float
    ages: list[float]
    frame_intervals: list[float]
    seconds: float
    readings: int


def measure_in_browser(executable: str, port: int, network: str, count: int) -> list[MeasuredStroke]:
    """Draw `count` digits of one stroke each, which takes about a second."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=executable, args=list(FLAGS))
        page = browser.new_page(viewport={"width": 1200, "height": 1000})
        page.add_init_script(WATCH)
        page.goto(f"http://localhost:{port}/?network={network}")
        page.locator("canvas").last.wait_for()
        _draw(page, SHAPES[0])
        strokes = [_draw(page, _varied(SHAPES[number % len(SHAPES)], number)) for number in range(count)]
        browser.close()
    return strokes


def _draw(page: Page, points: Points) -> MeasuredStroke:
    """Empty the canvas and draw one stroke on it."""
    _clear(page)
    box = page.locator(".st-key-canvas canvas").last.bounding_box()
    assert box is not None
    corners = np.array(points)
    ways = np.concatenate([[0.0], np.hypot(*np.diff(corners, axis=0).T).cumsum()])
    page.mouse.move(*_place(box, corners[0]))
    page.mouse.down()
    began = time.perf_counter()
    while (share := (time.perf_counter() - began) / STROKE_SECONDS) < 1:
        x, y = (np.interp(share * ways[-1], ways, corners[:, axis]) for axis in (0, 1))
        page.mouse.move(*_place(box, (float(x), float(y))))
        time.sleep(0.008)
    page.mouse.up()
    page.wait_for_function("window.stroke?.shown", polling=50)
    stroke = page.evaluate("window.stroke")
    return MeasuredStroke(
        stroke["shown"] - stroke["up"],
        stroke["ages"],
        np.diff(stroke["frames"]).tolist(),
        (stroke["up"] - stroke["down"]) / 1000,
        stroke["readings"],
    )


def _place(box: FloatRect, point: Sequence[float]) -> tuple[float, float]:
    return box["x"] + point[0] * box["width"], box["y"] + point[1] * box["height"]


def _clear(page: Page) -> None:
    page.get_by_role("button", name="Clear", exact=True).click()
    page.locator(".st-key-prediction").get_by_text("Draw a digit").wait_for()
    # The canvas answers a clearing with the picture of nothing: let that pass.
    page.wait_for_timeout(700)
    page.evaluate("window.stroke = null")


def _varied(points: Points, number: int) -> Points:
    """The same digit at another place, so that no drawing comes twice."""
    right, down = (number % 7 - 3) * 0.02, (number % 5 - 2) * 0.02
    return [(x + right, y + down) for x, y in points]
