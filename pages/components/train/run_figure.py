"""What a teacher keeps of a run: its curves as a figure (PNG, SVG or PDF) and as a table (CSV)."""

import csv
import io
import math

import numpy as np
from matplotlib.figure import Figure

from mnist_core.runs import FIELDS
from pages.components.train.curve_axes import loss_height
from pages.components.train.curves import Goal, Line

FORMATS = {"png": "image/png", "svg": "image/svg+xml", "pdf": "application/pdf"}


def figure_of(lines: list[Line], file_format: str, goal: Goal | None = None) -> bytes:
    """Loss and accuracy of some runs, as the bytes of a PNG, SVG or PDF file."""
    figure = Figure(figsize=(10, 4.2), layout="constrained")
    axes = figure.subplots(1, 2)
    for axis, measure in zip(axes, ("loss", "accuracy"), strict=True):
        for number, line in enumerate(lines):
            columns = line.curves.columns
            color = f"C{number}"
            axis.plot(columns["epoch"], columns[measure], color=color, label=f"{line.name}, training")
            known = [
                (x, y)
                for x, y in zip(columns["epoch"], columns[f"validation_{measure}"], strict=True)
                if not math.isnan(y)
            ]
            if known:
                axis.plot(*zip(*known, strict=True), "o--", color=color, markersize=4, label=f"{line.name}, validation")
        if goal is not None and measure == "accuracy":
            axis.axhline(goal.share, color="gray", linestyle=":", label=goal.label)
        height = loss_height([np.array(line.curves.columns["loss"]) for line in lines], log=False)
        if measure == "loss" and (height.kind == "log" or height.leaving):
            # As on the page: one run that explodes does not flatten the others.
            axis.set_yscale(height.kind)
            axis.set_ylim(height.low, height.high)
        axis.set_xlabel("epoch")
        axis.set_title(measure)
        axis.grid(alpha=0.3)
        axis.legend()
    buffer = io.BytesIO()
    figure.savefig(buffer, format=file_format, dpi=150)
    figure.clear()
    return buffer.getvalue()


def csv_of(lines: list[Line]) -> str:
    """All points of some runs, a row each; what is not known is left empty."""
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(("run", *FIELDS))
    for line in lines:
        for row in zip(*(line.curves.columns[name] for name in FIELDS), strict=True):
            writer.writerow((_plain(line.name), *("" if math.isnan(value) else value for value in row)))
    return text.getvalue()


def _plain(name: str) -> str:
    """A name that no spreadsheet takes for a formula."""
    return f"'{name}" if name[:1] in "=+-@" else name
