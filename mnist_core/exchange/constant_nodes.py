"""ONNX nodes whose result does not depend on the picture: shapes that a program computes, and weights it turns around.

Only what exporters write for ordinary networks is computed here, and results stay as small as what goes in.
"""

import math
from collections.abc import Callable, Sequence

import numpy as np

from mnist_core.errors import InputError
from mnist_core.exchange.onnx_file import Node

SMALL = 4096
"""Numbers that a result may have, where it could be larger than what goes in."""
MAX_COPIED = 8_000_000
"""Numbers that one copy of an array in another type may have."""


class NotFoldedError(Exception):
    """This node is none of those that are computed here."""


def axes_of(node: Node, inputs: Sequence[np.ndarray]) -> list[int] | None:
    """The axes of a Squeeze or an Unsqueeze, which older files have as a setting and newer ones as an input."""
    if "axes" in node.settings:
        return [int(axis) for axis in node.settings["axes"]]
    if inputs and inputs[0].size <= 8:
        return [int(axis) for axis in inputs[0].ravel()]
    return None


def folded_constant(node: Node, inputs: Sequence[np.ndarray]) -> np.ndarray:
    """The result of a node. Raises NotFoldedError for another kind of node, InputError for one that makes no sense."""
    compute = FOLDED.get(node.kind)
    if compute is None:
        raise NotFoldedError
    try:
        with np.errstate(all="ignore"):
            return compute(node, inputs)
    except (ValueError, IndexError, TypeError, KeyError, OverflowError, AttributeError, ZeroDivisionError):
        raise InputError(f"{node} makes no sense with what goes into it") from None


def reshaped(shape: tuple[int, ...], wanted: Sequence[int]) -> tuple[int, ...]:
    """The shape that ONNX's Reshape gives: 0 keeps a side, -1 is what is left. Raises ValueError."""
    sides = [shape[place] if side == 0 else side for place, side in enumerate(wanted)]
    if -1 in sides:
        known = math.prod(side for side in sides if side != -1)
        sides[sides.index(-1)] = math.prod(shape) // known
    if any(side < 0 for side in sides) or math.prod(sides) != math.prod(shape):
        raise ValueError("shape")
    return tuple(sides)


def _constant(node: Node, inputs: Sequence[np.ndarray]) -> np.ndarray:
    value = next(iter(node.settings.values()))
    return np.asarray(value, np.int64 if isinstance(value, int) else None)


def _transpose(node: Node, inputs: Sequence[np.ndarray]) -> np.ndarray:
    return inputs[0].transpose(node.settings.get("perm"))


def _reshape(node: Node, inputs: Sequence[np.ndarray]) -> np.ndarray:
    return inputs[0].reshape(reshaped(inputs[0].shape, [int(side) for side in inputs[1].ravel()[:8]]))


def _squeeze(node: Node, inputs: Sequence[np.ndarray]) -> np.ndarray:
    axes = axes_of(node, inputs[1:])
    return inputs[0].squeeze(None if axes is None else tuple(axes))


def _unsqueeze(node: Node, inputs: Sequence[np.ndarray]) -> np.ndarray:
    axes = axes_of(node, inputs[1:])
    if axes is None or inputs[0].ndim + len(axes) > 8:
        raise ValueError("axes")
    return np.expand_dims(inputs[0], tuple(axes))


def _cast(node: Node, inputs: Sequence[np.ndarray]) -> np.ndarray:
    kind = {1: np.float32, 6: np.int32, 7: np.int64, 10: np.float32, 11: np.float32}[int(node.settings["to"])]
    if inputs[0].size > MAX_COPIED:
        raise ValueError("size")
    return inputs[0].astype(kind, copy=False)


def _gather(node: Node, inputs: Sequence[np.ndarray]) -> np.ndarray:
    _check_small(*inputs)
    return np.asarray(np.take(inputs[0], inputs[1], axis=int(node.settings.get("axis", 0))))


def _concat(node: Node, inputs: Sequence[np.ndarray]) -> np.ndarray:
    _check_small(*inputs)
    return np.concatenate(inputs, axis=int(node.settings["axis"]))


def _slice(node: Node, inputs: Sequence[np.ndarray]) -> np.ndarray:
    _check_small(*inputs)
    if len(inputs) < 3 or inputs[0].ndim != 1 or inputs[1].size != 1:
        raise ValueError("slice")
    step = int(inputs[4].ravel()[0]) if len(inputs) > 4 else 1
    return inputs[0][int(inputs[1].ravel()[0]) : int(inputs[2].ravel()[0]) : step]


def _arithmetic(compute: Callable[[np.ndarray, np.ndarray], np.ndarray]) -> Callable[..., np.ndarray]:
    def of_two(node: Node, inputs: Sequence[np.ndarray]) -> np.ndarray:
        if math.prod(np.broadcast_shapes(inputs[0].shape, inputs[1].shape)) > SMALL:
            raise NotFoldedError
        return compute(inputs[0], inputs[1])

    return of_two


def _check_small(*inputs: np.ndarray) -> None:
    if sum(one.size for one in inputs) > SMALL:
        raise NotFoldedError


FOLDED: dict[str, Callable[[Node, Sequence[np.ndarray]], np.ndarray]] = {
    "Constant": _constant,
    "Identity": lambda node, inputs: inputs[0],
    "Transpose": _transpose,
    "Reshape": _reshape,
    "Squeeze": _squeeze,
    "Unsqueeze": _unsqueeze,
    "Cast": _cast,
    "Gather": _gather,
    "Concat": _concat,
    "Slice": _slice,
    "Add": _arithmetic(np.add),
    "Sub": _arithmetic(np.subtract),
    "Mul": _arithmetic(np.multiply),
    "Div": _arithmetic(lambda a, b: a // b if a.dtype.kind == "i" else a / b),
    "Sqrt": lambda node, inputs: _root(inputs[0]),
}


def _root(values: np.ndarray) -> np.ndarray:
    _check_small(values)
    return np.sqrt(values)
