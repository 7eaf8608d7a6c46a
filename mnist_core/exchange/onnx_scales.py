"""ONNX nodes that multiply by constants or add them: biases, scales of pixels, batch normalizations in two steps."""

import numpy as np

from mnist_core.exchange.onnx_file import Node
from mnist_core.exchange.onnx_walk import Flow, Walk


def affine(walk: Walk, node: Node) -> Flow:
    """A node that multiplies by a constant, or adds one."""
    backward = node.inputs[0] in walk.constants
    values = walk.floats(node, 0 if backward else 1).astype(np.float64)
    with np.errstate(all="ignore"):
        factor, offset = {
            "Add": lambda v: (np.ones_like(v), v),
            "Sub": lambda v: (-np.ones_like(v), v) if backward else (np.ones_like(v), -v),
            "Mul": lambda v: (v, np.zeros_like(v)),
            "Div": lambda v: (1 / v, np.zeros_like(v)),
        }[node.kind](values)
    if node.kind == "Div" and backward:
        raise walk.refuse(node, "divides by the picture")
    if not np.isfinite(factor).all() or not np.isfinite(offset).all():
        raise walk.refuse(node, "divides by 0 or has numbers that are not finite")
    if values.size == 1:
        return _scale_all(walk, node, float(factor.ravel()[0]), float(offset.ravel()[0]))
    places = walk.now.places
    try:
        factor, offset = (np.broadcast_to(one, (1, *places.shape))[0] for one in (factor, offset))
    except ValueError:
        raise walk.refuse(node, f"has numbers of shape {values.shape}, which do not fit {places.shape}") from None
    placed = np.empty((2, places.size))
    placed[0, places.ravel()], placed[1, places.ravel()] = factor.ravel(), offset.ravel()
    if len(walk.now.shape) == 3:
        by_channel = placed.reshape(2, -1, walk.now.shape[2])
        if (by_channel != by_channel[:, :1]).any():
            raise walk.refuse(node, "has a number of its own for each pixel")
        placed = by_channel[:, 0]
    return _scale_each(walk, placed[0], placed[1])


def _scale_all(walk: Walk, node: Node, factor: float, offset: float) -> Flow:
    after = walk.layers[-1] if walk.layers else None
    if after is not None and after.kind in ("conv", "dense") and (walk.factor, walk.offset) == (1, 0):
        count = walk.now.shape[-1]
        return _scale_each(walk, np.full(count, factor), np.full(count, offset))
    walk.factor, walk.offset = walk.factor * factor, walk.offset * factor + offset
    if not 1e-6 <= abs(walk.factor) <= 1e6 or not abs(walk.offset) <= 1e6:
        raise walk.refuse(node, "scales the picture beyond 1e-6 to 1e6")
    return walk.now


def _scale_each(walk: Walk, factor: np.ndarray, offset: np.ndarray) -> Flow:
    """factor, offset: for each channel or feature. The layer before does it, if it can; else a batch normalization."""
    before = walk.layers[-1] if walk.layers else None
    if before is not None and before.kind in ("conv", "dense") and (walk.factor, walk.offset) == (1, 0):
        with np.errstate(all="ignore"):
            biases = before.arrays.get("biases", np.zeros(len(factor), np.float32)) * factor + offset
            if not (factor == 1).all():
                before.arrays["weights"] = (before.arrays["weights"] * factor).astype(np.float32)
            before.arrays["biases"] = biases.astype(np.float32)
        return walk.now
    epsilon = 1e-5
    walk.emit(
        "batchnorm",
        scale=factor.astype(np.float32),
        shift=offset.astype(np.float32),
        mean=np.zeros(len(factor), np.float32),
        variance=np.full(len(factor), 1 - epsilon, np.float32),
    )
    return walk.now
