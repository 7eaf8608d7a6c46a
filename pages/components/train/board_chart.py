"""The curves of a whole class as a ready Vega-Lite chart, legible from the last row."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import pyarrow as pa
import streamlit as st

from mnist_core.runs import BoardRun, Curves
from pages.components.charts import BOARD, SMALL, TEXT, draw_chart
from pages.components.language import _, gettext_noop
from pages.components.screen import for_projector, on_phone
from pages.components.train.curves import thin
from pages.components.train.curves_spec import COLORS
from pages.components.words import accuracy, counted

Measure = Literal["validation_accuracy", "accuracy", "loss"]
MEASURES: dict[Measure, str] = {
    "validation_accuracy": gettext_noop("Validation"),
    "accuracy": gettext_noop("Training"),
    "loss": gettext_noop("Loss"),
}
FEW = 8
"""So many lines can each have a color of their own; of more, only the best and the own are told apart."""
POINTS = 100
MAX_KEPT = 1000
BEST, OWN = "#6e6ee8", "#f76b15"
LEAST_HEIGHT = 540
SMALL_WIDTH = 112
"""Of a small chart, in pixels: four stand beside the ranking in a window of 1,280 pixels."""


@dataclass(frozen=True)
class Shown:
    """A run as a line of the board. label: unique on the board; state: in words; own: the viewer's."""

    run: BoardRun
    label: str
    state: str
    own: bool


def row_height(count: int) -> int:
    """Of one line of the ranking, in pixels: thirty of them fit on a projector's screen."""
    return 30 if count <= 12 else 26 if count <= 20 else 21


def height(count: int) -> int:
    """Of the curves, in pixels: as high as the ranking."""
    return max(LEAST_HEIGHT, row_height(count) * (count + 1))


@st.cache_resource(show_spinner=False)
def _kept() -> dict[tuple[str, str], tuple[Curves, np.ndarray, np.ndarray]]:
    return {}


def points(shown: BoardRun, measure: Measure) -> tuple[np.ndarray, np.ndarray]:
    """At most a hundred points (epochs, values), made once for all who look."""
    kept, key = _kept(), (shown.run.id, measure)
    found = kept.get(key)
    if found is None or found[0] is not shown.curves:
        columns = shown.curves.columns
        x, y = thin(
            np.array(columns["epoch"]), np.array(columns[measure]), measure != "validation_accuracy", most=POINTS
        )
        if len(kept) >= MAX_KEPT:
            kept.clear()
        found = kept[key] = shown.curves, x, y
    return found[1], found[2]


def board_chart(lines: Sequence[Shown], measure: Measure, key: str, *, small: bool = False) -> None:
    """All lines on one axis, or each in a small chart of its own. lines: the best first."""
    table, domain, marked = board_table(lines, measure)
    spec = _small_spec(lines, measure, domain) if small else _spec(lines, measure, domain, marked)
    width: Any = "content" if small else "stretch"
    draw_chart(table, spec, width=width, alt=_alt_text(lines, measure), key=key)


def _alt_text(lines: Sequence[Shown], measure: Measure) -> str:
    curves = counted(len(lines), "{count} curve", "{count} curves")
    text = _("{measure}, {curves}.").format(measure=_(MEASURES[measure]), curves=curves)
    if not lines:
        return text
    best = _("The best is {name}, {accuracy} of the validation images.")
    return f"{text} {best.format(name=lines[0].label, accuracy=accuracy(lines[0].run.best))}"


def line_colors(lines: Sequence[Shown]) -> dict[str, str]:
    """The colors of the lines that have one of their own, by their labels: a few all, of many the best and the own."""
    if len(lines) <= FEW:
        return {line.label: color for line, color in zip(lines, COLORS, strict=False)}
    return {line.label: BEST for line in lines[:1]} | {line.label: OWN for line in lines if line.own}


