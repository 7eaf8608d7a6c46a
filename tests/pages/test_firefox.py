"""Draw and Train in Firefox: a drawing is read, a training comes to its end, and a class is joined."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from tests.firefox import Firefox, find_firefox
from tests.pages.test_browser_screen import SMALL
from tests.strokes import STROKES

ENTER = "\ue007"


@pytest.fixture
def firefox(tmp_path: Path) -> Iterator[Firefox]:
    """Skipped where there is no Firefox: not every machine that tests the app can install one."""
    path = find_firefox()
    if path is None:
        pytest.skip("no Firefox on this machine (Debian: apt-get install firefox-esr)")
    with Firefox(path, tmp_path) as browser:
        yield browser


@pytest.mark.browser
@pytest.mark.slow
def test_draw_train_and_join_a_class(firefox: Firefox, app_url: str) -> None:
    firefox.open(app_url)
    firefox.until("!!document.querySelector('.st-key-canvas') && !document.querySelector('[data-testid=stSkeleton]')")
    find = """((place) => {
      for (const element of place?.querySelectorAll("*") ?? []) {
        const canvas = element.shadowRoot?.querySelector("canvas");
        if (canvas) { const box = canvas.getBoundingClientRect(); return [box.x, box.y, box.width]; }
      }
    })(document.querySelector(".st-key-canvas"))"""
    x, y, width = firefox.until(find)
    for stroke in STROKES[7]:
        dense = np.array(stroke, float)
        steps = np.linspace(0, len(dense) - 1, 8 * (len(dense) - 1) + 1)
        xs, ys = (np.interp(steps, range(len(dense)), dense[:, axis]) * width / 280 for axis in (0, 1))
        firefox.stroke([(x + across, y + down) for across, down in zip(xs, ys, strict=True)])
    digit = "document.querySelector('.st-key-prediction [data-testid=stMetricValue]')?.innerText.trim()"
    firefox.until(f"{digit} === '7'")

    firefox.open(f"{app_url}/train?{SMALL}")
    firefox.click(".st-key-start button")
    firefox.until("!!document.querySelector('.st-key-use button')")
    firefox.until("document.querySelectorAll('[data-testid=stVegaLiteChart] svg').length >= 2")

    firefox.press("Open a class")
    firefox.click(".st-key-class_name input")
    firefox.type(f"5b{ENTER}")
    firefox.click(".st-key-open_class button")
    told = firefox.until("document.querySelector('img[alt^=\"The code\"]')?.alt")
    code = told.removeprefix("The code ").partition(",")[0]
    # Somebody else joins.
    firefox.forget()
    firefox.open(f"{app_url}/train")
    firefox.press("Join a class")
    firefox.click(".st-key-class_code input")
    firefox.type(f"{code.lower()}{ENTER}")
    firefox.click(".st-key-join_class button")
    firefox.until("document.querySelector('.st-key-who_is_there')?.innerText.includes('Teacher')")
    assert not firefox.evaluate("location.href.includes('teacher=')")
