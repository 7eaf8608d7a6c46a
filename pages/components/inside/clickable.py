"""Rows of small pictures, or bars, that can be clicked: charts whose marks are the pictures themselves.

Whoever has no mouse uses the control beside the chart: a click only sets the value of that control.
"""

from collections.abc import Callable

import pyarrow as pa

from pages.components.charts import SMALL, TEXT, draw_chart
from pages.components.screen import on_phone
from pages.components.session import clicked_fields

PHONE = 270
"""So many pixels wide at most on a phone."""
ACCENT = "#7b7bf0"
CLICK = {"name": "clicked", "select": {"type": "point", "fields": ["number"], "on": "click"}}


def clickable_pictures(
    urls: list[str], captions: list[str], columns: int, side: int, alt: str, key: str, choose: Callable[[int], None]
) -> None:
    """Show pictures, `columns` in a row and `side` pixels large; `choose` is called with the number of one clicked."""
    count = len(urls)
    columns = min(columns, count, PHONE // (side + 6) if on_phone() else columns)
    data = pa.table(
        {
            "number": list(range(count)),
            "row": [number // columns for number in range(count)],
            "column": [number % columns for number in range(count)],
            "url": urls,
            "caption": captions,
        }
    )
    place = {"type": "ordinal", "axis": None, "scale": {"padding": 0}}
    spec = {
        "width": columns * (side + 6),
        "height": -(-count // columns) * (side + 20),
        "encoding": {"x": {"field": "column", **place}, "y": {"field": "row", **place}},
        "layer": [
            {
                "mark": {"type": "image", "width": side, "height": side, "cursor": "pointer"},
                "params": [CLICK],
                "encoding": {"url": {"field": "url", "type": "nominal"}, "tooltip": {"field": "caption"}},
            },
            {
                "mark": {"type": "text", "dy": side / 2 + 9, "fontSize": SMALL, "color": TEXT},
                "encoding": {"text": {"field": "caption"}},
            },
        ],
        "config": {"view": {"stroke": None}},
    }
    draw_chart(data, spec, on_select=lambda: _choose(key, choose), key=key, alt=alt, width="content")


def clickable_bars(
    numbers: list[int], values: list[float], strongest: set[int], alt: str, key: str, choose: Callable[[int], None]
) -> None:
    """One bar a unit, the strongest in full color; `choose` is called with the number of one that is clicked."""
    data = pa.table(
        {
            "number": numbers,
            "unit": [number + 1 for number in numbers],
            "value": values,
            "strong": [number in strongest for number in numbers],
        }
    )
    axis = {"labels": len(values) <= 32, "ticks": False, "title": None}
    spec = {
        "height": 120,
        "params": [CLICK],
        "mark": {"type": "bar", "color": ACCENT, "cursor": "pointer"},
        "encoding": {
            "x": {"field": "unit", "type": "ordinal", "axis": axis},
            "y": {"field": "value", "type": "quantitative", "axis": {"title": None, "tickCount": 3}},
            "opacity": {"condition": {"test": "datum.strong", "value": 1}, "value": 0.4},
            "tooltip": [{"field": "unit"}, {"field": "value", "format": ".3f"}],
        },
    }
    draw_chart(data, spec, on_select=lambda: _choose(key, choose), key=key, alt=alt)


def _choose(key: str, choose: Callable[[int], None]) -> None:
    fields = clicked_fields(key)
    if "number" in fields:
        choose(int(fields["number"]))
