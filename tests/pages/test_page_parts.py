"""What the Train page is made of, without the page: layers as text, curves, figures, uploads."""

import dataclasses
import io
import json
import math
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from mnist_core.errors import InputError
from mnist_core.nn.architecture import Architecture, parse_layers, parse_numbers, recognize
from mnist_core.reading import weights
from mnist_core.recipes.catalog import RECIPES
from mnist_core.recipes.results import measured
from mnist_core.runs.curves_file import Curves, MetricsWriter
from mnist_core.training.config import TrainingConfig
from mnist_core.training.report import Report
from pages.components.charts import LETTERS, PROBABILITIES, UNSAID, draw_chart, enlarged, matrix_layers
from pages.components.confusion_chart import CONFUSION
from pages.components.inside.map_view import COLORS
from pages.components.network_choice import MOST_LETTERS, bundled_cards, network_labels, shortened
from pages.components.train.curves import POINTS, smoothed, thin
from pages.components.train.curves_spec import Look, curves_spec
from tests.pages.test_pages import ROOT


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("flatten\ndense 128 relu\ndense 10", "Line 2, 'dense 128 relu': put relu on a line of its own"),
        ("flatten\ndens 10", "Line 2, 'dens 10': expected one of dense"),
        ("flatten\ndense", "Line 2: layer 'dense': units is missing"),
        (" , ", "write at least dense 10"),
    ],
)
def test_parse_layers_are_refused_by_their_line(text: str, words: str) -> None:
    with pytest.raises(InputError) as refusal:
        parse_layers(text)
    assert words in str(refusal.value)


def upload_files() -> list[tuple[str, bytes]]:
    return [(f"x.{end}", (weights.FOLDER / f"relu-10.{end}").read_bytes()) for end in ("npz", "json")]


def test_each_uploaded_file_is_judged_when_it_comes() -> None:
    from pages.components.own_networks import check_upload

    for name, data in upload_files():
        check_upload(name, data)
    with pytest.raises(InputError, match=r"a.npz: expected a network's weights .*found 5 bytes"):
        check_upload("a.npz", b"hello")
    other = io.BytesIO()
    np.savez(other, heights=np.zeros(3))
    with pytest.raises(InputError, match=r"a.npz: expected the arrays of a network.*found 'heights'"):
        check_upload("a.npz", other.getvalue())
    with pytest.raises(InputError, match="a.json"):
        check_upload("a.json", b"hello")


def test_each_wrong_file_of_an_upload_is_told_of(monkeypatch: pytest.MonkeyPatch) -> None:
    def script() -> None:
        from pages.components.train.run_results import bring_back

        bring_back(lambda start: None)

    files = [io.BytesIO(b"hello"), io.BytesIO(b"{}")]
    files[0].name, files[1].name = "a.npz", "a.json"
    monkeypatch.setattr(st, "file_uploader", lambda *_, **__: files)
    page = AppTest.from_function(script, default_timeout=60).run()
    assert [error.value.partition(":")[0] for error in page.error] == ["a.npz", "a.json"]


def test_uploads_are_checked() -> None:
    from pages.components.own_networks import own_networks, take_upload

    npz, card = upload_files()
    assert take_upload([card, npz]) == "upload:Ten hidden ReLUs" in own_networks()
    for files, words in (
        ([npz], "Expected two files"),
        ([npz, ("y.npz", b"")], "Expected two files"),
        ([("x.npz", b"PK nonsense"), card], "not a sound .npz file"),
        ([npz, ("x.json", b"[]")], "expected a JSON object"),
        ([npz, ("x.json", b"{" + b" " * 2_000_000)], "expected at most"),
    ):
        with pytest.raises(InputError, match=words):
            take_upload(files)
    broken = io.BytesIO()
    np.savez(broken, **{name: np.full_like(array, np.nan) for name, array in np.load(io.BytesIO(npz[1])).items()})
    values = json.loads(card[1]) | {"sha256": ""}
    with pytest.raises(InputError, match="expected finite numbers"):
        take_upload([("x.npz", broken.getvalue()), ("x.json", json.dumps(values).encode())])


def test_architectures_are_written_as_layers_and_recognized() -> None:
    assert recognize(RECIPES["small-cnn"].config.layers) == Architecture((16, 32), (128,), "relu", True, 0.5)
    assert recognize(RECIPES["mlp"].config.layers) == Architecture(units=(256, 128))
    assert recognize(RECIPES["sigmoid-128"].config.layers) is None
    assert recognize(("flatten", "dense ten")) is None and recognize(("flatten", "dense")) is None
    for architecture in (
        Architecture(units=()),
        Architecture((4,), (), "tanh", dropout=0.2),
        Architecture((4, 8), (9, 9), kernel=3),
    ):
        TrainingConfig(architecture.layers())
        assert recognize(architecture.layers()) == architecture
    assert (
        parse_numbers("256; 128,64", "units", 1, 300, 4) == (256, 128, 64)
        and parse_numbers(" ", "units", 1, 9, 1) == ()
    )
    with pytest.raises(InputError, match="at most 1 numbers, found 2"):
        parse_numbers("1 2", "units", 1, 9, 1)


def test_long_curves_are_thinned_to_what_a_screen_shows() -> None:
    x = np.arange(1.0, 4001)
    y = np.where(x % 7 == 0, math.nan, np.sin(x / 500))
    thin_x, thin_y = thin(x, y)
    assert len(thin_x) <= POINTS and thin_x[-1] == 4000 and thin_y[-1] == y[-1]
    np.testing.assert_allclose(thin_y, np.sin(thin_x / 500), atol=1e-3)
    short = thin(x[:10], y[:10])
    assert len(short[0]) == 9
    noisy = 1 + np.random.default_rng(0).normal(0, 1, 1000)
    assert np.abs(smoothed(noisy)[100:] - 1).max() < 0.6 and smoothed(np.ones(5)).tolist() == [1] * 5


