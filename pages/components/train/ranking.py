"""The ranking of a whole class as a ready Vega-Lite chart, legible from the last row."""

import math
from collections.abc import Sequence
from typing import Any

import pyarrow as pa
import streamlit as st

from mnist_core.nn import recognize
from mnist_core.training import TrainingConfig
from pages.components.charts import BOARD, SMALL, TEXT, draw_chart, letter
from pages.components.language import _
from pages.components.train.board_chart import Shown, line_colors, row_height
from pages.components.words import UNKNOWN, accuracy, counted, number_or_dash


def network_words(config: TrainingConfig) -> str:
    """A network and its rate in a few words: "CNN 16, 32 + 64, rate 0.001"."""
    known = recognize(config.layers)
    if known is None:
        network = counted(len(config.layers), "{count} layer", "{count} layers")
    else:
        units = ", ".join(map(str, known.units))
        network = f"CNN {', '.join(map(str, known.filters))}" if known.filters else _("dense")
        network += f"{' + ' if known.filters else ' '}{units}" if units else ""
    return _("{network}, rate {rate}").format(network=network, rate=number_or_dash(config.learning_rate, "g"))


def ranking(lines: Sequence[Shown], key: str) -> None:
    """A table as a chart: in letters of any size, and with nothing that a click could change."""
    rows: dict[str, list[Any]] = {"row": [], "rank": [], "who": [], "network": [], "best": [], "state": [], "color": []}
    last, text, colors = max(1, len(lines)), _text_color(), line_colors(lines)
    for number, line in enumerate(lines, start=1):
        known = not math.isnan(line.run.best)
        rows["row"].append(number)
        rows["rank"].append(f"{number}" if known else UNKNOWN)
        rows["who"].append(_("{name} (you)").format(name=line.label) if line.own else line.label)
        rows["network"].append(network_words(line.run.info.config))
        rows["best"].append(accuracy(line.run.best))
        epoch = number_or_dash(line.run.curves.last("epoch"), ".1f")
        rows["state"].append(f"{line.state}, {epoch}" if epoch != UNKNOWN else line.state)
        rows["color"].append(colors.get(line.label, text))
    texts = "; ".join(f"{line.label}: {accuracy(line.run.best)}, {line.state}" for line in lines)
    draw_chart(
        pa.table(rows), _ranking_spec(last, len(lines), text), alt=_("Ranking. {texts}").format(texts=texts), key=key
    )


def _text_color() -> str:
    """Of the theme that the browser shows, or a gray for both."""
    theme = getattr(st.context.theme, "type", None)
    return {"dark": "#ececf4", "light": "#14141e"}.get(str(theme), TEXT)


def _ranking_spec(last: int, count: int, text: str) -> dict[str, Any]:
    # Shares of the width; on a narrow screen the network has no room.
    narrow = "width < 470"
    row, letters = row_height(count), BOARD if row_height(count) > 21 else BOARD - 2
    column = {
        "rank": ("left", "0", "28"),
        "who": ("left", "30", f"{narrow} ? width * 0.36 : width * 0.23"),
        "network": ("left", "30 + width * 0.25", f"{narrow} ? 1 : width * 0.31"),
        "best": ("right", f"{narrow} ? 30 + width * 0.58 : 30 + width * 0.7", "100"),
        "state": ("right", "width", f"{narrow} ? width * 0.32 - 6 : width * 0.24"),
    }
    own_color = {"field": "color", "type": "nominal", "scale": None}
    heads = {
        "rank": "",
        "who": _("Who"),
        "network": _("Network"),
        "best": _("Best validation"),
        "state": _("State, epoch"),
    }
    layers: list[dict[str, Any]] = []
    for name, (align, x, limit) in column.items():
        opacity: Any = {"expr": f"{narrow} ? 0 : 1"} if name == "network" else 1
        place = {"x": {"value": {"expr": x}}}
        look = {"type": "text", "align": align, "baseline": "middle", "limit": {"expr": limit}, "opacity": opacity}
        size = {"expr": f"{narrow} ? {letter(13)} : {letter(letters)}"}
        weight = 600 if name in ("who", "best") else 400
        layers.append(
            {
                "mark": look | {"fontSize": size, "fontWeight": weight},
                "encoding": place
                | {"text": {"field": name}, "color": own_color if name in ("rank", "who", "best") else {"value": text}},
            }
        )
        layers.append(
            {
                "data": {"values": [{"row": 0, "text": heads[name]}]},
                "mark": look | {"fontSize": SMALL, "color": TEXT, "limit": 130},
                "encoding": place | {"text": {"field": "text"}},
            }
        )
    layers.append(
        {
            "transform": [{"filter": "datum.row > 0"}],
            "mark": {"type": "rule", "color": TEXT, "opacity": 0.18, "yOffset": -row / 2},
            "encoding": {"x": {"value": 0}, "x2": {"value": {"expr": "width"}}},
        }
    )
    return {
        "height": row * (count + 1),
        "config": {"view": {"stroke": None}},
        "encoding": {
            "y": {
                "field": "row",
                "type": "quantitative",
                "scale": {"domain": [last + 0.5, -0.5], "nice": False, "zero": False},
                "axis": None,
            }
        },
        "layer": layers,
    }
