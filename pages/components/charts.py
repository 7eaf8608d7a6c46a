"""Charts as ready Vega-Lite specifications: Streamlit need not validate or convert anything after a stroke."""

from typing import Any

import numpy as np
import pyarrow as pa
import streamlit as st

from pages.components.words import confidence

TEXT = "#7c7f8a"
"""A gray that is readable on light and on dark."""
DIGITS = [str(digit) for digit in range(10)]
OTHER = "none"
"""The bar of what is not a digit."""

AXIS = {"labelAngle": 0, "labelFontSize": 15}
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
                    {"field": "digit", "title": "digit"},
                    {"field": "probability", "format": ".2%", "title": "probability"},
                ],
            },
        },
        {
            "mark": {"type": "text", "dy": -7, "fontSize": 12, "color": TEXT},
            "encoding": {"text": {"condition": {"test": "datum.probability >= 0.01", "field": "label"}, "value": ""}},
        },
    ],
}


def probability_chart(probabilities: np.ndarray | None, other: float | None = None) -> None:
    """Bars with their percentages, the likeliest one in full color. probabilities: float [10], or None for no answer.

    other: the probability that it is no digit, for one bar more; None for a network that does not know that. Without an
    answer the empty axis keeps its place, so that nothing on the page jumps at the first stroke.
    """
    names = DIGITS if other is None else [*DIGITS, OTHER]
    heights = np.zeros(len(names))
    if probabilities is not None:
        heights[:10] = probabilities
        heights[10:] = other or 0.0
    labels = [confidence(float(height)) for height in heights]
    likeliest = np.arange(len(names)) == heights.argmax()
    # An Arrow table is what the browser gets: anything else would be converted through pandas at every stroke.
    data = pa.table({"digit": names, "probability": heights, "label": labels, "likeliest": likeliest})
    alt = "An empty bar chart: no answer yet."
    if probabilities is not None:
        summary = ", ".join(f"{name}: {label}" for name, label in zip(names, labels, strict=True))
        alt = f"Bar chart of the {'ten probabilities' if other is None else 'probabilities'}. {summary}"
    st.vega_lite_chart(data, PROBABILITIES, alt=alt)
