"""The Vega-Lite specification of a chart of curves: how each kind of row in its table is drawn."""

import json
from dataclasses import dataclass
from typing import Any, Literal

from pages.components.charts import LABEL, LINE, TEXT, letter
from pages.components.language import _, gettext_noop
from pages.components.screen import for_projector

COLORS = ["#6e6ee8", "#f76b15", "#12a594", "#e5484d", "#0090ff", "#ab4aba", "#978365", "#8b8d98"]
HEIGHT = 340
"""Of the chart without axis and legend, in pixels, about."""
LETTERS = 14
END_DOT = 6
"""Room in pixels for half of the last dot."""
Measure = Literal["loss", "accuracy"]
AXES = {"epoch": gettext_noop("epoch"), "step": gettext_noop("step")}
MEASURES: dict[Measure, str] = {"loss": gettext_noop("loss"), "accuracy": gettext_noop("accuracy")}
PARTS = {"training": gettext_noop("training"), "validation": gettext_noop("validation")}
DASHES = {"training": [1, 0], "validation": [6, 4]}
GOAL_DASH = [2, 3]


@dataclass(frozen=True)
class Look:
    """What of a chart is not in its table. parts: which images there are curves of. log: whether the axis of the values
    is logarithmic. goal: the label of a published accuracy, "" for none. title: a line above the chart. dots: whether
    validation results are dots. end_letters: of the longest name at the end of a line. beside: whether this chart
    stands beside one with a published accuracy, whose legend is higher.

    The browser draws a chart anew if this changes, and only moves its lines if it stays.
    """

    measure: Measure
    axis: str
    log: bool
    names: list[str]
    parts: list[str]
    goal: str
    title: str
    dots: bool
    end_letters: int = 0
    beside: bool = False


def curves_spec(look: Look) -> dict[str, Any]:
    """The specification. The table's `part` says what a row is: a point of a line ("training", "validation"), a
    "change", the "end" of a line, the "goal", or "room" that the axes shall have."""
    several = len(look.names) > 1
    x_axis = {"title": _(AXES[look.axis]), "labelFontSize": LABEL, "titleFontSize": LABEL, "tickCount": 8}
    spec: dict[str, Any] = {
        "height": 420 if for_projector() else 440,
        "encoding": {"x": {"field": "x", "type": "quantitative", "axis": x_axis, "scale": _across(look)}},
        "layer": [_room(look), *_changes(several, look), *_goal(look), *_lines(several, look), *_ends(several, look)],
    }
    if look.title:
        spec["title"] = {"text": look.title, "anchor": "start", "fontSize": LETTERS, "fontWeight": 600, "color": TEXT}
    return spec


def _across(look: Look) -> dict[str, Any]:
    """The scale of the steps. The last one leaves room for half a dot, or for the names at the ends of the lines,
    whatever the width of the chart is: a letter is about half as wide as it is high."""
    room = round(0.5 * letter(LETTERS) * look.end_letters) + 10 if look.end_letters else END_DOT
    return {"range": [0, {"expr": f"width - {room}"}]}


def _y(look: Look) -> dict[str, Any]:
    scale: dict[str, Any] = {"type": "log", "nice": False} if look.log else {"zero": False}
    form = ".0%" if look.measure == "accuracy" else "~g"
    axis: dict[str, Any] = {"title": None, "format": form, "labelFontSize": LABEL, "tickCount": 6}
    if look.log:
        # 10,000,000,000 would be told by counting zeros.
        axis["labelExpr"] = "datum.value < 1e5 ? format(datum.value, ',~g') : format(datum.value, '~e')"
    return {"field": "y", "type": "quantitative", "scale": scale, "axis": axis}


def _room(look: Look) -> dict[str, Any]:
    return {
        "transform": [{"filter": "datum.part == 'room'"}],
        "mark": {"type": "point", "opacity": 0},
        "encoding": {"y": _y(look)},
    }


def _color(several: bool, look: Look, *, legend: bool = False) -> dict[str, Any]:
    if several:
        scale = {"domain": look.names, "range": COLORS[: len(look.names)]}
        return {"field": "run", "type": "nominal", "scale": scale, "legend": None}
    entries = {"training": COLORS[0], "validation": COLORS[1]}
    entries = {part: entries[part] for part in look.parts} | ({look.goal: TEXT} if look.goal else {})
    scale = {"domain": list(entries), "range": list(entries.values())}
    return {"field": "part", "type": "nominal", "scale": scale, "legend": _legend(look) if legend else None}


