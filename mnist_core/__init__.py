"""Handwritten digits read by neural networks that are written in NumPy alone.

The shortest way in: ``Recognizer.load().read(rgba)`` turns a drawing into a `Reading`.
"""

from mnist_core.processor import choose_matrix_kernels

choose_matrix_kernels()

from mnist_core.errors import InputError  # noqa: E402
from mnist_core.recognizer import Reading, Recognizer  # noqa: E402

__all__ = ["InputError", "Reading", "Recognizer"]
