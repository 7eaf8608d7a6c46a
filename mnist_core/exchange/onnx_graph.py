"""An ONNX graph that is being written: nodes one after another."""

from typing import Any

import numpy as np

from mnist_core.exchange.packages import package


class Graph:
    """Nodes one after another; `last` is what the newest of them gives. dtype: of the numbers in between. float32,
    float64: ONNX's numbers for these types.
    """

    def __init__(self, dtype: np.dtype) -> None:
        self.onnx, self.dtype = package("onnx"), dtype
        self.float32, self.float64 = self.onnx.TensorProto.FLOAT, self.onnx.TensorProto.DOUBLE
        self.nodes: list[Any] = []
        self.constants: list[Any] = []
        self.last = ""

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
