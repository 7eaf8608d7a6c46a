"""Charts as ready Vega-Lite specifications: nothing is validated or converted while people draw."""

from typing import Any

import numpy as np
import pyarrow as pa
import streamlit as st

TEXT = "#7c7f8a"
"""A gray that is readable on light and on dark."""
DIGITS = [str(digit) for digit in range(10)]

PROBABILITIES: dict[str, Any] = {
    "height": 190,
    "encoding": {
        "x": {"field": "digit", "type": "nominal", "title": None, "axis": {"labelAngle": 0, "labelFontSize": 15}},
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


def probability_chart(probabilities: np.ndarray | None) -> None:
    """Ten bars with their percentages, the likeliest digit's in full color. probabilities: float [10] or None.

    Without an answer the empty axis keeps its place, so that nothing on the page jumps at the first stroke.
    """
    heights = np.zeros(10) if probabilities is None else probabilities.astype(np.float64)
    labels = [percent(float(height)) for height in heights]
    likeliest = np.arange(10) == heights.argmax()
    # An Arrow table is what the browser gets: anything else would be converted through pandas at every stroke.
    data = pa.table({"digit": DIGITS, "probability": heights, "label": labels, "likeliest": likeliest})
    alt = "An empty bar chart: no answer yet."
    if probabilities is not None:
        summary = ", ".join(f"{digit}: {label}" for digit, label in zip(DIGITS, labels, strict=True))
        alt = f"Bar chart of the ten probabilities. {summary}"
    st.vega_lite_chart(data, PROBABILITIES, alt=alt)


def percent(share: float) -> str:
    """A probability as people write it; never "100 %" or "0 %", which a network cannot know."""
    if share > 0.999:
        return "> 99.9 %"
    if share < 0.001:
        return "< 0.1 %"
    return f"{share:.1%}".replace("%", " %")