def board_table(lines: Sequence[Shown], measure: Measure) -> tuple[pa.Table, dict[str, list[float]], dict[str, str]]:
    """Columns x, y, who and part ("line", or "end" for a label), the domains of both axes, and colors of marked lines.

    Labels are moved apart so far that each can be read.
    """
    drawn = [(line, *points(line.run, measure)) for line in lines]
    drawn = [(line, x, y) for line, x, y in drawn if len(x)]
    colors = line_colors(lines)
    all_y = np.concatenate([y for _, _, y in drawn]) if drawn else np.array([0.0, 1.0])
    low, high = float(all_y.min()), float(all_y.max())
    room = (high - low) * 0.04 or 0.02
    domain = {
        "x": [0.0, 1.22 * max((float(x[-1]) for _, x, _ in drawn), default=1.0)],
        "y": [low - room, high + room],
    }
    ends = sorted(
        ((float(y[-1]), float(x[-1]), line.label) for line, x, y in drawn if line.label in colors), reverse=True
    )
    gap = (domain["y"][1] - domain["y"][0]) * (BOARD + 3) / (height(len(lines)) - 40)
    reach = 0.16 * domain["x"][1]
    places: list[float] = []
    for y, x, __ in ends:
        beside = [place for place, (_, other, _) in zip(places, ends, strict=False) if abs(other - x) < reach]
        # From the top down, each label as near to its line's end as those beside it allow.
        places.append(min([y, *(place - gap for place in beside)]))
    table = pa.table(
        {
            "x": pa.array(np.concatenate([*(x for _, x, _ in drawn), [x for _, x, _ in ends]]), pa.float64()),
            "y": pa.array(np.concatenate([*(y for _, _, y in drawn), places]), pa.float64()),
            "who": pa.array(
                [line.label for line, x, _ in drawn for _ in range(len(x))] + [label for _, _, label in ends],
                pa.string(),
            ),
            "part": pa.array(["line"] * sum(len(x) for _, x, _ in drawn) + ["end"] * len(ends), pa.string()),
        }
    )
    return table, domain, colors


def _axes(measure: Measure, domain: dict[str, list[float]]) -> dict[str, Any]:
    form = "~g" if measure == "loss" else ".3~%" if domain["y"][1] - domain["y"][0] < 0.02 else ".0%"
    return {
        "x": {
            "field": "x",
            "type": "quantitative",
            "scale": {"domain": domain["x"], "nice": False},
            "axis": {"title": _("epoch"), "labelFontSize": BOARD, "titleFontSize": BOARD, "tickCount": 6},
        },
        "y": {
            "field": "y",
            "type": "quantitative",
            "scale": {"domain": domain["y"], "nice": False},
            "axis": {"title": None, "format": form, "labelFontSize": BOARD, "tickCount": 6},
        },
    }


def _spec(
    lines: Sequence[Shown], measure: Measure, domain: dict[str, list[float]], colors: dict[str, str]
) -> dict[str, Any]:
    names = list(colors)
    is_line = {"filter": "datum.part == 'line'"}
    marked = {"field": "who", "oneOf": names}
    color = {
        "field": "who",
        "type": "nominal",
        "scale": {"domain": names, "range": list(colors.values())},
        "legend": None,
    }
    tooltip = [
        {"field": "who", "title": _("who")},
        {"field": "x", "title": _("epoch"), "format": ",.2f"},
        {"field": "y", "title": _(MEASURES[measure]), "format": ".4f" if measure == "loss" else ".2%"},
    ]
    return {
        "height": height(len(lines)),
        "encoding": _axes(measure, domain),
        "layer": [
            {
                "transform": [is_line, {"filter": {"not": marked}}],
                "mark": {"type": "line", "strokeWidth": 1.2, "color": TEXT, "opacity": 0.55},
                "encoding": {"detail": {"field": "who"}, "tooltip": tooltip},
            },
            {
                "transform": [is_line, {"filter": marked}],
                "mark": {"type": "line", "strokeWidth": 3.5},
                "encoding": {"color": color, "tooltip": tooltip},
            },
            {
                "transform": [{"filter": "datum.part == 'end'"}],
                "mark": {"type": "text", "align": "left", "dx": 8, "fontSize": BOARD, "fontWeight": 600, "limit": 190},
                "encoding": {"text": {"field": "who"}, "color": color},
            },
        ],
    }


def _small_spec(lines: Sequence[Shown], measure: Measure, domain: dict[str, list[float]]) -> dict[str, Any]:
    axes = _axes(measure, domain | {"x": [0.0, domain["x"][1] / 1.22]})
    axes["x"]["axis"] = {"title": None, "labelFontSize": SMALL, "tickCount": 3}
    axes["y"]["axis"] |= {"labelFontSize": SMALL, "tickCount": 3}
    own = next((line.label for line in lines if line.own), "")
    color = {"condition": {"test": {"field": "who", "equal": own}, "value": OWN}, "value": BEST}
    names = [line.label for line in lines]
    return {
        "transform": [{"filter": "datum.part == 'line'"}],
        "columns": 2 if on_phone() else 3 if for_projector() else 4,
        "spacing": 14,
        "facet": {
            "field": "who",
            "type": "nominal",
            "sort": names,
            "header": {"title": None, "labelFontSize": BOARD - 2, "labelLimit": 150, "labelPadding": 4},
        },
        "spec": {
            "width": 95 if on_phone() else 150 if for_projector() else SMALL_WIDTH,
            "height": 84,
            "mark": {"type": "line", "strokeWidth": 2},
            "encoding": axes | {"color": color},
        },
    }
