"""A dense network as a diagram: units as dots, and lines as strong as what they bring to the answer."""

from typing import Any

import numpy as np
import pyarrow as pa
import streamlit as st

from mnist_core import Recognizer
from mnist_core.insight import explain
from mnist_core.nn import Network
from pages.components.answers import shown_classes
from pages.components.charts import SMALL, TEXT, draw_chart
from pages.components.inside.page_state import Key, unit_layer, unit_number
from pages.components.inside.units import ACCENT, SILENT
from pages.components.language import _
from pages.components.session import clicked_fields

MOST = 12
"""Units of a hidden layer that are drawn: those that matter most for this answer."""
LETTERS = 3
"""So many of a class's name fit into a dot."""
CLICK = {"name": "clicked", "select": {"type": "point", "fields": ["step", "unit"], "on": "click"}}
RED, BLUE = "#e5604d", "#4d8de5"


def is_dense(network: Network) -> bool:
    """Whether only dense layers have weights, and at least two do."""
    learned = [layer for layer in network.layers if layer.parameters]
    return len(learned) > 1 and all(
        "weights" in one.parameters and one.parameters["weights"].ndim == 2 for one in learned
    )


def diagram(recognizer: Recognizer, image: np.ndarray) -> None:
    """The last layers of a dense network, from the first hidden units to the answers. A click chooses a unit."""
    network = recognizer.network
    parts = explain.contributions(network, image)
    values = list(explain.outputs(network, image[None]))
    layers = list(parts)[1:]
    classes = recognizer.classes
    scores = values[-1][0, : len(classes)]
    answer = int(scores.argmax())
    columns: list[list[int]] = [shown_classes(scores)]
    for layer in reversed(layers):
        wanted = [answer] if layer == layers[-1] else columns[0]
        weight = np.abs(parts[layer][:, wanted]).sum(axis=1)
        columns.insert(0, sorted(int(unit) for unit in np.argsort(-weight, kind="stable")[:MOST]))
    lines: dict[str, list[Any]] = {name: [] for name in ("x", "y", "x2", "y2", "value", "share", "from", "to")}
    for step, layer in enumerate(layers):
        part = parts[layer][np.ix_(columns[step], columns[step + 1])]
        largest = max(float(np.abs(part).max()), 1e-12)
        for i, source in enumerate(columns[step]):
            for j, target in enumerate(columns[step + 1]):
                value = float(part[i, j])
                if abs(value) < 0.02 * largest:
                    continue
                row = (step, _height(i, columns[step]), step + 1, _height(j, columns[step + 1]), value)
                last = step + 1 == len(layers)
                names = _unit(source), classes[target] if last else _unit(target)
                for name, item in zip(lines, (*row, abs(value) / largest, *names), strict=True):
                    lines[name].append(item)
    dots = []
    for step, units in enumerate(columns):
        last = step == len(layers)
        for i, unit in enumerate(units):
            name = classes[unit][:LETTERS] if last else str(unit + 1)
            place = {"x": step, "y": _height(i, units), "step": step, "unit": unit}
            dots.append(place | {"name": name, "answer": last and unit == answer})
    numbers = [*(_before(network, layer) for layer in layers), len(network.layers) - 1]

    def choose() -> None:
        clicked = clicked_fields(Key.DIAGRAM)
        step, unit = clicked.get("step"), clicked.get("unit")
        if isinstance(step, int) and 0 <= step < len(numbers) and unit in columns[step]:
            unit_layer(recognizer.identity).put(numbers[step])
            unit_number(recognizer.identity, numbers[step]).put(int(unit) + 1)

    x = {"type": "quantitative", "axis": None, "scale": {"domain": [-0.1, len(layers) + 0.1]}}
    y = {"type": "quantitative", "axis": None, "scale": {"domain": [-0.05, 1.05], "reverse": True}}
    spec = {
        "height": 420,
        "layer": [
            {
                "data": {"name": "lines"},
                "mark": {"type": "rule"},
                "encoding": {
                    "x": {"field": "x", **x},
                    "y": {"field": "y", **y},
                    "x2": {"field": "x2"},
                    "y2": {"field": "y2"},
                    "size": {"field": "share", "type": "quantitative", "scale": {"range": [0.3, 7]}, "legend": None},
                    "opacity": {"field": "share", "type": "quantitative", "scale": {"range": [0.1, 1]}, "legend": None},
                    "color": {"condition": {"test": "datum.value > 0", "value": BLUE}, "value": RED},
                    "tooltip": [
                        {"field": "from", "title": _("from")},
                        {"field": "to", "title": _("to")},
                        {"field": "value", "format": "+.2f", "title": _("adds")},
                    ],
                },
            },
            {
                "data": {"name": "dots"},
                "mark": {"type": "circle", "size": 330, "opacity": 1, "cursor": "pointer"},
                "params": [CLICK],
                "encoding": {
                    "x": {"field": "x", **x},
                    "y": {"field": "y", **y},
                    "color": {"condition": {"test": "datum.answer", "value": ACCENT}, "value": "#55586a"},
                },
            },
            {
                "data": {"name": "dots"},
                "mark": {"type": "text", "color": "white", "fontSize": SMALL, "cursor": "pointer"},
                "encoding": {"x": {"field": "x", **x}, "y": {"field": "y", **y}, "text": {"field": "name"}},
            },
        ],
        "datasets": {
            "lines": pa.table(lines).to_pylist(),
            "dots": dots,
        },
        "config": {"view": {"stroke": None}, "text": {"color": TEXT}},
    }
    named = classes[answer]
    st.markdown(
        _(
            "**As a diagram**: a line is as strong as what it brings to this answer, blue for it, red against it. "
            "Click a unit to look at it below."
        )
    )
    draw_chart(
        None,
        spec,
        key=Key.DIAGRAM,
        on_select=choose,
        alt=_(
            "Diagram of the units that matter most, from left to right, to the answers; the answer is {answer}."
        ).format(answer=named),
    )


def _unit(unit: int) -> str:
    """How a line calls the unit at its end, counted from 0."""
    return _("unit {unit}").format(unit=unit + 1)


def _before(network: Network, layer: int) -> int:
    """The layer that is shown whose units a dense layer takes."""
    return max(number for number in range(layer) if network.layers[number].name not in SILENT)


def _height(position: int, units: list[int]) -> float:
    return (position + 0.5) / len(units)
