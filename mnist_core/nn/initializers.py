"""Where a network starts: random first values for its parameters, chosen by name.

A name may carry one number: "normal:0.01", "uniform:0.5".
Sources: Glorot and Bengio 2010 (glorot), He et al. 2015 (he).
"""

import math

import numpy as np
from numpy.typing import DTypeLike

from mnist_core.errors import InputError

NAMES = (
    "he_normal",
    "he_uniform",
    "glorot_normal",
    "glorot_uniform",
    "fan_in_uniform",
    "size_uniform",
    "normal",
    "uniform",
    "zeros",
    "ones",
)


def initialize(
    name: str, shape: tuple[int, ...], fan_in: int, fan_out: int, rng: np.random.Generator, dtype: DTypeLike
) -> np.ndarray:
    """An array of `shape` and `dtype`, drawn as `name` says; fan_in and fan_out count a unit's inputs and outputs.

    he_normal        N(0, 2 / fan_in)               he_uniform       U(-a, a), a = sqrt(6 / fan_in)
    glorot_normal    N(0, 2 / (fan_in + fan_out))   glorot_uniform   U(-a, a), a = sqrt(6 / (fan_in + fan_out))
    fan_in_uniform   U(-a, a), a = 1 / sqrt(fan_in)
    size_uniform     U(-a, a), a = 1 / sqrt(number of values)
    normal:s         N(0, s squared), s = 1 if left out
    uniform:a        U(-a, a), a = 1 if left out    zeros, ones

    Raises InputError for an unknown name or number.
    """
    kind, number = _split(name)
    if kind == "zeros":
        return np.zeros(shape, dtype)
    if kind == "ones":
        return np.ones(shape, dtype)
    spread = {
        "he_normal": math.sqrt(2 / fan_in),
        "he_uniform": math.sqrt(6 / fan_in),
        "glorot_normal": math.sqrt(2 / (fan_in + fan_out)),
        "glorot_uniform": math.sqrt(6 / (fan_in + fan_out)),
        "fan_in_uniform": 1 / math.sqrt(fan_in),
        "size_uniform": 1 / math.sqrt(math.prod(shape)),
        "normal": number,
        "uniform": number,
    }[kind]
    # Drawn in float64 and rounded, so that float32 and float64 networks of one seed start from the same place.
    values = rng.standard_normal(shape) if kind.endswith("normal") else rng.uniform(-1, 1, shape)
    return (values * spread).astype(dtype)


def check(name: str) -> None:
    """Raise InputError unless `name` is an initializer."""
    _split(name)


def _split(name: str) -> tuple[str, float]:
    kind, colon, text = name.partition(":")
    try:
        number = float(text) if colon else 1.0
    except ValueError:
        number = math.nan
    if kind not in NAMES or (colon and kind not in ("normal", "uniform")) or not 0 < number < math.inf:
        raise InputError(f"initializer {name!r}: expected one of {', '.join(NAMES)}; normal and uniform take :number.")
    return kind, number
