"""Charts as ready Vega-Lite specifications: Streamlit need not validate or convert anything after a stroke.

All charts are drawn by `draw_chart`, with the sizes of letters and lines from here; on a projector they are larger.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pyarrow as pa
import streamlit as st

from pages.components.answers import answer_name, shown_classes
from pages.components.catalogs import ENGLISH
from pages.components.language import _, gettext_noop, language
from pages.components.screen import for_projector
from pages.components.words import confidence, number_locale

TEXT = "#7c7f8a"
"""A gray that is readable on light and on dark."""
"""The bar of what is not a digit."""

SMALL, LABEL, BOARD = 12, 15, 17
"""The sizes of letters in pixels: beside marks, along axes, on the board of a class."""
LINE = 2.5
LARGER, LEAST_LETTER, LEAST_LINE = 1.5, 22, 4
"""On a projector, everything is so many times as large, but letters and lines have so many pixels at least."""
LETTERS = ("fontSize", "labelFontSize", "titleFontSize")
LENGTHS = ("width", "height", "dx", "dy", "limit", "labelLimit", "labelPadding", "spacing", "yOffset", "offset")
UNSAID = {
    "axis": {"labelFontSize": LABEL, "titleFontSize": LABEL},
    "legend": {
        "labelFontSize": LABEL,
        "titleFontSize": LABEL,
        "labelLimit": 240,
        "symbolSize": 160,
        "symbolStrokeWidth": LINE,
    },
    "header": {"labelFontSize": LABEL},
    "text": {"fontSize": SMALL},
    "line": {"strokeWidth": LINE},
}
"""For a projector, what a specification leaves to Streamlit's theme."""
AXIS = {"labelAngle": 0, "labelFontSize": LABEL}
PROBABILITIES: dict[str, Any] = {
    "height": 190,
    "encoding": {
        "x": {"field": "digit", "type": "nominal", "sort": None, "title": None, "axis": AXIS},
        "y": {"field": "probability", "type": "quantitative", "scale": {"domain": [0, 1]}, "axis": None},
    },
    "layer": [
        {
            "mark": {"type": "bar", "cornerRadiusEnd": 3},
            "encoding": {
                "opacity": {"condition": {"test": "datum.likeliest", "value": 1}, "value": 0.35},
                "tooltip": [
                    {"field": "digit", "title": gettext_noop("answer")},
                    {"field": "probability", "format": ".2%", "title": gettext_noop("probability")},
                ],
            },
        },
        {
            "mark": {"type": "text", "dy": -7, "fontSize": SMALL, "color": TEXT},
            "encoding": {"text": {"condition": {"test": "datum.probability >= 0.01", "field": "label"}, "value": ""}},
        },
    ],
}


def probability_chart(probabilities: np.ndarray, names: Sequence[str]) -> None:
    """Bars with their percentages, the likeliest one in full color; of many classes, the likeliest ten.

    probabilities: float [classes]. names: of the classes.
    """
    shown = shown_classes(probabilities)
    names, probabilities = [answer_name(names[index]) for index in shown], probabilities[shown]
    labels = [confidence(float(share)) for share in probabilities]
    likeliest = np.arange(len(probabilities)) == probabilities.argmax()
    # An Arrow table is what the browser gets: anything else would be converted through pandas.
    data = pa.table(
        {"digit": names, "probability": probabilities.astype(float), "label": labels, "likeliest": likeliest}
    )
    summary = ", ".join(f"{name}: {label}" for name, label in zip(names, labels, strict=True))
    alt = _("Bar chart of the probabilities. {summary}").format(summary=summary)
    draw_chart(data, with_words(PROBABILITIES), alt=alt)


def with_words(spec: Any) -> Any:
    """A specification with its titles, marked by `gettext_noop`, in the visitor's language."""
    if language() == ENGLISH:
        return spec
    if isinstance(spec, dict):
        return {
            key: _(value) if key == "title" and isinstance(value, str) else with_words(value)
            for key, value in spec.items()
        }
    return [with_words(part) for part in spec] if isinstance(spec, list) else spec


def in_dark() -> bool:
    """Whether the browser shows the dark theme."""
    return getattr(st.context.theme, "type", None) == "dark"


def matrix_layers(*tooltip: dict[str, str], dark: bool = False) -> list[dict[str, Any]]:
    """The layers of a matrix: cells colored by the field "share", 0 to 1, with the field "label" written in them."""
    shades = {"range": ["#1f1f2b", "#5b5bd6"]} if dark else {"scheme": "purples"}
    light_letters = {"test": "datum.share > 0.5", "value": "white"}
    return [
        {
            "mark": {"type": "rect", "cornerRadius": 3},
            "encoding": {
                "color": {
                    "field": "share",
                    "type": "quantitative",
                    "scale": shades | {"domain": [0, 1]},
                    "legend": None,
                },
                "tooltip": list(tooltip),
            },
        },
        {
            "mark": {"type": "text", "fontSize": SMALL},
            "encoding": {
                "text": {"field": "label"},
                "color": {"value": "white"} if dark else {"condition": light_letters, "value": "#1f1f2b"},
            },
        },
    ]


def draw_chart(data: Any, spec: dict[str, Any], **options: Any) -> None:
    """`st.vega_lite_chart`, as large as the screen wants it."""
    spec = {**spec, "config": {"locale": {"number": number_locale()}} | spec.get("config", {})}
    if for_projector():
        spec = enlarged({**spec, "config": UNSAID | spec["config"]})
    st.vega_lite_chart(data, spec, **options)


def enlarged(spec: Any, key: str = "") -> Any:
    """A specification for a projector: all its letters, lines and lengths, wherever they stand."""
    if isinstance(spec, dict):
        return {name: value if name in ("datasets", "data") else enlarged(value, name) for name, value in spec.items()}
    if isinstance(spec, list):
        return [enlarged(part) for part in spec]
    if isinstance(spec, bool) or not isinstance(spec, int | float):
        return spec
    if key in LETTERS:
        return max(LEAST_LETTER, round(LARGER * spec))
    if key in ("strokeWidth", "symbolStrokeWidth"):
        return max(LEAST_LINE, LARGER * spec)
    if key in ("size", "symbolSize"):
        return LARGER**2 * spec
    return LARGER * spec if key in LENGTHS else spec


def letter(size: int) -> int:
    """The size of letters that stands in an expression, where `draw_chart` cannot see it."""
    return int(enlarged(size, "fontSize")) if for_projector() else size
