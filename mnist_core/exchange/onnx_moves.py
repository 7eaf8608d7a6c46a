"""ONNX nodes that compute nothing: they put the numbers of a picture into another order or shape."""

import numpy as np

from mnist_core.exchange.constant_nodes import axes_of, reshaped
from mnist_core.exchange.onnx_file import Node
from mnist_core.exchange.onnx_walk import BATCH, Flow, Walk


def unchanged(walk: Walk, node: Node) -> Flow:
    """A node that changes nothing."""
    if node.kind == "Cast" and node.settings.get("to") not in (1, 10, 11):
        raise walk.refuse(node, "should keep fractions")
    return walk.now


def _moved(walk: Walk, node: Node, places: np.ndarray) -> Flow:
    """The same numbers in another order or shape."""
    return Flow(places, walk.now.shape)


def flatten(walk: Walk, node: Node) -> Flow:
    """A picture as a row of numbers."""
    places = walk.now.places
    axis = node.settings.get("axis", 1)
    if axis not in (1, -places.ndim):
        raise walk.refuse(node, "mixes pictures")
    return _moved(walk, node, places.reshape(-1))


def reshape(walk: Walk, node: Node) -> Flow:
    """The same numbers in another shape."""
    wanted = node.settings.get("shape")
    given = walk.constant(node, 1)
    if wanted is None and given is not None and given.dtype.kind == "i" and given.size <= 8:
        wanted = [int(side) for side in given.ravel()]
    places, batch = walk.now.places, walk.file.shape[0]
    if not wanted or (wanted[0] not in (BATCH, 0, 1) and wanted[0] != batch):
        raise walk.refuse(node, "mixes pictures")
    try:
        # A 0 keeps the side at its place, counted with the pictures.
        shape = reshaped((1, *places.shape), [1, *wanted[1:]])
    except (ValueError, IndexError, ZeroDivisionError):
        raise walk.refuse(node, f"should give {places.size:,} numbers for each picture") from None
    return _moved(walk, node, places.reshape(shape[1:]))


def transpose(walk: Walk, node: Node) -> Flow:
    """The same numbers in another order."""
    order, places = node.settings.get("perm", []), walk.now.places
    if len(order) != places.ndim + 1 or order[0] != 0 or sorted(order) != list(range(places.ndim + 1)):
        raise walk.refuse(node, "mixes pictures")
    return _moved(walk, node, places.transpose([axis - 1 for axis in order[1:]]))


def squeeze(walk: Walk, node: Node) -> Flow:
    """Axes of length 1, taken away or put in."""
    given = walk.constant(node, 1)
    axes = axes_of(node, [] if given is None else [given])
    places = walk.now.places[None]
    squeeze = node.kind == "Squeeze"
    ndim = places.ndim if squeeze else places.ndim + len(axes or ())
    if axes is None or any(axis % max(ndim, 1) == 0 or not -ndim <= axis < ndim for axis in axes) or ndim > 8:
        raise walk.refuse(node, "should name its axes, and leave the pictures apart")
    try:
        places = places.squeeze(tuple(axes)) if squeeze else np.expand_dims(places, tuple(axes))
    except ValueError:
        raise walk.refuse(node, "has axes that do not fit") from None
    return _moved(walk, node, places[0])
