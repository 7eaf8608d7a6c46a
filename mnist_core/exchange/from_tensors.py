"""Arrays by name and a list of layers, as one network: which array belongs to which layer.

The arrays are those of a PyTorch module: `fc1.weight`, `fc1.bias`, `bn1.running_mean`. Those with the same beginning
belong together. Which layer they are for is told by their shapes; where several layers have the same shapes, the order
of the names decides, in which conv2 comes before conv10.
"""

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence

import numpy as np

from mnist_core.errors import InputError
from mnist_core.exchange.body import Arrays, FoundLayer
from mnist_core.exchange.channels_first import NAMES, here, orders, shape_there
from mnist_core.nn.layers import Layer
from mnist_core.nn.network import plan_network

PASSED_OVER = ("num_batches_tracked",)
OURS = re.compile(r"[0-9]{1,3} [a-z_0-9]+ [a-z]+")
"""The name of an array in our own files, such as "2 dense weights"."""
Shapes = tuple[tuple[str, tuple[int, ...]], ...]


def layers_of_tensors(tensors: Mapping[str, np.ndarray], lines: Sequence[str], name: str) -> list[FoundLayer]:
    """The layers with their arrays, laid out as here. lines: of the whole network, from 28x28 pixels on.

    Raises InputError, naming the file, if they do not belong together.
    """
    try:
        plan = plan_network(lines)
    except InputError as error:
        raise InputError(f"{name}: its layers are no network: {error}") from None
    if all(OURS.fullmatch(label) for label in tensors):
        return _ours(tensors, plan.layers, lines, name)
    groups = _groups(tensors, name)
    waiting: dict[Shapes, list[str]] = defaultdict(list)
    for group in sorted(groups, key=_in_order):
        waiting[_shapes(groups[group])].append(group)
    found = []
    sides = list(zip(plan.layers, plan.shapes, orders(plan.layers, plan.shapes), strict=False))
    for number, ((layer, shape, order), line) in enumerate(zip(sides, lines, strict=True), 1):
        wanted = _wanted(layer, shape)
        if not wanted:
            found.append(FoundLayer(line))
            continue
        expected = tuple(sorted((NAMES[one], shape_there(one, size)) for one, size in wanted.items()))
        if not waiting[expected]:
            raise InputError(
                _not_found(name, number, line, expected, [one for left in waiting.values() for one in left])
            )
        arrays = groups[waiting[expected].pop(0)]
        found.append(FoundLayer(line, {one: here(one, arrays[NAMES[one]], order) for one in wanted}))
    if left := sorted(one for names in waiting.values() for one in names):
        raise InputError(f"{name}: its tensors {left[0][:60]!r} belong to none of the layers.")
    return found


def _ours(
    tensors: Mapping[str, np.ndarray], layers: Sequence[Layer], lines: Sequence[str], name: str
) -> list[FoundLayer]:
    """Arrays with the names that they have in our own files, such as "2 dense weights"; they lie as here already."""
    found = [FoundLayer(line) for line in lines]
    for label, array in tensors.items():
        number, kind, what = label.split()
        if not 1 <= int(number) <= len(layers) or layers[int(number) - 1].name != kind:
            raise InputError(f"{name}: its tensor {label[:60]!r} belongs to none of the layers.")
        found[int(number) - 1].arrays[what] = np.ascontiguousarray(array, np.float32)
    return found


def _groups(tensors: Mapping[str, np.ndarray], name: str) -> dict[str, Arrays]:
    """The arrays by what their names begin with, and then by the rest, in float32."""
    groups: dict[str, Arrays] = defaultdict(dict)
    for label, array in tensors.items():
        group, _, what = label.rpartition(".")
        if what in PASSED_OVER:
            continue
        if what not in NAMES.values():
            known = ", ".join(sorted(set(NAMES.values())))
            raise InputError(f"{name}: tensor {label[:60]!r} is not understood; expected names that end in {known}.")
        groups[group][what] = array.astype(np.float32, copy=False)
    return groups


def _wanted(layer: Layer, shape: tuple[int, ...]) -> dict[str, tuple[int, ...]]:
    """The shapes of a layer's arrays as they are here, by their names here."""
    wanted = dict(layer.parameter_shapes(shape))
    if layer.name == "batchnorm":
        wanted |= {"mean": shape[-1:], "variance": shape[-1:]}
    if layer.name == "batch_softmax":
        wanted["level"] = shape
    return wanted


def _shapes(arrays: Arrays) -> Shapes:
    return tuple(sorted((what, tuple(array.shape)) for what, array in arrays.items()))


def _in_order(name: str) -> list[tuple[int, str]]:
    """What to sort names by, so that conv2 comes before conv10."""
    return [(int(part), "") if part.isdecimal() and len(part) < 9 else (-1, part) for part in re.split(r"(\d+)", name)]


def _not_found(name: str, number: int, line: str, expected: Shapes, left: list[str]) -> str:
    words = ", ".join(f"{what} {' x '.join(map(str, shape))}" for what, shape in expected)
    others = f"; left are {', '.join(one[:30] or 'tensors without a beginning' for one in left[:6])}" if left else ""
    return f"{name}: layer {number}, {line!r}, needs tensors of these shapes: {words}{others}."
