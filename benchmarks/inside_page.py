"""How quickly the Inside page answers: each view for the first time, and again, beside a running training.

Run it with: python -m benchmarks.inside_page
"""

import json
import statistics
import time

import click
from playwright.sync_api import Page, sync_playwright

from benchmarks.train_page import SECRET, app, wait
from mnist_core.recipes.catalog import get
from tests.chromium import FLAGS, find_chromium

VIEWS = {
    "Through the layers": "One unit",
    "Why this digit": "What would make it another digit?",
    "What it gets wrong": "How much damage it bears",
    "Where digits live": "The plane shows",
}
"""By what people click: what then stands near the end of the view."""
PATIENCE = 60_000


@click.command()
@click.option("--network", default="default", show_default=True)
@click.option("--rounds", type=click.IntRange(2, 50), default=5, show_default=True, help="The first is the cold one.")
@click.option("--idle", is_flag=True, help="Without a training beside it.")
def main(network: str, rounds: int, idle: bool) -> None:
    """Click through the views of one network, each round with another picture."""
    executable = find_chromium()
    if executable is None:
        raise click.ClickException("This needs Chromium (Debian: apt-get install chromium).")
    seconds: dict[str, list[float]] = {view: [] for view in VIEWS}
    with app() as (server, store), sync_playwright() as playwright:
        if not idle:
            run = store.create(SECRET, get("small-cnn").config, "small-cnn")
            store.start(run)
            wait(lambda: run.status.state == "training")
        browser = playwright.chromium.launch(executable_path=executable, args=list(FLAGS))
        page = browser.new_page(viewport={"width": 1280, "height": 1400})
        for number in range(rounds):
            page.goto(f"http://localhost:{server.port}/data")
            page.get_by_text("How many of each digit").wait_for(timeout=PATIENCE)
            # The first view is timed from the request for the page, the others from the click.
            start = time.perf_counter()
            page.goto(f"http://localhost:{server.port}/inside?network={network}&view=layers&image=test-{number}")
            seconds["Through the layers"].append(_until(page, VIEWS["Through the layers"], start))
            for view in list(VIEWS)[1:]:
                page.wait_for_timeout(1500)
                start = time.perf_counter()
                page.get_by_text(view, exact=True).click()
                seconds[view].append(_until(page, VIEWS[view], start))
        browser.close()
        if not idle:
            store.delete(run)
    rows = {
        view: {
            "first_s": round(times[0], 2),
            "again_s": round(statistics.median(times[1:]), 2),
            "worst_s": max(times[1:]),
        }
        for view, times in seconds.items()
    }
    click.echo(json.dumps(rows, indent=1))


def _until(page: Page, words: str, start: float) -> float:
    page.get_by_text(words).first.wait_for(timeout=PATIENCE)
    return round(time.perf_counter() - start, 3)


if __name__ == "__main__":
    main()