@pytest.mark.slow
def test_figures_and_tables_of_curves() -> None:
    from mnist_core.runs.curves_file import Curves
    from pages.components.train.curves import Goal, Line
    from pages.components.train.run_figure import csv_of, figure_of

    curves = Curves(Path("none"))
    for step in (1, 2):
        curves._take(json.dumps({"step": step, "epoch": step, "loss": 1 / step, "accuracy": 0.5}).encode())
    curves._take(b'{"step": 3, "epoch": 3, "loss": 0.2, "accuracy": 0.9, "validation_accuracy": 0.8}')
    line = Line("=cmd()", curves)
    rows = csv_of([line]).splitlines()
    assert len(rows) == 4 and rows[0].startswith("run,step") and rows[3].startswith("'=cmd(),3.0,3.0,0.2,0.9,,,,,0.8")
    heads = {"png": b"\x89PNG", "svg": b"<?xml", "pdf": b"%PDF"}
    for name, head in heads.items():
        assert figure_of([line], name, Goal(0.85, "test")).startswith(head)


def test_the_page_knows_how_many_steps_there_will_be(tmp_path: Path) -> None:
    from pages.components.train.live_run import total_steps

    config = TrainingConfig(("flatten", "dense 10"), epochs=10)
    writer, curves = MetricsWriter(tmp_path / "metrics.jsonl"), Curves(tmp_path / "metrics.jsonl")
    assert total_steps(config, curves) == 0
    writer.append({"step": 30, "epoch": 0.5})
    curves.read()
    assert total_steps(config, curves) == 600  # a run of an earlier version does not tell
    assert total_steps(dataclasses.replace(config, steps=70), curves) == 70
    # A larger batch from step 30 on: what the training itself says counts.
    writer.append(Report(31, 40, 0.6, 1.0, 0.5, 0.1, 900, 1.0))
    curves.read()
    assert total_steps(config, curves) == 40


def test_a_long_title_keeps_its_end() -> None:
    assert shortened("Ten hidden ReLUs") == "Ten hidden ReLUs"
    assert shortened("Sigmoids, squared error, corrected 12") == "Sigmoids, squared…ed 12"
    assert len(shortened("x" * 400)) <= MOST_LETTERS


def test_every_bundled_network_has_a_name_that_fits_on_a_phone() -> None:
    """About 34 letters fit into the select box of the Inside page, 320 pixels wide."""
    assert [label for label in network_labels().values() if len(label) > 34] == []


def test_a_projector_has_large_letters_and_thick_lines_in_every_chart() -> None:
    look = Look("loss", "epoch", False, ["a", "b"], ["training", "validation"], "", "Leaving", True)
    for spec in (PROBABILITIES, CONFUSION, curves_spec(look), UNSAID):
        found = list(numbers(enlarged(spec)))
        letters = [value for key, value in found if key in LETTERS]
        assert letters and min(letters) >= 22
        assert all(value >= 4 for key, value in found if key == "strokeWidth")
        assert dict(numbers(spec)).keys() == dict(found).keys()


def brightness(color: str) -> float:
    """The relative luminance of a color such as "#5b5bd6", 0 to 1, as WCAG defines it."""
    shares = (int(color[at : at + 2], 16) / 255 for at in (1, 3, 5))
    red, green, blue = (share / 12.92 if share <= 0.04045 else ((share + 0.055) / 1.055) ** 2.4 for share in shares)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    """From 1 to 21; WCAG wants 3 of what is not text."""
    low, high = sorted((brightness(one), brightness(other)))
    return (high + 0.05) / (low + 0.05)


def test_colors_of_the_map_and_of_matrices_are_seen_in_light_and_in_dark() -> None:
    theme = tomllib.loads((ROOT / ".streamlit" / "config.toml").read_text(encoding="utf-8"))["theme"]
    for ground in (theme[mode]["backgroundColor"] for mode in ("light", "dark")):
        assert all(contrast(color, ground) >= 3 for color in COLORS)
    assert len(set(COLORS)) == 10
    axes = [CONFUSION["encoding"][axis]["axis"] for axis in "xy"]
    assert not any(axis["labelOverlap"] or axis["labelFlush"] for axis in axes)
    cells, letters = matrix_layers(dark=True)
    empty, full = cells["encoding"]["color"]["scale"]["range"]
    assert contrast(empty, theme["dark"]["backgroundColor"]) < 1.5
    assert all(contrast("#ffffff", ground) > 4.5 for ground in (empty, full))
    assert letters["encoding"]["color"] == {"value": "white"}


def test_percents_have_one_form(monkeypatch: pytest.MonkeyPatch) -> None:
    sent: list[dict[str, Any]] = []
    monkeypatch.setattr(st, "vega_lite_chart", lambda data, spec, **options: sent.append(spec))
    draw_chart(None, PROBABILITIES)
    assert sent[0]["config"]["locale"]["number"]["percent"] == " %" and "config" not in PROBABILITIES
    texts = [row.cost for row in measured().values()] + [card.data for card in bundled_cards()[0].values()]
    assert any("94.52 %" in text for text in texts)
    assert not any(re.search(r"\d%", text) for text in texts)


def numbers(spec: Any) -> Iterator[tuple[str, float]]:
    """All numbers of a specification with their keys."""
    for key, value in spec.items() if isinstance(spec, dict) else (("", part) for part in spec):
        if isinstance(value, dict | list):
            yield from numbers(value)
        elif isinstance(value, int | float) and not isinstance(value, bool):
            yield key, value
