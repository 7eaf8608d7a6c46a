"""The curves of runs as one ready Vega-Lite chart: training and validation, several runs, changes and a goal."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import pyarrow as pa

from mnist_core.runs import Curves
from pages.components.charts import LABEL, LINE, TEXT, draw_chart
from pages.components.screen import for_projector
from pages.components.words import published

MOST_DOTS = 60
POINTS = 300
"""The most points of one line: a screen does not show more."""
Measure = Literal["loss", "accuracy"]
Axis = Literal["epoch", "step"]
COLORS = ["#6e6ee8", "#f76b15", "#12a594", "#e5484d", "#0090ff", "#ab4aba", "#978365", "#8b8d98"]


@dataclass(frozen=True)
class Line:
    """A run to draw: its name and its curves."""

    name: str
    curves: Curves


def curves_chart(
    lines: Sequence[Line],
    measure: Measure,
    *,
    axis: Axis = "epoch",
    smooth: bool = False,
    log: bool = False,
    goal: float | None = None,
    key: str,
) -> None:
    """Draw `measure` of all lines. goal: a published accuracy, 0 to 1, as a line to reach."""
    table = curve_table(lines, measure, axis, smooth, log)
    marks: dict[str, list[Any]] = {"x": [], "y": [], "run": [], "part": []}
    for line in lines:
        for change in line.curves.changes:
            marks["x"].append(float(change[axis]))
            marks["y"].append(math.nan)
            marks["run"].append(f"{line.name}: {_change(change)}")
            marks["part"].append("change")
    if goal is not None and measure == "accuracy":
        marks["x"].append(math.nan)
        marks["y"].append(goal)
        marks["run"].append(published(goal))
        marks["part"].append("goal")
    data = pa.concat_tables([table, pa.table(marks, schema=table.schema)])
    names = [line.name for line in lines]
    dots = table.column("part").to_pylist().count("validation") <= MOST_DOTS * max(1, len(lines))
    draw_chart(data, _spec(measure, axis, log, names, dots), alt=_alt(lines, measure), key=key)


def curve_table(lines: Sequence[Line], measure: Measure, axis: Axis, smooth: bool, log: bool) -> pa.Table:
    """The points to draw: columns x, y (float), run and part ("training" or "validation")."""
    xs, ys, runs, parts = [], [], [], []
    for line in lines:
        columns = line.curves.columns
        along = np.array(columns[axis])
        for part, values in (("training", columns[measure]), ("validation", columns[f"validation_{measure}"])):
            x, y = thin(along, np.array(values), smooth and part == "training")
            if log:
                x, y = x[y > 0], y[y > 0]
            xs.append(x)
            ys.append(y)
            runs += [line.name] * len(x)
            parts += [part] * len(x)
    return pa.table(
        {
            "x": pa.array(np.concatenate(xs) if xs else [], pa.float64()),
            "y": pa.array(np.concatenate(ys) if ys else [], pa.float64()),
            "run": pa.array(runs, pa.string()),
            "part": pa.array(parts, pa.string()),
        }
    )


def thin(x: np.ndarray, y: np.ndarray, smooth: bool = False, most: int = POINTS) -> tuple[np.ndarray, np.ndarray]:
    """The known points, as the means of at most `most` groups of neighbors; the last point stays itself.

    smooth: an exponential average over about a twentieth of the curve, made up for its start.
    """
    known = np.isfinite(y)
    x, y = x[known], y[known]
    if smooth and len(y) > 2:
        y = smoothed(y)
    if len(x) <= most:
        return x, y
    size = math.ceil((len(x) - 1) / (most - 1))
    groups = np.arange(0, len(x) - 1, size)
    counts = np.diff(np.append(groups, len(x) - 1))
    return (
        np.append(np.add.reduceat(x[:-1], groups) / counts, x[-1]),
        np.append(np.add.reduceat(y[:-1], groups) / counts, y[-1]),
    )


def smoothed(y: np.ndarray) -> np.ndarray:
    """An exponential moving average, each value divided by the sum of its weights so far."""
    keep = 1 - 1 / max(2.0, len(y) / 20)
    total = weight = 0.0
    averages = np.empty(len(y))
    for i, value in enumerate(y.tolist()):
        total = keep * total + value
        weight = keep * weight + 1
        averages[i] = total / weight
    return averages


def _change(change: dict[str, Any]) -> str:
    return ", ".join(
        f"{name.replace('_', ' ')} {value}" for name, value in change.items() if name not in ("step", "epoch")
    )


def _alt(lines: Sequence[Line], measure: Measure) -> str:
    parts = []
    for line in lines:
        training, validation = (line.curves.last(name) for name in (measure, f"validation_{measure}"))
        shown = f"{line.name}: {training:.3f} on the training images"
        parts.append(shown + ("" if math.isnan(validation) else f", {validation:.3f} on the validation images"))
    return f"Line chart of the {measure}. {'; '.join(parts) or 'Nothing yet.'}"


def _spec(measure: Measure, axis: Axis, log: bool, names: list[str], dots: bool) -> dict[str, Any]:
    lines = {"filter": "datum.part == 'training' || datum.part == 'validation'"}
    scale: dict[str, Any] = {"type": "log"} if log else {"zero": False}
    form = ".0%" if measure == "accuracy" else "~g"
    y = {
        "field": "y",
        "type": "quantitative",
        "scale": scale,
        "axis": {"title": None, "format": form, "labelFontSize": LABEL, "tickCount": 6},
    }
    legend = {
        "title": None,
        "orient": "top",
        "labelFontSize": LABEL,
        "symbolSize": 500,
        "symbolStrokeWidth": 3,
        "symbolType": "stroke",
    }
    color: dict[str, Any] = {"field": "part", "type": "nominal", "legend": legend}
    color["scale"] = {"domain": ["training", "validation"], "range": COLORS[:2]}
    if len(names) > 1:
        color = {"field": "run", "type": "nominal", "legend": legend | {"columns": 2, "labelLimit": 160}}
        color["scale"] = {"domain": names, "range": COLORS[: len(names)]}
    dash = {
        "field": "part",
        "type": "nominal",
        "scale": {"domain": ["training", "validation"], "range": [[1, 0], [6, 4]]},
        # With several runs the legend has no room for it; a caption explains the dashes.
        "legend": legend if len(names) < 2 else None,
    }
    tooltip = [
        {"field": "run", "title": "run"},
        {"field": "part", "title": "images"},
        {"field": "x", "title": axis, "format": ",.2f" if axis == "epoch" else ",.0f"},
        {"field": "y", "title": measure, "format": ".2%" if measure == "accuracy" else ".4f"},
    ]
    return {
        "height": 320 if for_projector() else 440,
        "encoding": {
            "x": {
                "field": "x",
                "type": "quantitative",
                "axis": {"title": axis, "labelFontSize": LABEL, "titleFontSize": LABEL, "tickCount": 8},
            }
        },
        "layer": [
            {
                "transform": [{"filter": "datum.part == 'change'"}],
                "mark": {"type": "rule", "strokeDash": [2, 3], "color": TEXT, "strokeWidth": 2},
                "encoding": {"tooltip": [{"field": "run", "title": "changed"}]},
            },
            {
                "transform": [{"filter": "datum.part == 'goal'"}],
                "mark": {"type": "rule", "color": TEXT, "strokeWidth": 2},
                "encoding": {"x": None, "y": y, "tooltip": [{"field": "run", "title": "goal"}]},
            },
            {
                "transform": [{"filter": "datum.part == 'goal'"}],
                "mark": {"type": "text", "align": "right", "dy": 13, "dx": -4, "fontSize": LABEL, "color": TEXT},
                "encoding": {"x": {"value": "width"}, "y": y, "text": {"field": "run"}},
            },
            {
                "transform": [lines],
                "mark": {"type": "line", "strokeWidth": LINE, "interpolate": "linear"},
                "encoding": {"y": y, "color": color, "strokeDash": dash, "tooltip": tooltip},
            },
            {
                "transform": [{"filter": "datum.part == 'validation'"}],
                "mark": {"type": "point", "filled": True, "size": 50 if dots else 0},
                "encoding": {"y": y, "color": color, "tooltip": tooltip},
            },
        ],
    }
