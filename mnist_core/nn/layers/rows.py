"""Rows of pictures as matrices: what convolutions that go row by row have in common.

A row is a matrix [K, M] of K values for each of M places, and rows that follow each other in the picture follow each
other in memory. So r neighboring rows are one matrix [r K, M] without being copied.
"""

import math

import numpy as np
from numpy.lib.stride_tricks import as_strided

from mnist_core.nn.layers.base import Tape

MAX_VALUES_OF_ROWS = 4_000_000
"""Numbers that the products of several rows may take before they are added up; those of a single row may take more."""


def under_windows(rows: np.ndarray, size: int, count: int) -> np.ndarray:
    """[..., count, size K, M], read-only: each of the first `count` rows [..., R, K, M] with the size - 1 below it.

    Raises ValueError if the rows do not follow each other in memory, or if there are too few.
    """
    height, width = rows.shape[-2:]
    if rows.strides[-3] != height * rows.strides[-2] or rows.shape[-3] < count + size - 1:
        raise ValueError(f"expected {count + size - 1} rows without gaps, found {rows.shape}, strides {rows.strides}")
    return as_strided(rows, (*rows.shape[:-3], count, size * height, width), rows.strides, writeable=False)


def add_up_products(a: np.ndarray, b: np.ndarray, out: np.ndarray, tape: Tape) -> None:
    """out, [..., K, F]: the sum over all rows R of the products of a [..., R, K, M] and b [..., R, M, F]."""
    rows = a.shape[-3]
    if rows == 1:
        np.matmul(a, b, out=out[..., None, :, :])
        return
    step = min(rows, max(1, MAX_VALUES_OF_ROWS // math.prod(out.shape)))
    products = tape.buffers.get("products", (*out.shape[:-2], step, *out.shape[-2:]), out.dtype)
    for first in range(0, rows, step):
        part = a[..., first : first + step, :, :]
        found = products[..., : part.shape[-3], :, :]
        np.matmul(part, b[..., first : first + step, :, :], out=found)
        if first:
            out += found.sum(axis=-3)
        else:
            np.sum(found, axis=-3, out=out)
