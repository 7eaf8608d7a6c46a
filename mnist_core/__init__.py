"""Handwritten digits read by neural networks that are written in NumPy alone.

The shortest way in: ``Recognizer.load().read(rgba)`` turns a drawing into a `Reading`.
"""

from mnist_core.errors import InputError
from mnist_core.reading.recognizer import Reading, Recognizer

__all__ = ["InputError", "Reading", "Recognizer"]
