"""The normalizing of a drawing as ONNX nodes, so that another program can hand over its canvas as it is.

They compute what `find_ink`, `find_box`, `fit` and `center` of `mnist_core.ink.canvas` do, for N drawings at once. A
box that differs from drawing to drawing is no difficulty: cropping and resizing along one axis is a product with a
matrix, and that matrix is computed, too. Places are computed in float64, as there: a sum of float32 may lie on the
other side of a whole number.
"""

import numpy as np

from mnist_core.exchange.onnx_graph import Graph
from mnist_core.ink.canvas import FAINTEST, FIT, MIDDLE, SIDE

DRAWING_SIDE = 280
"""Pixels of a side of a drawing: as many as the canvas of the Draw page has."""


def normalize_drawings(graph: Graph, drawings: str) -> str:
    """float32 [N, 280, 280], 0 background to 1 ink, to pictures [N, 28, 28]: the name of the result.

    An empty drawing gives an empty picture.
    """
    strongest = graph.join("ReduceMax", drawings, axes=[1, 2], keepdims=1)
    faint = graph.join("LessOrEqual", strongest, graph.constant(FAINTEST, dtype=np.float32))
    nothing, one = graph.constant(0, dtype=np.float32), graph.constant(1, dtype=np.float32)
    clear = graph.join("Div", drawings, graph.join("Where", faint, one, strongest))
    ink = graph.join("Where", faint, nothing, clear)
    visible = graph.join(
        "Cast", graph.join("Greater", ink, graph.constant(FAINTEST, dtype=np.float32)), to=graph.float32
    )
    boxes = [_ends(graph, graph.join("ReduceMax", visible, axes=[other], keepdims=0)) for other in (2, 1)]
    lengths = [graph.join("Sub", last, first) for first, last in boxes]
    scale = graph.join("Div", _number(graph, FIT), graph.join("Max", *lengths))
    counts = [_count(graph, length, scale) for length in lengths]
    down, across = (
        _resizing(graph, first, length, count, scale)
        for (first, _), length, count in zip(boxes, lengths, counts, strict=True)
    )
    fitted = _between(graph, down, ink, across)
    most = graph.join("ReduceMax", fitted, axes=[1, 2], keepdims=1)
    empty = graph.join("LessOrEqual", most, nothing)
    fitted = graph.join("Div", fitted, graph.join("Where", empty, one, most))
    down, across = (_moving(graph, fitted, other, count) for other, count in zip((2, 1), counts, strict=True))
    return graph.join("Clip", _between(graph, down, fitted, across), nothing, one)


def _number(graph: Graph, value: float) -> str:
    return graph.constant(value, dtype=np.float64)


def _places(graph: Graph, count: int, axis: int) -> str:
    """0 to count - 1, along the rows (1) or the columns (2) of matrices [N, rows, columns]."""
    return graph.constant(np.arange(count).reshape((1, -1, 1) if axis == 1 else (1, 1, -1)), dtype=np.float64)


def _between(graph: Graph, down: str, pictures: str, across: str) -> str:
    """down [N, r, H] @ pictures [N, H, W] @ across [N, c, W] transposed: [N, r, c]."""
    rows = graph.join("MatMul", down, pictures)
    return graph.join("MatMul", rows, graph.join("Transpose", across, perm=[0, 2, 1]))


def _ends(graph: Graph, inked: str) -> tuple[str, str]:
    """Of [N, places], 1 where there is ink: the first such place and the one after the last, float64 [N, 1, 1]."""
    found = []
    for last in (0, 1):
        place = graph.join("ArgMax", inked, axis=1, keepdims=1, select_last_index=last)
        place = graph.join("Unsqueeze", graph.join("Cast", place, to=graph.float64), graph.shape(2))
        found.append(graph.join("Add", place, _number(graph, last)))
    return found[0], found[1]


def _count(graph: Graph, length: str, scale: str) -> str:
    """How many pixels that axis has when it is resized, at least 1."""
    exact = graph.join("Mul", length, scale)
    return graph.join("Max", graph.join("Ceil", graph.join("Sub", exact, _number(graph, 1e-6))), _number(graph, 1))


def _resizing(graph: Graph, first: str, length: str, count: str, scale: str) -> str:
    """`resample` as matrices [N, 20, 280], for the ink of that axis alone. Rows from `count` on are 0."""
    zero, half, one = (_number(graph, value) for value in (0, 0.5, 1))
    new, old = _places(graph, FIT, 1), graph.join("Sub", _places(graph, DRAWING_SIDE, 2), first)
    following = graph.join("Add", new, one)

    # Shrinking: the share of the new pixel that the old one covers.
    end = graph.join("Min", graph.join("Div", following, scale), graph.join("Add", old, one))
    covered = graph.join("Sub", end, graph.join("Max", graph.join("Div", new, scale), old))
    shrinking = graph.join("Mul", graph.join("Max", covered, zero), scale)

    # Enlarging: linear interpolation between the two nearest centers.
    place = graph.join("Sub", graph.join("Div", graph.join("Add", new, half), scale), half)
    place = graph.join("Min", graph.join("Max", place, zero), graph.join("Sub", length, one))
    near = graph.join("Sub", one, graph.join("Abs", graph.join("Sub", place, old)))
    inside = graph.join("Min", graph.join("Sub", graph.join("Mul", length, scale), new), one)
    enlarging = graph.join("Mul", graph.join("Max", near, zero), inside)

    weights = graph.join("Where", graph.join("LessOrEqual", scale, one), shrinking, enlarging)
    of_box = graph.join("And", graph.join("GreaterOrEqual", old, zero), graph.join("Less", old, length))
    kept = graph.join("And", of_box, graph.join("Less", new, count))
    return graph.join("Cast", graph.join("Where", kept, weights, zero), to=graph.float32)


def _moving(graph: Graph, fitted: str, other: int, count: str) -> str:
    """`center` for one axis: matrices [N, 28, 20] with a 1 where a pixel goes. other: the axis that is summed over."""
    mass = graph.join("ReduceSum", fitted, graph.shape(other), keepdims=1)
    mass = graph.join("Cast", mass, to=graph.float64)
    if other == 1:
        mass = graph.join("Transpose", mass, perm=[0, 2, 1])
    total = graph.join("ReduceSum", mass, graph.shape(1), keepdims=1)
    moment = graph.join("ReduceSum", graph.join("Mul", mass, _places(graph, FIT, 1)), graph.shape(1), keepdims=1)
    # An empty drawing has no mass: any place does.
    middle = graph.join("Div", moment, graph.join("Max", total, _number(graph, 1e-6)))
    corner = graph.join("Floor", graph.join("Sub", _number(graph, MIDDLE + 0.5), middle))
    corner = graph.join("Max", corner, _number(graph, 0))
    corner = graph.join("Min", corner, graph.join("Sub", _number(graph, SIDE), count))
    goes = graph.join("Sub", _places(graph, SIDE, 1), corner)
    return graph.join("Cast", graph.join("Equal", goes, _places(graph, FIT, 2)), to=graph.float32)
