"""What a teacher keeps of a run: its curves as a figure (PNG, SVG or PDF) as a table (CSV), and for TensorBoard."""

import io
import math
from collections.abc import Mapping

import numpy as np
from matplotlib.figure import Figure

from mnist_core.exchange import csv_of as exchange_csv
from mnist_core.exchange import events_zip
from mnist_core.runs import FIELDS
from pages.components.language import _
from pages.components.train.curve_axes import loss_height
from pages.components.train.curves import Goal, Line
from pages.components.train.curves_spec import MEASURES

FORMATS = {"png": "image/png", "svg": "image/svg+xml", "pdf": "application/pdf"}


def figure_of(lines: list[Line], file_format: str, goal: Goal | None = None) -> bytes:
    """Loss and accuracy of some runs, as the bytes of a PNG, SVG or PDF file."""
    figure = Figure(figsize=(10, 4.2), layout="constrained")
    axes = figure.subplots(1, 2)
    for axis, measure in zip(axes, MEASURES, strict=True):
        for number, line in enumerate(lines):
            columns = line.curves.columns
            color = f"C{number}"
            axis.plot(
                columns["epoch"], columns[measure], color=color, label=_("{name}, training").format(name=line.name)
            )
            known = [
                (x, y)
                for x, y in zip(columns["epoch"], columns[f"validation_{measure}"], strict=True)
                if not math.isnan(y)
            ]
            if known:
                label = _("{name}, validation").format(name=line.name)
                axis.plot(*zip(*known, strict=True), "o--", color=color, markersize=4, label=label)
        if goal is not None and measure == "accuracy":
            axis.axhline(goal.share, color="gray", linestyle=":", label=goal.label)
        height = loss_height([np.array(line.curves.columns["loss"]) for line in lines], log=False)
        if measure == "loss" and (height.kind == "log" or height.leaving):
            # As on the page: one run that explodes does not flatten the others.
            axis.set_yscale(height.kind)
            axis.set_ylim(height.low, height.high)
        axis.set_xlabel(_("epoch"))
        axis.set_title(_(MEASURES[measure]))
        axis.grid(alpha=0.3)
        axis.legend()
    buffer = io.BytesIO()
    figure.savefig(buffer, format=file_format, dpi=150)
    figure.clear()
    return buffer.getvalue()


def csv_of(lines: list[Line]) -> str:
    """All points of some runs, a row each; what is not known is left empty."""
    return exchange_csv({line.name: line.curves.columns for line in lines}, FIELDS)


def events_of(lines: list[Line], created: Mapping[str, float]) -> bytes:
    """The curves of some runs as event files of TensorBoard, in a .zip file. created: when each run was made."""
    return events_zip({line.name: (line.curves.columns, created[line.name]) for line in lines})
