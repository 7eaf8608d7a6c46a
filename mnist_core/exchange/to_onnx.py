"""A network as an ONNX file: float32 [N, 28, 28], 0 background to 1 ink, to probabilities [N, classes].

The order in `STEPS` is the order of `mnist_core.nn.layers`: what one layer becomes is one small function.
"""

from collections.abc import Callable
from typing import Any

import numpy as np

from mnist_core.exchange.onnx_graph import Graph
from mnist_core.exchange.onnx_normalizing import DRAWING_SIDE, normalize_drawings
from mnist_core.exchange.reading_steps import LayerStep, ReadingSteps
from mnist_core.nn.network import IMAGE_SHAPE

OPSET, IR_VERSION = 17, 8
"""Of 2022: old enough for the runtimes that are in use, new enough for GridSample, which makes the several looks."""
SIDE = IMAGE_SHAPE[0]


def to_onnx(steps: ReadingSteps, of_drawings: bool = False) -> bytes:
    """The bytes of the file, checked by ONNX itself. Raises InputError if the package is missing.

    of_drawings: it takes drawings, float32 [N, 280, 280], and normalizes them first.
    """
    graph = Graph(steps.dtype)
    helper, kind = graph.onnx.helper, graph.float32
    given, side = ("drawings", DRAWING_SIDE) if of_drawings else ("images", SIDE)
    images = normalize_drawings(graph, given) if of_drawings else given
    double = steps.dtype == np.float64
    if double:
        images = graph.join("Cast", images, to=graph.float64)
    _looks(graph, steps, images)
    for step in steps.layers:
        STEPS[step.layer.name](graph, step)
    _answer(graph, steps)
    if double:
        graph.add("Cast", to=kind)
    graph.nodes[-1].output[0] = "probabilities"
    made = helper.make_graph(
        graph.nodes,
        steps.card.name,
        [helper.make_tensor_value_info(given, kind, ["N", side, side])],
        [helper.make_tensor_value_info("probabilities", kind, ["N", steps.classes])],
        graph.constants,
        doc_string=steps.card.description,
    )
    model = helper.make_model(
        made,
        producer_name="Digit Lab",
        ir_version=IR_VERSION,
        opset_imports=[helper.make_opsetid("", OPSET)],
    )
    helper.set_model_props(model, steps.metadata())
    graph.onnx.checker.check_model(model, full_check=True)
    return bytes(model.SerializeToString())


def _looks(graph: Graph, steps: ReadingSteps, images: str) -> None:
    """[N, 28, 28] to [N, 1, 28, 28], or to [5 N, 1, 28, 28], the looks at one picture together."""
    if steps.looks is None:
        graph.join("Unsqueeze", images, graph.shape(1))
        return
    count = len(steps.looks)
    # GridSample wants a grid for each picture. Taken as N channels of one picture, all N share one.
    graph.join("Unsqueeze", images, graph.shape(0))
    middle = (SIDE - 1) / 2
    grid = (steps.looks[..., ::-1] - middle) / middle
    graph.add(
        "GridSample",
        graph.constant(grid.reshape(1, count * SIDE, SIDE, 2)),
        mode="bilinear",
        padding_mode="zeros",
        align_corners=1,
    )
    others = graph.add("Reshape", graph.shape(-1, count, SIDE, SIDE))
    first = graph.join("Unsqueeze", images, graph.shape(1))
    graph.join("Concat", first, others, axis=1)
    graph.add("Reshape", graph.shape(-1, 1, SIDE, SIDE))


def _answer(graph: Graph, steps: ReadingSteps) -> None:
    """The scores as probabilities; see `mnist_core.nn.network.probabilities`."""
    if steps.order is not None:
        graph.add("Gather", graph.constant(steps.order, dtype=np.int64), axis=1)
    if steps.looks is not None:
        graph.add("Reshape", graph.shape(-1, 1 + len(steps.looks), steps.classes))
        graph.add("ReduceMean", axes=[1], keepdims=0)
    if steps.output == "softmax":
        if steps.temperature != 1:
            graph.add("Div", graph.constant(steps.temperature))
        graph.add("Softmax", axis=1)
        return
    positive = graph.add("Sigmoid" if steps.output == "sigmoid" else "Relu")
    total = graph.add("ReduceSum", graph.shape(1), keepdims=1)
    # Where no score is above 0, all classes are as likely.
    none = graph.join("LessOrEqual", total, graph.constant(0.0))
    safe = graph.join("Where", none, graph.constant(1.0), total)
    shares = graph.join("Div", positive, safe)
    graph.join("Where", none, graph.constant(1 / steps.classes), shares)


