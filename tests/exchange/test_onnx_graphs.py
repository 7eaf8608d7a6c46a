"""ONNX graphs made here: the usual patterns give what ONNX Runtime gives, and what is not supported is named."""

from typing import Any

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper

from mnist_core import InputError, load_mnist
from mnist_core.data import to_unit
from mnist_core.exchange import PicturesWanted, take_apart


def graph(
    nodes: list[onnx.NodeProto],
    constants: dict[str, np.ndarray] | None = None,
    shape: tuple[int | str, ...] = ("N", 1, 28, 28),
    opset: int = 17,
) -> bytes:
    """An ONNX file from "x" to the output of the last node."""
    made = helper.make_graph(
        nodes,
        "g",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, list(shape))],
        [helper.make_tensor_value_info(nodes[-1].output[0], TensorProto.FLOAT, ["N", 10])],
        [numpy_helper.from_array(array, name) for name, array in (constants or {}).items()],
    )
    return bytes(
        helper.make_model(made, ir_version=8, opset_imports=[helper.make_opsetid("", opset)]).SerializeToString()
    )


def node(kind: str, *inputs: str, to: str = "y", **settings: Any) -> onnx.NodeProto:
    return helper.make_node(kind, list(inputs), [to], name=f"the_{kind}" if to == "y" else f"{kind}_{to}", **settings)


RNG = np.random.default_rng(0)
W = RNG.normal(0, 0.1, (784, 10)).astype(np.float32)
B = RNG.normal(0, 0.1, 10).astype(np.float32)
K = RNG.normal(0, 0.1, (2, 1, 3, 3)).astype(np.float32)
K_DENSE = RNG.normal(0, 0.1, (2 * 26 * 26, 10)).astype(np.float32)


def scores(data: bytes, wanted: PicturesWanted | None = None) -> np.ndarray:
    network, _ = take_apart("a.onnx", data).network(wanted or PicturesWanted())
    return network.logits(to_unit(load_mnist().test_images[:20]))


def runtime_scores(data: bytes, shape: tuple[int, ...]) -> np.ndarray:
    import onnxruntime

    images = to_unit(load_mnist().test_images[:20]).reshape(-1, *shape)
    return np.asarray(onnxruntime.InferenceSession(data).run(None, {"x": images})[0])