def _dash(look: Look) -> dict[str, Any]:
    entries = {part: DASHES[part] for part in look.parts} | ({look.goal: GOAL_DASH} if look.goal else {})
    scale = {"domain": list(entries), "range": list(entries.values())}
    return {"field": "part", "type": "nominal", "scale": scale, "legend": _legend(look)}


def _in_words(part: str) -> str:
    """An expression of Vega for the name of a part in the visitor's language; `part` is one that gives it."""
    training, validation = (json.dumps(_(PARTS[name])) for name in ("training", "validation"))
    return f"{part} == 'training' ? {training} : {part} == 'validation' ? {validation} : {part}"


def _legend(look: Look) -> dict[str, Any]:
    legend: dict[str, Any] = {
        "title": None,
        "labelExpr": _in_words("datum.label"),
        "orient": "top",
        "labelFontSize": LABEL,
        "labelLimit": 400,
        "symbolSize": 500,
        "symbolStrokeWidth": 3,
        "symbolType": "stroke",
    }
    if look.beside:
        legend["offset"] = 18 + 19 * len(look.parts)
    if len(look.names) > 1:
        legend["symbolStrokeColor"] = TEXT
    # A published figure has a long label, which a phone has no room for beside others.
    return legend | ({"columns": 1} if look.goal else {})


def _changes(several: bool, look: Look) -> list[dict[str, Any]]:
    color: dict[str, Any] = _color(several, look) if several else {"value": TEXT}
    changes = [{"filter": "datum.part == 'change'"}]
    text = {
        "type": "text",
        "fontSize": LETTERS,
        "fontWeight": 600,
        "baseline": "top",
        "align": {"expr": "datum.left ? 'right' : 'left'"},
        "dx": {"expr": "datum.left ? -6 : 6"},
        "dy": {"expr": f"4 + {letter(LETTERS) + 4} * datum.row"},
    }
    return [
        {
            "transform": changes,
            "mark": {"type": "rule", "strokeDash": [2, 3], "strokeWidth": 2, "aria": False},
            "encoding": {"color": color, "tooltip": [{"field": "label", "title": _("changed")}]},
        },
        {
            "transform": changes,
            "mark": text,
            "encoding": {"y": {"value": 0}, "text": {"field": "label"}, "color": color},
        },
    ]


def _goal(look: Look) -> list[dict[str, Any]]:
    if not look.goal:
        return []
    return [
        {
            "transform": [{"filter": "datum.part == 'goal'"}],
            "mark": {"type": "rule", "color": TEXT, "strokeWidth": LINE, "strokeDash": GOAL_DASH},
            "encoding": {"x": None, "y": _y(look), "tooltip": [{"field": "label", "title": _("goal")}]},
        }
    ]


def _lines(several: bool, look: Look) -> list[dict[str, Any]]:
    y, color = _y(look), _color(several, look, legend=True)
    x_form = ",.2f" if look.axis == "epoch" else ",.0f"
    in_words = {"calculate": _in_words("datum.part"), "as": "part_in_words"}
    tooltip = [
        {"field": "run", "title": _("run")},
        {"field": "part_in_words", "title": _("images")},
        {"field": "x", "title": _(AXES[look.axis]), "format": x_form},
        {"field": "y", "title": _(MEASURES[look.measure]), "format": ".2%" if look.measure == "accuracy" else ",.4~g"},
    ]
    return [
        {
            "transform": [{"filter": "datum.part == 'training' || datum.part == 'validation'"}, in_words],
            "mark": {"type": "line", "strokeWidth": LINE, "interpolate": "linear", "clip": True},
            "encoding": {"y": y, "color": color, "strokeDash": _dash(look), "tooltip": tooltip},
        },
        {
            "transform": [{"filter": "datum.part == 'validation'"}, in_words],
            "mark": {"type": "point", "filled": True, "size": 50 if look.dots else 0, "clip": True},
            "encoding": {"y": y, "color": color, "tooltip": tooltip},
        },
    ]


def _ends(several: bool, look: Look) -> list[dict[str, Any]]:
    if not several:
        return []
    mark = {"type": "text", "align": "left", "dx": 7, "fontSize": LETTERS, "fontWeight": 600}
    encoding = {
        "y": _y(look),
        "text": {"field": "label"},
        "tooltip": [{"field": "run", "title": _("run")}],
    }
    ends = [{"filter": "datum.part == 'end'"}]
    # The same words, wider, in the color of the page: a name is read on the lines of others, too.
    around = mark | {"stroke": {"expr": "background"}, "strokeWidth": 4, "strokeJoin": "round"}
    return [
        {"transform": ends, "mark": around, "encoding": encoding},
        {"transform": ends, "mark": mark, "encoding": encoding | {"color": _color(several, look)}},
    ]