def _weighted(graph: Graph, step: LayerStep) -> list[str]:
    """The constants of the layer that it has of weight and bias."""
    return [graph.constant(step.arrays[name], step.label(name)) for name in ("weight", "bias") if name in step.arrays]


def _dense(graph: Graph, step: LayerStep) -> None:
    graph.add("Gemm", *_weighted(graph, step), transB=1)


def _conv(graph: Graph, step: LayerStep) -> None:
    size = step.arrays["weight"].shape[2]
    margin = size // 2 if getattr(step.layer, "padding", "valid") == "same" else 0
    graph.add("Conv", *_weighted(graph, step), kernel_shape=[size, size], pads=[margin] * 4)


def _maxpool(graph: Graph, step: LayerStep) -> None:
    size = [step.layer.size] * 2  # type: ignore[attr-defined]
    graph.add("MaxPool", kernel_shape=size, strides=size)


def _batchnorm(graph: Graph, step: LayerStep) -> None:
    names = [
        graph.constant(step.arrays[name], step.label(name))
        for name in ("weight", "bias", "running_mean", "running_var")
    ]
    layer: Any = step.layer
    graph.add("BatchNormalization", *names, epsilon=layer.epsilon, momentum=layer.momentum)


def _dropout(graph: Graph, step: LayerStep) -> None:
    """Nothing: it only acts in training."""


def _batch_softmax(graph: Graph, step: LayerStep) -> None:
    graph.add("Sub", graph.constant(step.arrays["level"], step.label("level")))
    graph.add("Softmax", axis=1)


def _scale(graph: Graph, step: LayerStep) -> None:
    graph.add("Mul", graph.constant(step.layer.factor))  # type: ignore[attr-defined]


def _standardize(graph: Graph, step: LayerStep) -> None:
    layer: Any = step.layer
    graph.add("Sub", graph.constant(layer.mean))
    graph.add("Div", graph.constant(layer.deviation))


def _ones(graph: Graph, step: LayerStep) -> None:
    graph.add("Pad", graph.shape(0, 1, 0, 0), graph.constant(1.0))


def _pad(graph: Graph, step: LayerStep) -> None:
    margin = step.layer.margin  # type: ignore[attr-defined]
    graph.add("Pad", graph.shape(0, 0, margin, margin, 0, 0, margin, margin))


def _resize(graph: Graph, step: LayerStep) -> None:
    layer: Any = step.layer
    rows, columns = (layer.matrix(side, graph.dtype) for side in step.shape[:2])
    across = graph.add("MatMul", graph.constant(columns.T))
    graph.join("MatMul", graph.constant(rows), across)


def _plainly(kind: str, **attributes: Any) -> Callable[[Graph, LayerStep], None]:
    """A layer without parameters that is one node."""

    def add(graph: Graph, step: LayerStep) -> None:
        graph.add(kind, **attributes)

    return add


STEPS: dict[str, Callable[[Graph, LayerStep], None]] = {
    "dense": _dense,
    "dense_one_bias_gradient": _dense,
    "conv": _conv,
    "maxpool": _maxpool,
    "batchnorm": _batchnorm,
    "dropout": _dropout,
    "flatten": _plainly("Flatten", axis=1),
    "relu": _plainly("Relu"),
    "sigmoid": _plainly("Sigmoid"),
    "tanh": _plainly("Tanh"),
    "softmax": _plainly("Softmax", axis=1),
    "batch_softmax": _batch_softmax,
    "scale": _scale,
    "standardize": _standardize,
    "ones": _ones,
    "pad": _pad,
    "resize": _resize,
}
