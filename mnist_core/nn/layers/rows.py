"""Rows of pictures as matrices: what convolutions that go row by row have in common.

A row is a matrix [K, M] of K values for each of M places, and rows that follow each other in the picture follow each
other in memory. So r neighboring rows are one matrix [r K, M] without being copied.
"""

import math

import numpy as np
from numpy.lib.stride_tricks import as_strided

MAX_VALUES_OF_ROWS = 4_000_000
"""Numbers that the products of several rows may take before they are added up."""


def under_windows(rows: np.ndarray, size: int, count: int) -> np.ndarray:
    """[..., count, size K, M], read-only: each of the first `count` rows [..., R, K, M] with the size - 1 below it."""
    shape = *rows.shape[:-3], count, size * rows.shape[-2], rows.shape[-1]
    return as_strided(rows, shape, rows.strides, writeable=False)


def add_up_products(a: np.ndarray, b: np.ndarray, out: np.ndarray) -> None:
    """out, [..., K, F]: the sum over all rows R of the products of a [..., R, K, M] and b [..., R, M, F]."""
    step = max(1, MAX_VALUES_OF_ROWS // math.prod(out.shape))
    out[...] = 0
    for first in range(0, a.shape[-3], step):
        part = ..., slice(first, first + step), slice(None), slice(None)
        out += (a[part] @ b[part]).sum(axis=-3)
