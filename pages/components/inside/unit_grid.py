"""All units of a layer as pictures or squares to click: the strips of a network, and the choice of one unit."""

from collections.abc import Callable, Sequence

import numpy as np

from pages.components.inside.picture_grid import picture_grid
from pages.components.inside.units import as_maps, most_units, strength, strongest, unit_in_words
from pages.components.language import _
from pages.components.words import decimal

WIDTH = 660
SQUARE = 24
"""How large the square of a unit of a dense layer is: a finger can hit it."""


def unit_grid(
    values: np.ndarray,
    *,
    alt: str,
    key: str,
    choose: Callable[[int], None],
    chosen: int | None,
    names: Sequence[str] = (),
    lead_to: str = "",
) -> None:
    """The output of a layer, [units] or [H, W, units]; `choose` is called with the index of the unit chosen.

    Of a large layer, the 256 units with the largest values. names: what each unit stands for, to be shown under it.
    """
    units, strong = most_units(values).tolist(), strongest(values)
    maps, sizes = as_maps(values)[units], strength(values)
    labels = []
    for unit in units:
        name = _("Unit {unit}, {name}") if names else _("Unit {unit}")
        name = name.format(unit=unit + 1, name=names[unit] if names else "")
        value = decimal(float(sizes[unit]), 2)
        value = _("up to {value}").format(value=value) if values.ndim == 3 else value
        label = _("{unit}: {value}, one of the strongest") if unit in strong else "{unit}: {value}"
        labels.append(label.format(unit=name, value=value))
    best = ", ".join(unit_in_words(unit, names) for unit in strong) or _("none, since every unit is 0 or below")
    picture_grid(
        maps,
        labels,
        alt=alt + " " + _("The strongest: {units}.").format(units=best),
        key=key,
        choose=lambda position: choose(units[position]),
        captions=[names[unit] for unit in units] if names else (),
        chosen=units.index(chosen) if chosen in units else None,
        marked=[position for position, unit in enumerate(units) if unit in strong],
        scale=_scale(*maps.shape),
        signed=True,
        largest=float(np.abs(maps).max()),
        lead_to=lead_to,
    )


def _scale(count: int, height: int, width: int) -> int:
    """How large a pixel is, so that a few rows show all of them."""
    if max(height, width) == 1:
        return SQUARE
    columns = min(count, 8 if count <= 16 else 12 if count <= 24 else 16)
    return max(1, (WIDTH // columns - 5) // width)