C = {"w": W, "b": B, "k": K, "kw": K_DENSE, "flat": np.array([-1, 784]), "kflat": np.array([-1, 1352])}
PICTURE, NHWC, ROW = (1, 28, 28), (28, 28, 1), (784,)
MEANS = {name: RNG.uniform(0.5, 1.5, 2).astype(np.float32) for name in ("s", "t", "m", "v")}
AFTER_CONV = [node("Flatten", "z", to="f"), node("MatMul", "f", "kw")]
CHAINS: dict[str, tuple[list[onnx.NodeProto], dict[str, np.ndarray], tuple[int, ...]]] = {
    "gemm": ([node("Flatten", "x", to="f"), node("Gemm", "f", "w", "b", alpha=0.5, beta=2.0)], {}, PICTURE),
    "gemm of the transposed": (
        [node("Flatten", "x", to="f"), node("Gemm", "f", "wt", "b", transB=1)],
        {"wt": np.ascontiguousarray(W.T)},
        PICTURE,
    ),
    "matmul and add": ([node("MatMul", "x", "w", to="z"), node("Add", "b", "z")], {}, ROW),
    "two scales, one below": (
        [node("Sub", "x", "c", to="p"), node("Div", "p", "d", to="q"), node("MatMul", "q", "w")],
        {"c": np.array(0.2, np.float32), "d": np.array([0.4], np.float32)},
        ROW,
    ),
    "from paper to ink": (
        [node("Sub", "c", "x", to="p"), node("MatMul", "p", "w")],
        {"c": np.ones(1, np.float32)},
        ROW,
    ),
    "nhwc to conv": (
        [node("Transpose", "x", to="n", perm=[0, 3, 1, 2]), node("Conv", "n", "k", to="z"), *AFTER_CONV],
        {},
        NHWC,
    ),
    "conv, back to nhwc, and flat": (
        [
            node("Reshape", "x", "n", to="p"),
            node("Conv", "p", "k", "cb", to="q"),
            node("Transpose", "q", to="r", perm=[0, 2, 3, 1]),
            node("Add", "r", "cc", to="u"),
            node("Relu", "u", to="v"),
            node("Reshape", "v", "kflat", to="f"),
            node("MatMul", "f", "kw"),
        ],
        {"n": np.array([-1, 1, 28, 28]), "cb": B[:2].copy(), "cc": B[2:4].copy()},
        NHWC,
    ),
    "normalized in two steps after an activation": (
        [
            node("Conv", "x", "k", to="a"),
            node("Relu", "a", to="c"),
            node("Mul", "c", "cs", to="d"),
            node("Add", "d", "ct", to="z"),
            *AFTER_CONV,
        ],
        {"cs": MEANS["s"].reshape(2, 1, 1), "ct": MEANS["t"].reshape(1, 2, 1, 1)},
        PICTURE,
    ),
    "batchnorm, same padding, pooling": (
        [
            node("Conv", "x", "k", to="a", pads=[1, 1, 1, 1]),
            node("BatchNormalization", "a", "s", "t", "m", "v", to="c", epsilon=0.01),
            node("MaxPool", "c", to="z", kernel_shape=[2, 2], strides=[2, 2]),
            node("Flatten", "z", to="f"),
            node("MatMul", "f", "kw2"),
        ],
        MEANS | {"kw2": K_DENSE[:392].copy()},
        PICTURE,
    ),
    "zeros around, and more of them in the convolution": (
        [
            node("Pad", "x", "pads", to="p"),
            node("Conv", "p", "k", to="z", pads=[3, 3, 3, 3]),
            node("MaxPool", "z", to="q", kernel_shape=[4, 4], strides=[4, 4]),
            node("Flatten", "q", to="f"),
            node("MatMul", "f", "kw3"),
        ],
        {"pads": np.array([0, 0, 2, 2, 0, 0, 2, 2]), "kw3": K_DENSE[: 2 * 9 * 9].copy()},
        PICTURE,
    ),
    "a shape that is computed": (
        [
            node("Shape", "x", to="sh"),
            node("Gather", "sh", "zero", to="g"),
            node("Unsqueeze", "g", "first", to="u"),
            node("Concat", "u", "rest", to="target", axis=0),
            node("Reshape", "x", "target", to="f"),
            node("Identity", "f", to="i"),
            node("MatMul", "i", "w"),
        ],
        {"zero": np.array(0), "first": np.array([0]), "rest": np.array([-1])},
        PICTURE,
    ),
    "a row that is a picture": (
        [
            node("Reshape", "x", "n", to="p"),
            node("Squeeze", "p", "last", to="q"),
            node("Unsqueeze", "q", "first", to="r"),
            node("Conv", "r", "k", to="z"),
            *AFTER_CONV,
        ],
        {"n": np.array([0, 28, 28, 1]), "last": np.array([3]), "first": np.array([1])},
        ROW,
    ),
}


@pytest.mark.parametrize("name", list(CHAINS))
def test_the_usual_patterns_give_what_onnx_runtime_gives(name: str) -> None:
    nodes, more, shape = CHAINS[name]
    data = graph(nodes, C | more, ("N", *shape))
    np.testing.assert_allclose(scores(data), runtime_scores(data, shape), atol=1e-5)


def test_probabilities_at_the_end_are_ours_to_make() -> None:
    for last, output in (
        (node("Softmax", "z", axis=1), "softmax"),
        (node("LogSoftmax", "z"), "softmax"),
        (node("Sigmoid", "z"), "sigmoid"),
    ):
        data = graph([node("MatMul", "x", "w", to="z"), last], C, ("N", 784))
        network, _ = take_apart("a.onnx", data).network(PicturesWanted())
        assert network.output == output and network.description == ["flatten", "dense 10 biases=none"]
    twice = graph([node("MatMul", "x", "w", to="z"), node("Softmax", "z", to="p"), node("Softmax", "p")], C, ("N", 784))
    assert take_apart("a.onnx", twice).network(PicturesWanted())[0].description[-1] == "softmax"


