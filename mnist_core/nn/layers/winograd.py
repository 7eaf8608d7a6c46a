"""Fewer multiplications for a convolution: the matrices that exchange pixels for values of polynomials, and back.

A row of m neighboring outputs of a kernel with r weights needs m r multiplications when computed one by one. Toom and
Cook saw it as a product of two polynomials, which is known when its values at t = m + r - 1 points are known: t
multiplications are enough. Winograd (1980) proved that fewer are not; Lavin and Gray ("Fast Algorithms for
Convolutional Neural Networks", 2016) used it for networks:

    y = A^T [(G g) * (B^T d)]

g is the kernel [r], d the values that it meets [t], y the outputs [m], and * multiplies element by element. For many
channels and filters each of these t products becomes a product of two matrices. `tiles` does this in both directions of
the picture, `row_tiles` along its rows alone.

Everything here is linear in d and in g, so going backward is the same with every matrix transposed. Rounding errors are
a few times those of the direct way, and grow with t: the points are kept small for that.
"""

import functools
import math
from fractions import Fraction

import numpy as np

Matrices = tuple[np.ndarray, np.ndarray, np.ndarray]
POINTS = tuple(Fraction(point) for point in ("0", "1", "-1", "2", "-2", "1/2", "-1/2", "-4"))
"""The t - 1 first are used. With 4, 3, 3/2, or 1/4 as the eighth, rounding errors were larger than with -4."""


@functools.lru_cache
def matrices(size: int, outputs: int, dtype: np.dtype) -> Matrices:
    """A^T [m, t], G [t, r] and B^T [t, t] for a kernel of r = `size` weights and m = `outputs`; do not change them."""
    t = outputs + size - 1
    points = POINTS[: t - 1]
    output = [[point**row for point in points] + [Fraction(row == outputs - 1)] for row in range(outputs)]
    kernel, pixels = [], []
    for point in points:
        others = [other for other in points if other != point]
        scale = math.prod((point - other for other in others), start=Fraction(1))
        kernel.append([point**column / scale for column in range(size)])
        pixels.append([*_polynomial(others), Fraction(0)])
    # The last "point" is infinity: it sees the highest power alone.
    kernel.append([Fraction(column == size - 1) for column in range(size)])
    pixels.append(_polynomial(list(points)))
    a, g, b = (np.array(matrix, np.float64) for matrix in (output, kernel, pixels))
    return _balanced(a, g, b, dtype)


def _balanced(a: np.ndarray, g: np.ndarray, b: np.ndarray, dtype: np.dtype) -> Matrices:
    """The same with numbers of like size at each point: what one matrix is divided by, another is multiplied by.

    All factors are powers of two, which round nothing.
    """
    norms = [np.sqrt((matrix**2).sum(axis=1)) for matrix in (a.T, g, b)]
    middle = np.prod(norms, axis=0) ** (1 / 3)
    by_g, by_b = (2.0 ** np.round(np.log2(middle / norm)) for norm in norms[1:])
    a, g, b = a / (by_g * by_b), g * by_g[:, None], b * by_b[:, None]
    return a.astype(dtype), g.astype(dtype), b.astype(dtype)


def _polynomial(roots: list[Fraction]) -> list[Fraction]:
    """Coefficients of the product of (x - root), the constant first."""
    coefficients = [Fraction(1)]
    for root in roots:
        shifted = [Fraction(0), *coefficients]
        coefficients = [low - root * high for low, high in zip(shifted, [*coefficients, Fraction(0)], strict=True)]
    return coefficients
