"""Rows of small pictures, or bars, that can be clicked: charts whose marks are the pictures themselves."""

from typing import Any

import pyarrow as pa
import streamlit as st

from pages.components.charts import TEXT

ACCENT = "#7b7bf0"


def click_picture(urls: list[str], captions: list[str], columns: int, side: int, alt: str, key: str) -> int | None:
    """Show pictures, `columns` in a row and `side` pixels large; returns which one was clicked, None for none."""
    count = len(urls)
    columns = min(columns, count)
    data = pa.table(
        {
            "number": list(range(count)),
            "row": [number // columns for number in range(count)],
            "column": [number % columns for number in range(count)],
            "url": urls,
            "caption": captions,
        }
    )
    labels = any(captions)
    step = side + (20 if labels else 4)
    rows = -(-count // columns)
    place = {"type": "ordinal", "axis": None, "scale": {"padding": 0}}
    layers: list[dict[str, Any]] = [
        {
            "mark": {"type": "image", "width": side, "height": side, "cursor": "pointer"},
            "params": [{"name": "clicked", "select": {"type": "point", "fields": ["number"], "on": "click"}}],
            "encoding": {"url": {"field": "url", "type": "nominal"}, "tooltip": {"field": "caption"}},
        }
    ]
    if labels:
        layers.append(
            {
                "mark": {"type": "text", "dy": side / 2 + 9, "fontSize": 11, "color": TEXT},
                "encoding": {"text": {"field": "caption"}},
            }
        )
    spec = {
        "width": columns * (side + 6),
        "height": rows * step,
        "encoding": {"x": {"field": "column", **place}, "y": {"field": "row", **place}},
        "layer": layers,
        "config": {"view": {"stroke": None}},
    }
    event = st.vega_lite_chart(data, spec, on_select="rerun", key=key, alt=alt, width="content")
    return _clicked(event)


def click_bar(values: list[float], strongest: set[int], alt: str, key: str) -> int | None:
    """One bar a unit, the strongest in full color; returns which one was clicked, None for none."""
    data = pa.table(
        {
            "number": list(range(len(values))),
            "unit": [number + 1 for number in range(len(values))],
            "value": values,
            "strong": [number in strongest for number in range(len(values))],
        }
    )
    axis = {"labels": len(values) <= 32, "ticks": False, "title": None}
    spec = {
        "height": 120,
        "params": [{"name": "clicked", "select": {"type": "point", "fields": ["number"], "on": "click"}}],
        "mark": {"type": "bar", "color": ACCENT, "cursor": "pointer"},
        "encoding": {
            "x": {
                "field": "unit",
                "type": "ordinal",
                "axis": axis,
            },
            "y": {"field": "value", "type": "quantitative", "axis": {"title": None, "tickCount": 3}},
            "opacity": {"condition": {"test": "datum.strong", "value": 1}, "value": 0.4},
            "tooltip": [{"field": "unit"}, {"field": "value", "format": ".3f"}],
        },
    }
    return _clicked(st.vega_lite_chart(data, spec, on_select="rerun", key=key, alt=alt))


def _clicked(event: Any) -> int | None:
    chosen = (event.get("selection") or {}).get("clicked") or []
    number = chosen[0].get("number") if chosen else None
    return None if number is None else int(number)