FLAT = node("Flatten", "x", to="f")
REFUSED: dict[str, tuple[list[onnx.NodeProto], dict[str, np.ndarray], str]] = {
    "a stride": (
        [node("Conv", "x", "k", strides=[2, 2])],
        {},
        r"node the_Conv \(Conv\) has strides \[2, 2\]; only 1 is supported. Supported are Conv, MaxPool",
    ),
    "groups": ([node("Conv", "x", "k", group=2)], {}, "has 2 groups"),
    "an unknown node": ([node("LeakyRelu", "x")], {}, r"node the_LeakyRelu \(LeakyRelu\) is not supported"),
    "a skip": (
        [FLAT, node("MatMul", "f", "sq", to="a"), node("Relu", "a", to="r"), node("Add", "r", "a")],
        {"sq": np.eye(784, dtype=np.float32)},
        "does not follow the one before it",
    ),
    "an earlier value": (
        [node("Relu", "x", to="r"), node("Identity", "r", to="unused"), node("Tanh", "x")],
        {},
        "does not end in|shape|scores",
    ),
    "overlapping pooling": (
        [node("MaxPool", "x", kernel_shape=[3, 3], strides=[2, 2])],
        {},
        "only squares side by side",
    ),
    "weights that do not fit": ([FLAT, node("MatMul", "f", "kw")], {}, "should have weights for 784 inputs"),
    "pictures mixed": ([node("Reshape", "x", "mixed")], {"mixed": np.array([7, -1])}, "mixes pictures"),
    "pictures turned": ([node("Transpose", "x", perm=[1, 0, 2, 3])], {}, "mixes pictures"),
    "a number for each pixel": (
        [node("Add", "x", "p", to="q"), node("Conv", "q", "k")],
        {"p": W[:, :1].reshape(1, 1, 28, 28).copy()},
        "a number of its own for each pixel",
    ),
    "a division by 0": ([node("Div", "x", "z")], {"z": np.zeros(1, np.float32)}, "divides by 0"),
    "no scores": ([node("Relu", "x")], {}, "expected one row of scores"),
    "training mode": (
        [node("BatchNormalization", "x", "o", "o", "o", "o", training_mode=1)],
        {"o": np.ones(1, np.float32)},
        "is in training mode",
    ),
    "after the logarithm": (
        [FLAT, node("MatMul", "f", "w", to="z"), node("LogSoftmax", "z", to="p"), node("Relu", "p")],
        {},
        "comes after the probabilities",
    ),
    "too few classes": (
        [FLAT, node("MatMul", "f", "w9")],
        {"w9": W[:, :9].copy()},
        "expected an output for each of the 10 digits, found 9",
    ),
    "not finite": ([FLAT, node("MatMul", "f", "wn")], {"wn": np.full_like(W, np.nan)}, "expected finite numbers"),
}


@pytest.mark.parametrize("name", list(REFUSED))
def test_what_is_not_supported_is_named(name: str) -> None:
    nodes, more, words = REFUSED[name]
    with pytest.raises(InputError, match=words) as refusal:
        scores(graph(nodes, C | more))
    assert "\n" not in str(refusal.value) and str(refusal.value).startswith("a.onnx")


@pytest.mark.parametrize(
    "shape", [("N", 3, 28, 28), ("N", 1, 28, 20), ("N", "C", "H", "W"), ("N", 785), ("N",), ("N", 1, 90, 90)]
)
def test_other_inputs_are_refused(shape: tuple[int | str, ...]) -> None:
    with pytest.raises(InputError, match="expected a gray, square picture of 4 to 64 pixels a side"):
        take_apart("a.onnx", graph([node("Relu", "x")], {}, shape))


def test_a_pickle_is_refused_with_the_way_out() -> None:
    for name in ("model.pt", "model.PTH", "pytorch_model.bin"):
        with pytest.raises(InputError, match="may run code when it is opened.*save_file"):
            take_apart(name, b"anything")
    with pytest.raises(InputError, match=r"expected a file that ends in .onnx or .safetensors"):
        take_apart("model.h5", b"anything")
