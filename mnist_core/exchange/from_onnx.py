"""An ONNX file as a list of our layers: which node is followed by which function, and what the end must be."""

from typing import Any

import numpy as np

from mnist_core.errors import InputError
from mnist_core.exchange.body import Body, FoundLayer
from mnist_core.exchange.onnx_file import OnnxFile
from mnist_core.exchange.onnx_layers import batchnorm, conv, dropout, elementwise, gemm, matmul, maxpool, pad, softmax
from mnist_core.exchange.onnx_moves import flatten, reshape, squeeze, transpose, unchanged
from mnist_core.exchange.onnx_scales import affine
from mnist_core.exchange.onnx_walk import LOG_SOFTMAX, Handler, Walk

HANDLERS: dict[str, Handler] = {
    "Conv": conv,
    "MaxPool": maxpool,
    "Gemm": gemm,
    "MatMul": matmul,
    "BatchNormalization": batchnorm,
    "Relu": elementwise("relu"),
    "Tanh": elementwise("tanh"),
    "Sigmoid": elementwise("sigmoid"),
    "Softmax": softmax,
    "LogSoftmax": softmax,
    "Dropout": dropout,
    "Identity": unchanged,
    "Cast": unchanged,
    "Flatten": flatten,
    "Reshape": reshape,
    "Transpose": transpose,
    "Squeeze": squeeze,
    "Unsqueeze": squeeze,
    "Pad": pad,
    "Add": affine,
    "Sub": affine,
    "Mul": affine,
    "Div": affine,
}


OUTPUTS = {"softmax": "softmax", LOG_SOFTMAX: "softmax", "sigmoid": "sigmoid"}
"""What makes probabilities of scores here, if it is the last layer of a file."""


def body_of_onnx(file: OnnxFile) -> Body:
    """The layers of a file. Raises InputError, with the node and what is supported, for anything else."""
    walk = Walk(file, HANDLERS)
    for node in file.nodes:
        try:
            walk.take(node)
        except (TypeError, ValueError, IndexError, AttributeError) as error:
            if isinstance(error, InputError):
                raise
            raise walk.refuse(node, "has settings of a wrong kind") from None
    walk.flush()
    if walk.flows.get(file.output) is not walk.now:
        raise InputError(f"{file.name}: its output does not come from the picture.")
    places: Any = walk.now.places
    if places.ndim != 1:
        raise InputError(f"{file.name}: expected one row of scores for a picture, found shape {places.shape}.")
    if (places != np.arange(places.size)).any():
        raise InputError(f"{file.name}: its scores are in an order that the layers here cannot give.")
    if len(walk.now.shape) == 3:
        walk.layers.append(FoundLayer("flatten"))
    last = walk.layers[-1].kind if walk.layers else ""
    output = OUTPUTS.get(last, "")
    if output:
        walk.layers.pop()
    return Body(walk.side, walk.layers, output or "softmax", file.producer)
