"""A network as an ONNX file: float32 [N, 28, 28], 0 background to 1 ink, to probabilities [N, classes].

The order in `STEPS` is the order of `mnist_core.nn.layers`: what one layer becomes is one small function.
"""

from collections.abc import Callable
from typing import Any

import numpy as np

from mnist_core.exchange.packages import package
from mnist_core.exchange.reading_steps import LayerStep, ReadingSteps
from mnist_core.nn.network import IMAGE_SHAPE

OPSET, IR_VERSION = 17, 8
"""Of 2022: old enough for the runtimes that are in use, new enough for GridSample, which makes the several looks."""
SIDE = IMAGE_SHAPE[0]


class _Graph:
    """Nodes one after another; `last` is what the newest of them gives. dtype: of the numbers in between."""

    def __init__(self, dtype: np.dtype) -> None:
        self.onnx, self.dtype = package("onnx"), dtype
        self.nodes: list[Any] = []
        self.constants: list[Any] = []
        self.last = self.images = "images"

    def add(self, kind: str, *constants: str, **attributes: Any) -> str:
        """A node that takes the last value, then constants by name; returns the name of its result."""
        return self.join(kind, self.last, *constants, **attributes)

    def join(self, kind: str, *inputs: str, **attributes: Any) -> str:
        """A node that takes any values; returns the name of its result."""
        name = f"{kind.lower()}_{len(self.nodes)}"
        self.nodes.append(self.onnx.helper.make_node(kind, list(inputs), [name], name=name, **attributes))
        self.last = name
        return name

    def constant(self, value: Any, name: str = "", dtype: Any = None) -> str:
        """A constant, under its own name or a new one; returns the name."""
        name = name or f"constant_{len(self.constants)}"
        self.constants.append(self.onnx.numpy_helper.from_array(np.ascontiguousarray(value, dtype or self.dtype), name))
        return name

    def shape(self, *sides: int) -> str:
        """A constant that is a shape."""
        return self.constant(sides, dtype=np.int64)


def to_onnx(steps: ReadingSteps) -> bytes:
    """The bytes of the file, checked by ONNX itself. Raises InputError if the package is missing."""
    graph = _Graph(steps.dtype)
    helper, kind = graph.onnx.helper, graph.onnx.TensorProto.FLOAT
    double = steps.dtype == np.float64
    if double:
        graph.images = graph.add("Cast", to=graph.onnx.TensorProto.DOUBLE)
    _looks(graph, steps)
    for step in steps.layers:
        STEPS[step.layer.name](graph, step)
    _answer(graph, steps)
    if double:
        graph.add("Cast", to=kind)
    graph.nodes[-1].output[0] = "probabilities"
    made = helper.make_graph(
        graph.nodes,
        steps.card.name,
        [helper.make_tensor_value_info("images", kind, ["N", SIDE, SIDE])],
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


def _looks(graph: _Graph, steps: ReadingSteps) -> None:
    """[N, 28, 28] to [N, 1, 28, 28], or to [5 N, 1, 28, 28], the looks at one picture together."""
    if steps.looks is None:
        graph.add("Unsqueeze", graph.shape(1))
        return
    count = len(steps.looks)
    # GridSample wants a grid for each picture. Taken as N channels of one picture, all N share one.
    graph.add("Unsqueeze", graph.shape(0))
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
    first = graph.join("Unsqueeze", graph.images, graph.shape(1))
    graph.join("Concat", first, others, axis=1)
    graph.add("Reshape", graph.shape(-1, 1, SIDE, SIDE))


def _answer(graph: _Graph, steps: ReadingSteps) -> None:
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


def _weighted(graph: _Graph, step: LayerStep) -> list[str]:
    """The constants of the layer that it has of weight and bias."""
    return [graph.constant(step.arrays[name], step.label(name)) for name in ("weight", "bias") if name in step.arrays]


def _dense(graph: _Graph, step: LayerStep) -> None:
    graph.add("Gemm", *_weighted(graph, step), transB=1)


def _conv(graph: _Graph, step: LayerStep) -> None:
    size = step.arrays["weight"].shape[2]
    margin = size // 2 if getattr(step.layer, "padding", "valid") == "same" else 0
    graph.add("Conv", *_weighted(graph, step), kernel_shape=[size, size], pads=[margin] * 4)


def _maxpool(graph: _Graph, step: LayerStep) -> None:
    size = [step.layer.size] * 2  # type: ignore[attr-defined]
    graph.add("MaxPool", kernel_shape=size, strides=size)


def _batchnorm(graph: _Graph, step: LayerStep) -> None:
    names = [
        graph.constant(step.arrays[name], step.label(name))
        for name in ("weight", "bias", "running_mean", "running_var")
    ]
    layer: Any = step.layer
    graph.add("BatchNormalization", *names, epsilon=layer.epsilon, momentum=layer.momentum)


def _dropout(graph: _Graph, step: LayerStep) -> None:
    """Nothing: it only acts in training."""


def _batch_softmax(graph: _Graph, step: LayerStep) -> None:
    graph.add("Sub", graph.constant(step.arrays["level"], step.label("level")))
    graph.add("Softmax", axis=1)


def _scale(graph: _Graph, step: LayerStep) -> None:
    graph.add("Mul", graph.constant(step.layer.factor))  # type: ignore[attr-defined]


def _standardize(graph: _Graph, step: LayerStep) -> None:
    layer: Any = step.layer
    graph.add("Sub", graph.constant(layer.mean))
    graph.add("Div", graph.constant(layer.deviation))


def _ones(graph: _Graph, step: LayerStep) -> None:
    graph.add("Pad", graph.shape(0, 1, 0, 0), graph.constant(1.0))


def _pad(graph: _Graph, step: LayerStep) -> None:
    margin = step.layer.margin  # type: ignore[attr-defined]
    graph.add("Pad", graph.shape(0, 0, margin, margin, 0, 0, margin, margin))


def _resize(graph: _Graph, step: LayerStep) -> None:
    layer: Any = step.layer
    rows, columns = (layer.matrix(side, graph.dtype) for side in step.shape[:2])
    across = graph.add("MatMul", graph.constant(columns.T))
    graph.join("MatMul", graph.constant(rows), across)


def _plainly(kind: str, **attributes: Any) -> Callable[[_Graph, LayerStep], None]:
    """A layer without parameters that is one node."""

    def add(graph: _Graph, step: LayerStep) -> None:
        graph.add(kind, **attributes)

    return add


STEPS: dict[str, Callable[[_Graph, LayerStep], None]] = {
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
