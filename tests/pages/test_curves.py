"""What the charts of curves say: names, changes, what leaves them, and a published figure where nothing covers it."""

import json
import math
from pathlib import Path

import numpy as np
import pytest

from mnist_core.runs.curves_file import Curves
from pages.components.train.curve_axes import loss_height
from pages.components.train.curves import Goal, Line, Options, Rows, alt_text, chart_parts
from pages.components.train.curves_spec import Look, curves_spec
from pages.components.train.line_names import apart, cut, short_names


def line(name: str, losses: list[float], *, validation: bool = True, changes: tuple[float, ...] = ()) -> Line:
    curves = Curves(Path("none"))
    for step, loss in enumerate(losses, 1):
        point: dict[str, float] = {"step": step, "epoch": step / 10, "loss": loss, "accuracy": 1 / (1 + loss)}
        if validation and step % 10 == 0:
            point |= {"validation_loss": loss, "validation_accuracy": 0.9}
        curves._take(json.dumps(point).encode())
    for changed in changes:
        curves._take(json.dumps({"step": changed, "epoch": changed / 10, "change": {"learning_rate": 100.0}}).encode())
    return Line(name, curves)


CALM = [2.3 / step for step in range(1, 51)]
BLOWN = [*CALM, 40.0, 900.0, 12000.0]


def rows(table: Rows, part: str) -> list[dict[str, object]]:
    return [row for row in table.to_arrow().to_pylist() if row["part"] == part]


def labels_of(look: Look) -> set[str]:
    """What the legends of the chart name."""
    encodings = [layer.get("encoding", {}) for layer in curves_spec(look)["layer"]]
    scales = [encoding.get(kind) for encoding in encodings for kind in ("color", "strokeDash")]
    return {name for scale in scales if scale and scale.get("legend") for name in scale["scale"]["domain"]}


def test_one_that_explodes_is_seen_to_its_top_and_its_change_has_a_label() -> None:
    table, look = chart_parts([line("alone", BLOWN, changes=(50,))], "loss", Options())
    assert look.log and look.title == "Exploded: up to 12,000. Logarithmic axis"
    assert max(row["y"] for row in rows(table, "training")) == 12000  # type: ignore[type-var]
    (change,) = rows(table, "change")
    assert (change["label"], change["x"], change["left"]) == ("rate → 100", 5.0, True)
    assert not chart_parts([line("alone", CALM)], "loss", Options())[1].log


def test_one_that_explodes_leaves_the_chart_of_the_others_and_that_is_said() -> None:
    table, look = chart_parts([line("calm", CALM), line("too fast", BLOWN)], "loss", Options())
    assert not look.log and look.title == "Leaving at the top: too fast (up to 12,000)"
    drawn = [row["y"] for part in ("training", "room") for row in rows(table, part)]
    assert np.nanmax(np.array(drawn, float)) < 3
    assert {row["label"] for row in rows(table, "end")} == {"calm", "▲ too fast"}
    # One that comes back is at its place, and its peak is told as it was, however many points it has by then.
    back = line("too fast", [2.3, 187.0, *[2.2] * 2000], validation=False)
    table, look = chart_parts([line("calm", CALM), back], "loss", Options())
    assert {row["label"] for row in rows(table, "end")} == {"calm", "too fast"}
    assert look.title == "Leaving at the top: too fast (up to 187)"
    # Only half of it would be drawn, and nothing of one that is far above from the first step to the last.
    assert chart_parts([line("calm", CALM), line("a sum", [5000.0, 4000.0])], "loss", Options())[1].log
    assert loss_height([np.array(BLOWN), np.array(BLOWN) * 2], log=False).forced
    height = loss_height([np.array(CALM), np.array(BLOWN)], log=True)
    assert height.kind == "log" and not height.forced and height.high > 12000


def test_a_run_without_validation_names_none() -> None:
    assert labels_of(chart_parts([line("alone", CALM, validation=False)], "loss", Options())[1]) == {"training"}
    assert labels_of(chart_parts([line("alone", CALM)], "loss", Options())[1]) == {"training", "validation"}


def test_a_published_figure_is_named_beside_the_chart() -> None:
    for lines in ([line("alone", CALM)], [line("one", CALM), line("two", CALM)]):
        table, look = chart_parts(lines, "accuracy", Options(goal=Goal(0.921, "test")))
        assert "published: 92.10 % on the test images" in labels_of(look)
        assert [row["y"] for row in rows(table, "goal")] == [0.921]
    assert chart_parts([line("alone", CALM)], "loss", Options(goal=Goal(0.921, "test")))[1].goal == ""


def test_the_specification_stays_while_lines_grow() -> None:
    names = ("Softmax applied twice", "Softmax applied twice, corrected")
    before, after = (
        curves_spec(chart_parts([line(name, CALM[:steps]) for name in names], "loss", Options())[1])
        for steps in (20, 50)
    )
    assert before == after


@pytest.mark.parametrize(
    ("names", "short"),
    [
        (["Softmax applied twice", "Softmax applied twice, corrected"], ["Softmax …d twice", "… corrected"]),
        (["Multi-layer perceptron", "Multi-layer perceptron 2"], ["Multi-la…rceptron", "… 2"]),
        (["one", "two"], ["one", "two"]),
    ],
)
def test_twins_are_told_apart_by_short_names(names: list[str], short: list[str]) -> None:
    found = short_names(names)
    assert [len(name) <= 16 for name in found] == [True] * len(names) and len(set(found)) == len(found)
    assert [name[-4:] for name in found] == [name[-4:] for name in short]


def test_names_at_the_ends_have_room_of_their_own() -> None:
    def room(*names: str) -> int:
        spec = curves_spec(chart_parts([line(name, CALM) for name in names], "loss", Options())[1])
        return int(spec["encoding"]["x"]["scale"]["range"][1]["expr"].removeprefix("width - "))

    assert room("one", "Multi-layer perceptron") > room("one", "three") > room("alone") > 0
    table, _ = chart_parts([line("a", CALM), line("b", CALM)], "loss", Options())
    assert max(float(str(row["x"])) for row in rows(table, "room")) == 5.0


def test_labels_are_moved_apart() -> None:
    moved = apart([0.5, 0.5, 0.98], 0.1, 0.0, 1.0)
    assert all(abs(a - b) >= 0.0999 for a, b in zip(sorted(moved), sorted(moved)[1:], strict=False))
    assert all(-1e-9 <= place <= 1 for place in moved) and cut("Anna: my first network", 9) == "Anna…work"
    assert math.isclose(apart([0.2], 0.1)[0], 0.2)


def test_a_text_beside_the_curves_tells_how_far_they_are() -> None:
    told = alt_text([line("calm", CALM)], "loss")
    assert told.startswith("Line chart of the loss. calm, 5.00 epochs: 0.046 on the training images, 0.046 on the val")
    assert alt_text([], "accuracy") == "Line chart of the accuracy. Nothing yet."
