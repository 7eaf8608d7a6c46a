"""The curves of runs as one ready Vega-Lite chart: training and validation, several runs, changes and a goal."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np
import pyarrow as pa

from mnist_core.runs import Curves
from pages.components.charts import draw_chart, letter
from pages.components.language import _
from pages.components.train.curve_axes import Height, accuracy_height, loss_height
from pages.components.train.curves_spec import HEIGHT, LETTERS, Look, Measure, curves_spec
from pages.components.train.line_names import apart, short_names
from pages.components.train.settings_choices import augmentation_name
from pages.components.words import number_or_dash, published

MOST_DOTS = 60
LEFT = "▲ "
"""Stands before the name of a line that has left the chart at the top."""
LABEL_ROWS = 3
POINTS = 300
"""The most points of one line: a screen does not show more."""
Axis = Literal["epoch", "step"]


@dataclass(frozen=True)
class Line:
    """A run to draw: its name and its curves."""

    name: str
    curves: Curves


@dataclass(frozen=True)
class Goal:
    """A published accuracy, 0 to 1, as a line to reach. images: those that it was measured on."""

    share: float
    images: str

    @property
    def label(self) -> str:
        return published(self.share, self.images)


@dataclass
class Rows:
    """What is drawn, a row each. part: as what, see `curves_spec`. row: of a label at the top, if several are close.
    left: whether a label stands on the left of its place."""

    x: list[float] = field(default_factory=list)
    y: list[float] = field(default_factory=list)
    run: list[str] = field(default_factory=list)
    part: list[str] = field(default_factory=list)
    label: list[str] = field(default_factory=list)
    row: list[int] = field(default_factory=list)
    left: list[bool] = field(default_factory=list)

    def add(
        self, part: str, run: str, x: float, y: float, label: str = "", row: int = 0, *, left: bool = False
    ) -> None:
        for column, value in zip(vars(self).values(), (x, y, run, part, label, row, left), strict=True):
            column.append(value)

    def add_line(self, part: str, run: str, x: np.ndarray, y: np.ndarray) -> None:
        count = len(x)
        rows = (x.tolist(), y.tolist(), [run] * count, [part] * count, [""] * count, [0] * count, [False] * count)
        for column, values in zip(vars(self).values(), rows, strict=True):
            column += values

    def to_arrow(self) -> pa.Table:
        texts, numbers = pa.string(), pa.float64()
        kinds = (numbers, numbers, texts, texts, texts, pa.int8(), pa.bool_())
        columns = zip(vars(self).items(), kinds, strict=True)
        return pa.table({name: pa.array(values, kind) for (name, values), kind in columns})


@dataclass(frozen=True)
class Drawn:
    """The points of one run: (x, y) of the training images, and of the validation images."""

    name: str
    training: tuple[np.ndarray, np.ndarray]
    validation: tuple[np.ndarray, np.ndarray]
    top: float
    """The highest value of all, also if the points are means of several."""

    def values(self) -> np.ndarray:
        return np.concatenate([self.training[1], self.validation[1]])

    def end(self) -> tuple[float, float]:
        """The last point."""
        ends = [(float(x[-1]), float(y[-1])) for x, y in (self.validation, self.training) if len(x)]
        return max(ends, key=lambda end: end[0])


@dataclass(frozen=True)
class Options:
    """How the curves are wanted. smooth: the training curves averaged. log: loss only. goal: drawn among accuracies."""

    axis: Axis = "epoch"
    smooth: bool = False
    log: bool = False
    goal: Goal | None = None


def curves_chart(lines: Sequence[Line], measure: Measure, options: Options, key: str) -> None:
    """Draw `measure` of all lines."""
    table, look = chart_parts(lines, measure, options)
    draw_chart(table.to_arrow(), curves_spec(look), alt=alt_text(lines, measure), key=key)


def chart_parts(lines: Sequence[Line], measure: Measure, options: Options) -> tuple[Rows, Look]:
    """The rows to draw, and how."""
    axis = options.axis
    drawn = [_drawn(line, measure, axis, options.smooth) for line in lines]
    beside = options.goal is not None and measure == "loss"
    goal = None if beside else options.goal
    values = [run.values() for run in drawn]
    is_loss, share = measure == "loss", goal.share if goal else None
    height = loss_height(values, options.log) if is_loss else accuracy_height(values, share)
    ends = [run.end() for run in drawn if len(run.values())]
    last = max((x for x, _ in ends), default=1.0)
    table = Rows()
    for run in drawn:
        for part, (xs, ys) in (("training", run.training), ("validation", run.validation)):
            table.add_line(part, run.name, xs, height.seen(ys))
    # What is not drawn makes room for labels at the top.
    table.add("room", "", last, height.high)
    table.add("room", "", last, height.low)
    _mark_changes(table, lines, axis, last)
    if len(lines) > 1:
        _mark_ends(table, drawn, height)
    if goal is not None:
        table.add("goal", "", math.nan, goal.share, goal.label)
    parts: list[str] = [part for part in ("training", "validation") if part in table.part]
    return table, Look(
        measure=measure,
        axis=axis,
        log=height.kind == "log",
        names=[line.name for line in lines],
        parts=parts or ["training"],
        goal=goal.label if goal else "",
        title=_title(drawn, height),
        end_letters=_end_letters(drawn, height),
        beside=beside,
        dots=table.part.count("validation") <= MOST_DOTS * max(1, len(lines)),
    )


def _drawn(line: Line, measure: Measure, axis: Axis, smooth: bool) -> Drawn:
    columns = line.curves.columns
    along = np.array(columns[axis])
    training = thin(along, np.array(columns[measure]), smooth)
    validation = np.array(columns[f"validation_{measure}"])
    values = np.concatenate([columns[measure], validation])
    top = float(values[np.isfinite(values)].max(initial=-math.inf))
    return Drawn(line.name, training, thin(along, validation), top)


def _title(drawn: list[Drawn], height: Height) -> str:
    """A line above the chart, if its axis needs a word."""
    if height.forced:
        highest = max(run.top for run in drawn)
        return _("Exploded: up to {loss}. Logarithmic axis").format(loss=_rounded(highest))
    if not height.leaving:
        return ""
    names = short_names([run.name for run in drawn])
    one = _("{name} (up to {loss})")
    left = [one.format(name=names[number], loss=_rounded(drawn[number].top)) for number in sorted(height.leaving)]
    return _("Leaving at the top: {names}").format(names=", ".join(left))


def _rounded(loss: float) -> str:
    return number_or_dash(loss, ",.0f" if 100 <= loss < 1e9 else ".3g")


def _mark_changes(table: Rows, lines: Sequence[Line], axis: Axis, last: float) -> None:
    """A rule and a label for each change; of changes that are close together, one below the other."""
    marks: dict[tuple[float, str], list[str]] = {}
    for line in lines:
        for change in line.curves.changes:
            words = [_change(name, value) for name, value in change.items() if name not in ("step", "epoch")]
            marks.setdefault((float(change[axis]), line.name), []).extend(words)
    before = -math.inf
    row = 0
    for (x, name), words in sorted(marks.items()):
        row = (row + 1) % LABEL_ROWS if x - before < 0.3 * last else 0
        before = x
        table.add("change", name, x, math.nan, ", ".join(words), row, left=x > 0.5 * last)


def _mark_ends(table: Rows, drawn: list[Drawn], height: Height) -> None:
    """The names at the ends of the lines, or where a line leaves the chart."""
    known = [number for number, run in enumerate(drawn) if len(run.values())]
    names = short_names([run.name for run in drawn])
    ends = {number: _seen_end(drawn[number], height) for number in known}
    gap = (letter(LETTERS) + 6) / HEIGHT
    places = apart([height.place(min(ends[number][1], height.high)) for number in known], gap, 0.02, 0.98)
    for number, place in zip(known, places, strict=True):
        # Only where the line does not come back into the chart.
        mark = LEFT if number in height.leaving and ends[number][1] == height.high else ""
        table.add("end", drawn[number].name, ends[number][0], height.value(place), mark + names[number])


def _end_letters(drawn: list[Drawn], height: Height) -> int:
    """The most letters at the end of a line. They change with the names only, or when a run leaves the chart."""
    if len(drawn) < 2:
        return 0
    return max(map(len, short_names([run.name for run in drawn]))) + (len(LEFT) if height.leaving else 0)


def _seen_end(run: Drawn, height: Height) -> tuple[float, float]:
    x, y = run.training
    above = np.flatnonzero(y > height.high) if height.kind == "linear" else np.array([])
    return (float(x[above[0]]), height.high) if len(above) and y[-1] > height.high else run.end()


def thin(x: np.ndarray, y: np.ndarray, smooth: bool = False, most: int = POINTS) -> tuple[np.ndarray, np.ndarray]:
    """The known points, as the means of at most `most` groups of neighbors; the last point stays itself.

    smooth: an exponential average over about a twentieth of the curve, made up for its start.
    """
    known = np.isfinite(y)
    x, y = x[known], y[known]
    if smooth and len(y) > 2:
        y = smoothed(y)
    if len(x) <= most:
        return x, y
    size = math.ceil((len(x) - 1) / (most - 1))
    groups = np.arange(0, len(x) - 1, size)
    counts = np.diff(np.append(groups, len(x) - 1))
    return (
        np.append(np.add.reduceat(x[:-1], groups) / counts, x[-1]),
        np.append(np.add.reduceat(y[:-1], groups) / counts, y[-1]),
    )


def smoothed(y: np.ndarray) -> np.ndarray:
    """An exponential moving average, each value divided by the sum of its weights so far."""
    keep = 1 - 1 / max(2.0, len(y) / 20)
    total = weight = 0.0
    averages = np.empty(len(y))
    for i, value in enumerate(y.tolist()):
        total = keep * total + value
        weight = keep * weight + 1
        averages[i] = total / weight
    return averages


def _change(setting: str, value: Any) -> str:
    if setting == "learning_rate":
        return _("rate → {value}").format(value=number_or_dash(value, "g"))
    if setting == "batch_size":
        return _("batch → {value}").format(value=value) if value else _("batch → all")
    return _("augmentation → {value}").format(value=augmentation_name(str(value)))


def alt_text(lines: Sequence[Line], measure: Measure) -> str:
    """What a screen reader says of the chart: how far each run is, and what it has reached."""
    parts = []
    for line in lines:
        training, validation = (line.curves.last(name) for name in (measure, f"validation_{measure}"))
        shown = (
            _("{name}, {epochs} epochs: {training} on the training images")
            if math.isnan(validation)
            else _("{name}, {epochs} epochs: {training} on the training images, {validation} on the validation images")
        )
        values = {"training": training, "validation": validation}
        texts = {part: number_or_dash(value, ".3f") for part, value in values.items()}
        epochs = number_or_dash(line.curves.last("epoch"), ".2f")
        parts.append(shown.format(name=line.name, epochs=epochs, **texts))
    title = _("Line chart of the loss.") if measure == "loss" else _("Line chart of the accuracy.")
    return f"{title} {'; '.join(parts)}" if parts else title + " " + _("Nothing yet.")
