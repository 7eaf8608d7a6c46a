"""The units of a layer: which are the strongest, and how they are called and drawn."""

from collections.abc import Sequence

import numpy as np

from mnist_core.nn import Network
from pages.components.language import _

ACCENT = "#7b7bf0"
"""What stands out in a chart."""
STRONGEST = 3
MOST = 256
"""Units of a layer that are shown: a layer may have tens of thousands."""
SILENT = ("flatten", "dropout", "ones", "scale")
"""Layers that pass their input on, unchanged or nearly so; they are not shown."""


def title(network: Network, number: int) -> str:
    """ "3 · relu · 16 maps of 24×24", counted from 1."""
    layer, shape = network.layers[number], network.shapes[number + 1]
    if len(shape) == 3:
        return _("{number} · {layer} · {count} maps of {height}×{width}").format(
            number=number + 1, layer=layer.name, count=shape[2], height=shape[0], width=shape[1]
        )
    return _("{number} · {layer} · {count} units").format(number=number + 1, layer=layer.name, count=shape[0])


def unit_in_words(unit: int, names: Sequence[str] = ()) -> str:
    """The unit's number, counted from 1, and what it stands for if it has a name: "4 → 3"."""
    return f"{unit + 1} → {names[unit]}" if names else str(unit + 1)


def strength(values: np.ndarray) -> np.ndarray:
    """[units]: of feature maps [H, W, units] the largest value each, otherwise the values themselves."""
    return np.asarray(values.max(axis=(0, 1)) if values.ndim == 3 else values)


def strongest(values: np.ndarray, count: int = STRONGEST) -> list[int]:
    """The units with the largest output, the largest first; none where nothing is above 0."""
    found = strength(values)
    return [int(unit) for unit in np.argsort(-found, kind="stable")[:count] if found[unit] > 0]


def most_units(values: np.ndarray) -> np.ndarray:
    """The indices of all units in order, or of the 256 with the largest values."""
    size = np.abs(values).max(axis=(0, 1)) if values.ndim == 3 else np.abs(values)
    return np.sort(np.argsort(-size, kind="stable")[:MOST])


def as_maps(values: np.ndarray) -> np.ndarray:
    """[units, h, w]: feature maps, or one square a unit."""
    return values.transpose(2, 0, 1) if values.ndim == 3 else values.reshape(-1, 1, 1)
