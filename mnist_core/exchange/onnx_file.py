"""An ONNX file taken apart: its nodes, its constants, what goes in and what comes out. Nothing in it is run.

Refused are files that are too large, that point to other files, and that hold graphs inside of graphs.
"""

import math
from dataclasses import dataclass
from typing import Any

import numpy as np

from mnist_core.errors import InputError
from mnist_core.exchange.packages import package
from mnist_core.exchange.wire import check_fields

MAX_BYTES = 40_000_000
"""A network of 8 million numbers in float32 takes 32."""
MAX_NODES = 500
OPSETS = range(7, 100)
LONGEST = 40
"""Letters of a name in a message."""
TYPES = {1: np.float32, 6: np.int32, 7: np.int64, 9: np.bool_, 10: np.float16, 11: np.float64}
"""ONNX's numbers for the types of constants that are understood."""
LISTED = {1: "float_data", 7: "int64_data", 11: "double_data"}
"""Where their numbers stand if they are not written as bytes; those of the other types stand in int32_data."""
EXTERNAL = 1


@dataclass(frozen=True)
class Node:
    """One operation: its kind, such as "Conv"; the names of what goes in and out; its settings by name."""

    kind: str
    name: str
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    settings: dict[str, Any]

    def __str__(self) -> str:
        return f"node {short(self.name)} ({short(self.kind)})" if self.name else f"a {short(self.kind)} node"


@dataclass(frozen=True)
class OnnxFile:
    """nodes: in the order in which they are computed, and only those that the output needs. constants: by name.

    shape: of the input, None for a side that is free. producer: the program that wrote the file. opset: of the nodes.
    """

    name: str
    nodes: tuple[Node, ...]
    constants: dict[str, np.ndarray]
    input: str
    shape: tuple[int | None, ...]
    output: str
    producer: str
    opset: int
    metadata: dict[str, str]


def short(text: str) -> str:
    """A name from a file, fit for a message."""
    clean = "".join(letter if letter.isprintable() else "?" for letter in text[: LONGEST + 1])
    return clean if len(clean) <= LONGEST else clean[: LONGEST - 1] + "…"


def read_onnx(data: bytes, name: str) -> OnnxFile:
    """Take the bytes of a file apart; error messages call it `name`. Raises InputError for what is not understood."""
    onnx, protobuf = package("onnx"), package("google.protobuf.message")
    if len(data) > MAX_BYTES:
        raise InputError(f"{name}: expected an ONNX file of at most {MAX_BYTES / 1e6:g} MB, found more.")
    check_fields(data, onnx.ModelProto.DESCRIPTOR, name)
    model = onnx.ModelProto()
    try:
        model.ParseFromString(data)
        return _taken_apart(model, name)
    except InputError:
        raise
    except (ValueError, protobuf.DecodeError):
        raise InputError(f"{name}: expected an ONNX file, found something else or a damaged one.") from None


def _taken_apart(model: Any, name: str) -> OnnxFile:
    if model.functions or model.training_info:
        raise InputError(f"{name}: it defines operations of its own, or a training; only plain networks are taken.")
    graph = model.graph
    if not graph.node:
        raise InputError(f"{name}: expected an ONNX file with a network in it, found no nodes.")
    opset = next((one.version for one in model.opset_import if one.domain in ("", "ai.onnx")), 0)
    if opset not in OPSETS:
        raise InputError(f"{name}: expected operations of opset 7 or newer, found opset {opset}.")
    if len(graph.node) > MAX_NODES:
        raise InputError(f"{name}: expected at most {MAX_NODES} nodes, found {len(graph.node):,}.")
    if graph.sparse_initializer:
        raise InputError(f"{name}: it has sparse tensors, which are not supported.")
    constants = {one.name: array_of(one, name) for one in graph.initializer}
    inputs = [one for one in graph.input if one.name not in constants]
    if len(inputs) != 1 or len(graph.output) != 1:
        found = f"{len(inputs)} and {len(graph.output)}"
        raise InputError(f"{name}: expected one input, the picture, and one output, the digits; found {found}.")
    nodes = [_node(one, name) for one in graph.node]
    return OnnxFile(
        name=name,
        nodes=tuple(_needed(nodes, graph.output[0].name)),
        constants=constants,
        input=inputs[0].name,
        shape=_shape(inputs[0]),
        output=graph.output[0].name,
        producer=short(f"{model.producer_name} {model.producer_version.removesuffix(' None')}".strip()),
        opset=opset,
        metadata={one.key: one.value for one in model.metadata_props},
    )


def _node(found: Any, name: str) -> Node:
    if found.domain not in ("", "ai.onnx"):
        raise InputError(
            f"{name}: node {short(found.name)} is {short(found.domain)}.{short(found.op_type)}; "
            "only ONNX's own operations are supported."
        )
    node = Node(found.op_type, found.name, tuple(found.input), tuple(found.output), {})
    for one in found.attribute:
        node.settings[one.name] = _setting(one, node, name)
    return node


def _setting(found: Any, node: Node, name: str) -> Any:
    """The value of an attribute, by ONNX's number for its type."""
    if found.type == 1:
        return float(found.f)
    if found.type == 2:
        return int(found.i)
    if found.type == 3:
        return found.s.decode("utf-8", "replace")
    if found.type == 4:
        return array_of(found.t, name)
    if found.type == 6:
        return [float(value) for value in found.floats]
    if found.type == 7:
        return [int(value) for value in found.ints]
    raise InputError(f"{name}: {node} has a setting {short(found.name)!r} of a kind that is not supported.")


def array_of(tensor: Any, name: str) -> np.ndarray:
    """A constant. Nothing outside the file is opened, and no more memory taken than the file has bytes for it."""
    label = short(tensor.name)
    if tensor.data_location == EXTERNAL or tensor.external_data:
        raise InputError(f"{name}: tensor {label!r} points to another file, which is not opened.")
    kind = TYPES.get(tensor.data_type)
    if kind is None:
        raise InputError(f"{name}: tensor {label!r} is of ONNX's type {tensor.data_type}; expected floats or integers.")
    dtype, shape = np.dtype(kind), tuple(tensor.dims)
    if len(shape) > 8 or any(side < 0 for side in shape):
        raise InputError(f"{name}: tensor {label!r} has an impossible shape.")
    if tensor.raw_data:
        values = np.frombuffer(tensor.raw_data[: len(tensor.raw_data) // dtype.itemsize * dtype.itemsize], dtype)
        if values.nbytes != len(tensor.raw_data):
            values = values[:0]
    elif tensor.data_type in LISTED:
        values = np.array(getattr(tensor, LISTED[tensor.data_type]), dtype)
    else:
        numbers = np.array(tensor.int32_data, np.int32)
        # Halves are written as integers with the same bits.
        values = numbers.astype(np.uint16).view(np.float16) if dtype == np.float16 else numbers.astype(dtype)
    if math.prod(shape) != values.size:
        raise InputError(f"{name}: tensor {label!r} should hold {math.prod(shape):,} numbers, found {values.size:,}.")
    return values.reshape(shape)


def _shape(value: Any) -> tuple[int | None, ...]:
    dims = value.type.tensor_type.shape.dim
    return tuple(int(one.dim_value) if one.HasField("dim_value") and one.dim_value > 0 else None for one in dims)


def _needed(nodes: list[Node], output: str) -> list[Node]:
    """The nodes without which the output could not be computed, in their order."""
    wanted, found = {output}, []
    for node in reversed(nodes):
        if wanted & set(node.outputs):
            found.append(node)
            wanted |= set(node.inputs)
    return found[::-1]
