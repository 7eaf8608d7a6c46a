"""A network of 47 classes in a real browser: the likeliest are shown as bars, and the replay has bars of its own."""

from pathlib import Path

import numpy as np
from playwright.sync_api import Browser, expect

from mnist_core.data.class_names import EMNIST
from mnist_core.nn.network import Network
from mnist_core.reading import weights
from mnist_core.reading.weights import ModelCard
from tests.pages.test_browser import PATIENCE, canvas, draw, listened_to


def test_the_draw_page_shows_the_likeliest_of_many_classes(chromium: Browser, app_url: str, tmp_path: Path) -> None:
    names = [*EMNIST["balanced"][:-1], "Ankle boot*"]
    network = Network(["flatten", "dense 47"], np.random.default_rng(0))
    network.layers[1].parameters["biases"][-1] = 30
    weights.save(network, ModelCard("own", "Many", "", [], classes=names, unsure_below=0.1), tmp_path)
    context = chromium.new_context(viewport={"width": 1280, "height": 900})
    page, mistakes = listened_to(context, app_url)
    page.goto(f"{app_url}/train")
    page.locator("summary", has_text="Use a network from a file").click(timeout=PATIENCE)
    page.locator(".st-key-upload input[type=file]").set_input_files([tmp_path / "own.npz", tmp_path / "own.json"])
    page.get_by_role("link", name="Draw with it").click(timeout=PATIENCE)
    canvas(page).wait_for(timeout=PATIENCE)
    expect(page.get_by_text("This network reads 0, 1, 2, 3, 4 and 42 more").first).to_be_visible(timeout=PATIENCE)
    page.wait_for_function("document.querySelector('.st-key-canvas').tabIndex === 0")
    draw(page, [[(60, 240), (140, 40), (220, 240)]])
    answer = page.locator(".st-key-prediction")
    expect(answer).to_contain_text("Ankle boot*", timeout=PATIENCE)
    bars = page.locator(".st-key-live_reading .column")
    expect(bars).to_have_count(10, timeout=PATIENCE)
    expect(page.locator(".st-key-live_reading .best .name")).to_have_text("Ankle boot*")
    draw(page, [[(95, 160), (185, 160)]])
    replay = page.get_by_role("button", name="Replay")
    expect(replay).to_be_visible(timeout=PATIENCE)
    replay.click()
    # Each moment has the bars of its own ten classes; this one is the likeliest in all.
    expect(bars).to_have_count(10, timeout=PATIENCE)
    expect(page.locator(".st-key-live_reading .best .name")).to_have_text("Ankle boot*", timeout=PATIENCE)
    context.close()
    assert mistakes == []
